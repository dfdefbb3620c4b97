"""The whole daemon: start to listening, resident memory, and speech to first reply audio.

Prints JSON. `start_ms`: from the process's start to READY=1. `rss_mb`: resident memory while
listening, of all processes. `turn`: milliseconds from the end-pointing (500 ms of silence after
the last word) to the first sound of the reply, at the offline far end over a real socket.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path

from assistant.adapters.websockets_link import WebsocketsLink
from assistant.adapters.websockets_socket import LinkTarget
from assistant.audio.frames import FRAME_BYTES, MICROPHONE_RATE, SPEAKER_RATE
from assistant.audio.resampling import resampled
from assistant.local.far_end_process import FarEndProcess
from assistant.local.voice import HouseVoice
from assistant.realtime.messages import SessionConfig, Tool, TurnDetection
from assistant.session.commands import AskForReply, SendAudio, SendFunctionOutput
from assistant.session.events import (
    Event,
    FunctionCalled,
    LinkOpened,
    ReplyEnded,
    ReplySounded,
    UserStoppedSpeaking,
)

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "config" / "demo.toml"
CLOUD = 'backend = "cloud"\n[audio]\ndriver = "wav"\n[mqtt]\nport = 1\n'
LINES = (
    "what time is it",
    "turn on the kitchen light",
    "is the front door locked",
    "set the thermostat to twenty one degrees",
    "close the curtains in the bedroom",
    "turn off all the lights",
)
SILENCE = bytes(FRAME_BYTES)
SETTLED_S = 8.0


async def daemon(config: Path) -> dict[str, float]:
    """Start the daemon, wait for READY, let it settle, weigh it, and end it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox,
    ):
        address = str(Path(folder) / "notify")
        inbox.bind(address)
        inbox.settimeout(0)
        begin = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "assistant", "run", "--config", str(config),
            env=os.environ | {"NOTIFY_SOCKET": address, "OPENAI_API_KEY": "none"},
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(120):
                while b"READY=1" not in await asyncio.get_running_loop().sock_recv(inbox, 4096):
                    pass
            start_ms = (time.perf_counter() - begin) * 1000
            await asyncio.sleep(SETTLED_S)
            return {"start_ms": round(start_ms), "rss_mb": round(_family_mb(process.pid), 1)}
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


def _family_mb(pid: int) -> float:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = next(
        int(line.split()[1])
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return own / 1000 + sum(_family_mb(int(child)) for child in children)


async def turns(rounds: int) -> dict[str, float]:
    """Speak every line at real-time pace into a fresh session, and time the answer."""
    voice = HouseVoice()
    spoken = [resampled(await voice.speak(line), SPEAKER_RATE, MICROPHONE_RATE) for line in LINES]
    async with FarEndProcess(("--config", str(DEMO))) as far_end:
        times = [await _turn(far_end.url, pcm) for _ in range(rounds) for pcm in spoken]
    voice.close()
    return {
        "count": len(times),
        "median_ms": round(statistics.median(times), 1),
        "worst_ms": round(max(times), 1),
    }


async def _turn(url: str, pcm: bytes) -> float:
    marks: dict[type, float] = {}
    opened, sounded = asyncio.Event(), asyncio.Event()

    def post(event: Event) -> None:
        marks.setdefault(type(event), time.perf_counter())
        match event:
            case LinkOpened():
                opened.set()
            case FunctionCalled(call=call):
                link.send(SendFunctionOutput(call, OUTPUT))
            case ReplyEnded() if ReplySounded not in marks:
                link.send(AskForReply())
            case ReplySounded():
                sounded.set()

    config = SessionConfig(
        tools=TOOLS, transcription={"model": "local"}, turn_detection=TurnDetection()
    )
    link = WebsocketsLink(LinkTarget(url), config, post)
    running = asyncio.create_task(link.run())
    async with asyncio.timeout(60):
        await opened.wait()
        due = time.perf_counter()
        for start in range(0, len(pcm) + 12 * FRAME_BYTES, FRAME_BYTES):
            frame = pcm[start : start + FRAME_BYTES] or SILENCE
            link.send(SendAudio(frame.ljust(FRAME_BYTES, b"\0")))
            due += 0.08
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await sounded.wait()
    await link.close()
    await running
    return (marks[ReplySounded] - marks[UserStoppedSpeaking]) * 1000


OUTPUT = json.dumps({"ok": True, "status": "done", "devices": [{"name": "it", "state": {}}]})
TOOLS = tuple(
    Tool(name, name, {"type": "object"})
    for name in ("home_turn", "home_get_state", "home_set_climate", "home_set_cover")
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    told = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(CLOUD)
        file.flush()
        cloud = asyncio.run(daemon(Path(file.name)))
    local = asyncio.run(daemon(DEMO))
    print(json.dumps({"cloud": cloud, "local": local, "turn": asyncio.run(turns(told.rounds))}))


if __name__ == "__main__":
    main()
