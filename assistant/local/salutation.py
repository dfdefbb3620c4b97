"""The wake word in front of a command in the same breath: understood, and then left out. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from assistant.local.utterance import Utterance


class Salutation:
    """How users address us: by the whole wake word, or by its last word."""

    def __init__(self, wake_words: Iterable[str]) -> None:
        names = [word.replace("_", " ").lower() for word in wake_words]
        shorter = [name.rsplit(" ", 1)[-1] for name in names]
        # The longest first, or "hey jarvis" would be heard as "jarvis" behind a stray "hey".
        self._calls = sorted({*names, *shorter}, key=len, reverse=True)
        words = "|".join(re.escape(call).replace(r"\ ", r"[\s,]+") for call in self._calls)
        self._spoken = re.compile(rf"^\W*(?:{words})\b[\W]*" if words else r"(?!)", re.IGNORECASE)

    def sentences(self, sentences: Iterable[str]) -> Iterator[str]:
        """Every sentence by itself, and behind each way to address us."""
        for sentence in sentences:
            yield sentence
            for call in self._calls:
                yield f"{call} {sentence}"
        yield from self._calls

    def without(self, utterance: Utterance) -> Utterance:
        """The same utterance without the address; its words still count as evidence."""
        grammar = utterance.grammar
        plain = None if grammar is None else self._spoken.sub("", grammar, count=1)
        left_out = 0 if grammar is None else len(grammar.split()) - len((plain or "").split())
        return replace(
            utterance,
            free=self._spoken.sub("", utterance.free, count=1),
            grammar=plain,
            left_out=left_out,
        )

    def is_all(self, utterance: Utterance) -> bool:
        """True if nothing but the address was said."""
        heard = utterance.grammar if utterance.believes_grammar else utterance.free
        return bool(heard) and not self._spoken.sub("", heard or "", count=1).strip()
