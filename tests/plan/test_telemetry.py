"""The inference library is told to keep quiet before anything can import it."""

import subprocess
import sys

from tests.plan.source_code import PACKAGE, ROOT

ASK = """
import os, sys
os.environ["ORT_DISABLE_TELEMETRY"] = "0"
import assistant.__main__
print(os.environ["ORT_DISABLE_TELEMETRY"], "onnxruntime" in sys.modules)
"""


def test_importing_main_silences_telemetry_by_assignment() -> None:
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == ["1", "False"]


def test_main_silences_before_it_imports_anything_of_ours() -> None:
    text = (PACKAGE / "__main__.py").read_text()
    assert text.index("ORT_DISABLE_TELEMETRY") < text.index("from assistant")


def test_the_unit_silences_it_too() -> None:
    unit = (ROOT / "systemd" / "assistant.service").read_text()
    assert "ORT_DISABLE_TELEMETRY=1" in unit


def test_the_tests_themselves_are_silenced() -> None:
    asked = (ROOT / "tests" / "conftest.py").read_text()
    assert 'os.environ["ORT_DISABLE_TELEMETRY"] = "1"' in asked
