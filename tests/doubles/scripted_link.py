"""Links that do what a test says, and remember what was sent."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.ports import Link, Post
from assistant.session.commands import FarEndCommand
from assistant.session.events import Event, LinkOpened


class ScriptedLink:
    """Fits `ports.Link`: opens at once, then lives until it is closed or told to die."""

    def __init__(self, post: Post, *, opens: bool = True) -> None:
        self.say = post
        self.sent: list[FarEndCommand] = []
        self.closed = 0
        self._opens = opens
        self._over = asyncio.Event()
        self._bug: Exception | None = None

    async def run(self) -> None:
        if self._opens:
            self.say(LinkOpened())
        await self._over.wait()
        if self._bug is not None:
            raise self._bug

    def send(self, command: FarEndCommand) -> None:
        self.sent.append(command)

    async def close(self) -> None:
        self.closed += 1
        self._over.set()

    def break_with(self, bug: Exception) -> None:
        """Let `run` end in an error that no adapter may let through."""
        self._bug = bug
        self._over.set()


@dataclass
class Exchange:
    """Makes scripted links, and remembers all of them."""

    opens: bool = True
    links: list[ScriptedLink] = field(default_factory=list)
    on_made: Callable[[ScriptedLink], None] = lambda _link: None

    def make(self, post: Post) -> Link:
        link = ScriptedLink(post, opens=self.opens)
        self.links.append(link)
        self.on_made(link)
        return link

    @property
    def last(self) -> ScriptedLink:
        return self.links[-1]

    def tell(self, *events: Event) -> None:
        """Let the far end of the newest link say something."""
        for event in events:
            self.last.say(event)
