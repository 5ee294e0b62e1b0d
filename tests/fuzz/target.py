"""The readers under libFuzzer: `python -m tests.fuzz.target FINDINGS SEEDS [libFuzzer's options]`.

What an input breaks is written to FINDINGS once for each place that broke, and the run goes on; a process that dies or
hangs leaves the input there by libFuzzer itself. An input that begins with NUL is a text, any other a mail.
"""

from __future__ import annotations

import random
import re
import sys
import time
import traceback
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mailgate.parsers"], enable_loader_override=False):
    from tests.support.parser_invariants import check_mail, check_text, load_corpus, mutate

SLOW = 3.0  # seconds of processor time for one input of up to MOST_BYTES
MOST_BYTES = 64 * 1024
RETURN_PATHS = (None, "", "jo@customer.example")

_corpus = load_corpus()
_seen: set[str] = set()


def try_input(data: bytes) -> None:
    """Read an input; what breaks is noted."""
    began = time.process_time()
    try:
        if data[:1] == b"\0":
            check_text(_as_text(data[1:]))
        else:
            mail = check_mail(data, RETURN_PATHS[len(data) % 3])
            check_text(mail.new_text, mail.subject)
    except (Exception, RecursionError) as error:
        place = next((f"{Path(frame.filename).stem}-{frame.lineno}" for frame in _own_frames(error)), "elsewhere")
        word = re.match(r"\w*", str(error))  # of an assertion, the field that is not clean
        name = f"{type(error).__name__}-{place}-{word[0][:30] if word else ''}"
        _note(name, data, "".join(traceback.format_exception(error)))
    if time.process_time() - began > SLOW:
        _note(f"slow-{len(data).bit_length()}", data, f"{time.process_time() - began:.1f} s")


def _as_text(data: bytes) -> str:
    """Any bytes as a text; those of lone surrogates as such."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of the product, the innermost first; of the checks where there is none."""
    frames = list(reversed(traceback.extract_tb(error.__traceback__)))
    return [one for one in frames if "mailgate" in Path(one.filename).parts[-3:]] or [
        one for one in frames if Path(one.filename).stem == "soundness"
    ]


def _note(name: str, data: bytes, why: str) -> None:
    if name not in _seen:
        _seen.add(name)
        folder = Path(sys.argv[1])
        (folder / f"{name}.input").write_bytes(data)
        (folder / f"{name}.why").write_text(why, "utf-8", "backslashreplace")


def change(data: bytes, most: int, seed: int) -> bytes:
    """Half of the changes are libFuzzer's, which know nothing of mails, and half those that mails suffer."""
    if data[:1] == b"\0" or random.Random(seed).random() < 0.5:
        return bytes(atheris.Mutate(data, most))
    return mutate(data, seed, _corpus)[:most]


def main() -> None:
    options = [sys.argv[0], *sys.argv[2:], f"-max_len={MOST_BYTES}"]
    atheris.Setup(options, try_input, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
