"""Items at the local far end: every one is announced, ordered, acknowledged and forgotten."""

from typing import Any

import pytest

from tests.contracts.far_end import (
    HOME,
    Frame,
    JudgingClient,
    in_order,
    meet,
    said_in,
    silence,
    spoken,
)


def message(text: str, role: str = "user", **more: Any) -> Frame:
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": "message", "role": role, "content": [{"type": kind, "text": text}], **more}


async def create(client: JudgingClient, item: Frame, **more: Any) -> Frame:
    return await client.ask("conversation.item.create", "conversation.item.done", item=item, **more)


async def speaking(client: JudgingClient) -> tuple[str, int]:
    """Let it say a sentence; the item, and its length in milliseconds."""
    response = await client.ask_in_words("what time is it")
    item = response["output"][0]["id"]
    deltas = [f["delta"] for f in client.told if f["type"] == "response.output_audio.delta"]
    return item, sum(len(delta) * 3 // 4 - delta.count("=") for delta in deltas) // 48


class TestS3EveryItemIsAnnounced:
    @pytest.mark.parametrize(
        "item",
        [
            message("hello"),
            message("be brief", "system"),
            message("I am brief.", "assistant"),
            {"type": "function_call", "call_id": "c1", "name": "home_turn", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "{}"},
        ],
        ids=lambda item: f"{item['type']} {item.get('role', '')}",
    )
    def test_added_and_done_come_for_every_item_of_a_client(self, item: Frame) -> None:
        async def story(client: JudgingClient) -> None:
            done = await create(client, item)
            added = client.told[-2]
            assert added["type"] == "conversation.item.added"
            assert added["item"] == done["item"]
            assert item.items() <= done["item"].items()
            assert done["item"]["id"]

        meet(story)

    def test_an_id_that_the_client_chose_is_kept(self) -> None:
        async def story(client: JudgingClient) -> None:
            assert (await create(client, message("hi", id="mine")))["item"]["id"] == "mine"

        meet(story)

    def test_items_follow_each_other_as_they_were_told(self) -> None:
        async def story(client: JudgingClient) -> None:
            assert "previous_item_id" not in await create(client, message("one", id="one"))
            assert (await create(client, message("two", id="two")))["previous_item_id"] == "one"
            between = await create(client, message("1.5", id="half"), previous_item_id="one")
            assert between["previous_item_id"] == "one"
            front = await create(client, message("zero", id="zero"), previous_item_id="root")
            assert front.get("previous_item_id") is None
            assert (await create(client, message("three")))["previous_item_id"] == "two"

        meet(story)

    def test_an_unknown_place_and_a_taken_id_are_refused(self) -> None:
        async def story(client: JudgingClient) -> None:
            await create(client, message("one", id="one"))
            error = await client.refused(
                "conversation.item.create", item=message("x", id="new"), previous_item_id="gone"
            )
            assert error["code"] == "item_create_invalid_previous_item_id"
            error = await client.refused("conversation.item.create", item=message("x", id="one"))
            assert error["code"] == "item_create_duplicate_item_id"
            error = await client.refused("conversation.item.retrieve", item_id="new")
            assert error["code"] == "item_retrieve_invalid_item_id"

        meet(story)

    def test_a_call_is_announced_before_its_arguments_end(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(tools=HOME)
            await client.ask_in_words("turn on the kitchen light")
            assert in_order(
                client.types()[-9:],
                (
                    "response.created",
                    "response.output_item.added",
                    "conversation.item.added",
                    "response.function_call_arguments.delta",
                    "response.function_call_arguments.done",
                    "response.output_item.done",
                    "conversation.item.done",
                    "response.done",
                ),
            )

        meet(story)

    def test_a_conversation_too_long_is_refused_and_stays(self) -> None:
        async def story(client: JudgingClient) -> None:
            await create(client, message("x" * 900_000, id="long"))
            error = await client.refused("conversation.item.create", item=message("y" * 200_000))
            assert error["code"] == "conversation_too_long"
            await client.ask(
                "conversation.item.delete", "conversation.item.deleted", item_id="long"
            )
            await create(client, message("y" * 200_000))

        meet(story)


class TestS4Acknowledgements:
    def test_an_item_is_retrieved_as_it_was_told(self) -> None:
        async def story(client: JudgingClient) -> None:
            done = await create(client, message("hello"))
            retrieved = await client.ask(
                "conversation.item.retrieve",
                "conversation.item.retrieved",
                item_id=done["item"]["id"],
            )
            assert retrieved["item"] == done["item"]

        meet(story)

    def test_a_heard_item_is_retrieved_with_its_transcript(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(audio={"input": {"transcription": {"model": "any"}}})
            await client.sound(spoken("what time is it"))
            done = await client.until("response.done")
            assert done["response"]["status"] == "completed"
            told = next(f for f in client.told if f["type"].endswith("transcription.completed"))
            assert told["transcript"].lower().startswith("what time is it")
            item = await client.ask(
                "conversation.item.retrieve",
                "conversation.item.retrieved",
                item_id=told["item_id"],
            )
            assert item["item"]["content"][0]["transcript"] == told["transcript"]

        meet(story)

    def test_a_deleted_item_is_gone(self) -> None:
        async def story(client: JudgingClient) -> None:
            await create(client, message("one", id="one"))
            deleted = await client.ask(
                "conversation.item.delete", "conversation.item.deleted", item_id="one"
            )
            assert deleted["item_id"] == "one"
            for type_, code in (
                ("delete", "item_delete_invalid_item_id"),
                ("retrieve", "item_retrieve_invalid_item_id"),
            ):
                error = await client.refused(f"conversation.item.{type_}", item_id="one")
                assert error["code"] == code
            assert "previous_item_id" not in await create(client, message("two"))

        meet(story)

    def test_an_item_deleted_while_it_is_said_does_not_return(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.write("tell me about the house")
            first = await client.ask("response.create", "response.output_audio.delta")
            await client.say("conversation.item.delete", item_id=first["item_id"])
            await client.until("response.done")
            assert "conversation.item.deleted" in client.types()
            error = await client.refused("conversation.item.retrieve", item_id=first["item_id"])
            assert error["code"] == "item_retrieve_invalid_item_id"

        meet(story)

    def test_what_was_not_heard_is_truncated_with_its_text(self) -> None:
        async def story(client: JudgingClient) -> None:
            item, length = await speaking(client)
            assert length > 500
            truncated = await client.ask(
                "conversation.item.truncate",
                "conversation.item.truncated",
                item_id=item, content_index=0, audio_end_ms=400,
            )  # fmt: skip
            assert (truncated["item_id"], truncated["audio_end_ms"]) == (item, 400)
            kept = await client.ask(
                "conversation.item.retrieve", "conversation.item.retrieved", item_id=item
            )
            assert kept["item"]["content"] == [{"type": "output_audio", "transcript": ""}]
            error = await client.refused(
                "conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=401
            )
            assert error["code"] == "invalid_value"

        meet(story)

    def test_it_can_be_truncated_exactly_at_its_end_but_not_behind(self) -> None:
        async def story(client: JudgingClient) -> None:
            item, length = await speaking(client)
            error = await client.refused(
                "conversation.item.truncate", item_id=item, content_index=0, audio_end_ms=length + 1
            )
            assert (error["code"], error["param"]) == ("invalid_value", "audio_end_ms")
            assert f"{length}ms" in error["message"]
            await client.ask(
                "conversation.item.truncate",
                "conversation.item.truncated",
                item_id=item, content_index=0, audio_end_ms=length,
            )  # fmt: skip

        meet(story)

    @pytest.mark.parametrize(
        ("wish", "code"),
        [
            ({"audio_end_ms": 0}, "unsupported_content_type"),
            ({"audio_end_ms": -5}, "unsupported_content_type"),
            ({"content_index": 1}, "invalid_value"),
            ({"item_id": "unknown"}, "item_truncate_invalid_item_id"),
            ({"audio_end_ms": None}, "missing_required_parameter"),
            ({"audio_end_ms": 1.5}, "invalid_value"),
        ],
        ids=str,
    )
    def test_a_truncation_that_cannot_be_is_refused(self, wish: Frame, code: str) -> None:
        async def story(client: JudgingClient) -> None:
            item, _ = await speaking(client)
            whole = {"item_id": item, "content_index": 0, "audio_end_ms": 100} | wish
            error = await client.refused("conversation.item.truncate", **whole)
            assert error["code"] == code

        meet(story)

    def test_what_has_no_sound_cannot_be_truncated(self) -> None:
        async def story(client: JudgingClient) -> None:
            for item in (message("hi", id="u"), message("ho", "assistant", id="a")):
                await create(client, item)
                error = await client.refused(
                    "conversation.item.truncate",
                    item_id=item["id"], content_index=0, audio_end_ms=100,
                )  # fmt: skip
                assert error["code"] == "unsupported_content_type"

        meet(story)

    def test_a_cleared_buffer_begins_no_turn(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(audio={"input": {"turn_detection": None}})
            await client.sound(spoken("what time is it"))
            await client.ask("input_audio_buffer.clear", "input_audio_buffer.cleared")
            error = await client.refused("input_audio_buffer.commit")
            assert error["code"] == "input_audio_buffer_commit_empty"

        meet(story)

    def test_a_commit_becomes_an_item_behind_the_others(self) -> None:
        async def story(client: JudgingClient) -> None:
            await create(client, message("first", id="first"))
            await client.configure(audio={"input": {"turn_detection": None}})
            await client.sound(silence(200))
            committed = await client.ask(
                "input_audio_buffer.commit", "input_audio_buffer.committed"
            )
            assert committed["previous_item_id"] == "first"
            added = await client.until("conversation.item.added")
            assert added["item"]["id"] == committed["item_id"]
            assert added["item"]["content"][0]["type"] == "input_audio"
            await client.until("conversation.item.done")

        meet(story)


class TestHistory:
    def test_what_history_answered_is_not_answered_again(self) -> None:
        async def story(client: JudgingClient) -> None:
            await create(client, message("what time is it"))
            await create(client, message("It's two.", "assistant"))
            assert (await client.answer())["output"] == []
            assert said_in(await client.ask_in_words("what time is it")).startswith("It's")

        meet(story)

    def test_history_in_front_leaves_the_open_question(self) -> None:
        async def story(client: JudgingClient) -> None:
            await create(client, message("what time is it"))
            await create(client, message("Hello.", "assistant"), previous_item_id="root")
            assert said_in(await client.answer()).startswith("It's")

        meet(story)

    def test_a_question_whose_follower_was_deleted_is_not_answered_late(self) -> None:
        async def story(client: JudgingClient) -> None:
            await create(client, message("what time is it"))
            await create(client, message("help", id="newer"))
            assert "You can say" in said_in(await client.answer())
            await client.ask(
                "conversation.item.delete", "conversation.item.deleted", item_id="newer"
            )
            assert (await client.answer())["output"] == []

        meet(story)

    def test_an_item_without_anything_to_read_is_said_so(self) -> None:
        async def story(client: JudgingClient) -> None:
            item = {"type": "message", "role": "user",
                    "content": [{"type": "input_audio", "audio": "AAAA"}]}  # fmt: skip
            await create(client, item)
            response = await client.answer()
            assert response["status"] == "failed"
            error = response["status_details"]["error"]
            assert error["code"] == "unsupported_content_type"

        meet(story)
