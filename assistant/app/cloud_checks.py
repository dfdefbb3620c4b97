"""Checks of the far end in the cloud: what can be known without calling anybody outside."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from assistant.adapters.websockets_link import WebsocketsLink
from assistant.app.briefing import link_target
from assistant.app.checks import Finding, Look, Row, bad, good, skipped, weak
from assistant.realtime.messages import SessionConfig
from assistant.session.events import Event, LinkLost, LinkOpened
from assistant.settings.models import RealtimeSettings, Settings

OPENAI = "api.openai.com"
_CREDENTIAL = "/etc/credstore/openai_api_key"


@dataclass(frozen=True, slots=True)
class Retirement:
    """When a model stops answering (None: it has), and what takes its place."""

    ends: date | None
    successor: str


_JANUARY, _FEBRUARY = date(2027, 1, 20), date(2027, 2, 26)
RETIREMENTS = {
    "gpt-4o-realtime-preview*": Retirement(None, "gpt-realtime-2.1"),
    "gpt-realtime": Retirement(_JANUARY, "gpt-realtime-2.1"),
    "gpt-realtime-2025-08-28": Retirement(_JANUARY, "gpt-realtime-2.1"),
    "gpt-realtime-mini": Retirement(_JANUARY, "gpt-realtime-2.1-mini"),
    "gpt-realtime-mini-2025-12-15": Retirement(_JANUARY, "gpt-realtime-2.1-mini"),
    "gpt-audio-mini": Retirement(_JANUARY, "gpt-realtime-2.1-mini"),
    "gpt-audio-mini-2025-12-15": Retirement(_JANUARY, "gpt-realtime-2.1-mini"),
    "whisper-1": Retirement(_FEBRUARY, "gpt-transcribe"),
    "gpt-4o-transcribe*": Retirement(_FEBRUARY, "gpt-transcribe"),
    "gpt-4o-mini-transcribe*": Retirement(_FEBRUARY, "gpt-transcribe"),
}
"""Source: OpenAI's deprecations page, November 2026."""


def _in_the_cloud(look: Look) -> Look:
    """Only the cloud backend has anything to check here."""

    def judge(settings: Settings) -> Finding:
        if settings.backend != "cloud":
            return skipped(f'not used: backend = "{settings.backend}"')
        return look(settings)

    return judge


def key(settings: Settings) -> Finding:
    """Whether there is a key; it is never shown."""
    secret = settings.secrets.openai_api_key
    if secret is None and is_loopback(settings.realtime.url):
        return good("none, and the far end is on this machine")
    if secret is None:
        return bad("there is no key", f"set OPENAI_API_KEY, or write it into {_CREDENTIAL}")
    spelled = secret.get_secret_value().startswith("sk-")
    if urlsplit(settings.realtime.url).hostname == OPENAI and not spelled:
        return weak("is there, but does not begin like a key of OpenAI (sk-)", "copy it again")
    return good("is there, and stays hidden")


def address(settings: Settings) -> Finding:
    """The URL and the certificates that will be trusted."""
    realtime = settings.realtime
    finding = judge_address(realtime)
    if urlsplit(realtime.url).scheme == "wss":
        try:
            ssl.create_default_context(cafile=realtime.ca_file or None)
        except OSError as error:
            problem = f"the certificates in '{realtime.ca_file}' cannot be read: {error}"
            return bad(problem, "correct realtime.ca_file")
    return finding


def judge_address(realtime: RealtimeSettings) -> Finding:
    """What is valid, and yet will be refused."""
    parts = urlsplit(realtime.url)
    words = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}, {realtime.dialect}"
    if "api-version=" in parts.query and realtime.dialect == "ga":
        return bad(words, 'this address is an old one of Azure: set dialect = "beta"')
    if parts.hostname != OPENAI:
        return good(words)
    if parts.scheme != "wss" or parts.path != "/v1/realtime":
        return bad(words, f"OpenAI's address is wss://{OPENAI}/v1/realtime")
    if realtime.dialect == "beta":
        return bad(words, 'OpenAI has ended the beta: set dialect = "ga"')
    if realtime.auth_header != "bearer":
        return bad(words, 'OpenAI wants auth_header = "bearer"')
    return good(words)


def models(settings: Settings) -> Finding:
    """Whether the models will go on answering."""
    realtime = settings.realtime
    if urlsplit(realtime.url).hostname != OPENAI:
        return skipped("the models of another service are not known here")
    return judge_models((realtime.model, realtime.transcription), datetime.now(UTC).date())


def judge_models(names: tuple[str, ...], today: date) -> Finding:
    """The worst news of all the models on a day."""
    news = [(name, _retirement_of(name)) for name in names if name]
    told = [(name, end) for name, end in news if end is not None]
    if not told:
        return good(f"{', '.join(filter(None, names))}: no end announced")
    gone = [(name, end) for name, end in told if end.ends is None or end.ends <= today]
    words = "; ".join(f"{name} {_ends(end, today)}" for name, end in gone or told)
    remedy = "; ".join(f"replace {name} by {end.successor}" for name, end in gone or told)
    return bad(words, remedy) if gone else weak(words, remedy)


def _retirement_of(name: str) -> Retirement | None:
    found = (end for pattern, end in RETIREMENTS.items() if fnmatchcase(name, pattern))
    return next(found, None)


def _ends(end: Retirement, today: date) -> str:
    if end.ends is None:
        return "has been shut down"
    return f"{'was' if end.ends <= today else 'will be'} shut down on {end.ends}"


def link(settings: Settings) -> Finding:
    """Open a conversation, but only on this machine: a check calls nobody outside."""
    if not is_loopback(settings.realtime.url):
        return skipped("not tried: a check calls nobody outside; `assistant run` does")
    match asyncio.run(_first_word(settings)):
        case LinkLost(reason, remedy):
            return bad(reason, remedy)
        case _:
            return good("a conversation opens")


async def _first_word(settings: Settings) -> Event:
    """The first thing that a link tells: that it is open, or why not."""
    told: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

    def note(event: Event) -> None:
        if isinstance(event, LinkOpened | LinkLost) and not told.done():
            told.set_result(event)

    conversation = WebsocketsLink(link_target(settings, ""), SessionConfig(), note)
    talking = asyncio.create_task(conversation.run(), name="link")
    either: set[asyncio.Future[Any]] = {told, talking}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    await conversation.close()
    await talking
    return await told


def is_loopback(url: str) -> bool:
    """True for an address that no packet leaves this machine for."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


ROWS = (
    Row("key", _in_the_cloud(key)),
    Row("address", _in_the_cloud(address)),
    Row("models", _in_the_cloud(models)),
    Row("link", _in_the_cloud(link)),
)
