"""Plays the user's part of the demo: speaks the lines at the right moments, and checks them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.adapters.wav_microphone import WavMicrophone
from assistant.app.chronicle import Chronicle, Turn
from assistant.app.story import WAKE, Scene
from assistant.app.wiring import Appliance
from assistant.audio.frames import FRAME_MS, MICROPHONE_RATE, SPEAKER_RATE
from assistant.audio.resampling import resampled
from assistant.local.house import Fault
from assistant.ports import Voice
from assistant.session.states import Awake, Phase, phase_of

STEP_S = 0.05
SCENE_S = 40.0
BREATH_S = 0.4
"""The user waits so long behind a reply."""
LISTENS_S = 2.2
"""Before the user interrupts."""


@dataclass(slots=True)
class Result:
    """What became of a scene."""

    scene: Scene
    turn: Turn | None = None
    came_true: bool = False
    problem: str = ""


@dataclass(slots=True)
class Storyteller:
    """Speaks into `microphone`, which must be the appliance's own."""

    appliance: Appliance
    chronicle: Chronicle
    voice: Voice
    microphone: WavMicrophone
    results: list[Result] = field(default_factory=list)

    async def tell(self, story: tuple[Scene, ...]) -> None:
        """Play all scenes in their order; a scene that fails does not stop the others."""
        for number, scene in enumerate(story):
            following = story[number + 1] if number + 1 < len(story) else None
            result = Result(scene)
            self.results.append(result)
            try:
                async with asyncio.timeout(SCENE_S):
                    await self._play(result, following)
            except TimeoutError:
                result.problem = "the scene did not end in time"

    def check(self) -> bool:
        """Hold every scene against what happened; true if all came true."""
        for result in self.results:
            if result.turn is None:
                result.problem = result.problem or "the line was not heard"
                continue
            try:
                result.came_true = result.scene.check(result.turn) and not result.problem
            except (KeyError, TypeError) as missing:
                result.problem = f"no state for {missing}"
        return all(result.came_true for result in self.results)

    async def _play(self, result: Result, following: Scene | None) -> None:
        scene = result.scene
        now = asyncio.get_running_loop().time()
        self.chronicle.see_scene(scene.title, scene.says, now)
        if scene.fault and self.appliance.house:
            self.appliance.house.set_fault(*scene.fault)
        before = len(self.chronicle.turns)
        await self._speak(scene)
        await self._until(lambda: len(self.chronicle.turns) > before)
        result.turn = self.chronicle.turns[before]
        if following and following.interrupts:
            await self._until(lambda: "first_audio" in self.chronicle.turns[before].times)
            await asyncio.sleep(LISTENS_S)
            return
        await self._until_answered(result.turn, ends=scene.ends)
        if scene.fault and self.appliance.house:
            self.appliance.house.set_fault(scene.fault[0], Fault.NONE)
        await asyncio.sleep(BREATH_S)

    async def _speak(self, scene: Scene) -> None:
        if scene.wake and scene.pause_s:
            self.microphone.say(await self._spoken(WAKE))
            await self._until_said(scene.pause_s)
            self.microphone.say(await self._spoken(scene.says))
            return
        self.microphone.say(
            await self._spoken(f"{WAKE} {scene.says}" if scene.wake else scene.says)
        )

    async def _spoken(self, text: str) -> bytes:
        return resampled(await self.voice.speak(text), SPEAKER_RATE, MICROPHONE_RATE)

    async def _until_said(self, pause_s: float) -> None:
        await self._until(lambda: self.microphone.pending == 0)
        await asyncio.sleep(pause_s + FRAME_MS / 1000)

    async def _until_answered(self, turn: Turn, *, ends: bool) -> None:
        """The reply was heard, or the conversation ended."""
        await self._until(lambda: self.microphone.pending == 0)

        def is_over() -> bool:
            state = self.appliance.engine.state
            if not isinstance(state, Awake):
                return True
            rests = phase_of(state) is Phase.LISTENING and "reply_ended" in turn.times
            return rests and not ends

        await self._until(is_over)

    async def _until(self, happened: Callable[[], bool]) -> None:
        # By the clock, because conditions over many states tell nobody when they change.
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(STEP_S)
