"""The far end's memory of one conversation: its items, and what was heard of them. Pure."""

from dataclasses import dataclass, field, replace

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

    def add(self, item: Item, after: str | None = None) -> tuple[ServerMessage, ...]:
        """Insert a whole item behind `after` (None: at the end, "root": in front)."""
        previous = self.insert(item, after)
        return ItemAdded(item, previous), ItemDone(item, previous)

    def insert(self, item: Item, after: str | None = None) -> str | None:
        """Insert an item and tell the one before it. Raises `Refused`."""
        if item.id in self.items:
            raise Refused("item_create_duplicate_item_id", f"item {item.id} exists already")
        if len(self.items) >= MOST_ITEMS:
            raise Refused("conversation_too_long", "the conversation holds too many items")
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
        return ItemDeleted(item_id)

    def truncate(self, wish: TruncateItem) -> ServerMessage:
        """Keep only what was heard of a spoken item; its text is gone, as in production."""
        item = self._known(wish.item_id, "item_truncate_invalid_item_id")
        length = self.sound_ms.get(wish.item_id, 0)
        if item.role is not Role.ASSISTANT or not length or wish.audio_end_ms <= 0:
            raise Refused("unsupported_content_type", "this item has no sound to truncate")
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

    def newest_question(self) -> Item | None:
        """The newest message of the user behind the assistant's last word, if there is one."""
        for item in reversed(self.items.values()):
            if item.kind is ItemKind.MESSAGE and item.role is Role.USER:
                return item
            if item.kind is ItemKind.MESSAGE and item.role is Role.ASSISTANT:
                return None
        return None
