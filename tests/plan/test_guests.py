"""One door per guest library: whoever else imports it has let it wander through the house."""

import sys
from fnmatch import fnmatchcase

import pytest

from tests.plan.source_code import (
    PACKAGE,
    imported_names,
    measure_source,
    module_of,
    package_sources,
)

# Guest → the modules that may import it. Every guest has an adapter that speaks for it.
DOORS: dict[str, tuple[str, ...]] = {
    "websockets": ("adapters.websockets_*", "local.realtime_server"),
    "paho": ("adapters.paho_*", "local.house", "local.broker"),
    "pyaudio": ("adapters.pyaudio_*",),
    "systemd": ("adapters.systemd_*",),
    "openwakeword": ("adapters.openwakeword_*",),
    "onnxruntime": ("adapters.openwakeword_*", "local.models"),
    "pydantic": ("settings.*", "home.functions", "home.discovery*"),
    "pydantic_core": ("settings.*",),
    "samplerate": ("audio.resampling",),
    "hassil": ("local.intents", "local.grammar", "local.expansion"),
    "home_assistant_intents": ("local.intents", "local.grammar"),
    "hibari": ("local.voice",),
    "hibari_tts": ("local.voice",),
    "rich": ("app.*",),
    "matplotlib": ("app.*",),
    # Arithmetic of sound is everywhere below the doors; the engine's contract shuts it out there.
    "numpy": ("*",),
}


def _guests_of(names: frozenset[str]) -> set[str]:
    roots = {name.partition(".")[0] for name in names}
    return roots - set(sys.stdlib_module_names) - {"assistant"}


def _wanderers() -> list[str]:
    return [
        f"{module} imports {guest}"
        for source in package_sources()
        for module in [module_of(source.path).removeprefix("assistant.")]
        for guest in _guests_of(imported_names(source.tree))
        if not any(fnmatchcase(module, door) for door in DOORS.get(guest, ()))
    ]


def test_every_guest_keeps_to_its_door() -> None:
    assert not _wanderers()


@pytest.mark.parametrize(
    ("text", "guest"),
    [
        ("import paho.mqtt.client as mqtt", "paho"),
        ("def f():\n    from pydantic import BaseModel", "pydantic"),
        ("try:\n    import pyaudio\nexcept ImportError:\n    pass", "pyaudio"),
    ],
)
def test_a_guest_is_seen_wherever_it_hides(text: str, guest: str) -> None:
    tree = measure_source(PACKAGE / "sample.py", text).tree
    assert _guests_of(imported_names(tree)) == {guest}
