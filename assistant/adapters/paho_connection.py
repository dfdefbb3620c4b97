"""One MQTT connection: one paho `Client`, used once and thrown away.

A client that reconnects by itself replays commands of yesterday; this one never does.
Callbacks run in paho's thread and only hand over. Source: home.md section 2.
"""

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from assistant.adapters.daemon_thread import in_daemon_thread
from assistant.errors import BrokerUnreachable
from assistant.home.topics import Publication

if TYPE_CHECKING:
    from paho.mqtt.reasoncodes import ReasonCode

UNSUPPORTED_PROTOCOL = 0x84
NO_SUBSCRIBERS = 0x10
FAILURES_FROM = 0x80
_INBOUND_LIMIT = 5000
_FILTERS_PER_PACKET = 100
_EXPIRY_S = 10
_GOODBYE_S = 0.5
_LARGEST_PACKET = 1 << 20
"""A stored message beyond all reason must not be sent to us again and again."""
_WILL_DELAY_S = 5


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is, and who we are there."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca_file: str | None = None
    client_id: str = "assistant"
    own_tree: str = "assistant"
    """Our presence is told at `<own_tree>/<client_id>/availability`."""
    announces: bool = True
    """False for a visitor, who leaves no trace of its presence."""
    keepalive_s: int = 15
    connect_timeout_s: float = 5.0
    nodelay: bool = True

    @property
    def presence_topic(self) -> str:
        """Where the broker tells others whether we are there."""
        return f"{self.own_tree}/{self.client_id}/availability"

    @property
    def health_topic(self) -> str:
        """Where a message goes that only wants a receipt."""
        return f"{self.own_tree}/{self.client_id}/health"


@dataclass(frozen=True, slots=True)
class Received:
    """A message from the broker; `stored` if it came from its memory."""

    topic: str
    payload: bytes = field(repr=False)
    stored: bool = False


class PahoConnection:
    """A connection from `open` to its end; `gone` holds the cause of the end."""

    def __init__(
        self,
        address: BrokerAddress,
        hear: Callable[[Received], None],
        protocol: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv5,
    ) -> None:
        self._address = address
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._inbound: deque[Received] = deque(maxlen=_INBOUND_LIMIT)
        self._acks: dict[int, asyncio.Future[int]] = {}
        self._accepted: asyncio.Future[ReasonCode] = self._loop.create_future()
        self._subscribed: dict[int, asyncio.Future[None]] = {}
        self.gone: asyncio.Future[str] = self._loop.create_future()
        self.protocol = protocol
        self.refusal: int | None = None
        self.was_dropped = False
        """True if the broker hung up instead of accepting or refusing us."""
        self._drain_is_due = False
        self._client = self._new_client()

    @property
    def is_up(self) -> bool:
        """True between the acceptance by the broker and the end."""
        accepted = self._accepted.done() and not self._accepted.cancelled()
        return accepted and self.refusal is None and not self.gone.done()

    async def open(self, topics: Sequence[str]) -> None:
        """Connect, subscribe, and return when the broker has confirmed both.

        Raises `BrokerUnreachable`; the connection is then closed already.
        """
        try:
            # A little more than paho's own limit, which speaks first and names the cause.
            async with asyncio.timeout(self._address.connect_timeout_s + 1):
                await self._connect()
                await self._subscribe(topics)
        except TimeoutError as error:
            await self.close()
            raise _unreachable(self._address, "it does not answer") from error
        except BaseException:
            await self.close()
            raise

    async def publish(self, publication: Publication, timeout_s: float) -> int:
        """Publish, and return the reason code of the broker's receipt (0 is fine).

        Raises `TimeoutError` without a receipt in time, `BrokerUnreachable` if the
        connection ended: then nobody knows whether the message arrived.
        """
        if not self.is_up:
            raise _unreachable(self._address, "the connection is gone")
        info = self._client.publish(
            publication.topic,
            publication.payload,
            max(1, publication.qos),
            publication.retain,
            self._expiry(),
        )
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise _unreachable(self._address, "the connection is gone")
        # No await between publish() and this line: the receipt cannot overtake it.
        receipt: asyncio.Future[int] = self._loop.create_future()
        self._acks[info.mid] = receipt
        try:
            async with asyncio.timeout(timeout_s):
                return await receipt
        finally:
            self._acks.pop(info.mid, None)

    async def close(self, cause: str = "closed by us") -> None:
        """End the connection and its thread; safe to call twice."""
        self._end(cause)
        await asyncio.to_thread(self._stop)

    async def leave(self) -> None:
        """Say goodbye, so that the broker does not announce us as lost."""
        if self.is_up:
            if self._address.announces:
                self._client.publish(self._address.presence_topic, "offline", 0, retain=True)
            self._client.disconnect()
            await asyncio.wait({self.gone}, timeout=_GOODBYE_S)

    async def _connect(self) -> None:
        address = self._address
        try:
            await in_daemon_thread(self._reach, "mqtt connect")
        except (OSError, ValueError) as error:
            raise _unreachable(address, _cause_of(error)) from error
        self._client.loop_start()
        await self._first_of(self._accepted)
        if not self._accepted.done():
            self.was_dropped = True
            raise _unreachable(address, self.gone.result())
        reason = self._accepted.result()
        if reason.is_failure:
            self.refusal = reason.value
            raise _unreachable(address, str(reason))

    def _reach(self) -> None:
        """Connect and introduce ourselves; runs in a thread of its own."""
        address = self._address
        self._client.connect(
            address.host, address.port, address.keepalive_s, properties=self._terms()
        )
        if self.gone.done():  # given up meanwhile
            self._stop()

    async def _subscribe(self, topics: Sequence[str]) -> None:
        for start in range(0, len(topics), _FILTERS_PER_PACKET):
            chunk = [(topic, 1) for topic in topics[start : start + _FILTERS_PER_PACKET]]
            _, mid = self._client.subscribe(chunk)
            if mid is None:
                raise _unreachable(self._address, "the connection is gone")
            granted: asyncio.Future[None] = self._loop.create_future()
            self._subscribed[mid] = granted
            await self._first_of(granted)
        if self.gone.done():
            raise _unreachable(self._address, self.gone.result())
        await self._announce()

    async def _announce(self) -> None:
        """Tell that we are there; the receipt comes after the retained states we asked for."""
        address = self._address
        if address.announces:
            info = self._client.publish(address.presence_topic, "online", 1, retain=True)
        else:
            info = self._client.publish(address.health_topic, "", 1)
        receipt: asyncio.Future[int] = self._loop.create_future()
        self._acks[info.mid] = receipt
        await self._first_of(receipt)
        self._acks.pop(info.mid, None)
        if self.gone.done():
            receipt.exception()
            raise _unreachable(self._address, self.gone.result())

    async def _first_of(self, awaited: asyncio.Future[Any]) -> None:
        """Wait for a future or for the end of the connection."""
        either: set[asyncio.Future[Any]] = {awaited, self.gone}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)

    def _new_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2,
            self._address.client_id,
            protocol=self.protocol,
            reconnect_on_failure=False,
        )
        client.suppress_exceptions = True
        client.connect_timeout = self._address.connect_timeout_s
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        self._introduce(client)
        return client

    def _introduce(self, client: Client) -> None:
        """Credentials, encryption, and the last will."""
        address = self._address
        if address.username:
            client.username_pw_set(address.username, address.password)
        if address.tls:
            try:
                client.tls_set(ca_certs=address.ca_file)
            except (OSError, ValueError) as error:
                raise _unreachable(address, f"the CA file cannot be used: {error}") from error
        if address.announces:
            will = self._properties(PacketTypes.WILLMESSAGE, WillDelayInterval=_WILL_DELAY_S)
            client.will_set(address.presence_topic, "offline", 1, retain=True, properties=will)

    def _terms(self) -> Properties | None:
        """A broker may end the session, and publish the will, no earlier than the will's delay."""
        return self._properties(
            PacketTypes.CONNECT,
            MaximumPacketSize=_LARGEST_PACKET,
            SessionExpiryInterval=_WILL_DELAY_S,
        )

    def _expiry(self) -> Properties | None:
        return self._properties(PacketTypes.PUBLISH, MessageExpiryInterval=_EXPIRY_S)

    def _properties(self, packet: int, **values: int) -> Properties | None:
        """What MQTT 5 adds to a packet; None where an older protocol is spoken."""
        if self.protocol is not MQTTProtocolVersion.MQTTv5:
            return None
        properties = Properties(packet)  # type: ignore[no-untyped-call]
        for name, value in values.items():
            setattr(properties, name, value)
        return properties

    def _stop(self) -> None:
        """Shut the socket first: `loop_stop` would wait for receipts that never come."""
        sock: Any = self._client.socket()
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        # The library's thread may end between its look at it and its wait for it.
        with suppress(AttributeError):
            self._client.loop_stop()
        # Without a running thread nobody else closes the socket.
        self._client.disconnect()
        with suppress(OSError):
            self._client.loop_misc()
        if sock is not None:
            with suppress(OSError):
                sock.close()
        # The library leaves its own wake-up pair to the garbage collector.
        self._client._reset_sockets()  # noqa: SLF001 - it has no public way to close them

    def _end(self, cause: str) -> None:
        if not self.gone.done():
            self.gone.set_result(cause)
        for receipt in self._acks.values():
            if not receipt.done():
                receipt.set_exception(_unreachable(self._address, cause))

    # ------------------------------------------------------- callbacks, in paho's thread

    def _on_socket_open(self, client: Client, userdata: Any, sock: Any) -> None:
        del client, userdata
        if self._address.nodelay:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(self, *given: Any) -> None:
        self._later(_settle, self._accepted, given[3])

    def _on_subscribe(self, *given: Any) -> None:
        self._later(self._note_granted, given[2])

    def _on_publish(self, *given: Any) -> None:
        self._later(self._note_receipt, given[2], given[3].value)

    def _on_disconnect(self, *given: Any) -> None:
        self._later(self._end, str(given[3]))

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        del client, userdata
        self._inbound.append(Received(message.topic, bytes(message.payload), message.retain))
        # Appended before the flag is read: a drain that cleared it will still find the message.
        if not self._drain_is_due:
            self._drain_is_due = True
            self._later(self._drain)

    def _later(self, what: Callable[..., object], *arguments: Any) -> None:
        # The loop may have ended before paho's thread did.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what, *arguments)

    # ------------------------------------------------------------- in the loop's thread

    def _drain(self) -> None:
        self._drain_is_due = False
        while self._inbound:
            self._hear(self._inbound.popleft())

    def _note_granted(self, mid: int) -> None:
        _settle(self._subscribed.pop(mid, None), None)

    def _note_receipt(self, mid: int, code: int) -> None:
        _settle(self._acks.get(mid), code)


def _settle(future: asyncio.Future[Any] | None, result: Any) -> None:
    if future is not None and not future.done():
        future.set_result(result)


def _unreachable(address: BrokerAddress, cause: str) -> BrokerUnreachable:
    return BrokerUnreachable(
        f"The MQTT broker at {address.host}:{address.port} cannot be used: {cause}",
        _remedy_for(cause),
    )


def _remedy_for(cause: str) -> str:
    plain = cause.casefold()
    if "authoriz" in plain or "password" in plain:
        return "check the user name under [mqtt] and the password in ASSISTANT_MQTT_PASSWORD"
    if "certificate" in plain or "ca file" in plain:
        return "check 'ca_file' and the host name under [mqtt]; encryption is never skipped"
    return "check host and port under [mqtt], and that the broker runs"


def _cause_of(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    return str(error) or type(error).__name__
