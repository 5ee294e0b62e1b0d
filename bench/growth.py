"""Measures how the time of a reader grows with a hostile mail or text: each shape at growing sizes, in a process.

The process has limits of processor time and memory, so that a shape that exceeds them is a result like any other.
"""

from __future__ import annotations

import math
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.connection import Connection

from bench.hostile import Shape
from mailgate.core.form_fields import FieldKind, FormField, Texts
from mailgate.parsers import read_answer, read_commands, read_mail
from mailgate.parsers.forms import read_form

_BLANKS = (
    FormField("system", Texts((("en", "System"), ("fr", "Système"))), FieldKind.CHOICE, True, ("SAP", "Mail")),
    FormField("since", Texts((("en", "Wanted from"),)), FieldKind.DATE, True),
    FormField("why", Texts((("en", "Why"),)), FieldKind.LONG),
)


def _read_form(text: str) -> object:
    return read_form(_BLANKS, text, text, "en", date(2026, 11, 24))


READERS: dict[str, Callable[..., object]] = {
    "mail": read_mail, "answer": read_answer, "commands": read_commands, "form": _read_form,
}  # fmt: skip
MOST_EXPONENT = 1.3
MOST_SECONDS = 60  # of processor time, for one shape and reader
MOST_MEMORY = 3 * 2**30  # bytes of address space
_SURE = 0.004  # seconds: what is shorter says nothing about growth
_LONG_ENOUGH = 0.08  # seconds


@dataclass
class Growth:
    """Sizes in bytes, seconds of processor time for each, and bytes of memory that the largest took at its peak."""

    shape: str
    reader: str
    sizes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory: int = 0
    error: str = ""

    @property
    def exponent(self) -> float:
        """Returns the larger exponent e of time ~ size**e, over all sizes and over the two largest.

        0 where the times are too short to measure. A limit that is reached in between is no growth.
        """
        pairs = list(zip(self.sizes, self.seconds, strict=True))
        large, slow = pairs[-1]
        if slow <= 3 * _SURE:
            return 0.0
        steps = (pairs[0], pairs[-2])
        return max(math.log(slow / max(quick, _SURE)) / math.log(large / small) for small, quick in steps)

    @property
    def per_kb(self) -> list[float]:
        """Milliseconds a kB (1,000 bytes)."""
        return [seconds * 1e6 / size for size, seconds in zip(self.sizes, self.seconds, strict=True)]

    @property
    def is_flagged(self) -> bool:
        """True where the growth needs an examination."""
        return bool(self.error) or self.exponent > MOST_EXPONENT


def measure_growth(shape: Shape, sizes: Sequence[int]) -> list[Growth]:
    """Measures the growth for each reader that takes the shape."""
    is_text = isinstance(shape.build(1), str)
    return [_run_apart(shape, reader, sizes) for reader in (("answer", "commands", "form") if is_text else ("mail",))]


def _run_apart(shape: Shape, reader: str, sizes: Sequence[int]) -> Growth:
    context = multiprocessing.get_context("fork")  # a shape is a function, which cannot be sent
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(shape, reader, sizes, theirs), daemon=True)
    process.start()
    theirs.close()
    growth = Growth(shape.name, reader)
    try:
        while (entry := ours.recv()) is not None:
            if isinstance(entry, str):
                growth.error = entry
                break
            size, seconds, growth.memory = entry
            growth.sizes.append(size)
            growth.seconds.append(seconds)
    except EOFError:
        growth.error = f"ended at size {sizes[len(growth.sizes)]:,}: more than {MOST_SECONDS} s, or died"
    process.join()
    return growth


def _measure(shape: Shape, reader: str, sizes: Sequence[int], out: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    read = READERS[reader]
    read(shape.build(100))  # what is built at the first use
    try:
        for size in sizes:
            value = shape.build(size)
            before = _peak()
            seconds = _time(lambda: read(value))  # noqa: B023  # called at once
            out.send((len(value) if isinstance(value, bytes) else len(value.encode()), seconds, _peak() - before))
    except BaseException as error:
        out.send(f"{type(error).__name__}: {error}"[:200])
        return
    out.send(None)


def _time(act: Callable[[], object]) -> float:
    """Returns seconds of processor time: the fastest of at least two calls, and of as many as the clock's ticks need.

    Other load on the machine makes a call slower, never faster.
    """
    best, calls, began = math.inf, 0, time.process_time()
    while calls < 2 or time.process_time() - began < _LONG_ENOUGH:
        before = time.process_time()
        act()
        best, calls = min(best, time.process_time() - before), calls + 1
    return best


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
