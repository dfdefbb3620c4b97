"""What holds for every test: no telemetry, one thread per model, and where shared data lies."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# By assignment and before any test module imports onnxruntime: later is too late.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
# Debug mode multiplies the price of each turn of the loop, and logs slow ones on a noisy machine.
# Any text switches it on, even "0".
os.environ.pop("PYTHONASYNCIODEBUG", None)

# Machines are shared and noisy: no story is judged by its time. In CI the stories are the same in
# every run, so that a new one never blocks a change that it has nothing to do with.
settings.register_profile("patient", deadline=None)
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.load_profile("repeatable" if os.environ.get("CI") else "patient")

# What is drawn must not depend on where the tests are run: a dumb terminal has no cursor.
os.environ["TERM"] = "xterm-256color"

ROOT = Path(__file__).resolve().parent.parent


def _folder_of_shared_data() -> Path:
    told = os.environ.get("ASSISTANT_TEST_DATA")
    return Path(told) if told else ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recordings and captures that are too large for the repository, or a skip."""
    folder = _folder_of_shared_data()
    if not folder.is_dir():
        pytest.skip(f"no shared test data: ASSISTANT_TEST_DATA or {folder.name} beside the project")
    return folder
