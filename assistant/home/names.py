"""Who is meant: from spoken names, areas and kinds to devices.

In order: the exact name or alias, the same without case, accents and articles, then the
likeness of words (`difflib`). Too many matches are `ambiguous`, none are `not_found`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from assistant.home.devices import Device, Kind
from assistant.home.outcomes import Refusal, Status

LIKENESS = 0.85
_CONTEST = 0.03
_MOST_CANDIDATES = 5
_ARTICLES = frozenset({"the", "a", "an", "my", "our", "der", "die", "das", "den", "dem"})

KIND_WORDS: Mapping[str, Kind] = {
    "light": Kind.LIGHT,
    "lamp": Kind.LIGHT,
    "switch": Kind.SWITCH,
    "plug": Kind.SWITCH,
    "outlet": Kind.SWITCH,
    "cover": Kind.COVER,
    "blind": Kind.COVER,
    "curtain": Kind.COVER,
    "shade": Kind.COVER,
    "shutter": Kind.COVER,
    "climate": Kind.CLIMATE,
    "thermostat": Kind.CLIMATE,
    "heating": Kind.CLIMATE,
    "lock": Kind.LOCK,
    "fan": Kind.FAN,
    "sensor": Kind.SENSOR,
    "scene": Kind.SCENE,
    "vacuum": Kind.VACUUM,
    "vacuum cleaner": Kind.VACUUM,
    "alarm": Kind.ALARM,
    "media": Kind.MEDIA,
    "media player": Kind.MEDIA,
}
"""Words for kinds, in the singular; the plural is accepted too."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom the model means: a name, or a group by area, kind, or all."""

    name: str | None = None
    area: str | None = None
    domain: Kind | None = None
    all: bool = False

    @property
    def is_empty(self) -> bool:
        """True if it says nothing at all."""
        return not (self.name or self.area or self.domain or self.all)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a function may reach, and where the speaker is."""

    kinds: frozenset[Kind]
    """What can be named."""
    group: frozenset[Kind]
    """What a group without a kind consists of."""
    own_area: str | None = None
    lists: bool = False
    """True where a kind alone means all of them, as in a question."""


@dataclass(frozen=True, slots=True)
class Found:
    """The devices that are meant; `loosely` if only the likeness of words led there."""

    devices: tuple[Device, ...]
    loosely: bool = False
    as_group: bool = False


def kind_of_word(word: str) -> Kind | None:
    """The kind that a word names, in the singular or the plural; None for any other word."""
    plain = plainly(word)
    candidates = (plain, plain.removesuffix("s"), plain.removesuffix("es"))
    return next((KIND_WORDS[name] for name in candidates if name in KIND_WORDS), None)


def plainly(text: str) -> str:
    """The words without case, accents, punctuation and articles, joined by single spaces."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(letter for letter in bare if not unicodedata.combining(letter))
    words = re.findall(r"[^\W_]+", bare.replace("'s ", " ").replace("'", ""))
    kept = [word for word in words if word not in _ARTICLES]
    return " ".join(kept or words)


def resolve(target: Target, devices: Sequence[Device], scope: Scope) -> Found | Refusal:
    """Find who is meant among the exposed devices."""
    exposed = [device for device in devices if device.exposed]
    if target.is_empty:
        return Refusal(Status.INVALID, "Say which device, area or kind is meant.")
    if target.area and not _known_area(target.area, exposed):
        return _no_such_area(target.area, exposed)
    if target.name:
        return _named(target, exposed, scope)
    return _grouped(target, exposed, scope)


def _named(target: Target, devices: Sequence[Device], scope: Scope) -> Found | Refusal:
    spoken = target.name or ""
    within = [device for device in devices if _fits(device, target)]
    able = [device for device in within if device.kind in scope.kinds]
    found = _by_exact_name(spoken, able, scope) or _by_exact_name(spoken, within, scope)
    if found is not None:
        return found
    if (group := _group_by_words(target, devices, scope)) is not None:
        return group
    return _by_likeness(spoken, able, scope) or _not_found(spoken, within or devices)


def _by_exact_name(spoken: str, devices: Sequence[Device], scope: Scope) -> Found | Refusal | None:
    exact = [device for device in devices if spoken in _names_of(device)]
    plain = plainly(spoken)
    same = exact or [device for device in devices if plain in map(plainly, _names_of(device))]
    return _one_of(same, scope) if same else None


def _by_likeness(spoken: str, devices: Sequence[Device], scope: Scope) -> Found | Refusal | None:
    scores = [(likeness(spoken, device), device) for device in devices]
    best = max((score for score, _ in scores), default=0.0)
    if best < LIKENESS:
        return None
    near = [device for score, device in scores if score >= best - _CONTEST and score >= LIKENESS]
    return _one_of(near, scope, loosely=True)


def _one_of(devices: Sequence[Device], scope: Scope, *, loosely: bool = False) -> Found | Refusal:
    """The only device, or the only one where the speaker is; else a question."""
    here = [device for device in devices if _is_in(device, scope.own_area)]
    for choice in (devices, here):
        if len(choice) == 1:
            return Found((choice[0],), loosely=loosely)
    return _ambiguous(devices)


def _group_by_words(
    target: Target, devices: Sequence[Device], scope: Scope
) -> Found | Refusal | None:
    """Read "lights", "the lamp" and "bedroom lights" as a kind, perhaps in an area."""
    words = plainly(target.name or "").removeprefix("all ")
    if kind := kind_of_word(words):
        return _of_kind(words, replace(target, name=None, domain=kind), devices, scope)
    for area in _areas_of(devices):
        rest = words.removeprefix(plainly(area)).strip()
        kind = kind_of_word(rest) if rest != words else None
        if kind is not None:
            return _of_kind(rest, Target(area=area, domain=kind), devices, scope)
    return None


def _of_kind(word: str, group: Target, devices: Sequence[Device], scope: Scope) -> Found | Refusal:
    """The plural means all of them, the singular the only one."""
    assert group.domain is not None
    species = _of_species(word, group.domain, devices)
    found = _grouped(group, species, scope)
    is_plural = word not in KIND_WORDS
    if isinstance(found, Refusal) or is_plural or scope.lists:
        return found
    return _one_of(found.devices, scope)


def _of_species(word: str, kind: Kind, devices: Sequence[Device]) -> Sequence[Device]:
    """The covers called blinds for "blinds", where there are any; all lights for "lights"."""
    if word.removesuffix("s") == kind.value:
        return devices
    stem = word.removesuffix("s")
    called = [device for device in devices if device.kind is kind and _is_called(device, stem)]
    return called or devices


def _is_called(device: Device, stem: str) -> bool:
    names = (*_names_of(device), device.device_class or "")
    return any(part.startswith(stem) for name in names for part in plainly(name).split())


def _grouped(target: Target, devices: Sequence[Device], scope: Scope) -> Found | Refusal:
    kinds = frozenset({target.domain}) if target.domain else scope.group
    members = [d for d in devices if d.kind in kinds and _is_in(d, target.area, anywhere=True)]
    if not members:
        what = f"no {target.domain.value}" if target.domain else "nothing for this function"
        return Refusal(Status.NOT_FOUND, f"There is {what} {_place(target)}.")
    if target.all or target.area or scope.lists or len(members) == 1:
        return Found(tuple(members), as_group=True)
    here = tuple(device for device in members if _is_in(device, scope.own_area))
    return Found(here, as_group=True) if here else _ambiguous(members)


def _place(target: Target) -> str:
    return f"in {target.area}" if target.area else "at home"


def likeness(spoken: str, device: Device) -> float:
    """How alike a spoken name and a device's best name are, 0 to 1.

    Words in any order; an abbreviation ("lamp" for "desk lamp") counts as the whole, an
    excess word ("fan light" for "fan") does not.
    """
    return max(_words_alike(plainly(spoken), plainly(name)) for name in _names_of(device))


def _words_alike(spoken: str, name: str) -> float:
    said, known = spoken.split(), name.split()
    if said and set(said) <= set(known):
        return 1.0
    return SequenceMatcher(None, " ".join(sorted(said)), " ".join(sorted(known))).ratio()


def _not_found(spoken: str, devices: Iterable[Device]) -> Refusal:
    nearest = sorted(devices, key=lambda device: likeness(spoken, device), reverse=True)[:3]
    names = tuple(device.name for device in nearest)
    return Refusal(Status.NOT_FOUND, f"There is no device named {spoken!r}.", names)


def _no_such_area(area: str, devices: Iterable[Device]) -> Refusal:
    areas = tuple(_areas_of(devices))[:_MOST_CANDIDATES]
    return Refusal(Status.NOT_FOUND, f"There is no area named {area!r}.", areas)


def _ambiguous(devices: Sequence[Device]) -> Refusal:
    named = tuple(_with_area(device, devices) for device in devices[:_MOST_CANDIDATES])
    return Refusal(Status.AMBIGUOUS, "Several devices fit; ask the user which one.", named)


def _with_area(device: Device, others: Iterable[Device]) -> str:
    """The name, with its area where the name alone does not tell devices apart."""
    twins = [other for other in others if plainly(other.name) == plainly(device.name)]
    return f"{device.name} ({device.area})" if len(twins) > 1 and device.area else device.name


def _names_of(device: Device) -> tuple[str, ...]:
    return (device.name, *device.aliases)


def _areas_of(devices: Iterable[Device]) -> list[str]:
    return list(dict.fromkeys(device.area for device in devices if device.area))


def _known_area(area: str, devices: Iterable[Device]) -> bool:
    return any(_is_in(device, area) for device in devices)


def _is_in(device: Device, area: str | None, *, anywhere: bool = False) -> bool:
    if area is None:
        return anywhere
    return device.area is not None and plainly(device.area) == plainly(area)


def _fits(device: Device, target: Target) -> bool:
    in_place = _is_in(device, target.area, anywhere=True)
    return in_place and (target.domain is None or device.kind is target.domain)
