"""The two dialects of the Realtime protocol."""

from enum import StrEnum


class Dialect(StrEnum):
    """How messages are spelled when we write; both spellings are always read."""

    GA = "ga"
    BETA = "beta"
