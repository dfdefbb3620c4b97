"""Plugs the house together; only this room reads whether the far end is local or the cloud."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from assistant.adapters.openwakeword_detector import load_detector
from assistant.adapters.paho_connection import BrokerAddress
from assistant.adapters.paho_home import HouseRules, PahoHome, Traffic
from assistant.adapters.websockets_link import WebsocketsLink
from assistant.app.briefing import limits_of, link_target, missing_key, session_config
from assistant.app.broker_address import broker_address
from assistant.app.sound import Sound, SoundMaker
from assistant.app.vain_link import VainLink
from assistant.audio.chimes import chimes
from assistant.engine.ears import Ears, ScoreObserver
from assistant.engine.household import Household
from assistant.engine.loop import Engine, Observer, Ports
from assistant.home.devices import Device
from assistant.local.broker_keeper import BrokerKeeper
from assistant.local.evening import found_in, scenes_in
from assistant.local.far_end_process import FarEndProcess
from assistant.local.house import House
from assistant.ports import Link, Post, Voice, WakeDetector
from assistant.session.commands import Chime
from assistant.session.events import Event, LinkLost, Reminded
from assistant.settings.models import Settings
from assistant.wake.gate import Gate, WordPolicy

log = logging.getLogger("assistant")

FRAMES_PER_SECOND = 12.5
COMES_BACK = "It starts again by itself. Please try again in a moment."


@dataclass(frozen=True, slots=True)
class Watchers:
    """Who looks on: a live view, a log, a health check."""

    steps: tuple[Observer, ...] = ()
    scores: ScoreObserver = lambda _scores: None
    traffic: Callable[[Traffic], None] | None = None


@dataclass(frozen=True, slots=True)
class Appliance:
    """The running parts; `run` turns the wheel until it is cancelled or the sound ends."""

    engine: Engine
    ears: Ears
    household: Household
    home: PahoHome
    sound: Sound
    voice: Voice
    gate: Gate
    broker: BrokerAddress
    devices: tuple[Device, ...]
    broker_keeper: BrokerKeeper | None = None
    far_end: FarEndProcess | None = None
    house: House | None = None

    async def run(self) -> None:
        """Listen, converse and ring timers until cancelled; a bug in any of them ends all."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.engine.run(), name="engine")
            tasks.create_task(self.ears.run(), name="ears")
            tasks.create_task(self.household.ring(), name="timers")


@dataclass(slots=True)
class _LatePost:
    """Breaks the circle: the speaker posts to an engine that needs the speaker."""

    target: Post | None = field(default=None)

    def __call__(self, event: Event) -> None:
        if self.target is not None:
            self.target(event)


@asynccontextmanager
async def assembled(
    settings: Settings, make_sound: SoundMaker, watchers: Watchers, config: Path | None
) -> AsyncIterator[Appliance]:
    """Build everything, and take it down in reverse order.

    Raises `SettingsError`, `HardwareError` or `HomeError` with the remedy.
    """
    post = _LatePost()
    async with AsyncExitStack() as stack:
        async with _side_by_side() as tasks:
            # The far end takes longest: it begins first, and the rest is done meanwhile.
            arriving = tasks.create_task(_far_end(settings, config, stack))
            attending = tasks.create_task(_detector(settings))
            moving_in = tasks.create_task(_indoors(settings, watchers, post, stack))
        far_end, indoors = arriving.result(), moving_in.result()
        sound = await make_sound(settings, post, stack)
        household = Household(indoors.home, post)
        voice = _voice(stack)
        make_link = _link_maker(settings, household, far_end)
        ports = Ports(sound.speaker, make_link, household, voice, _chimes(settings))
        engine = Engine(ports, limits_of(settings), watchers.steps)
        post.target = engine.post
        gate = _gate(settings)
        ears = Ears(sound.microphone, attending.result(), gate, engine.post, watchers.scores)
        yield Appliance(
            engine=engine,
            ears=ears,
            household=household,
            home=indoors.home,
            sound=sound,
            voice=voice,
            gate=gate,
            broker=indoors.broker,
            devices=settings.house,
            broker_keeper=indoors.keeper,
            far_end=far_end,
            house=indoors.house,
        )


@asynccontextmanager
async def _side_by_side() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group whose first failure is raised by itself, once the others have ended."""
    try:
        async with asyncio.TaskGroup() as tasks:
            yield tasks
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _detector(settings: Settings) -> WakeDetector:
    return await asyncio.to_thread(load_detector, _words(settings), _folder(settings))


def _words(settings: Settings) -> tuple[str, ...]:
    return tuple(word.name for word in settings.wake.words)


def _folder(settings: Settings) -> Path | None:
    return Path(settings.wake.folder).expanduser() if settings.wake.folder else None


def _gate(settings: Settings) -> Gate:
    policies = {w.name: WordPolicy(w.threshold, w.consecutive) for w in settings.wake.words}
    return Gate(policies, round(settings.wake.refractory_s * FRAMES_PER_SECOND))


def _chimes(settings: Settings) -> dict[Chime, bytes]:
    if not settings.audio.chimes:
        return {}
    return {Chime(name): pcm for name, pcm in chimes(settings.audio.chime_volume).items()}


@dataclass(frozen=True, slots=True)
class _Indoors:
    """The broker, who lives on it, and our connection to both."""

    broker: BrokerAddress
    home: PahoHome
    keeper: BrokerKeeper | None
    house: House | None


async def _indoors(
    settings: Settings, watchers: Watchers, post: Post, stack: AsyncExitStack
) -> _Indoors:
    keeper, address = await _broker(settings, stack)
    house = await _house(settings, address, stack)
    home = _home(settings, address, watchers, post)
    stack.push_async_callback(home.close)
    await home.start()
    return _Indoors(address, home, keeper, house)


async def _broker(
    settings: Settings, stack: AsyncExitStack
) -> tuple[BrokerKeeper | None, BrokerAddress]:
    if not settings.local.broker:
        return None, broker_address(settings)
    with _children_leaving_ctrl_c_to_us():
        keeper = await stack.enter_async_context(BrokerKeeper())
    return keeper, broker_address(settings, keeper.port)


@contextmanager
def _children_leaving_ctrl_c_to_us() -> Iterator[None]:
    """A terminal sends Ctrl-C to everybody in it; a child inherits what its parent blocks."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        # Not the old mask as a whole: two houses in one process may enter and leave crosswise.
        if signal.SIGINT not in before:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


async def _house(settings: Settings, address: BrokerAddress, stack: AsyncExitStack) -> House | None:
    if not settings.local.house:
        return None
    devices = settings.house
    simulated = House(devices, address.port, scenes=scenes_in(devices))
    house = await stack.enter_async_context(simulated)
    for device, values in found_in(devices).items():
        house.set_by_hand(device, values)
    return house


def _home(settings: Settings, address: BrokerAddress, watchers: Watchers, post: Post) -> PahoHome:
    rules = HouseRules(own_area=settings.area or None)

    def speak_up(news: str) -> None:
        post(Reminded(news))

    return PahoHome(address, settings.house, rules, watchers.traffic, speak_up)


async def _far_end(
    settings: Settings, config: Path | None, stack: AsyncExitStack
) -> FarEndProcess | None:
    if settings.backend != "local" or not settings.local.server:
        return None
    # The words by themselves, because the command line may have overruled the file.
    words = tuple(f"--wake-word={word}" for word in _words(settings))
    far_end = FarEndProcess((*words, *(("--config", str(config)) if config else ())))
    # Before the start, so that a child whose start is given up ends as well.
    stack.push_async_exit(far_end)
    return await far_end.__aenter__()


def _link_maker(
    settings: Settings, household: Household, far_end: FarEndProcess | None
) -> Callable[[Post], Link]:
    in_vain = missing_key(settings)
    if in_vain:
        log.warning("%s", in_vain)

    def make(post: Post) -> Link:
        if in_vain:
            return VainLink(in_vain, post)
        url = far_end.url if far_end else settings.realtime.url
        config = session_config(household, settings, datetime.now().astimezone())
        told = _kept_here(post) if far_end else post
        return WebsocketsLink(link_target(settings, url), config, told)

    return make


def _kept_here(post: Post) -> Post:
    """Tell the remedy for a far end that is our own child: the network has no part in it."""

    def told(event: Event) -> None:
        if isinstance(event, LinkLost):
            event = replace(event, remedy=COMES_BACK)
        post(event)

    return told


def _voice(stack: AsyncExitStack) -> Voice:
    from assistant.local.voice import HouseVoice

    voice = HouseVoice()
    stack.callback(voice.close)
    return voice
