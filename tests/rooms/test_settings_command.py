"""`assistant settings`, as a person and as a program sees it."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.app.cli import run_command
from assistant.settings.models import Settings
from assistant.settings.reader import read_settings

CONFIG = Path(__file__).resolve().parents[2] / "config"
SIX_FAULTS = """
backend = "clowd"
[audio]
micrphone = "USB"
volume = 140
[wake]
words = []
[realtime]
url = "ws://example.com/v1/realtime"
[[devices]]
name = "lamp"
kind = "light"
dialect = "tasmota"
"""
SIX_PLACES = (
    "backend:",
    "audio.micrphone:",
    "audio.volume:",
    "wake.words:",
    "realtime.url:",
    "devices[1] (lamp):",
)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ASSISTANT_MQTT_PASSWORD", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    file = tmp_path / "faulty.toml"
    file.write_text(SIX_FAULTS)
    return file


def object_printed_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    run_command(["settings", *arguments, "--json"])
    printed: dict[str, Any] = json.loads(capsys.readouterr().out)
    return printed


@pytest.mark.parametrize("name", ["assistant.toml", "demo.toml"])
def test_our_own_files_are_all_well(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["settings", "check", str(CONFIG / name)]) == 0
    assert capsys.readouterr().out == f"{CONFIG / name}: all well\n"


def test_without_a_file_the_defaults_are_all_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("assistant.app.options.SYSTEM_FILE", tmp_path / "none.toml")
    assert run_command(["settings", "check"]) == 0
    assert "every default: all well" in capsys.readouterr().out


def test_six_faults_are_six_lines_at_once(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["settings", "check", str(faulty)]) == 78
    out, told = capsys.readouterr()
    *faults, remedy = told.splitlines()
    assert out == ""
    assert sorted(fault.split()[1] for fault in faults) == sorted(
        place.split()[0] for place in SIX_PLACES
    )
    assert all(fault.startswith(f"{faulty}: ") for fault in faults)
    assert "did you mean 'microphone'?" in told
    assert remedy.startswith("6 to correct; ")


def test_a_program_gets_one_object_with_every_fault(
    faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = object_printed_by(capsys, "check", str(faulty))
    assert (told["file"], told["ok"], len(told["faults"])) == (str(faulty), False, 6)
    assert all(any(place in fault for fault in told["faults"]) for place in SIX_PLACES)


def test_a_program_is_told_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(CONFIG / "demo.toml")
    assert object_printed_by(capsys, "check", file) == {"file": file, "ok": True, "faults": []}


def test_a_file_that_is_not_there_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["settings", "check", "--config", str(tmp_path / "no.toml")]) == 78
    assert "cannot be read" in capsys.readouterr().err


def test_a_fault_cannot_write_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "hostile.toml"
    file.write_text('[[devices]]\nname = "lamp\\u001b[2J\\nall well"\nkind = "lamp"\n')
    assert run_command(["settings", "check", str(file)]) == 78
    told = capsys.readouterr().err
    assert "\033" not in told
    assert "all well" not in told.splitlines()
    assert "(lamp" in told


def test_what_is_shown_can_be_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["settings", "show", str(CONFIG / "demo.toml")]) == 0
    shown = tmp_path / "shown.toml"
    shown.write_text(capsys.readouterr().out)
    assert read_settings(shown, {}) == read_settings(CONFIG / "demo.toml", {})


def test_secrets_are_masked_for_people_and_programs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    file = str(CONFIG / "assistant.toml")
    assert object_printed_by(capsys, "show", file)["secrets"]["openai_api_key"] == "********"
    run_command(["settings", "show", file])
    shown = capsys.readouterr().out
    assert "very-secret" not in shown
    assert "# openai_api_key: ********" in shown


def test_a_program_is_shown_every_section(capsys: pytest.CaptureFixture[str]) -> None:
    shown = object_printed_by(capsys, "show", str(CONFIG / "assistant.toml"))
    assert set(Settings.model_fields) <= set(shown)


def test_a_faulty_file_is_not_shown(faulty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["settings", "show", str(faulty)]) == 78
    assert capsys.readouterr().out == ""
