"""Responses of the local far end: their order, their cost, their ends, and whose turn it is."""

import asyncio
import base64
from typing import Any

import pytest

from tests.contracts.far_end import (
    HOME,
    Frame,
    JudgingClient,
    calls_in,
    in_order,
    meet,
    said_in,
    silence,
    spoken,
    tools,
)

QUESTION: Frame = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "what time is it"}],
}
SPOKEN_TURN = (
    "input_audio_buffer.speech_started",
    "input_audio_buffer.speech_stopped",
    "input_audio_buffer.committed",
    "conversation.item.added",
    "conversation.item.done",
    "response.created",
    "conversation.item.input_audio_transcription.completed",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "response.output_item.done",
    "conversation.item.done",
    "response.done",
)


def without_repetition(types: list[str]) -> tuple[str, ...]:
    return tuple(one for one, before in zip(types, ["", *types], strict=False) if one != before)


def frames(client: JudgingClient, type_: str) -> list[Frame]:
    return [frame for frame in client.told if frame["type"] == type_]


def sound_of(client: JudgingClient) -> bytes:
    deltas = frames(client, "response.output_audio.delta")
    return b"".join(base64.b64decode(frame["delta"]) for frame in deltas)


async def begin_a_long_answer(client: JudgingClient) -> str:
    """Let it begin to describe the house; the response that is going on."""
    await client.write("tell me about the house")
    delta = await client.ask("response.create", "response.output_audio.delta")
    return str(delta["response_id"])


async def listen_by(client: JudgingClient, **detection: Any) -> None:
    detection = {"type": "server_vad", **detection}
    await client.configure(audio={"input": {"turn_detection": detection}})


class TestS6ASpokenTurn:
    def test_its_events_come_in_the_order_of_the_protocol(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(audio={"input": {"transcription": {"model": "any"}}})
            greeted = len(client.told)
            await client.sound(spoken("what time is it"))
            await client.until("response.done")
            assert without_repetition(client.types()[greeted:]) == SPOKEN_TURN

        meet(story)

    def test_all_its_events_name_the_same_items(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.sound(spoken("what time is it"))
            done = await client.until("response.done")
            (started,) = frames(client, "input_audio_buffer.speech_started")
            (stopped,) = frames(client, "input_audio_buffer.speech_stopped")
            (committed,) = frames(client, "input_audio_buffer.committed")
            asked, answered = frames(client, "conversation.item.added")
            ids = {f["item_id"] for f in (started, stopped, committed)} | {asked["item"]["id"]}
            assert len(ids) == 1
            assert answered["previous_item_id"] == committed["item_id"]
            assert done["response"]["output"][0]["id"] == answered["item"]["id"]
            assert 0 <= started["audio_start_ms"] < 600 < stopped["audio_end_ms"]

        meet(story)

    def test_its_words_are_spoken_faster_than_they_sound(self) -> None:
        async def story(client: JudgingClient) -> None:
            loop = asyncio.get_running_loop()
            await client.write("tell me about the house")
            began = loop.time()
            response = await client.answer()
            took = loop.time() - began
            seconds = len(sound_of(client)) / 48_000
            assert seconds > 15
            assert took < seconds
            assert len(said_in(response)) / seconds < 30

        meet(story)

    def test_an_exact_sentence_is_understood_over_the_wire(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(tools=HOME)
            await client.sound(spoken("set the kitchen light to forty percent"))
            (call,) = calls_in((await client.until("response.done"))["response"])
            assert call["name"] == "home_set_light"
            assert '"brightness_pct": 40' in call["arguments"]

        meet(story)

    def test_two_turns_sent_at_once_are_both_answered(self) -> None:
        async def story(client: JudgingClient) -> None:
            await listen_by(client, interrupt_response=False)
            await client.sound(spoken("what time is it") + spoken("what day is it"))
            first = await client.until("response.done")
            second = await client.until("response.done")
            assert said_in(first["response"]) + said_in(second["response"])
            assert "Today is" in said_in(second["response"])

        meet(story)

    @pytest.mark.parametrize(
        "sound",
        [
            b"",
            b"\0",
            silence(3_000),
            spoken("yes")[14_400 : 14_400 + 2_400],
            bytes(range(256)) * 90,
        ],
        ids=["nothing", "a byte", "silence", "50 ms of speech", "a buzz"],
    )
    def test_what_is_no_speech_ends_in_time_and_says_nothing(self, sound: bytes) -> None:
        async def story(client: JudgingClient) -> None:
            await client.sound(sound + silence(1_200))
            said = await client.ask_in_words("what time is it")
            assert said_in(said).startswith("It's")
            assert len(frames(client, "response.output_audio.done")) == 1

        meet(story)

    def test_noise_that_was_committed_by_hand_is_answered_by_silence(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(audio={"input": {"turn_detection": None}})
            await client.sound(bytes(range(256)) * 200)
            await client.ask("input_audio_buffer.commit", "conversation.item.done")
            response = await client.answer()
            assert (response["status"], response["output"]) == ("completed", [])

        meet(story)


class TestS5EveryResponse:
    def test_metadata_comes_back_from_the_first_to_the_last_event(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.write("what time is it")
            done = await client.answer(metadata={"topic": "time", "n": "1"})
            (created,) = frames(client, "response.created")
            assert created["response"]["metadata"] == {"topic": "time", "n": "1"}
            assert done["metadata"] == {"topic": "time", "n": "1"}
            assert done["conversation_id"] == client.told[1]["conversation"]["id"]

        meet(story)

    def test_a_completed_response_tells_its_cost_by_modality(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.sound(spoken("what time is it"))
            usage = (await client.until("response.done"))["response"]["usage"]
            assert usage["input_token_details"]["audio_tokens"] > 5
            assert usage["output_token_details"]["audio_tokens"] == (
                len(sound_of(client)) // 48 // 50
            )
            assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]

        meet(story)

    def test_a_cancelled_response_closes_what_it_opened_and_tells_its_cost(self) -> None:
        async def story(client: JudgingClient) -> None:
            going_on = await begin_a_long_answer(client)
            done = await client.ask("response.cancel", "response.done")
            response = done["response"]
            assert response["id"] == going_on
            assert response["status"] == "cancelled"
            assert response["status_details"]["reason"] == "client_cancelled"
            assert response["usage"]["output_tokens"] > 0
            assert [item["status"] for item in response["output"]] == ["incomplete"]
            assert in_order(client.types(), SPOKEN_TURN[-7:])
            assert client.types().count("conversation.item.done") == 2

        meet(story)

    def test_a_response_without_anything_to_say_is_completed_and_empty(self) -> None:
        async def story(client: JudgingClient) -> None:
            response = await client.answer()
            assert (response["status"], response["output"]) == ("completed", [])
            assert response["usage"]["total_tokens"] == 0

        meet(story)

    def test_text_only_sessions_hear_no_sound(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(output_modalities=["text"])
            await client.ask_in_words("what time is it")
            types = client.types()
            assert in_order(types, ("response.content_part.added", "response.output_text.delta",
                                    "response.output_text.done", "response.done"))  # fmt: skip
            assert not [type_ for type_ in types if "output_audio" in type_]
            (added,) = frames(client, "response.content_part.added")
            assert added["part"]["type"] == "text"

        meet(story)

    def test_one_response_may_be_text_in_a_session_that_speaks(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.write("what time is it")
            await client.answer(output_modalities=["text"])
            assert not sound_of(client)
            await client.ask_in_words("what time is it")
            assert sound_of(client)

        meet(story)


class TestOneResponseAtATime:
    def test_a_second_one_is_refused_while_the_first_goes_on(self) -> None:
        async def story(client: JudgingClient) -> None:
            await begin_a_long_answer(client)
            error = await client.refused("response.create")
            assert error["code"] == "conversation_already_has_active_response"
            await client.until("response.done")
            assert said_in(await client.ask_in_words("what time is it")).startswith("It's")

        meet(story)

    @pytest.mark.parametrize("wish", [{}, {"response_id": "resp_of_yesterday"}], ids=str)
    def test_cancelling_nothing_is_a_harmless_error(self, wish: Frame) -> None:
        async def story(client: JudgingClient) -> None:
            error = await client.refused("response.cancel", **wish)
            assert error["code"] == "response_cancel_not_active"
            assert await client.is_alive()

        meet(story)

    def test_a_response_of_another_name_is_not_cancelled(self) -> None:
        async def story(client: JudgingClient) -> None:
            await begin_a_long_answer(client)
            error = await client.refused("response.cancel", response_id="resp_of_yesterday")
            assert error["code"] == "response_cancel_not_active"
            done = await client.until("response.done")
            assert done["response"]["status"] == "completed"

        meet(story)


class TestBargeIn:
    def test_speech_breaks_the_answer_off_and_is_answered(self) -> None:
        async def story(client: JudgingClient) -> None:
            going_on = await begin_a_long_answer(client)
            await client.sound(spoken("what time is it"))
            cut = (await client.until("response.done"))["response"]
            assert (cut["id"], cut["status"]) == (going_on, "cancelled")
            assert cut["status_details"]["reason"] == "turn_detected"
            started = client.types().index("input_audio_buffer.speech_started")
            assert started < client.types().index("response.done")
            answer = (await client.until("response.done"))["response"]
            assert said_in(answer).startswith("It's")

        meet(story)

    def test_speech_that_may_not_interrupt_is_answered_afterwards(self) -> None:
        async def story(client: JudgingClient) -> None:
            await listen_by(client, interrupt_response=False)
            going_on = await begin_a_long_answer(client)
            await client.sound(spoken("what time is it"))
            whole = (await client.until("response.done"))["response"]
            assert (whole["id"], whole["status"]) == (going_on, "completed")
            assert "input_audio_buffer.committed" in client.types()
            answer = (await client.until("response.done"))["response"]
            assert said_in(answer).startswith("It's")

        meet(story)

    def test_a_turn_that_wants_no_response_gets_none_until_it_is_asked(self) -> None:
        async def story(client: JudgingClient) -> None:
            await listen_by(client, create_response=False)
            await client.sound(spoken("what time is it"))
            await client.until("conversation.item.done")
            assert await client.is_alive()
            assert not frames(client, "response.created")
            assert said_in(await client.answer()).startswith("It's")

        meet(story)

    def test_without_detection_the_client_says_when(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(audio={"input": {"turn_detection": None}})
            await client.sound(spoken("what time is it"))
            await client.ask("input_audio_buffer.commit", "conversation.item.done")
            assert await client.is_alive()
            assert said_in(await client.answer()).startswith("It's")
            error = await client.refused("input_audio_buffer.commit")
            assert error["code"] == "input_audio_buffer_commit_empty"
            assert not frames(client, "input_audio_buffer.speech_started")

        meet(story)

    def test_a_short_command_in_a_long_press_is_believed(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(tools=HOME, audio={"input": {"turn_detection": None}})
            await client.sound(silence(3_000) + spoken("lock the front door") + silence(3_000))
            await client.ask("input_audio_buffer.commit", "conversation.item.done")
            (call,) = calls_in(await client.answer())
            assert call["name"] == "home_security"

        meet(story)

    def test_rules_that_change_in_mid_stream_do_not_move_the_positions(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.sound(silence(2_000))
            await listen_by(client, silence_duration_ms=300)
            await client.sound(spoken("what time is it"))
            started = await client.until("input_audio_buffer.speech_started")
            assert 1_900 <= started["audio_start_ms"] <= 2_500

        meet(story)


class TestOutOfBand:
    def test_it_leaves_the_conversation_alone(self) -> None:
        async def story(client: JudgingClient) -> None:
            response = await client.answer(
                conversation="none", input=[QUESTION], metadata={"aside": "1"}
            )
            assert said_in(response).startswith("It's")
            assert response["conversation_id"] is None
            assert response["metadata"] == {"aside": "1"}
            assert not frames(client, "conversation.item.added")
            error = await client.refused(
                "conversation.item.retrieve", item_id=response["output"][0]["id"]
            )
            assert error["code"] == "item_retrieve_invalid_item_id"

        meet(story)

    def test_the_open_question_stays_open(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.write("what time is it")
            for conversation in ("none", "none", "auto"):
                answer = await client.answer(conversation=conversation)
                assert said_in(answer).startswith("It's")
            assert (await client.answer())["output"] == []

        meet(story)

    def test_outputs_are_told_in_the_conversation_only(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(tools=HOME)
            (call,) = calls_in(await client.ask_in_words("turn on the kitchen light"))
            await client.give(call, status="done", devices=["kitchen light"])
            aside = await client.answer(conversation="none", input=[QUESTION])
            assert "kitchen light" not in said_in(aside)
            assert said_in(await client.answer()) == "The kitchen light is on."

        meet(story)

    def test_it_may_go_on_beside_an_answer(self) -> None:
        async def story(client: JudgingClient) -> None:
            going_on = await begin_a_long_answer(client)
            await client.say(
                "response.create",
                response={"conversation": "none", "input": [QUESTION],
                          "output_modalities": ["text"]},
            )  # fmt: skip
            ended = [(await client.until("response.done"))["response"] for _ in range(2)]
            assert {response["status"] for response in ended} == {"completed"}
            assert going_on in {response["id"] for response in ended}

        meet(story)

    def test_a_yes_that_was_asked_aside_confirms_nothing(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(tools=HOME)
            (call,) = calls_in(await client.ask_in_words("unlock the back door"))
            await client.give(call, status="needs_confirmation", confirmation_id="q1")
            assert said_in(await client.answer()) == "Unlock the back door?"
            yes = {**QUESTION, "content": [{"type": "input_text", "text": "yes"}]}
            aside = await client.answer(conversation="none", input=[yes])
            assert not calls_in(aside)

        meet(story)


class TestFunctions:
    def test_several_calls_of_one_sentence_come_in_one_response(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(tools=HOME)
            wish = "turn on the kitchen light and turn off the coffee maker"
            response = await client.ask_in_words(wish)
            calls = calls_in(response)
            assert len(calls) == 2
            assert len({call["call_id"] for call in calls}) == 2
            done = frames(client, "response.function_call_arguments.done")
            assert [(f["output_index"], f["name"]) for f in done] == [
                (0, "home_turn"),
                (1, "home_turn"),
            ]
            for call in reversed(calls):
                await client.give(call, status="done")
            said = said_in(await client.answer())
            assert said.index("kitchen light") < said.index("coffee maker")

        meet(story)

    def test_nothing_is_told_before_all_outputs_are_there(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(tools=HOME)
            wish = "turn on the kitchen light and turn off the coffee maker"
            one, other = calls_in(await client.ask_in_words(wish))
            await client.give(one, status="done")
            assert (await client.answer())["output"] == []
            await client.give(other, status="timeout")
            assert "kitchen light is on" in said_in(await client.answer())
            assert (await client.answer())["output"] == []

        meet(story)

    def test_an_output_that_never_comes_does_not_silence_what_follows(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(tools=HOME)
            (lost,) = calls_in(await client.ask_in_words("turn on the kitchen light"))
            (call,) = calls_in(await client.ask_in_words("turn off the coffee maker"))
            await client.give(call, status="done")
            assert said_in(await client.answer()) == "The coffee maker is off."
            await client.give(lost, status="done")
            assert said_in(await client.answer()) == "The kitchen light is on."

        meet(story)

    def test_an_output_of_a_stranger_changes_nothing(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.give({"call_id": "nobody"}, status="done")
            assert (await client.answer())["output"] == []

        meet(story)

    @pytest.mark.parametrize("session", [{"tools": []}, {"tools": HOME, "tool_choice": "none"}])
    def test_what_is_not_offered_is_not_called(self, session: Frame) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(**session)
            response = await client.ask_in_words("turn on the kitchen light")
            assert not calls_in(response)
            assert said_in(response) == "I can't do that here."

        meet(story)

    def test_functions_may_be_offered_for_one_response(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.write("turn on the kitchen light")
            response = await client.answer(tools=tools("home_turn"))
            assert calls_in(response)
            assert not calls_in(await client.ask_in_words("turn on the kitchen light"))

        meet(story)


class TestQuestions:
    @staticmethod
    async def ask_to_unlock(client: JudgingClient) -> None:
        await client.configure(tools=HOME)
        (call,) = calls_in(await client.ask_in_words("unlock the back door"))
        await client.give(call, status="needs_confirmation", confirmation_id="q1")

    def test_a_yes_behind_the_question_confirms_it(self) -> None:
        async def story(client: JudgingClient) -> None:
            await self.ask_to_unlock(client)
            assert said_in(await client.answer()) == "Unlock the back door?"
            (confirm,) = calls_in(await client.ask_in_words("yes"))
            assert confirm["name"] == "home_confirm"
            assert "q1" in confirm["arguments"]

        meet(story)

    def test_a_yes_from_before_the_question_confirms_nothing(self) -> None:
        async def story(client: JudgingClient) -> None:
            await self.ask_to_unlock(client)
            response = await client.ask_in_words("yes")
            assert not calls_in(response)
            assert said_in(response) == "Unlock the back door?"
            assert calls_in(await client.ask_in_words("yes"))

        meet(story)

    def test_the_question_comes_last_in_an_answer_to_something_else(self) -> None:
        async def story(client: JudgingClient) -> None:
            await self.ask_to_unlock(client)
            said = said_in(await client.ask_in_words("what time is it"))
            assert said.startswith("It's")
            assert said.endswith("Unlock the back door?")

        meet(story)

    def test_a_question_that_was_deleted_unheard_was_not_asked(self) -> None:
        async def story(client: JudgingClient) -> None:
            await self.ask_to_unlock(client)
            asked = (await client.answer())["output"][0]["id"]
            await client.ask("conversation.item.delete", "conversation.item.deleted", item_id=asked)
            assert not calls_in(await client.ask_in_words("yes"))

        meet(story)
