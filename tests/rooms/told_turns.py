"""Whole turns as steps of the engine, and a stage that was built but never lit."""

from collections.abc import Mapping
from dataclasses import replace

from assistant.adapters.paho_connection import BrokerAddress
from assistant.adapters.paho_home import Direction, PahoHome, Traffic
from assistant.adapters.wav_microphone import WavMicrophone
from assistant.adapters.wav_speaker import WavSpeaker
from assistant.app.chronicle import Chronicle
from assistant.app.demo import Scores, Stage
from assistant.app.sound import Sound
from assistant.app.tapes import TapedMicrophone
from assistant.app.wiring import Appliance
from assistant.engine.ears import Ears
from assistant.engine.household import Household
from assistant.engine.loop import Engine, Ports, Step
from assistant.home.requests import FunctionRequest, UserTurn
from assistant.ports import Link, Post
from assistant.session.commands import CallHome, Command, OpenLink
from assistant.session.events import (
    Event,
    FunctionReturned,
    LinkOpened,
    MicHeard,
    ReplySounded,
    ReplyWorded,
    SpeakerFinished,
    SpeakerStarted,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTranscribed,
    WakeWordHeard,
)
from assistant.session.states import Asleep, Awake, Connecting, Limits, Sounding, State
from assistant.units import CallId, ItemId, Milliseconds, ResponseId, Seconds
from assistant.wake.gate import Gate

BEGAN = 100.0
"""The clock at the start of every story told here."""

USER, REPLY, RESPONSE = ItemId("item_user"), ItemId("item_reply"), ResponseId("resp_1")
ASLEEP = Asleep()
CONNECTING = Connecting(Seconds(999), 1)
LISTENING = Awake(Seconds(999), UserTurn(conversation=1, number=1))
HEARING = replace(LISTENING, user_item=USER)
THINKING = replace(LISTENING, reply_expected=True)
SPEAKING = replace(LISTENING, sounding=(Sounding(REPLY, RESPONSE),))


def step(
    at: float, event: Event, before: State, after: State | None = None, *orders: Command
) -> Step:
    return Step(Seconds(BEGAN + at), event, before, after or before, orders)


def call(
    name: str = "home_turn",
    arguments: str = '{"target": {"name": "kitchen light"}, "state": "on"}',
    call_id: str = "call_1",
) -> CallHome:
    return CallHome(FunctionRequest(CallId(call_id), name, arguments))


def returned(status: str = "done", call_id: str = "call_1") -> FunctionReturned:
    return FunctionReturned(CallId(call_id), f'{{"status": "{status}"}}')


def wake(chronicle: Chronicle, at: float = 2.0) -> None:
    heard = WakeWordHeard("hey_jarvis", 0.98765)
    chronicle.see_step(step(at, heard, ASLEEP, CONNECTING, OpenLink()))
    chronicle.see_step(step(at + 0.04, LinkOpened(), CONNECTING, LISTENING))


def speak(chronicle: Chronicle, at: float, text: str) -> None:
    """A second of speech."""
    chronicle.see_step(step(at, UserStartedSpeaking(USER), LISTENING, HEARING))
    chronicle.see_step(step(at + 1.0, UserStoppedSpeaking(USER), HEARING, THINKING))
    chronicle.see_step(step(at + 1.1, UserTranscribed(USER, text), THINKING))


def reply(chronicle: Chronicle, at: float, text: str) -> None:
    """Two seconds of reply."""
    sounded = ReplySounded(RESPONSE, REPLY, b"\0\0")
    chronicle.see_step(step(at - 0.01, sounded, THINKING, SPEAKING))
    chronicle.see_step(step(at, SpeakerStarted(REPLY), SPEAKING))
    chronicle.see_step(step(at + 0.02, ReplyWorded(RESPONSE, REPLY, text), SPEAKING))
    ended = SpeakerFinished(REPLY, Milliseconds(2000))
    chronicle.see_step(step(at + 2.0, ended, SPEAKING, LISTENING))


def message(topic: str, payload: str, *, sent: bool = False) -> Traffic:
    return Traffic(Direction.SENT if sent else Direction.RECEIVED, topic, payload)


def tell_kitchen_turn(chronicle: Chronicle, status: str = "done", said: str = "") -> None:
    """Wake word at 2.0, speech from 3.0 to 4.0, a call from 4.2 to 4.25, reply from 4.4 to 6.4."""
    wake(chronicle)
    speak(chronicle, 3.0, said or "turn on the kitchen light")
    chronicle.see_step(step(4.2, MicHeard(b""), THINKING, THINKING, call()))
    sent = message("zigbee2mqtt/Kitchen/set", '{"state":"ON"}', sent=True)
    chronicle.see_traffic(sent, BEGAN + 4.21)
    chronicle.see_traffic(message("zigbee2mqtt/Kitchen", '{"state": "ON"}'), BEGAN + 4.24)
    chronicle.see_step(step(4.25, returned(status), THINKING))
    reply(chronicle, 4.4, "The kitchen light is on.")


class DeafDetector:
    """Fits `ports.WakeDetector`; it hears nothing."""

    def hear(self, frame: bytes) -> Mapping[str, float]:
        return {}

    def restart(self) -> None:
        pass


class MuteVoice:
    """Fits `ports.Voice`."""

    async def speak(self, text: str) -> bytes:
        return b""


def _no_link(post: Post) -> Link:
    raise AssertionError(f"nobody asked for a link: {post}")


def _ignore(event: Event) -> None:
    del event


def dark_stage(*, taped: bool = True) -> Stage:
    """A stage of real parts, none of them started; its clock began at `BEGAN`."""
    microphone, speaker = WavMicrophone(ends=True, pace=1000), WavSpeaker(_ignore)
    home, gate = PahoHome(BrokerAddress(), ()), Gate({}, 1)
    household = Household(home, _ignore)
    appliance = Appliance(
        engine=Engine(Ports(speaker, _no_link, household, MuteVoice(), {}), Limits()),
        ears=Ears(microphone, DeafDetector(), gate, _ignore),
        household=household,
        home=home,
        sound=Sound(microphone, speaker),
        voice=MuteVoice(),
        gate=gate,
        broker=BrokerAddress(),
        devices=(),
    )
    return Stage(
        appliance,
        Chronicle(dict, BEGAN),
        Scores({"hey_jarvis": 0.5}),
        BEGAN,
        TapedMicrophone(microphone),
        microphone,
        speaker if taped else None,
        BEGAN,
    )
