"""A house of eighteen devices as plain data, in the topics of a Zigbee2MQTT-like gateway."""

from assistant.home.devices import Attribute, Channel, Device, Kind, Risk

ON_OFF = {"on": "ON", "off": "OFF"}
MOVES = {"open": "OPEN", "close": "CLOSE", "stop": "STOP"}
LOCKING = {"lock": "LOCK", "unlock": "UNLOCK"}


def _topic(name: str) -> str:
    return f"zigbee2mqtt/{name.replace(' ', '_')}"


def _number(name: str, key: str, scale: float | None = None, unit: str = "") -> Channel:
    topic = _topic(name)
    return Channel(f"{topic}/set", topic, key, key, scale=scale, unit=unit)


def _words(name: str, key: str, payloads: dict[str, str]) -> Channel:
    topic = _topic(name)
    states = {payload: word for word, payload in payloads.items()}
    return Channel(f"{topic}/set", topic, key, key, payloads=payloads, states=states)


def _reading(name: str, key: str, unit: str) -> Channel:
    return Channel(state_topic=_topic(name), state_key=key, unit=unit)


def _device(
    name: str,
    kind: Kind,
    area: str,
    channels: dict[Attribute, Channel],
    aliases: tuple[str, ...] = (),
    device_class: str | None = None,
) -> Device:
    return Device(
        id=name.replace(" ", "_"),
        name=name,
        kind=kind,
        channels=channels,
        area=area,
        aliases=aliases,
        device_class=device_class,
        risk=Risk.CONFIRM if device_class == "garage" else None,
        gateway="zigbee2mqtt",
    )


def _light(name: str, area: str, *, colored: bool = False) -> Device:
    channels = {
        Attribute.POWER: _words(name, "state", ON_OFF),
        Attribute.BRIGHTNESS: _number(name, "brightness", scale=254.0),
    }
    if colored:
        channels[Attribute.COLOR] = _number(name, "color")
        channels[Attribute.COLOR_TEMP] = _number(name, "color_temp")
    return _device(name, Kind.LIGHT, area, channels)


def _cover(
    name: str, area: str, aliases: tuple[str, ...] = (), device_class: str | None = None
) -> Device:
    channels = {
        Attribute.MOVE: _words(name, "state", MOVES),
        Attribute.POSITION: _number(name, "position"),
    }
    return _device(name, Kind.COVER, area, channels, aliases, device_class)


def _lock(name: str, area: str, aliases: tuple[str, ...] = ()) -> Device:
    return _device(name, Kind.LOCK, area, {Attribute.LOCK: _words(name, "state", LOCKING)}, aliases)


def _climate(name: str, area: str) -> Device:
    channels = {
        Attribute.POWER: _words(name, "power", ON_OFF),
        Attribute.TARGET_TEMPERATURE: _number(name, "occupied_heating_setpoint", unit="°C"),
        Attribute.TEMPERATURE: _reading(name, "local_temperature", "°C"),
        Attribute.MODE: _number(name, "system_mode"),
    }
    return _device(name, Kind.CLIMATE, area, channels)


def _fan(name: str, area: str) -> Device:
    channels = {
        Attribute.POWER: _words(name, "state", ON_OFF),
        Attribute.SPEED: _number(name, "speed"),
    }
    return _device(name, Kind.FAN, area, channels, aliases=("fan",))


def _acting(name: str, kind: Kind, area: str, actions: str) -> Device:
    payloads = {action: action.upper() for action in actions.split()}
    return _device(name, kind, area, {Attribute.ACTION: _words(name, "state", payloads)})


def _switch(name: str, area: str) -> Device:
    return _device(name, Kind.SWITCH, area, {Attribute.POWER: _words(name, "state", ON_OFF)})


HOUSE_OF_EIGHTEEN: tuple[Device, ...] = (
    _light("kitchen light", "kitchen", colored=True),
    _switch("coffee maker", "kitchen"),
    _lock("back door", "kitchen", aliases=("back door lock",)),
    _light("living room lamp", "living room"),
    _cover("living room blinds", "living room"),
    _acting("music", Kind.MEDIA, "living room", "play pause stop next previous"),
    _acting("vacuum cleaner", Kind.VACUUM, "living room", "start pause dock stop locate"),
    _light("bedroom light", "bedroom"),
    _fan("bedroom fan", "bedroom"),
    _cover("bedroom curtains", "bedroom", aliases=("curtains",)),
    _device(
        "bedroom temperature",
        Kind.SENSOR,
        "bedroom",
        {Attribute.TEMPERATURE: _reading("bedroom temperature", "temperature", "°C")},
    ),
    _light("hallway lights", "hallway"),
    _climate("thermostat", "hallway"),
    _lock("front door", "hallway"),
    _acting("alarm", Kind.ALARM, "hallway", "arm_home arm_away arm_night disarm"),
    _climate("office heater", "office"),
    _cover("garage door", "garage", device_class="garage"),
    _acting("movie night", Kind.SCENE, "living room", "activate"),
)
"""Eighteen things in six places, as people would name them."""
