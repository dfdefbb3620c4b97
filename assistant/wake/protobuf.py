"""The protobuf wire format, as far as an ONNX file needs it; every length is bounded."""

from collections.abc import Iterator
from typing import NamedTuple

from assistant.errors import AssistantError

VARINT, FIXED64, BLOB, FIXED32 = 0, 1, 2, 5
_FIXED_SIZES = {FIXED64: 8, FIXED32: 4}
_LONGEST_VARINT = 10


class Malformed(AssistantError):  # noqa: N818 - named by what happened
    """These bytes are not the protobuf message they should be."""


class Field(NamedTuple):
    """One field as it stands on the wire: numbers unsigned, all else as bytes."""

    number: int
    wire: int
    value: int | bytes


class Message:
    """The fields of one message, by number; raises `Malformed` for bytes that are none."""

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[Field]] = {}
        for field in _fields_in(data):
            self._fields.setdefault(field.number, []).append(field)

    def blobs(self, number: int) -> list[bytes]:
        """Every length-delimited value of a field, in order; raises `Malformed` for others."""
        return [_blob_in(field) for field in self._fields.get(number, [])]

    def texts(self, number: int) -> list[str]:
        """Every string of a field; raises `Malformed` unless all are UTF-8."""
        try:
            return [blob.decode() for blob in self.blobs(number)]
        except UnicodeDecodeError as error:
            raise Malformed(f"field {number} holds no text") from error

    def text(self, number: int) -> str:
        """The string of a field, the last one if repeated, empty if absent."""
        return (self.texts(number) or [""])[-1]

    def ints(self, number: int) -> tuple[int, ...]:
        """Every int64 of a field, packed or not."""
        return tuple(each for field in self._fields.get(number, []) for each in _ints_in(field))

    def has(self, number: int) -> bool:
        """True if the field occurs at all."""
        return number in self._fields


def int_field(number: int, value: int) -> bytes:
    """Encode an int64; a negative one takes ten bytes."""
    return _varint(number << 3 | VARINT) + _varint(value % 2**64)


def blob_field(number: int, value: bytes | str) -> bytes:
    """Encode a string, bytes, or an encoded message."""
    blob = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | BLOB) + _varint(len(blob)) + blob


def _varint(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    encoded = bytearray()
    while rest:
        encoded.append(low | 0x80)
        low, rest = rest & 0x7F, rest >> 7
    encoded.append(low)
    return bytes(encoded)


def _fields_in(data: bytes) -> Iterator[Field]:
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        field, at = _read_value(data, at, key)
        yield field


def _read_value(data: bytes, at: int, key: int) -> tuple[Field, int]:
    number, wire = key >> 3, key & 7
    if wire == VARINT:
        value, at = _read_varint(data, at)
        return Field(number, wire, value), at
    if wire == BLOB:
        size, at = _read_varint(data, at)
    elif wire in _FIXED_SIZES:
        size = _FIXED_SIZES[wire]
    else:
        raise Malformed(f"wire type {wire} before byte {at} is unknown")
    if size > len(data) - at:
        raise Malformed(f"a field of {size} bytes at byte {at} reaches over the end")
    return Field(number, wire, data[at : at + size]), at + size


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value % 2**64, at + place + 1
    raise Malformed(f"the number at byte {at} does not end")


def _blob_in(field: Field) -> bytes:
    if field.wire != BLOB or not isinstance(field.value, bytes):
        raise Malformed(f"field {field.number} is not of variable length")
    return field.value


def _ints_in(field: Field) -> Iterator[int]:
    if isinstance(field.value, int):
        yield _signed(field.value)
        return
    packed, at = _blob_in(field), 0
    while at < len(packed):
        value, at = _read_varint(packed, at)
        yield _signed(value)


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value
