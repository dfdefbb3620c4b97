"""`read_settings` tells every fault at once, and never a secret."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.errors import SettingsError
from assistant.home.devices import Attribute, Availability, Channel, Device, Kind, Risk
from assistant.settings.effective import effective, effective_json
from assistant.settings.models import (
    AudioSettings,
    LogSettings,
    RealtimeSettings,
    SessionSettings,
    Settings,
    WakeSettings,
    WakeWord,
)
from assistant.settings.reader import read_settings

SIX_FAULTS = """
backend = "clowd"
[audio]
micrphone = "USB"
volume = 101
[wake]
words = ["Hey Jarvis"]
[session]
follow_up_s = "long"
[[devices]]
name = "lamp"
kind = "lihgt"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "assistant.toml"


def faults_of(file: Path, text: str, **environment: str) -> tuple[str, ...]:
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_settings(file, environment)
    assert caught.value.remedy
    return tuple(fault.removeprefix(f"{file}: ") for fault in caught.value.faults)


def house_of(file: Path, text: str) -> tuple[Device, ...]:
    file.write_text(text)
    return read_settings(file, {}).house


def device_of(file: Path, text: str) -> Device:
    (device,) = house_of(file, f"[[devices]]\n{text}")
    return device


def test_without_a_file_everything_has_its_default() -> None:
    assert read_settings(None, {}) == Settings()


def test_a_file_with_six_faults_names_all_six(file: Path) -> None:
    assert faults_of(file, SIX_FAULTS) == (
        "backend: must be 'local' or 'cloud'; did you mean 'cloud'?",
        "wake.words[1]: must be written like hey_jarvis: small letters, digits and '_'",
        "session.follow_up_s: must be a number",
        "audio.volume: must be at most 100",
        "audio.micrphone: unknown key; did you mean 'microphone'?",
        (
            "devices[1] (lamp).kind: must be 'light', 'switch', 'cover', 'climate', 'lock', 'fan',"
            " 'sensor', 'scene', 'vacuum', 'alarm' or 'media'; did you mean 'light'?"
        ),
    )


def test_every_fault_begins_with_the_file(file: Path) -> None:
    file.write_text(SIX_FAULTS)
    with pytest.raises(SettingsError) as caught:
        read_settings(file, {})
    assert all(fault.startswith(f"{file}: ") for fault in caught.value.faults)
    assert all(fault in str(caught.value) for fault in caught.value.faults)


def test_a_missing_file_is_named(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"assistant\.toml: cannot be read: No such file"):
        read_settings(file, {})


def test_broken_toml_is_told_with_its_line(file: Path) -> None:
    (fault,) = faults_of(file, 'backend = "local"\narea = \n')
    assert "is not TOML" in fault
    assert "line 2" in fault


def test_a_file_that_is_no_text_is_told(file: Path) -> None:
    file.write_bytes(b'area = "\xff"')
    with pytest.raises(SettingsError, match="byte 8: is not UTF-8 text"):
        read_settings(file, {})


ONE_WORD = "must be one word without '/', '+', '#' and spaces"
KINDS = (
    "'light', 'switch', 'cover', 'climate', 'lock', 'fan', 'sensor', 'scene', 'vacuum', 'alarm'"
    " or 'media'"
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[audio]\nchimes = 1", "audio.chimes: must be true or false"),
        ('[audio]\nvolume = "loud"', "audio.volume: must be a whole number"),
        ("[audio]\nvolume = 50.5", "audio.volume: must be a whole number"),
        ("[audio]\nvolume = -1", "audio.volume: must be at least 0"),
        ("[audio]\nspeaker = 3", "audio.speaker: must be a list in [brackets]"),
        ("[session]\npreroll_ms = 100", "session.preroll_ms: must be a multiple of 80"),
        ("[session]\nfollow_up_s = nan", "session.follow_up_s: must be a finite number"),
        ("[wake]\nwords = []", "wake.words: must name at least 1"),
        (
            '[wake]\nwords = [{name = "x", threshold = 1.0}]',
            "wake.words[1] (x).threshold: must be less than 1",
        ),
        (
            '[wake]\nwords = [{name = "x", threshold = 0}]',
            "wake.words[1] (x).threshold: must be more than 0",
        ),
        ('[realtime]\nmodel = ""', "realtime.model: must not be empty"),
        ("area = 5", 'area: must be text in "quotes"'),
        ('mqtt = "host"', "mqtt: must be a table"),
        ("[mqtt]\nport = 70000", "mqtt.port: must be at most 65535"),
        (
            '[mqtt]\nbase_topic = "a/#"',
            "mqtt.base_topic: must be a topic without wildcards, leading '$' or trailing '/'",
        ),
        (
            '[realtime]\nmax_output_tokens = "all"',
            'realtime.max_output_tokens: must be a whole number from 1 to 4096, or "inf"',
        ),
        (
            '[realtime]\nurl = "https://api.openai.com"',
            "realtime.url: must be a WebSocket address such as wss://api.openai.com/v1/realtime",
        ),
        (
            '[realtime]\nurl = "ws://api.openai.com/v1/realtime"',
            "realtime.url: would send the key unencrypted; use wss://",
        ),
        (
            "[realtime.vad]\nsilence_ms = 5",
            "realtime.vad.silence_ms: unknown key; did you mean 'silence_duration_ms'?",
        ),
        ("nonsense = 1", "nonsense: unknown key"),
        ('[[devices]]\nkind = "light"', "devices[1].name: is missing"),
        ('[[devices]]\nname = " "\nkind = "scene"', "devices[1] ( ).name: must be printable text"),
        *(
            (f'[mqtt]\nclient_id = "{name}"', f"mqtt.client_id: {ONE_WORD}")
            for name in ("a/b", "a+", "#1", "my pi", "a\\tb")
        ),
        (
            "[local]\nhouse = true",
            (
                "local: 'house' would simulate your devices on your real broker;"
                " set broker = true too"
            ),
        ),
        *(
            (
                f'[[devices]]\nname = "x"\nkind = "{word}"\nstate_topic = "s"',
                f"devices[1] (x).kind: must be {KINDS}; did you mean '{kind}'?",
            )
            for word, kind in (("lamp", "light"), ("Blinds", "cover"), ("lihgt", "light"))
        ),
        (
            '[[devices]]\nname = "x"\nkind = "switch"\nid = "a b"\ncommand_topic = "a"',
            "devices[1] (x).id: must consist of letters, digits, '_' and '-', at most 64",
        ),
        (
            '[[devices]]\nname = "x"\nkind = "switch"\ncommand_topic = "a/+"',
            (
                "devices[1] (x).command_topic: must be a topic without wildcards ('+', '#')"
                " and leading '$'"
            ),
        ),
        (
            '[[devices]]\nname = "x"\nkind = "switch"\ndialect = "tasmota"',
            "devices[1] (x): tasmota needs 'topic', the device's %topic%, such as \"coffee_maker\"",
        ),
        (
            '[[devices]]\nname = "x"\nkind = "vacuum"\ndialect = "zigbee2mqtt"\ntopic = "z/x"',
            (
                'devices[1] (x): zigbee2mqtt has no vacuum; use dialect = "plain" with topics'
                " of its own"
            ),
        ),
        (
            '[[devices]]\nname = "x"\nkind = "switch"',
            "devices[1] (x): cannot be reached: give it a command_topic or a state_topic",
        ),
        (
            '[[devices]]\nname = "x"\nkind = "switch"\ntopic = "t"\nstate_topic = "s"',
            (
                "devices[1] (x): 'topic' belongs to a dialect; a plain device has command_topic"
                " and state_topic"
            ),
        ),
        (
            '[[devices]]\nname = "照明"\nkind = "switch"\nstate_topic = "s"',
            "devices[1] (照明): needs an 'id', because its name holds no letter from a to z",
        ),
        (
            (
                '[[devices]]\nname = "x"\nkind = "switch"\ndialect = "tasmota"\ntopic = "t"\n'
                'features = ["brightness"]'
            ),
            (
                "devices[1] (x): a switch in tasmota has no brightness;"
                " describe it in channels.brightness"
            ),
        ),
        (
            (
                '[[devices]]\nname = "x"\nkind = "switch"\nstate_topic = "s"\n'
                '[devices.channels.power]\nsatte_key = "k"'
            ),
            "devices[1] (x).channels.power.satte_key: unknown key; did you mean 'state_key'?",
        ),
    ],
)
def test_a_fault_is_told_at_its_place_in_plain_words(file: Path, text: str, fault: str) -> None:
    assert faults_of(file, text) == (fault,)


@pytest.mark.parametrize("key", ["api_key", "mqtt_password", "client_secret"])
def test_a_secret_in_the_file_is_refused_without_repeating_it(file: Path, key: str) -> None:
    (fault,) = faults_of(file, f'[mqtt]\n{key} = "hunter2"')
    assert "secrets do not belong in this file" in fault
    assert "hunter2" not in fault


def test_the_secrets_table_is_not_a_way_in(file: Path) -> None:
    (fault,) = faults_of(file, '[secrets]\nopenai_api_key = "sk-1"')
    assert fault.startswith("secrets: secrets do not belong")


@pytest.mark.parametrize(
    "url", ["ws://127.0.0.1:8080", "ws://localhost/x", "ws://192.168.1.5/v1", "ws://nas.local/v1"]
)
def test_plain_websockets_are_welcome_inside_the_house(file: Path, url: str) -> None:
    file.write_text(f'[realtime]\nurl = "{url}"')
    assert read_settings(file, {}).realtime.url == url


def test_a_wake_word_is_a_name_or_a_table(file: Path) -> None:
    file.write_text('[wake]\nwords = ["hey_jarvis", {name = "alexa", threshold = 0.6}]')
    words = read_settings(file, {}).wake.words
    assert words == (WakeWord(name="hey_jarvis"), WakeWord(name="alexa", threshold=0.6))


def test_one_device_name_stands_for_a_list_of_one(file: Path) -> None:
    file.write_text('[audio]\nmicrophone = "ReSpeaker"\nspeaker = ""')
    audio = read_settings(file, {}).audio
    assert (audio.microphone, audio.speaker) == (("ReSpeaker",), ())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read_settings(None, {}).audio.volume = 3


def test_the_secrets_come_from_the_environment() -> None:
    settings = read_settings(
        None, {"OPENAI_API_KEY": " sk-1\n", "ASSISTANT_MQTT_PASSWORD": "two words"}
    )
    assert settings.secrets.openai_api_key is not None
    assert settings.secrets.openai_api_key.get_secret_value() == "sk-1"
    assert settings.secrets.mqtt_password is not None
    assert settings.secrets.mqtt_password.get_secret_value() == "two words"


def test_the_secrets_come_from_systemd_credentials(tmp_path: Path) -> None:
    (tmp_path / "openai_api_key").write_text("sk-2\n")
    settings = read_settings(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert settings.secrets.openai_api_key is not None
    assert settings.secrets.openai_api_key.get_secret_value() == "sk-2"
    assert settings.secrets.mqtt_password is None


def test_the_environment_comes_before_the_credentials(tmp_path: Path) -> None:
    (tmp_path / "openai_api_key").write_text("sk-2")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path), "OPENAI_API_KEY": "sk-3"}
    settings = read_settings(None, environment)
    assert settings.secrets.openai_api_key is not None
    assert settings.secrets.openai_api_key.get_secret_value() == "sk-3"


def test_a_mangled_key_is_told_without_showing_it(file: Path) -> None:
    faults = faults_of(file, "nonsense = 1", OPENAI_API_KEY="sk 4\x07")
    assert len(faults) == 2
    assert faults[1] == "OPENAI_API_KEY: holds characters that no secret has; copy it again"


def test_an_unreadable_credential_is_told(tmp_path: Path) -> None:
    (tmp_path / "openai_api_key").mkdir()
    (tmp_path / "mqtt_password").write_bytes(b"\xff")
    with pytest.raises(SettingsError) as caught:
        read_settings(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert [fault.split(": ")[1] for fault in caught.value.faults] == ["cannot be read as text"] * 2


def test_no_print_of_the_settings_shows_a_secret() -> None:
    settings = read_settings(None, {"OPENAI_API_KEY": "sk-hidden"})
    for shown in (effective(settings), effective_json(settings), repr(settings), str(settings)):
        assert "sk-hidden" not in shown
    assert "# openai_api_key: ********" in effective(settings)
    assert "# mqtt_password: not set" in effective(settings)
    assert json.loads(effective_json(settings))["secrets"] == {
        "openai_api_key": "********",
        "mqtt_password": None,
    }


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


@st.composite
def some_settings(draw: st.DrawFn) -> Settings:
    table: dict[str, Any] = {
        "kind": Kind.COVER,
        "name": "awning",
        "command_topic": "a/b",
        "payloads": {"open": draw(TEXT), "close": draw(TEXT)},
        "device_class": draw(st.none() | TEXT),
    }
    return Settings.model_validate(
        {
            "area": draw(TEXT),
            "realtime": RealtimeSettings(
                instructions=draw(TEXT),
                max_output_tokens=draw(st.integers(1, 4096) | st.just("inf")),
            ),
            "session": SessionSettings(
                follow_up_s=draw(st.floats(1, 120)),
                farewells=tuple(draw(st.lists(TEXT, max_size=3))),
            ),
            "audio": AudioSettings(microphone=("USB", draw(TEXT))),
            "wake": WakeSettings(
                words=(WakeWord(name="x_1", consecutive=draw(st.integers(1, 25))),)
            ),
            "log": LogSettings(transcripts=draw(st.booleans())),
            "devices": (table,),
        }
    )


@given(wanted=some_settings())
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_printed_reads_back_to_the_same_settings(file: Path, wanted: Settings) -> None:
    file.write_text(effective(wanted), encoding="utf-8", newline="\n")
    assert read_settings(file, {}) == wanted


def test_printed_devices_read_back_with_their_channels(file: Path) -> None:
    config = Path(__file__).resolve().parents[2] / "config" / "demo.toml"
    demo = read_settings(config, {})
    file.write_text(effective(demo))
    assert read_settings(file, {}) == demo


def test_a_zigbee_light_speaks_json_on_one_topic(file: Path) -> None:
    device = device_of(
        file,
        'name = "Kitchen light"\nkind = "light"\ndialect = "zigbee2mqtt"\n'
        'topic = "zigbee2mqtt/Kitchen"\nfeatures = ["color"]\navailability_topic = "av"\n'
        'availability_key = "state"',
    )
    topics = {(way.command_topic, way.state_topic) for way in device.channels.values()}
    assert topics == {("zigbee2mqtt/Kitchen/set", "zigbee2mqtt/Kitchen")}
    assert list(device.channels) == [Attribute.POWER, Attribute.COLOR]
    assert device.channels[Attribute.POWER].payloads == {"on": "ON", "off": "OFF"}
    assert device.channels[Attribute.POWER].states == {"ON": "on", "OFF": "off"}
    assert (device.id, device.gateway) == ("kitchen_light", "zigbee2mqtt")
    assert device.availability == (
        Availability("zigbee2mqtt/bridge/state", key="state"),
        Availability("av", key="state"),
    )


def test_a_light_can_be_dimmed_unless_its_features_say_otherwise(file: Path) -> None:
    device = device_of(
        file, 'name = "x"\nkind = "light"\ndialect = "esphome"\ntopic = "desk/light/led"'
    )
    assert device.channels[Attribute.BRIGHTNESS].scale == 255
    assert device.availability == (Availability("desk/status"),)
    assert device.gateway is None


def test_a_tasmota_plug_has_its_three_prefixes(file: Path) -> None:
    device = device_of(
        file, 'name = "plug"\nkind = "switch"\ndialect = "tasmota"\ntopic = "plug_1"'
    )
    power = device.channels[Attribute.POWER]
    assert (power.command_topic, power.state_topic) == ("cmnd/plug_1/POWER", "stat/plug_1/POWER")
    assert device.availability == (Availability("tele/plug_1/LWT", "Online", "Offline"),)


def test_a_plain_device_is_spelled_key_by_key(file: Path) -> None:
    device = device_of(
        file,
        'name = "pump"\nkind = "switch"\ncommand_topic = "p/set"\nstate_topic = "p"\n'
        'payload_on = "1"\npayload_off = "0"\nstate_key = "relay"\nretain = true\nqos = 0\n'
        'risk = "confirm"\nexposed = false',
    )
    assert device.channels == {
        Attribute.POWER: Channel(
            "p/set",
            "p",
            state_key="relay",
            payloads={"on": "1", "off": "0"},
            states={"1": "on", "0": "off"},
            qos=0,
            retain=True,
        )
    }
    assert (device.risk, device.exposed, device.availability) == (Risk.CONFIRM, False, ())


def test_a_plain_sensor_measures_what_its_feature_says(file: Path) -> None:
    device = device_of(
        file,
        'name = "cellar"\nkind = "sensor"\nstate_topic = "c"\nfeatures = ["humidity"]',
    )
    assert device.channels == {Attribute.HUMIDITY: Channel(state_topic="c", unit="%")}


def test_a_channel_table_changes_one_attribute_of_a_dialect(file: Path) -> None:
    device = device_of(
        file,
        'name = "x"\nkind = "climate"\ndialect = "zigbee2mqtt"\ntopic = "z/x"\n'
        "[devices.channels.target_temperature]\nmaximum = 25",
    )
    target = device.channels[Attribute.TARGET_TEMPERATURE]
    assert (target.minimum, target.maximum, target.command_key) == (
        5.0,
        25.0,
        "occupied_heating_setpoint",
    )
    assert device.channels[Attribute.MODE].command_topic == "z/x/set"


def test_a_channel_table_adds_an_attribute_that_the_dialect_lacks(file: Path) -> None:
    device = device_of(
        file,
        'name = "x"\nkind = "light"\nstate_topic = "x"\n'
        '[devices.channels.brightness]\ncommand_topic = "x/dim"',
    )
    assert device.channels[Attribute.BRIGHTNESS].command_topic == "x/dim"


PLUG = '[[devices]]\nname = "{}"\nkind = "switch"\nstate_topic = "s"\n{}\n'


def test_two_devices_with_one_id_or_name_are_both_named(file: Path) -> None:
    text = PLUG.format("Lamp one", 'id = "a"') + PLUG.format("lamp One", 'id = "a"')
    assert faults_of(file, text) == (
        "the id 'a' belongs to 'Lamp one' and to 'lamp One'",
        "the name 'lamp one' belongs to 'Lamp one' and to 'lamp One'",
    )


def test_the_very_same_table_twice_is_noticed(file: Path) -> None:
    assert len(faults_of(file, PLUG.format("lamp", "") * 2)) == 2


def test_an_alias_may_not_claim_the_name_of_another_device(file: Path) -> None:
    text = PLUG.format("lamp", "") + PLUG.format("light", 'aliases = ["Lamp"]')
    assert faults_of(file, text) == ("the name 'lamp' belongs to 'lamp' and to 'light'",)


def test_two_rooms_may_each_have_a_lamp(file: Path) -> None:
    text = PLUG.format("lamp", 'id = "a"\narea = "hall"') + PLUG.format(
        "lamp", 'id = "b"\narea = "attic"'
    )
    assert [device.area for device in house_of(file, text)] == ["hall", "attic"]


def test_a_date_where_text_belongs_does_not_crash(file: Path) -> None:
    assert faults_of(file, "[audio]\nvolume = 2026-01-01") == (
        "audio.volume: must be a whole number",
    )


@given(st.text(max_size=60))
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gives_settings_or_sentences(file: Path, text: str) -> None:
    file.write_bytes(text.encode(errors="replace"))
    try:
        read_settings(file, {})
    except SettingsError as error:
        assert error.faults  # noqa: PT017  # either outcome is fine, silence is not
