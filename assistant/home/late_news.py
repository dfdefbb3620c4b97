"""What is told of a device that stays silent, or that fails after it had started: no claims."""

from assistant.home.changes import Change
from assistant.home.outcomes import MEANINGS, State, Status

STUCK = frozenset({"jammed", "stopped"})
"""Words of a device that has come to rest where nobody sent it."""
_DEEDS = {
    "open": ("open", "opened"),
    "close": ("close", "closed"),
    "lock": ("lock", "locked"),
    "unlock": ("unlock", "unlocked"),
    "arm_home": ("arm", "armed"),
    "arm_away": ("arm", "armed"),
    "arm_night": ("arm", "armed"),
    "disarm": ("disarm", "disarmed"),
}
"""What is wished, as in "did not open" and as in "opened": both fit one thing and many."""
_ARTICLES = ("the ", "my ", "our ")


def is_stuck(change: Change, state: State) -> bool:
    """True if a device says that it rests, and nobody wanted that."""
    return bool(STUCK.intersection(map(str, state.values()))) and "stop" not in (
        change.values.values()
    )


def silence(state: State) -> str:
    """The message about a device that did not answer, with its last word if it has any."""
    words = [str(value) for value in state.values() if isinstance(value, str)]
    last = next((word for word in words if not word.startswith("#")), "")
    meaning = MEANINGS[Status.TIMEOUT]
    return f"{meaning} It last reported {last.replace('_', ' ')}." if last else meaning


def late_failure(change: Change, state: State, failure: str = "") -> str:
    """One sentence about a device that had started and did not arrive; a gateway's words stay out.

    A device that never reports may have arrived all the same.
    """
    name = change.device.name
    thing = name if name.startswith(_ARTICLES) else f"the {name}"
    wish = next(iter(change.values.values()))
    do, did = _DEEDS.get(str(wish), ("arrive", "arrived"))
    stuck = sorted(STUCK.intersection(map(str, state.values())))
    if failure or stuck:
        halt = "" if failure else f"{stuck[0]} and "
        return f"Something went wrong: {thing} {halt}did not {do}."
    return f"Something may be wrong: I did not hear that {thing} {did}."
