"""The classifier learnt from labelled answers: the file, its likelihoods, and how it is made."""

from __future__ import annotations

from zlib import crc32

import pytest

from mailgate.parsers.replies.answer import find_answer_features, read_answer
from mailgate.parsers.replies.classifier import HEAD, MAGIC, TAG_SHIFT, AnswerClass, Classifier, load_classifier
from mailgate.parsers.replies.features import FEW

SLOTS = 8


def _pack(weights: dict[int, dict[AnswerClass, int]]) -> bytes:
    """A small file: a feature → its weight for some outcomes."""
    tags = bytearray(2 * SLOTS)
    columns = {outcome: bytearray(SLOTS) for outcome in AnswerClass}
    for feature, row in weights.items():
        slot = feature % SLOTS
        tags[2 * slot : 2 * slot + 2] = (feature >> TAG_SHIFT).to_bytes(2, "little")
        for outcome, weight in row.items():
            columns[outcome][slot] = weight % 256
    return HEAD.pack(MAGIC, SLOTS, *[1.0] * 5, *[0.0] * 5) + bytes(tags) + b"".join(columns.values())


def test_a_known_feature_speaks_for_its_outcome() -> None:
    feature = crc32(b"w gone")
    chances = Classifier(_pack({feature: {AnswerClass.RESOLVED: 5, AnswerClass.NOT_FIXED: -5}})).predict([{feature}])
    assert chances.resolved > chances.unclear > chances.not_fixed
    assert sum(chances) == pytest.approx(1)


def test_an_unknown_feature_says_nothing_even_in_the_same_slot() -> None:
    feature = crc32(b"w gone")
    classifier = Classifier(_pack({feature: {AnswerClass.RESOLVED: 5}}))
    assert set(classifier.predict([{feature ^ 1 << 31}])) == {0.2}
    assert set(classifier.predict([])) == {0.2}


def test_the_group_that_speaks_most_is_found() -> None:
    yes, no = crc32(b"w gone"), crc32(b"w broken")
    assert yes % SLOTS != no % SLOTS
    classifier = Classifier(_pack({yes: {AnswerClass.RESOLVED: 5}, no: {AnswerClass.NOT_FIXED: 5}}))
    assert classifier.find_strongest([{no}, {yes}], [AnswerClass.RESOLVED]) == 1
    assert classifier.find_strongest([{no}, {yes}], [AnswerClass.NOT_FIXED]) == 0


@pytest.mark.parametrize("stored", [b"mailgate answers 0", HEAD.pack(MAGIC, SLOTS, *[1.0] * 10), b"\0" * HEAD.size])
def test_a_broken_file_says_what_to_do(stored: bytes) -> None:
    with pytest.raises(ValueError, match=r"learned\.bin .* install the package anew"):
        Classifier(stored)


def test_the_shipped_file_knows_the_option_words() -> None:
    for text, outcome in (("resolved", "resolved"), ("non résolu", "not_fixed"), ("merci", "thanks_only")):
        chances = load_classifier().predict([find_answer_features(text)])
        assert max(chances) == getattr(chances, outcome)


def test_a_long_letter_is_read_by_its_rules_and_its_yes_is_seconded() -> None:
    story = "On Monday we moved the desks. " * (FEW + 1)
    assert read_answer(f"{story}It works again, thank you.").verdict == "resolved"
    assert read_answer(f"{story}It still does not work.").verdict == "not_fixed"
    assert read_answer(f"{story}We shall see.").verdict == "unclear"


@pytest.mark.long
def test_learning_anew_gives_what_is_shipped() -> None:
    """A change of lines or features needs a new training: else the file does not match the lines.

    Features also change with the words of the rules. A few words moved a likelihood by 0.03 at most, by 0.001 in the
    mean; other lines or other features move more.
    """
    pytest.importorskip("sklearn", reason="the extra `learning` is not installed")
    from tests.support.answer_learning import FILE, learn, read_examples

    texts, outcomes = read_examples()
    found = [find_answer_features(text) for text in texts]
    fresh, shipped = Classifier(learn(found, outcomes)), Classifier(FILE.read_bytes())
    changes = [
        max(abs(ours - theirs) for ours, theirs in zip(fresh.predict([one]), shipped.predict([one]), strict=True))
        for one in found[::50]
    ]
    assert max(changes) < 0.05
    assert sum(changes) / len(changes) < 0.003
