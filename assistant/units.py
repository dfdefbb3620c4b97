"""Names for quantities and identifiers, so that a type checker keeps them apart."""

from typing import NewType

Seconds = NewType("Seconds", float)
"""An instant of the monotonic clock, or a duration, in seconds."""

Milliseconds = NewType("Milliseconds", int)
"""A duration of sound or a position in it, in whole milliseconds."""

ItemId = NewType("ItemId", str)
"""A conversation item of the realtime protocol."""

CallId = NewType("CallId", str)
"""One function call of the model; one id runs once."""

ResponseId = NewType("ResponseId", str)
"""One answer of the model, from `response.created` to `response.done`."""
