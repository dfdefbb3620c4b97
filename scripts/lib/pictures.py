"""Makes the pictures of docs/pictures/ anew: plays the demo's story once and looks at it.

usage: python scripts/lib/pictures.py    (from the project folder; takes as long as the story)
"""

import asyncio
import io
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from assistant.app.chronicle import Entry
from assistant.app.demo import DemoOptions, Stage, staged, tell_story
from assistant.app.live_view import screen_of
from assistant.app.picture import draw_timeline
from assistant.app.places import config_file
from assistant.app.sight import Onlooker, Sight
from assistant.settings.reader import read_settings

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
WIDTH, HEIGHT = 110, 32
SPOKEN_S = 1.0
"""So long after the reply began, its words and the house have changed on the screen."""
TWO_COMMANDS = 4
"""The turn that shows most: two calls, and a device that moves slowly."""


@dataclass
class Photographer:
    """Takes one sight while the reply of a chosen turn sounds."""

    stage: Stage
    onlooker: Onlooker = field(default_factory=Onlooker)
    sight: Sight | None = None

    def __call__(self, entry: Entry) -> None:
        self.onlooker(entry)
        if entry["event"] == "speaking" and len(self.stage.chronicle.turns) == TWO_COMMANDS:
            asyncio.get_running_loop().call_later(SPOKEN_S, self.look)

    def look(self) -> None:
        seconds = asyncio.get_running_loop().time() - self.stage.started_at
        self.sight = self.onlooker.sight(self.stage, seconds)


def write_view(path: Path, sight: Sight) -> None:
    """An SVG of the view; fonts are the reader's own, nothing is loaded from the network."""
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True,
        color_system="truecolor",
    )  # fmt: skip
    console.print(screen_of(sight, WIDTH, HEIGHT))
    svg = console.export_svg(title="assistant demo", unique_id="live-view")
    path.write_text(re.sub(r"\s*(@font-face \{.*?\}|<!--.*?-->)", "", svg, flags=re.DOTALL))


async def main() -> None:
    """Play the story; both pictures are of the same run."""
    config = config_file("demo.toml")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as output:
        options = DemoOptions(Path(output), config)
        async with staged(read_settings(config, os.environ), options) as stage:
            photographer = Photographer(stage)
            stage.chronicle.add_listener(photographer)
            await tell_story(stage)
        timeline = draw_timeline(Path(output) / "turn.png", stage)
        shutil.copyfile(timeline, FOLDER / "turn.png")
    assert photographer.sight is not None, "the story has lost its scene of two commands"
    write_view(FOLDER / "live-view.svg", photographer.sight)


if __name__ == "__main__":
    asyncio.run(main())
