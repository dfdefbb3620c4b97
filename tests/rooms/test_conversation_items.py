"""The far end's memory of one conversation."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.local.conversation import MOST_ITEMS, MOST_LETTERS, Conversation, Refused
from assistant.realtime.messages import (
    Item,
    ItemAdded,
    ItemDeleted,
    ItemDone,
    ItemKind,
    ItemRetrieved,
    ItemTruncated,
    Part,
    Role,
    TruncateItem,
)
from assistant.units import ItemId, Milliseconds


def item(name: str, role: Role = Role.USER, text: str = "hi") -> Item:
    return Item(ItemId(name), role=role, content=(Part("text", text),))


def output(name: str, text: str = "{}") -> Item:
    return Item(ItemId(name), ItemKind.OUTPUT, output=text)


def conversation(*items: Item) -> Conversation:
    made = Conversation()
    for one in items:
        made.add(one)
    return made


def order(of: Conversation) -> list[str]:
    return list(of.items)


def truncation(name: str, milliseconds: int, content: int = 0) -> TruncateItem:
    return TruncateItem(ItemId(name), Milliseconds(milliseconds), content)


def refusal(do: Any, *arguments: Any) -> str:
    with pytest.raises(Refused) as refused:
        do(*arguments)
    assert refused.value.fault.type == "invalid_request_error"
    assert refused.value.fault.message
    return refused.value.fault.code


def test_an_added_item_is_told_twice_with_the_one_before_it() -> None:
    memory = conversation(item("a"))
    assert memory.add(item("b")) == (
        ItemAdded(item("b"), ItemId("a")),
        ItemDone(item("b"), ItemId("a")),
    )


@pytest.mark.parametrize(
    ("after", "expected"),
    [(None, ["a", "b", "new"]), ("root", ["new", "a", "b"]), ("a", ["a", "new", "b"]),
     ("b", ["a", "b", "new"])],
)  # fmt: skip
def test_an_item_goes_where_it_is_wanted(after: str | None, expected: list[str]) -> None:
    memory = conversation(item("a"), item("b"))
    before = memory.insert(item("new"), after)
    assert order(memory) == expected
    assert before == ([None, *expected])[expected.index("new")]


def test_a_refused_item_leaves_no_trace() -> None:
    memory = conversation(item("a"))
    assert refusal(memory.add, item("b"), "gone") == "item_create_invalid_previous_item_id"
    assert refusal(memory.add, item("a")) == "item_create_duplicate_item_id"
    assert order(memory) == ["a"]


def test_the_last_item_is_the_newest() -> None:
    assert conversation().last() is None
    assert conversation(item("a"), item("b")).last() == "b"


def test_a_known_item_is_retrieved_and_deleted_once() -> None:
    memory = conversation(item("a"))
    memory.lengthen(ItemId("a"), 5)
    assert memory.retrieve(ItemId("a")) == ItemRetrieved(item("a"))
    assert memory.delete(ItemId("a")) == ItemDeleted(ItemId("a"))
    assert not memory.sound_ms
    assert refusal(memory.delete, ItemId("a")) == "item_delete_invalid_item_id"
    assert refusal(memory.retrieve, ItemId("a")) == "item_retrieve_invalid_item_id"


def test_what_is_deleted_is_neither_finished_nor_lengthened() -> None:
    memory = conversation(item("a"))
    memory.delete(ItemId("a"))
    memory.finish(item("a", text="whole"))
    memory.lengthen(ItemId("a"), 100)
    assert not memory.items
    assert not memory.sound_ms


class TestTruncation:
    @staticmethod
    def spoken() -> Conversation:
        memory = conversation(item("u"), item("a", Role.ASSISTANT, "It is two."))
        memory.lengthen(ItemId("a"), 700)
        memory.lengthen(ItemId("a"), 300)
        return memory

    @pytest.mark.parametrize("milliseconds", [1, 999, 1_000])
    def test_what_was_not_heard_is_forgotten(self, milliseconds: int) -> None:
        memory = self.spoken()
        told = memory.truncate(truncation("a", milliseconds))
        assert told == ItemTruncated(ItemId("a"), Milliseconds(milliseconds))
        assert memory.items[ItemId("a")].content == (Part("audio"),)
        assert memory.sound_ms[ItemId("a")] == milliseconds

    @pytest.mark.parametrize(
        ("wish", "code"),
        [
            (truncation("a", 1_001), "invalid_value"),
            (truncation("a", 0), "unsupported_content_type"),
            (truncation("a", -1), "unsupported_content_type"),
            (truncation("a", 10, content=1), "invalid_value"),
            (truncation("u", 10), "unsupported_content_type"),
            (truncation("x", 10), "item_truncate_invalid_item_id"),
        ],
    )
    def test_what_cannot_be_changes_nothing(self, wish: TruncateItem, code: str) -> None:
        memory = self.spoken()
        before = dict(memory.items)
        assert refusal(memory.truncate, wish) == code
        assert memory.items == before

    def test_a_written_answer_has_no_sound(self) -> None:
        memory = conversation(item("a", Role.ASSISTANT))
        assert refusal(memory.truncate, truncation("a", 1)) == "unsupported_content_type"


class TestLimits:
    def test_there_are_not_more_items_than_fit(self) -> None:
        memory = Conversation({ItemId(str(n)): item(str(n)) for n in range(MOST_ITEMS - 1)})
        memory.add(item("last"))
        assert refusal(memory.add, item("more")) == "conversation_too_long"

    @pytest.mark.parametrize(
        "long",
        [
            item("long", text="x" * MOST_LETTERS),
            output("long", "x" * MOST_LETTERS),
            Item(ItemId("long"), ItemKind.CALL, arguments="x" * MOST_LETTERS),
            Item(ItemId("long"), ItemKind.OTHER, raw={"text": "x" * MOST_LETTERS}),
        ],
        ids=lambda one: one.kind,
    )
    def test_nor_more_letters_of_any_kind(self, long: Item) -> None:
        memory = conversation(item("a"))
        assert refusal(memory.add, long) == "conversation_too_long"
        assert order(memory) == ["a"]


class TestQuestions:
    def test_the_newest_message_of_the_user_is_the_question(self) -> None:
        memory = conversation(item("one"), item("two"), output("o"), item("s", Role.SYSTEM))
        question = memory.open_question()
        assert question is not None
        assert question.id == "two"

    def test_what_is_being_answered_is_no_question_any_more(self) -> None:
        memory = conversation(item("one"))
        memory.settle()
        assert memory.open_question() is None
        memory.add(item("two"))
        assert memory.open_question() == item("two")

    def test_an_answer_in_the_making_does_not_close_a_question_that_came_meanwhile(self) -> None:
        memory = conversation(item("one"))
        memory.settle()
        memory.add(item("two"))
        memory.insert(item("answer to one", Role.ASSISTANT))
        assert memory.open_question() == item("two")

    def test_an_older_question_does_not_come_up_again(self) -> None:
        memory = conversation(item("one"), item("two"))
        memory.settle()
        memory.delete(ItemId("two"))
        assert memory.open_question() is None

    def test_an_answer_of_history_settles_what_stands_before_it(self) -> None:
        memory = conversation(item("one"), item("answer", Role.ASSISTANT))
        assert memory.open_question() is None
        memory.add(item("two"))
        memory.add(item("earlier", Role.ASSISTANT), "one")
        assert memory.open_question() == item("two")

    def test_an_id_that_was_settled_and_deleted_may_ask_again(self) -> None:
        memory = conversation(item("one"))
        memory.settle()
        memory.delete(ItemId("one"))
        memory.add(item("one"))
        assert memory.open_question() == item("one")


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.sampled_from([None, "root", *"abcde"])), max_size=12
    )
)
@settings(max_examples=100, deadline=None)
def test_every_insertion_tells_the_true_neighbour(wishes: list[tuple[str, str | None]]) -> None:
    memory = Conversation()
    for name, after in wishes:
        try:
            before = memory.insert(item(name), after)
        except Refused:
            continue
        place = order(memory).index(name)
        assert before == (order(memory)[place - 1] if place else None)
        assert after in {None, "root", before}
