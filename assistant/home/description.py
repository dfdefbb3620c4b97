"""What the instructions tell the model about the home: names, never states; no rules."""

from collections import Counter
from collections.abc import Sequence

from assistant.home.devices import Device

MOST_NAMED = 60


def description_of(devices: Sequence[Device]) -> str:
    """The paragraph about the home; empty without exposed devices."""
    exposed = [device for device in devices if device.exposed]
    if not exposed:
        return ""
    listed = map(_entry, exposed) if len(exposed) <= MOST_NAMED else _counts(exposed)
    return "\n".join(("Devices:", *listed))


def _entry(device: Device) -> str:
    aliases = "".join(f' or "{alias}"' for alias in device.aliases)
    area = f' in "{device.area}"' if device.area else ""
    return f'- "{device.name}"{aliases}{area}: {device.kind.value}'


def _counts(devices: Sequence[Device]) -> list[str]:
    """Above the limit the model learns what there is, and finds names by asking."""
    counts = Counter((device.area or "no area", device.kind.value) for device in devices)
    return [f'- "{area}": {count} x {kind}' for (area, kind), count in sorted(counts.items())]
