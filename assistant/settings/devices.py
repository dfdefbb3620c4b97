"""Device tables of the configuration, short to write by hand, and the devices they describe."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from assistant.home.devices import Attribute, Availability, Channel, Device, Kind, Risk
from assistant.settings.dialects import USUAL, Channels, Dialect, channels_for, placed, presence_of


def _topic(topic: str) -> str:
    if any(mark in topic for mark in "+#\0") or topic.startswith("$"):
        raise ValueError("must be a topic without wildcards ('+', '#') and leading '$'")
    return topic


Topic = Annotated[str, Field(min_length=1, max_length=256), AfterValidator(_topic)]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
_FROZEN = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class ChannelTable(BaseModel):
    """How one attribute travels; what is absent comes from the dialect."""

    model_config = _FROZEN

    command_topic: Topic | None = None
    state_topic: Topic | None = None
    command_key: str | None = None
    state_key: str | None = None
    payloads: dict[str, str] | None = None
    states: dict[str, str] | None = None
    minimum: float | None = None
    maximum: float | None = None
    scale: Annotated[float, Field(gt=0)] | None = None
    unit: str | None = None
    qos: Annotated[int, Field(ge=0, le=2)] | None = None
    retain: bool | None = None

    def over(self, channel: Channel) -> Channel:
        """The given channel, with everything that this table says in its place."""
        said = {name: getattr(self, name) for name in ChannelTable.model_fields}
        return replace(channel, **{name: word for name, word in said.items() if word is not None})


class DeviceTable(ChannelTable):
    """One device: a dialect and its topic, or the topics of its chief attribute one by one."""

    name: Name
    kind: Kind
    id: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")] | None = None
    area: Name | None = None
    aliases: tuple[Name, ...] = ()
    dialect: Dialect = Dialect.PLAIN
    topic: Topic | None = None
    features: tuple[Attribute, ...] = ()
    payload_on: str | None = None
    payload_off: str | None = None
    availability_topic: Topic | None = None
    payload_available: str = "online"
    payload_not_available: str = "offline"
    availability_key: str | None = None
    device_class: str | None = None
    risk: Risk | None = None
    exposed: bool = True
    channels: dict[Attribute, ChannelTable] = {}

    @property
    def identity(self) -> str:
        """The given id, or the name spelled as one."""
        return self.id or re.sub(r"[^a-z0-9]+", "_", self.name.casefold()).strip("_")

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        complaints = tuple(_complaints_about(self))
        if complaints:
            raise ValueError("\n".join(complaints))
        return self

    def device(self) -> Device:
        """The device, as the home knows it."""
        return Device(
            id=self.identity,
            name=self.name,
            kind=self.kind,
            channels=_channels_of(self),
            area=self.area,
            aliases=self.aliases,
            availability=_availability_of(self),
            device_class=self.device_class,
            risk=self.risk,
            exposed=self.exposed,
            gateway=_gateway_of(self),
        )


def doubles_among(tables: Iterable[DeviceTable]) -> tuple[str, ...]:
    """One sentence for every id, and every name or alias within an area, that appears twice."""
    seen: dict[tuple[str, str], int] = {}
    tables = tuple(tables)
    faults: list[str] = []
    for number, table in enumerate(tables):
        for area, word in _claims_of(table):
            first = seen.setdefault((area, word), number)
            if first != number:
                what = "name" if area else "id"
                owner = tables[first].name
                faults.append(f"the {what} '{word}' belongs to '{owner}' and to '{table.name}'")
    return tuple(faults)


def _claims_of(table: DeviceTable) -> list[tuple[str, str]]:
    """The words that no other device may claim: the id, and each name within its area."""
    spoken = sorted({name.casefold() for name in (table.name, *table.aliases)})
    return [("", table.identity), *((f"in {table.area}", name) for name in spoken)]


def _chief_of(table: DeviceTable, preset: Channels) -> Attribute:
    """The attribute that the short keys of a device table speak about."""
    measured = table.kind is Kind.SENSOR and table.features
    return table.features[0] if measured else next(iter(preset))


def _features_of(table: DeviceTable, preset: Channels) -> Iterable[Attribute]:
    usual = USUAL.get(table.kind, tuple(preset))
    power = (Attribute.POWER,) if Attribute.POWER in preset else ()
    wanted = (*power, *table.features) if table.features else usual
    return [attribute for attribute in dict.fromkeys(wanted) if attribute in preset]


def _channels_of(table: DeviceTable) -> dict[Attribute, Channel]:
    preset = channels_for(table.dialect, table.kind)
    topic = table.topic or ""
    found = {name: placed(preset[name], topic) for name in _features_of(table, preset)}
    chief = _chief_of(table, preset)
    found[chief] = _switched(table, table.over(found.get(chief, Channel())))
    for attribute, channel in table.channels.items():
        found[attribute] = channel.over(found.get(attribute, Channel()))
    return {name: way for name, way in found.items() if way.command_topic or way.state_topic}


def _switched(table: DeviceTable, channel: Channel) -> Channel:
    """Put `payload_on` and `payload_off` into both directions of a channel."""
    given = {"on": table.payload_on, "off": table.payload_off}
    words = {value: payload for value, payload in given.items() if payload is not None}
    if not words:
        return channel
    payloads = {**channel.payloads, **words}
    return replace(
        channel, payloads=payloads, states={payload: value for value, payload in payloads.items()}
    )


def _availability_of(table: DeviceTable) -> tuple[Availability, ...]:
    presence = presence_of(table.dialect, table.topic or "")
    if table.availability_topic is None:
        return presence
    own = Availability(
        table.availability_topic,
        table.payload_available,
        table.payload_not_available,
        table.availability_key,
    )
    return (*presence, own)


def _gateway_of(table: DeviceTable) -> str | None:
    if table.dialect is not Dialect.ZIGBEE2MQTT or table.topic is None:
        return None
    return table.topic.partition("/")[0]


def _complaints_about(table: DeviceTable) -> Iterable[str]:
    """What keeps a table from being a device, the weightiest first."""
    preset = channels_for(table.dialect, table.kind)
    if not preset:
        yield f'{table.dialect} has no {table.kind}; use dialect = "plain" with topics of its own'
        return
    if table.dialect is not Dialect.PLAIN and table.topic is None:
        yield f"{table.dialect} needs 'topic', {_EXAMPLES[table.dialect]}"
    if table.dialect is Dialect.PLAIN and table.topic is not None:
        yield "'topic' belongs to a dialect; a plain device has command_topic and state_topic"
    for name in table.features:
        if name not in preset:
            yield f"a {table.kind} in {table.dialect} has no {name}; describe it in channels.{name}"
    if not table.identity:
        yield "needs an 'id', because its name holds no letter from a to z"
    if not _channels_of(table):
        yield "cannot be reached: give it a command_topic or a state_topic"


_EXAMPLES: dict[Dialect, str] = {
    Dialect.ZIGBEE2MQTT: 'such as "zigbee2mqtt/Kitchen light"',
    Dialect.TASMOTA: 'the device\'s %topic%, such as "coffee_maker"',
    Dialect.ESPHOME: '<node>/<component>/<object id>, such as "desk/switch/relay"',
}
