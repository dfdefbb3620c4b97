"""A visit to a broker: whether it is there and lets us in, and which MQTT it speaks."""

from contextlib import suppress

from paho.mqtt.enums import MQTTProtocolVersion

from assistant.adapters.paho_connection import (
    UNSUPPORTED_PROTOCOL,
    BrokerAddress,
    PahoConnection,
    Received,
)
from assistant.errors import BrokerUnreachable


async def protocol_spoken_at(address: BrokerAddress) -> str:
    """Connect once and leave again; the protocol agreed on, as "MQTT 5".

    Raises `BrokerUnreachable` with the cause. The client id must be nobody else's: a broker
    sends away whoever uses it already.
    """
    with suppress(_SpeaksAnother):
        await _knock(PahoConnection(address, _ignore))
        return "MQTT 5"
    await _knock(PahoConnection(address, _ignore, MQTTProtocolVersion.MQTTv311))
    return "MQTT 3.1.1"


class _SpeaksAnother(Exception):  # noqa: N818 - a signal between our own functions, not an error
    """The broker may speak an older protocol."""


async def _knock(connection: PahoConnection) -> None:
    try:
        await connection.open(())
        await connection.leave()
    except BrokerUnreachable as error:
        # Old brokers say that they do not know the version, or hang up without a word.
        puzzled = connection.refusal == UNSUPPORTED_PROTOCOL or connection.was_dropped
        if puzzled and connection.protocol is MQTTProtocolVersion.MQTTv5:
            raise _SpeaksAnother from error
        raise
    finally:
        await connection.close()


def _ignore(_message: Received) -> None:
    """Messages are not what a visit is for."""
