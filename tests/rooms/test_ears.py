"""The ears: every frame is heard and judged, and a lost microphone comes back."""

import asyncio
import itertools
import logging

import pytest

from assistant.engine.ears import FIRST_PAUSE, LONGEST_PAUSE, Ears
from assistant.errors import DetectorUnavailable, MicrophoneMissing
from assistant.session.events import Event, MicHeard, WakeWordHeard
from assistant.wake.gate import Gate, WordPolicy
from tests.doubles.frames_microphone import FRAME_SECONDS, FramesMicrophone
from tests.doubles.leaping_clock import leap_through
from tests.doubles.listening_detector import ListeningDetector

NOISE = bytes(2560)
WORD = b"alexa".ljust(2560, b"\0")
GONE = MicrophoneMissing("There is no microphone.", "Plug one in.")


def gate() -> Gate:
    return Gate({"alexa": WordPolicy(0.5, consecutive=2)}, refractory_frames=5)


def heard_by(microphone: FramesMicrophone, detector: ListeningDetector) -> list[Event]:
    """Listen until the source ends, and give back all that was posted."""
    posted: list[Event] = []
    leap_through(Ears(microphone, detector, gate(), posted.append).run())
    return posted


def test_every_frame_is_posted_before_it_is_judged() -> None:
    posted = heard_by(FramesMicrophone([NOISE, WORD, WORD, NOISE]), ListeningDetector("alexa"))
    assert posted == [
        MicHeard(NOISE),
        MicHeard(WORD),
        MicHeard(WORD),
        WakeWordHeard("alexa", 1.0),
        MicHeard(NOISE),
    ]


def test_the_detector_hears_every_frame_on_one_thread_of_its_own() -> None:
    detector = ListeningDetector("alexa")
    heard_by(FramesMicrophone([NOISE, WORD, WORD, NOISE]), detector)
    assert detector.heard == [NOISE, WORD, WORD, NOISE]
    assert detector.threads == {"wake_0"}


def test_the_end_of_the_source_ends_the_ears() -> None:
    microphone = FramesMicrophone([])
    assert heard_by(microphone, ListeningDetector()) == []
    assert microphone.opened == 1


def test_a_lost_microphone_is_opened_again_and_the_detector_forgets_the_past() -> None:
    detector = ListeningDetector("alexa")
    posted = heard_by(FramesMicrophone([WORD], [NOISE, NOISE]), detector)
    assert posted == [MicHeard(WORD), MicHeard(NOISE), MicHeard(NOISE)]
    assert detector.restarts == [1], "once, before the first frame after the break"


def test_the_pauses_between_attempts_grow_to_a_limit_and_begin_anew() -> None:
    opened_at: list[float] = []

    class TimedMicrophone(FramesMicrophone):
        def frames(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as its parent's
            opened_at.append(asyncio.get_running_loop().time())
            return super().frames()

    microphone = TimedMicrophone(*[GONE] * 6, [NOISE], GONE, [])
    heard_by(microphone, ListeningDetector())
    pauses = [later - earlier for earlier, later in itertools.pairwise(opened_at)]
    growing = [FIRST_PAUSE * 2**n for n in range(3)] + [LONGEST_PAUSE] * 3
    assert pauses == pytest.approx([*growing, FRAME_SECONDS + FIRST_PAUSE, 2 * FIRST_PAUSE])


def test_deafness_is_told_once_and_its_end_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "assistant.ears")
    heard_by(FramesMicrophone(GONE, GONE, [NOISE]), ListeningDetector())
    told = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "assistant.ears"]
    assert told == [
        ("WARNING", "deaf: There is no microphone. - Plug one in."),
        ("DEBUG", "deaf: There is no microphone. - Plug one in."),
        ("WARNING", "the microphone is back"),
    ]


def test_a_detector_that_fails_is_tried_again_with_the_microphone() -> None:
    class TiredDetector(ListeningDetector):
        def hear(self, frame: bytes) -> dict[str, float]:
            super().hear(frame)
            if len(self.heard) == 1:
                raise DetectorUnavailable("The detector is tired.")
            return {}

    microphone, detector = FramesMicrophone([NOISE, NOISE], [NOISE]), TiredDetector()
    posted = heard_by(microphone, detector)
    assert posted == [MicHeard(NOISE)] * 2
    assert (microphone.opened, detector.restarts) == (2, [1])


def test_a_bug_of_the_detector_ends_the_ears() -> None:
    class BuggyDetector(ListeningDetector):
        def hear(self, frame: bytes) -> dict[str, float]:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        heard_by(FramesMicrophone([NOISE]), BuggyDetector())


def test_an_observer_sees_the_scores_of_every_frame() -> None:
    seen: list[float] = []
    ears = Ears(
        FramesMicrophone([NOISE, WORD]),
        ListeningDetector("alexa"),
        gate(),
        lambda _event: None,
        lambda scores: seen.append(scores["alexa"]),
    )
    leap_through(ears.run())
    assert seen == [0.0, 1.0]
