"""The shape of the configuration: frozen, strict, and every key with its default."""

from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    SecretStr,
    model_validator,
)

from assistant.home.devices import Device
from assistant.settings.devices import DeviceTable, doubles_among


class Section(BaseModel):
    """A table of the file: no unknown keys, no silent conversions, no later changes."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def _one_or_many(names: Any) -> Any:
    """Let a single name stand for a list of one; the empty name is the empty list."""
    if isinstance(names, str):
        return (names,) if names else ()
    return tuple(names) if isinstance(names, list) else names


def _named(word: Any) -> Any:
    """Let a bare name stand for a table that holds nothing else."""
    return {"name": word} if isinstance(word, str) else word


def _stays_at_home(host: str) -> bool:
    """True for this machine, private addresses and names without a public domain."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(".local")


def _realtime_url(url: str) -> str:
    """Refuse what is no WebSocket address, and plain text across the internet."""
    parts = urlsplit(url)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname:
        raise ValueError("must be a WebSocket address such as wss://api.openai.com/v1/realtime")
    if parts.scheme == "ws" and not _stays_at_home(parts.hostname):
        raise ValueError("would send the key unencrypted; use wss://")
    return url


def _base_topic(topic: str) -> str:
    if any(mark in topic for mark in "+#\0") or topic.startswith("$") or topic.endswith("/"):
        raise ValueError("must be a topic without wildcards, leading '$' or trailing '/'")
    return topic


def _client_id(name: str) -> str:
    """It becomes a level of our own topics."""
    if not name.isprintable() or any(mark in name for mark in "/+# "):
        raise ValueError("must be one word without '/', '+', '#' and spaces")
    return name


def _token_limit(limit: Any) -> int | Literal["inf"]:
    if limit == "inf":
        return "inf"
    if isinstance(limit, int) and not isinstance(limit, bool) and 1 <= limit <= 4096:
        return limit
    raise ValueError('must be a whole number from 1 to 4096, or "inf"')


Percent = Annotated[int, Field(ge=0, le=100)]
DeviceNames = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]


class VadSettings(Section):
    """How the far end finds the end of what the user says."""

    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5
    prefix_padding_ms: Annotated[int, Field(ge=0, le=5000)] = 300
    silence_duration_ms: Annotated[int, Field(ge=100, le=10000)] = 500


class RealtimeSettings(Section):
    """The far end of the conversation, when `backend` is "cloud"."""

    url: Annotated[str, AfterValidator(_realtime_url)] = "wss://api.openai.com/v1/realtime"
    model: Annotated[str, Field(min_length=1)] = "gpt-realtime-2.1-mini"
    dialect: Literal["ga", "beta"] = "ga"
    auth_header: Literal["bearer", "api-key"] = "bearer"
    voice: Annotated[str, Field(min_length=1)] = "marin"
    transcription: str = "gpt-transcribe"
    instructions: Annotated[str, Field(max_length=8000)] = ""
    noise_reduction: Literal["near_field", "far_field", ""] = "far_field"
    max_output_tokens: Annotated[int | Literal["inf"], PlainValidator(_token_limit)] = "inf"
    ca_file: str = ""
    open_timeout_s: Annotated[float, Field(ge=1, le=60)] = 10.0
    vad: VadSettings = VadSettings()


class WakeWord(Section):
    """One phrase that wakes the assistant."""

    name: Annotated[str, Field(pattern="^[a-z0-9]+(_[a-z0-9]+)*$")]
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.5
    consecutive: Annotated[int, Field(ge=1, le=25)] = 2


class WakeSettings(Section):
    """The wake word, which never leaves the machine."""

    words: Annotated[
        tuple[Annotated[WakeWord, BeforeValidator(_named)], ...], Field(min_length=1, max_length=8)
    ] = (WakeWord(name="hey_jarvis"),)
    refractory_s: Annotated[float, Field(ge=0, le=30)] = 1.5
    folder: str = ""


class SessionSettings(Section):
    """How a conversation begins, goes on and ends."""

    listen_s: Annotated[float, Field(ge=1, le=60)] = 8.0
    follow_up_s: Annotated[float, Field(ge=0, le=120)] = 6.0
    connect_timeout_s: Annotated[float, Field(ge=1, le=60)] = 10.0
    max_turn_s: Annotated[float, Field(ge=5, le=600)] = 30.0
    max_calls_per_turn: Annotated[int, Field(ge=1, le=100)] = 8
    preroll_ms: Annotated[int, Field(ge=0, le=5000, multiple_of=80)] = 1600
    barge_in: Literal["speech", "wake_word"] = "wake_word"
    farewells: tuple[str, ...] = ("stop", "never mind", "that's all", "goodbye")


class AudioSettings(Section):
    """Microphone and loudspeaker."""

    driver: Literal["portaudio", "wav"] = "portaudio"
    microphone: DeviceNames = ()
    microphone_channel: Annotated[int, Field(ge=0, le=31)] = 0
    speaker: DeviceNames = ()
    block_ms: Literal[10, 20, 40] = 20
    volume: Percent = 100
    chimes: bool = True
    chime_volume: Percent = 60
    microphone_wav: str = ""
    speaker_wav: str = ""


class MqttSettings(Section):
    """The broker of the home."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str = ""
    tls: bool = False
    ca_file: str = ""
    client_id: Annotated[str, Field(max_length=64), AfterValidator(_client_id)] = ""
    base_topic: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_base_topic)] = (
        "assistant"
    )


class LocalSettings(Section):
    """The parts that run on this machine instead of elsewhere."""

    server: bool = True
    broker: bool = False
    house: bool = False
    model_dir: str = ""
    language: Literal["en"] = "en"

    @model_validator(mode="after")
    def _simulate_on_a_private_broker_only(self) -> "LocalSettings":
        if self.house and not self.broker:
            raise ValueError(
                "'house' would simulate your devices on your real broker; set broker = true too"
            )
        return self


class LogSettings(Section):
    """What is written down."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    transcripts: bool = False


class Configuration(Section):
    """All that a file may say."""

    backend: Literal["local", "cloud"] = "local"
    area: Annotated[str, Field(max_length=64)] = ""
    realtime: RealtimeSettings = RealtimeSettings()
    wake: WakeSettings = WakeSettings()
    session: SessionSettings = SessionSettings()
    audio: AudioSettings = AudioSettings()
    mqtt: MqttSettings = MqttSettings()
    local: LocalSettings = LocalSettings()
    log: LogSettings = LogSettings()
    devices: tuple[DeviceTable, ...] = ()

    @model_validator(mode="after")
    def _no_two_devices_alike(self) -> "Configuration":
        doubles = doubles_among(self.devices)
        if doubles:
            raise ValueError("\n".join(doubles))
        return self

    @property
    def house(self) -> tuple[Device, ...]:
        """The configured devices, as the home knows them."""
        return tuple(table.device() for table in self.devices)


class Secrets(Section):
    """What never stands in the file; printing shows stars."""

    openai_api_key: SecretStr | None = None
    mqtt_password: SecretStr | None = None


class Settings(Configuration):
    """A valid configuration together with its secrets."""

    secrets: Secrets = Field(default=Secrets(), exclude=True)
