"""What is said in the house is heard; what is not for it is not believed."""

from collections.abc import Callable
from pathlib import Path
from wave import open as open_wave

import pytest

from assistant.audio.frames import floats_of
from assistant.local.decoding import decode_held
from assistant.local.hearing import LONGEST_SECONDS, Hearing, load_hearing
from assistant.local.moonshine import Moonshine, load_moonshine
from assistant.local.trie import Trie
from assistant.local.utterance import Utterance
from tests.rooms.spoken_sound import (
    COMMANDS,
    EARS_RATE,
    ELSEWHERE,
    home_sentences,
    mixed,
    noise,
    said,
    said_in_words,
    silence,
    speech_seconds,
)


@pytest.fixture(scope="module")
def net() -> Moonshine:
    return load_moonshine()


@pytest.fixture(scope="module")
def hearing(net: Moonshine) -> Hearing:
    return Hearing(net)


@pytest.fixture(scope="module")
def trie() -> Trie:
    return Trie(home_sentences())


@pytest.fixture(scope="module")
def recordings(shared_data: Path) -> Path:
    folder = shared_data / "speech"
    if not folder.is_dir():
        pytest.skip("no recorded speech in the shared test data")
    return folder


def recorded(file: Path) -> bytes:
    with open_wave(str(file)) as wav:
        assert wav.getframerate() == EARS_RATE
        frames: bytes = wav.readframes(wav.getnframes())
    return frames


def listen(hearing: Hearing, trie: Trie, pcm: bytes) -> Utterance:
    return hearing.understand(pcm, trie, speech_seconds(pcm))


def believed(utterances: dict[str, Utterance]) -> list[str]:
    """The texts whose grammar sentence is believed and true."""
    return [
        text
        for text, heard in utterances.items()
        if heard.believes_grammar and said_in_words(heard.grammar) == text
    ]


def misled(utterances: dict[str, Utterance]) -> list[tuple[str, Utterance]]:
    """The texts that are believed to be something else."""
    return [
        (text, heard)
        for text, heard in utterances.items()
        if heard.believes_grammar and said_in_words(heard.grammar) != text
    ]


def test_the_house_hears_its_own_voice(hearing: Hearing, trie: Trie) -> None:
    heard = {text: listen(hearing, trie, said(text)) for text in COMMANDS}
    assert len(believed(heard)) >= 24, set(COMMANDS) - set(believed(heard))
    assert not misled(heard)


def test_it_hears_through_noise(hearing: Hearing, trie: Trie) -> None:
    sounds = {text: said(text) for text in COMMANDS[:8]}
    heard = {
        text: hearing.understand(
            mixed(pcm, noise(len(pcm) / 2 / EARS_RATE, 0.01)), trie, speech_seconds(pcm)
        )
        for text, pcm in sounds.items()
    }
    assert len(believed(heard)) >= 7, heard


def test_what_is_not_for_the_house_is_not_believed(hearing: Hearing, trie: Trie) -> None:
    heard = {text: listen(hearing, trie, said(text)) for text in ELSEWHERE}
    assert not misled(heard)


def test_free_text_tells_what_the_grammar_cannot(hearing: Hearing, trie: Trie) -> None:
    heard = listen(hearing, trie, said("don't turn on the kitchen light"))
    assert "don't" in heard.free.lower()
    assert not heard.believes_grammar


def test_both_readings_of_a_clear_command_agree(hearing: Hearing, trie: Trie) -> None:
    heard = listen(hearing, trie, said("turn on the kitchen light"))
    assert heard.free == "Turn on the kitchen light."
    assert heard.grammar == "turn on the kitchen light"
    assert heard.delta == 0.0
    assert heard.believes_grammar_firmly


def test_where_the_readings_agree_the_search_would_have_found_the_same(
    net: Moonshine, hearing: Hearing, trie: Trie
) -> None:
    for text in COMMANDS[:6]:
        heard = listen(hearing, trie, said(text))
        held = decode_held(net.begin(floats_of(said(text))), trie, net.vocabulary.pieces, 40)
        assert held is not None
        assert held.sentence == heard.grammar
        assert held.score == pytest.approx(heard.grammar_score, abs=0.2)


def test_a_command_that_the_home_does_not_know_is_free_text_only(hearing: Hearing) -> None:
    heard = listen(hearing, Trie(()), said("turn on the kitchen light"))
    assert heard.free == "Turn on the kitchen light."
    assert heard.grammar is None
    assert not heard.believes_grammar


@pytest.mark.parametrize(
    "pcm",
    [
        b"",
        b"\x01",
        silence(0.05),
        noise(0.05),
        said("turn on the kitchen light")[32_000:33_601],
        silence(3),
        noise(5, 0.3),
        noise(5, 0.01, seed=2),
    ],
    ids=["nothing", "half a sample", "50 ms", "50 ms of noise", "odd", "silence", "loud", "soft"],
)
def test_what_is_no_speech_ends_and_is_not_believed(
    hearing: Hearing, trie: Trie, pcm: bytes
) -> None:
    heard = hearing.understand(pcm, trie, len(pcm) / 2 / EARS_RATE)
    assert not heard.believes_grammar_firmly
    assert len(heard.free) < 400


def test_a_command_in_a_long_turn_is_heard(hearing: Hearing) -> None:
    long = silence(9) + said("turn on the kitchen light")
    assert "kitchen light" in hearing.understand(long, Trie(()), 1.0).free.lower()


def test_what_is_said_after_the_longest_turn_is_not_heard(hearing: Hearing) -> None:
    late = silence(LONGEST_SECONDS) + said("turn on the kitchen light")
    assert "kitchen" not in hearing.understand(late, Trie(()), 1.0).free.lower()


def test_what_cannot_be_believed_is_not_even_offered(hearing: Hearing) -> None:
    heard = listen(hearing, Trie(["turn off the kitchen light"]), said("turn on the kitchen light"))
    assert heard.grammar is None


def test_the_length_of_the_speech_is_passed_on(hearing: Hearing, trie: Trie) -> None:
    assert hearing.understand(silence(0.5), trie, 0.25).seconds == 0.25


def test_loaded_ears_hear() -> None:
    heard = load_hearing().understand(said("lock the front door"), Trie(["lock the front door"]), 1)
    assert heard.believes_grammar_firmly


VOICES = {"hibari": 24, "kokoro-af_heart": 24, "espeak-us": 23, "festival-slt-hts": 22}


@pytest.mark.parametrize("voice", VOICES)
def test_recorded_voices_are_heard(
    hearing: Hearing,
    trie: Trie,
    recordings: Path,
    voice: str,
    record_property: Callable[[str, object], None],
) -> None:
    lines = (recordings / "commands.txt").read_text().split("\n")
    heard = {
        line: listen(hearing, trie, recorded(recordings / "commands" / voice / f"{n:02}.wav"))
        for n, line in enumerate(lines)
        if line
    }
    record_property("exact", len(believed(heard)))
    assert len(believed(heard)) >= VOICES[voice]
    assert not misled(heard)


def test_recorded_talk_about_other_things_is_not_believed(
    hearing: Hearing, trie: Trie, recordings: Path
) -> None:
    lines = (recordings / "out_of_grammar.txt").read_text().split("\n")
    heard = {
        line: listen(hearing, trie, recorded(recordings / "out_of_grammar/hibari" / f"{n:02}.wav"))
        for n, line in enumerate(lines)
        if line
    }
    assert not misled(heard)
