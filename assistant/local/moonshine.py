"""Moonshine, the speech-to-text network: its files, its vocabulary and its caches."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.audio.frames import Floats
from assistant.errors import SpeechUnavailable
from assistant.local.models import ModelFile, Net, find_model, open_model

_PIN = "moonshine-voice==0.1.0"
_REMEDY = f"put a model's three files into model_dir, or unset it and run: pip install {_PIN}"
FILES = tuple(
    ModelFile("moonshine_voice", _PIN, f"assets/tiny-en/{name}", sha256)
    for name, sha256 in (
        (
            "encoder_model.ort",
            "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
        ),
        (
            "decoder_model_merged.ort",
            "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
        ),
        (
            "tokenizer.bin",
            "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
        ),
    )
)
SAMPLE_RATE = 16_000
_START = 1
_PAST = "past_key_values."
_SPECIAL = 3
_SMALLEST_VOCABULARY = 259
"""Three special tokens and the 256 raw bytes."""
_SHORTEST = SAMPLE_RATE // 5

Tensors = dict[str, Floats]

_log = logging.getLogger(__name__)


class Vocabulary:
    """The tokens of the model, as bytes in the order of their ids."""

    def __init__(self, entries: Sequence[bytes]) -> None:
        self._entries = entries
        self.pieces = tuple(
            "" if token < _SPECIAL else _decoded(entry) for token, entry in enumerate(entries)
        )
        """The text of each token alone; the special ones have none."""

    def text(self, tokens: Sequence[int]) -> str:
        """The text of a row of tokens; bytes are joined before they are decoded."""
        return _decoded(b"".join(self._entries[token] for token in tokens)).strip()


def read_vocabulary(data: bytes) -> Vocabulary:
    """Read a tokenizer.bin: entries in the order of their ids. Raises `SpeechUnavailable`."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        size, at = _entry_size(data, at)
        entries.append(data[at : at + size])
        at += size
    if at != len(data) or len(entries) < _SMALLEST_VOCABULARY:
        raise SpeechUnavailable("tokenizer.bin is cut short", _REMEDY)
    return Vocabulary(entries)


def _entry_size(data: bytes, at: int) -> tuple[int, int]:
    """The length of the entry at a position, and where its bytes begin."""
    first = data[at]
    if first < 128 or at + 1 == len(data):
        return first, at + 1
    return 128 * data[at + 1] + first - 128, at + 2


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", errors="replace").replace("\u2581", " ")


class Moonshine:
    """The two networks and the vocabulary; blocking, for one thread at a time."""

    def __init__(self, encoder: Net, decoder: Net, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._encoder = encoder
        self._decoder = decoder
        self._inputs = frozenset(entry.name for entry in decoder.get_inputs())
        self._caches = {
            entry.name: (entry.shape[1], entry.shape[3])
            for entry in decoder.get_inputs()
            if entry.name.startswith(_PAST)
        }

    def begin(self, samples: Floats) -> "Heard":
        """Take in mono sound of 16 kHz in [-1, 1]; no text is begun yet."""
        padded = np.pad(samples, (0, max(0, _SHORTEST - len(samples))))[None]
        (hidden,) = self._encoder.run(
            ["last_hidden_state"],
            {"input_values": padded, "attention_mask": np.ones(padded.shape, np.int64)},
        )
        empty = {
            name: np.zeros((0, heads, 1, width), np.float32)
            for name, (heads, width) in self._caches.items()
        }
        logits, caches = self._run(hidden, [_START], empty, cached=False)
        of_sound = {name: cache for name, cache in caches.items() if _is_of_sound(name)}
        return Heard(self, hidden, of_sound, _of_text(caches), logits)

    def follow(self, heard: "Heard", rows: Sequence[int], tokens: Sequence[int]) -> "Heard":
        """Put one token behind each of the chosen rows."""
        chosen = list(rows)
        of_text = {name: cache[chosen] for name, cache in heard.of_text.items()}
        logits, caches = self._run(heard.hidden, tokens, heard.of_sound | of_text, cached=True)
        return Heard(self, heard.hidden, heard.of_sound, caches, logits)

    def _run(
        self, hidden: Floats, tokens: Sequence[int], past: Tensors, *, cached: bool
    ) -> tuple[Floats, Tensors]:
        """One step of the decoder: scores of the next token, and the caches worth keeping."""
        # In the cached branch the sound's caches come back as empty dummies.
        wanted = [name for name in past if not (cached and _is_of_sound(name))]
        feeds = past | {
            "input_ids": np.asarray(tokens, np.int64)[:, None],
            "encoder_hidden_states": hidden,
            # The network thins this mask out 384-fold; a single one is spread over all sound.
            "encoder_attention_mask": np.ones((1, 1), np.int64),
            "use_cache_branch": np.asarray([cached]),
        }
        logits, *caches = self._decoder.run(
            ["logits", *(name.replace(_PAST, "present.") for name in wanted)],
            {name: feed for name, feed in feeds.items() if name in self._inputs},
        )
        return logits[:, -1], dict(zip(wanted, caches, strict=True))


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of sound and the texts begun for it, one a row (a `decoding.Passage`).

    What the network knows of the sound is the same for every row: it keeps a single row, which the
    network spreads by itself. Only the caches of the text follow the beams.
    """

    net: Moonshine
    hidden: Floats
    of_sound: Tensors
    of_text: Tensors
    logits: Floats

    def after(self, rows: Sequence[int], tokens: Sequence[int]) -> "Heard":
        """The passage whose row `i` is the old row `rows[i]` with `tokens[i]` behind it."""
        return self.net.follow(self, rows, tokens)


def load_moonshine(folder: Path | None = None) -> Moonshine:
    """Load the proven files of the package, or a folder's own ones; try them once.

    Raises `SpeechUnavailable`.
    """
    encoder, decoder, tokenizer = _own_files(folder) if folder else map(find_model, FILES)
    vocabulary = read_vocabulary(tokenizer.read_bytes())
    nets = open_model(encoder), open_model(decoder)
    try:
        net = Moonshine(*nets, vocabulary)
        words = net.begin(np.zeros(SAMPLE_RATE, np.float32)).logits.shape[1]
    except Exception as error:  # an unknown model may fail in any way
        raise SpeechUnavailable(f"{decoder} is no Moonshine: {error}", _REMEDY) from error
    if words != len(vocabulary.pieces):
        raise SpeechUnavailable(f"{tokenizer} does not belong to {decoder}", _REMEDY)
    return net


def _own_files(folder: Path) -> tuple[Path, ...]:
    _log.warning("unverified model: %s", folder)
    return tuple(_own_file(folder, Path(file.path)) for file in FILES)


def _own_file(folder: Path, known: Path) -> Path:
    for suffix in (known.suffix, ".onnx"):
        path = folder / known.with_suffix(suffix).name
        if path.is_file():
            return path
    raise SpeechUnavailable(f"{folder / known.name} is missing", _REMEDY)


def _is_of_sound(name: str) -> bool:
    return ".encoder." in name


def _of_text(caches: Tensors) -> Tensors:
    return {name: cache for name, cache in caches.items() if not _is_of_sound(name)}
