"""The far end's memory of one conversation: its items, and what was heard of them. Pure."""

import json
from dataclasses import dataclass, field, replace
from itertools import takewhile

from assistant.realtime.messages import (
    Fault,
    Item,
    ItemAdded,
    ItemDeleted,
    ItemDone,
    ItemKind,
    ItemRetrieved,
    ItemTruncated,
    Part,
    Role,
    ServerMessage,
    TruncateItem,
)
from assistant.units import ItemId

ROOT = "root"
MOST_ITEMS = 2_000
MOST_LETTERS = 1_000_000
"""Of all items together; some hours of talk."""


class Refused(Exception):  # noqa: N818 - named by what happened, as the protocol's error object
    """A client message that cannot be obeyed; `fault` is what the client is told."""

    def __init__(self, code: str, message: str, param: str = "") -> None:
        super().__init__(message)
        self.fault = Fault("invalid_request_error", code, message, param)


@dataclass(slots=True)
class Conversation:
    """Items in their order. Every change answers with the messages that acknowledge it."""

    items: dict[ItemId, Item] = field(default_factory=dict)
    sound_ms: dict[ItemId, int] = field(default_factory=dict)
    """Length of the spoken items of the assistant."""
    settled: set[ItemId] = field(default_factory=set)
    """What needs no answer any more."""

    def add(self, item: Item, after: str | None = None) -> tuple[ServerMessage, ...]:
        """Insert a whole item behind `after` (None: at the end, "root": in front).

        An answer among them is history: what was asked before it was answered by it.
        """
        previous = self.insert(item, after)
        if item.kind is ItemKind.MESSAGE and item.role is Role.ASSISTANT:
            self.settled.update(takewhile(lambda one: one != item.id, self.items))
        return ItemAdded(item, previous), ItemDone(item, previous)

    def insert(self, item: Item, after: str | None = None) -> str | None:
        """Insert an item and tell the one before it. Raises `Refused`."""
        if item.id in self.items:
            raise Refused("item_create_duplicate_item_id", f"item {item.id} exists already")
        letters = sum(map(_letters_of, (item, *self.items.values())))
        if len(self.items) >= MOST_ITEMS or letters > MOST_LETTERS:
            raise Refused("conversation_too_long", "delete items, or begin a new session", "item")
        before = self._place(after)
        entries = list(self.items.items())
        entries.insert(before, (item.id, item))
        self.items = dict(entries)
        return entries[before - 1][0] if before else None

    def _place(self, after: str | None) -> int:
        if after is None:
            return len(self.items)
        if after == ROOT:
            return 0
        ids = list(self.items)
        if after not in ids:
            raise Refused(
                "item_create_invalid_previous_item_id",
                f"there is no item {after}",
                "previous_item_id",
            )
        return ids.index(ItemId(after)) + 1

    def finish(self, item: Item) -> None:
        """Take over what became of an item, unless it was deleted meanwhile."""
        if item.id in self.items:
            self.items[item.id] = item

    def lengthen(self, item_id: ItemId, milliseconds: int) -> None:
        """More of a spoken item was made."""
        if item_id in self.items:
            self.sound_ms[item_id] = self.sound_ms.get(item_id, 0) + milliseconds

    def last(self) -> ItemId | None:
        """The id of the newest item."""
        return next(reversed(self.items), None)

    def retrieve(self, item_id: ItemId) -> ServerMessage:
        """Tell one item."""
        return ItemRetrieved(self._known(item_id, "item_retrieve_invalid_item_id"))

    def delete(self, item_id: ItemId) -> ServerMessage:
        """Forget one item."""
        self._known(item_id, "item_delete_invalid_item_id")
        del self.items[item_id]
        self.sound_ms.pop(item_id, None)
        self.settled.discard(item_id)
        return ItemDeleted(item_id)

    def truncate(self, wish: TruncateItem) -> ServerMessage:
        """Keep only what was heard of a spoken item; its text is gone, as in production."""
        item = self._known(wish.item_id, "item_truncate_invalid_item_id")
        length = self.sound_ms.get(wish.item_id, 0)
        if item.role is not Role.ASSISTANT or not length or wish.audio_end_ms <= 0:
            raise Refused("unsupported_content_type", "this item has no sound to truncate")
        if wish.content_index != 0:
            raise Refused("invalid_value", "an item has one piece of sound", "content_index")
        if wish.audio_end_ms > length:
            raise Refused(
                "invalid_value",
                f"audio content of {length}ms is already shorter than {wish.audio_end_ms}ms",
                "audio_end_ms",
            )
        self.sound_ms[wish.item_id] = wish.audio_end_ms
        self.items[wish.item_id] = replace(item, content=(Part("audio"),))
        return ItemTruncated(wish.item_id, wish.audio_end_ms, wish.content_index)

    def _known(self, item_id: ItemId, code: str) -> Item:
        if item_id not in self.items:
            raise Refused(code, f"there is no item {item_id}", "item_id")
        return self.items[item_id]

    def open_question(self) -> Item | None:
        """The newest message of the user, if nobody has answered it yet."""
        newest = next(filter(is_of_user, reversed(self.items.values())), None)
        return None if newest is None or newest.id in self.settled else newest

    def settle(self) -> None:
        """Everything asked up to now is being answered."""
        self.settled.update(self.items)


def is_of_user(item: Item) -> bool:
    """True for a message that the user said or typed."""
    return item.kind is ItemKind.MESSAGE and item.role is Role.USER


def _letters_of(item: Item) -> int:
    told = sum(len(part.text) for part in item.content) + len(item.output) + len(item.arguments)
    return told if item.raw is None else len(json.dumps(item.raw))
