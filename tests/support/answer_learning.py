"""Learns the weights of answers from the labelled lines: `python -m tests.support.answer_learning`.

Writes `mailgate/parsers/replies/learned.bin`. Needs the extra `learning` and some ten minutes. The lines of `held-out/`
are never learnt from. The same lines, code and libraries give the same file.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression

from mailgate.parsers.replies import classifier
from mailgate.parsers.replies.answer import find_answer_features
from mailgate.parsers.replies.classifier import HEAD, MAGIC, TAG_SHIFT, AnswerClass
from tests.support.answer_figures import FAMILIES, LEARNED, TUNED, find_languages, read_rows

FILE = Path(classifier.__file__).with_name("learned.bin")  # where the classifier reads it
Row = Any  # an array of numpy, which only those have who learn
SLOTS = 2**19
MOST_FEATURES = 350_000
LEAST_LINES = 2  # that a feature must stand in
STRENGTH = 400.0  # how far the weights may go to fit the lines
_STEPS = 127


def read_examples() -> tuple[list[str], list[AnswerClass]]:
    """Every line to learn from, with its outcome."""
    rows = [
        row
        for folder in (TUNED, FAMILIES, LEARNED)
        for code in find_languages(folder)
        for row in read_rows(folder, code)
    ]
    return [row.text for row in rows], [
        AnswerClass[(row.label if row.flag == "-" else row.flag).upper()] for row in rows
    ]


def learn(found: Sequence[set[int]], outcomes: Sequence[AnswerClass]) -> bytes:
    """The file of weights."""
    numbers, counts = numpy.unique(numpy.concatenate([sorted(one) for one in found]), return_counts=True)
    numbers = numbers[counts >= LEAST_LINES]
    weights = numpy.stack([row for row, _ in _fit(found, outcomes, numbers)])
    kept = _place(numbers, abs(weights).max(axis=0))
    return _pack(kept, _fit(found, outcomes, kept))  # learnt anew, to make good what the others did


def _place(numbers: Row, weights: Row) -> Row:
    """The weightiest features, one for each slot."""
    order = numpy.lexsort((numbers, -weights))
    _, first = numpy.unique(numbers[order] & (SLOTS - 1), return_index=True)
    return numbers[order][sorted(first)[:MOST_FEATURES]]


def _fit(found: Sequence[set[int]], outcomes: Sequence[AnswerClass], numbers: Row) -> list[tuple[Row, float]]:
    """For each outcome the weights of the features, and the bias."""
    columns = {number: at for at, number in enumerate(numbers.tolist())}
    places: list[int] = []
    values: list[float] = []
    ends = [0]
    for one in found:
        known = sorted(columns[number] for number in one if number in columns)
        places += known
        values += [1 / len(one) ** 0.5] * len(known)
        ends.append(len(places))
    matrix = csr_matrix((values, places, ends), shape=(len(found), len(numbers)))
    wanted = [numpy.array([one is outcome for one in outcomes]) for outcome in AnswerClass]
    with ProcessPoolExecutor() as pool:
        return list(pool.map(_fit_one, repeat(matrix), wanted))


def _fit_one(matrix: Row, wanted: Row) -> tuple[Row, float]:
    """One outcome against the others. Each feature counts by how much oftener it stands in lines of the outcome: with
    few lines for most features that reads strangers' lines better than the plain model does."""
    present = matrix > 0
    inside, outside = (1 + present[rows].sum(axis=0).A1 for rows in (wanted, ~wanted))
    ratio = numpy.log((inside / inside.sum()) / (outside / outside.sum()))
    model = LogisticRegression(C=STRENGTH, solver="liblinear", dual=True, max_iter=3000, tol=0.01, random_state=1)
    model.fit(matrix @ diags(ratio), wanted)
    return model.coef_[0] * ratio, float(model.intercept_[0])


def _pack(numbers: Row, fits: Sequence[tuple[Row, float]]) -> bytes:
    slots: Row = numbers & (SLOTS - 1)
    tags: Row = numpy.zeros(SLOTS, "<u2")
    tags[slots] = numbers >> TAG_SHIFT
    scales, biases, rows = [], [], []
    for weights, bias in fits:
        scale = float(abs(weights).max()) / _STEPS
        row: Row = numpy.zeros(SLOTS, "i1")
        row[slots] = numpy.rint(weights / scale)
        scales.append(scale)
        biases.append(bias)
        rows.append(row.tobytes())
    return b"".join([HEAD.pack(MAGIC, SLOTS, *scales, *biases), tags.tobytes(), *rows])


def main() -> None:
    """Learn, and write the file."""
    texts, outcomes = read_examples()
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(find_answer_features, texts, chunksize=200))
    FILE.write_bytes(learn(found, outcomes))
    print(f"{len(texts):,} lines, {FILE.stat().st_size:,} bytes: {FILE.name}")


if __name__ == "__main__":
    main()
