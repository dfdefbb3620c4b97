"""Where the broker is, and under which name a satellite and its visitors go there."""

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.app.broker_address import broker_address, client_id_of, derived_client_id
from assistant.settings.models import MqttSettings
from assistant.settings.reader import read_settings


def test_the_settings_are_taken_over_whole(tmp_path: Path) -> None:
    file = tmp_path / "assistant.toml"
    file.write_text(
        '[mqtt]\nhost = "pi"\nport = 8883\nusername = "me"\ntls = true\nca_file = "ca.pem"\n'
        'client_id = "kitchen"\nbase_topic = "home/voice"\n'
    )
    address = broker_address(read_settings(file, {"ASSISTANT_MQTT_PASSWORD": "secret"}))
    assert (address.host, address.port, address.tls, address.ca_file) == (
        "pi", 8883, True, "ca.pem"
    )  # fmt: skip
    assert (address.username, address.password) == ("me", "secret")
    assert address.presence_topic == "home/voice/kitchen/availability"
    assert address.announces


def test_the_private_broker_is_on_this_machine_and_needs_no_password(tmp_path: Path) -> None:
    file = tmp_path / "assistant.toml"
    file.write_text('[mqtt]\nhost = "pi"\nusername = "me"\n')
    address = broker_address(read_settings(file, {"ASSISTANT_MQTT_PASSWORD": "secret"}), 4711)
    assert (address.host, address.port) == ("127.0.0.1", 4711)
    assert (address.username, address.password, address.announces) == ("", "", True)


@pytest.mark.parametrize("port", [None, 4711])
def test_a_visitor_has_its_own_name_and_stays_unannounced(port: int | None) -> None:
    settings = read_settings(None, {})
    daemon, visitor = broker_address(settings, port), broker_address(settings, port, "doctor")
    assert visitor.client_id == f"{daemon.client_id}-doctor"
    assert (daemon.announces, visitor.announces) == (True, False)


def test_without_a_client_id_the_host_and_the_base_topic_make_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "kitchen-pi.local")
    assert client_id_of(MqttSettings(base_topic="voice")) == "voice-kitchen-pi-local"
    assert client_id_of(MqttSettings(client_id="bath")) == "bath"


@pytest.mark.parametrize(
    ("base", "host", "name"),
    [
        ("assistant", "raspberrypi", "assistant-raspberrypi"),
        ("home/voice", "pi 4", "home-voice-pi-4"),
        ("声", "音", "assistant"),
    ],
)
def test_a_derived_name_can_be_a_level_of_a_topic(base: str, host: str, name: str) -> None:
    assert derived_client_id(base, host) == name


def test_long_names_that_begin_alike_stay_apart() -> None:
    names = {derived_client_id("assistant", f"raspberrypi-number-{n}") for n in range(10)}
    assert len(names) == 10


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_host_gives_a_name_that_every_broker_takes(base: str, host: str) -> None:
    name = derived_client_id(base, host)
    assert 1 <= len(name) <= 23
    assert name.isascii()
    assert name.replace("-", "").isalnum()
