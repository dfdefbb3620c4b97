"""The wire format: what was written is read again, and nonsense is refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.wake.protobuf import Malformed, Message, blob_field, int_field

INT64 = st.integers(-(2**63), 2**63 - 1)
NUMBER = st.integers(1, 2**29 - 1)


@given(number=NUMBER, value=INT64)
@settings(derandomize=True, deadline=None)
def test_whole_numbers_survive_the_way(number: int, value: int) -> None:
    assert Message(int_field(number, value)).ints(number) == (value,)


@given(number=NUMBER, value=st.binary(max_size=300))
@settings(derandomize=True, deadline=None)
def test_bytes_survive_the_way(number: int, value: bytes) -> None:
    assert Message(blob_field(number, value)).blobs(number) == [value]


@given(value=st.text(max_size=40))
@settings(derandomize=True, deadline=None)
def test_text_survives_the_way(value: str) -> None:
    assert Message(blob_field(4, value)).text(4) == value


@given(data=st.binary(max_size=60))
@settings(derandomize=True, deadline=None, max_examples=300)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read = 0
    with suppress(Malformed):
        message = Message(data)
        read = len(message.ints(1)) + len(message.texts(1))
    assert read <= len(data)


def test_a_negative_number_takes_ten_bytes() -> None:
    assert int_field(8, -1) == b"\x40" + b"\xff" * 9 + b"\x01"


def test_packed_and_unpacked_numbers_are_read_alike() -> None:
    packed = blob_field(8, b"\x01\x80\x01" + b"\xff" * 9 + b"\x01")
    unpacked = int_field(8, 1) + int_field(8, 128) + int_field(8, -1)
    assert Message(packed).ints(8) == Message(unpacked).ints(8) == (1, 128, -1)


def test_fields_of_fixed_size_are_stepped_over() -> None:
    float_and_double = b"\x15\x00\x00\x80\x3f" + b"\x19" + bytes(8)
    message = Message(float_and_double + int_field(4, 7))
    assert message.has(2)
    assert message.has(3)
    assert message.ints(4) == (7,)


def test_the_last_of_repeated_texts_counts_and_an_absent_one_is_empty() -> None:
    message = Message(blob_field(2, "old") + blob_field(2, "new"))
    assert message.text(2) == "new"
    assert message.text(3) == ""
    assert message.has(2)
    assert not message.has(3)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\x08" + b"\xff" * 11, "does not end"),
        (b"\x08\x80", "does not end"),
        (b"\x0a\x05abc", "over the end"),
        (b"\x0a" + b"\xff" * 9 + b"\x01", "over the end"),
        (b"\x15\x00", "over the end"),
        (b"\x0b", "wire type 3"),
    ],
)
def test_bad_bytes_are_refused(data: bytes, complaint: str) -> None:
    with pytest.raises(Malformed, match=complaint):
        Message(data)


def test_values_of_another_type_are_refused_when_asked_for() -> None:
    with pytest.raises(Malformed, match="variable length"):
        Message(int_field(1, 5)).blobs(1)
    with pytest.raises(Malformed, match="variable length"):
        Message(b"\x0d\x00\x00\x00\x00").ints(1)
    with pytest.raises(Malformed, match="no text"):
        Message(blob_field(1, b"\xff\xfe")).text(1)
