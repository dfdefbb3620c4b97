"""Sentence templates: `[optional]`, `(this|that)` and `{list:slot}`, spelled as hassil does."""

import re
from itertools import product

_TOKEN = re.compile(r"[\[\]()|]|[^\[\]()|]+")
SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
"""A slot of a template: the list that fills it and, behind a colon, the slot's own name."""


def expand(template: str) -> tuple[str, ...]:
    """Every wording of a template, its slots still unfilled, the fullest wording first."""
    tokens = _TOKEN.findall(template)
    wordings = _choices(tokens)
    if tokens:
        raise ValueError(f"unbalanced {tokens[0]!r} in the template {template!r}")
    return tuple(dict.fromkeys(" ".join(wording.split()) for wording in wordings))


def lists_in(template: str) -> tuple[str, ...]:
    """The names of the lists whose slots a template has, in order."""
    return tuple(match[1] for match in SLOT.finditer(template))


def fill(wording: str, *values: str) -> str:
    """A wording with its slots replaced by values, in order."""
    remaining = iter(values)
    return SLOT.sub(lambda _: next(remaining), wording)


def _choices(tokens: list[str]) -> list[str]:
    wordings = _run(tokens)
    while tokens and tokens[0] == "|":
        tokens.pop(0)
        wordings = wordings + _run(tokens)
    return wordings


def _run(tokens: list[str]) -> list[str]:
    wordings = [""]
    while tokens and tokens[0] not in {"|", ")", "]"}:
        wordings = [before + after for before, after in product(wordings, _piece(tokens))]
    return wordings


def _piece(tokens: list[str]) -> list[str]:
    opening = tokens.pop(0)
    if opening not in {"(", "["}:
        return [opening]
    inside = _choices(tokens)
    closing = tokens.pop(0) if tokens else ""
    if closing != {"(": ")", "[": "]"}[opening]:
        raise ValueError(f"{opening!r} is never closed")
    return inside if opening == "(" else [*inside, ""]
