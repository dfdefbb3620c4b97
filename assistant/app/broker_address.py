"""Where the broker of the settings is, and under which name we go there."""

import re
import socket
from hashlib import sha256

from assistant.adapters.paho_connection import BrokerAddress
from assistant.settings.models import MqttSettings, Settings

_LONGEST_NAME = 23
"""What every broker must accept, by the standard."""
_HASHED = 4


def broker_address(
    settings: Settings, private_port: int | None = None, visitor: str = ""
) -> BrokerAddress:
    """The address under [mqtt], or that of the private broker at a port of this machine.

    A visitor goes by a name of its own, or the broker would send the daemon away; nothing of it
    stays behind.
    """
    mqtt = settings.mqtt
    name = client_id_of(mqtt) + (f"-{visitor}" if visitor else "")
    if private_port is not None:
        return BrokerAddress(
            port=private_port, client_id=name, own_tree=mqtt.base_topic, announces=not visitor
        )
    password = settings.secrets.mqtt_password
    return BrokerAddress(
        host=mqtt.host,
        port=mqtt.port,
        username=mqtt.username,
        password=password.get_secret_value() if password else "",
        tls=mqtt.tls,
        ca_file=mqtt.ca_file or None,
        client_id=name,
        own_tree=mqtt.base_topic,
        announces=not visitor,
    )


def client_id_of(mqtt: MqttSettings) -> str:
    """The configured client id, or one of host name and base topic: two satellites differ."""
    return mqtt.client_id or derived_client_id(mqtt.base_topic, socket.gethostname())


def derived_client_id(base_topic: str, host: str) -> str:
    """At most 23 letters, digits and hyphens; what is cut off leaves its fingerprint."""
    whole = f"{base_topic} {host}"
    name = re.sub(r"[^A-Za-z0-9]+", "-", whole).strip("-") or "assistant"
    if len(name) <= _LONGEST_NAME:
        return name
    kept = name[: _LONGEST_NAME - _HASHED - 1].rstrip("-")
    return f"{kept}-{sha256(whole.encode()).hexdigest()[:_HASHED]}"
