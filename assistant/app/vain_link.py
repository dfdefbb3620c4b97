"""A conversation that cannot begin: what is missing is known before anybody is called."""

from assistant.errors import LinkRefused
from assistant.ports import Post
from assistant.session.commands import FarEndCommand
from assistant.session.events import LinkLost


class VainLink:
    """Fits `ports.Link`: opens no socket, and says at once why it would be in vain."""

    def __init__(self, reason: LinkRefused, post: Post) -> None:
        self._reason = reason
        self._post = post
        self._closed = False

    async def run(self) -> None:
        """Post the refusal, unless closed before."""
        if not self._closed:
            self._post(LinkLost(self._reason.problem, self._reason.remedy, retryable=False))

    def send(self, command: FarEndCommand) -> None:
        """Nobody hears it."""

    async def close(self) -> None:
        """End what never began."""
        self._closed = True
