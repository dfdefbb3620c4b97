"""A few devices in several dialects, enough to meet every outcome."""

from assistant.home.devices import Attribute, Availability, Channel, Device, Kind

ON_OFF = {"on": "ON", "off": "OFF"}
FROM_ON_OFF = {"ON": "on", "OFF": "off"}
OPEN_CLOSE = {"open": "OPEN", "close": "CLOSE", "stop": "STOP"}
BRIDGE = Availability("zigbee2mqtt/bridge/state", key="state")


def zigbee(name: str, key: str, scale: float | None = None, unit: str = "") -> Channel:
    topic = f"zigbee2mqtt/{name}"
    return Channel(f"{topic}/set", topic, key, key, scale=scale, unit=unit)


def zigbee_power(name: str) -> Channel:
    topic = f"zigbee2mqtt/{name}"
    return Channel(f"{topic}/set", topic, "state", "state", ON_OFF, FROM_ON_OFF)


KITCHEN_LIGHT = Device(
    "kitchen_light",
    "kitchen light",
    Kind.LIGHT,
    {
        Attribute.POWER: zigbee_power("Kitchen"),
        Attribute.BRIGHTNESS: zigbee("Kitchen", "brightness", scale=254),
        Attribute.COLOR: zigbee("Kitchen", "color"),
        Attribute.COLOR_TEMP: Channel(
            "zigbee2mqtt/Kitchen/set",
            "zigbee2mqtt/Kitchen",
            "color_temp",
            "color_temp",
            minimum=2000,
            maximum=6500,
            unit="mired",
        ),
    },
    area="kitchen",
    aliases=("cooking lamp",),
    availability=(BRIDGE, Availability("zigbee2mqtt/Kitchen/availability", key="state")),
    gateway="zigbee2mqtt",
)
COFFEE_MAKER = Device(
    "coffee_maker",
    "coffee maker",
    Kind.SWITCH,
    {
        Attribute.POWER: Channel(
            "cmnd/coffee/POWER", "stat/coffee/POWER", payloads=ON_OFF, states=FROM_ON_OFF
        )
    },
    area="kitchen",
    availability=(Availability("tele/coffee/LWT", "Online", "Offline"),),
)
DESK_LAMP = Device(
    "desk_lamp",
    "desk lamp",
    Kind.LIGHT,
    {
        Attribute.POWER: Channel("desk/lamp/command", "desk/lamp/state", payloads=ON_OFF),
        Attribute.BRIGHTNESS: Channel("desk/lamp/dim", "desk/lamp/level"),
    },
    area="office",
)
FLOOR_LAMP = Device(
    "floor_lamp",
    "floor lamp",
    Kind.LIGHT,
    {Attribute.POWER: Channel("floor/command", payloads=ON_OFF)},
    area="office",
)
BLINDS = Device(
    "blinds",
    "living room blinds",
    Kind.COVER,
    {
        Attribute.MOVE: Channel("blinds/set", "blinds/state", payloads=OPEN_CLOSE),
        Attribute.POSITION: Channel("blinds/position/set", "blinds/position"),
    },
    area="living room",
)
GARAGE_DOOR = Device(
    "garage_door",
    "garage door",
    Kind.COVER,
    {
        Attribute.MOVE: Channel(
            "zigbee2mqtt/Garage/set",
            "zigbee2mqtt/Garage",
            "state",
            "state",
            OPEN_CLOSE,
            {"OPEN": "open", "CLOSE": "closed", "STOP": "stopped"},
        ),
        Attribute.POSITION: zigbee("Garage", "position"),
    },
    area="garage",
    availability=(BRIDGE,),
    gateway="zigbee2mqtt",
)
BACK_DOOR = Device(
    "back_door",
    "back door",
    Kind.LOCK,
    {
        Attribute.LOCK: Channel(
            "door/lock/command",
            "door/lock/state",
            payloads={"lock": "LOCK", "unlock": "UNLOCK"},
            states={"LOCKED": "locked", "UNLOCKED": "unlocked", "LOCKING": "locking",
                    "UNLOCKING": "unlocking", "JAMMED": "jammed"},
        )
    },
    area="kitchen",
    aliases=("back door lock",),
)  # fmt: skip
THERMOSTAT = Device(
    "thermostat",
    "thermostat",
    Kind.CLIMATE,
    {
        Attribute.TARGET_TEMPERATURE: Channel(
            "heating/target/set", "heating/target", minimum=5, maximum=30
        ),
        Attribute.TEMPERATURE: Channel(state_topic="heating/measured"),
        Attribute.MODE: Channel(
            "heating/mode/set", "heating/mode", payloads={"off": "off", "heat": "heat"}
        ),
    },
    area="hallway",
)
FAN = Device(
    "fan",
    "bedroom fan",
    Kind.FAN,
    {
        Attribute.POWER: Channel(
            "cmnd/fan/FanSpeed",
            "stat/fan/RESULT",
            state_key="FanSpeed",
            payloads={"off": "0", "on": "2"},
            states={"0": "off", "1": "on", "2": "on", "3": "on"},
        ),
        Attribute.SPEED: Channel(
            "cmnd/fan/FanSpeed", "stat/fan/RESULT", state_key="FanSpeed", scale=3
        ),
    },
    area="bedroom",
    aliases=("fan",),
)
TEMPERATURE = Device(
    "bedroom_temperature",
    "bedroom temperature",
    Kind.SENSOR,
    {Attribute.TEMPERATURE: Channel(state_topic="sensor/bedroom", state_key="env.temperature")},
    area="bedroom",
)
MOVIE_NIGHT = Device(
    "movie_night",
    "movie night",
    Kind.SCENE,
    {Attribute.ACTION: Channel("scenes/movie", payloads={"activate": "ON"})},
    area="living room",
)
VACUUM = Device(
    "vacuum",
    "vacuum cleaner",
    Kind.VACUUM,
    {
        Attribute.ACTION: Channel(
            "vacuum/command",
            "vacuum/state",
            payloads={"start": "start", "dock": "return_to_base", "pause": "pause"},
        )
    },
    area="living room",
)
ALARM = Device(
    "alarm",
    "alarm",
    Kind.ALARM,
    {
        Attribute.ACTION: Channel(
            "alarm/set",
            "alarm/state",
            payloads={"arm_home": "ARM_HOME", "arm_away": "ARM_AWAY", "disarm": "DISARM"},
        )
    },
    area="hallway",
)
MUSIC = Device(
    "music",
    "music",
    Kind.MEDIA,
    {
        Attribute.ACTION: Channel(
            "music/set",
            "music/state",
            payloads={word: word for word in ("play", "pause", "stop", "next", "previous")},
        )
    },
    area="living room",
)
DEVICES = (
    KITCHEN_LIGHT, COFFEE_MAKER, DESK_LAMP, FLOOR_LAMP, BLINDS, GARAGE_DOOR, BACK_DOOR, THERMOSTAT,
    FAN, TEMPERATURE, MOVIE_NIGHT, VACUUM, ALARM, MUSIC,
)  # fmt: skip
