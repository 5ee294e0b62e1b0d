"""`mailgate`, or `python -m mailgate`: runs the command line and turns its outcome into an exit status.

0 done; 1 failed; 2 wrong usage or configuration; for `pipe` always a code that an MTA understands. Errors that an
operator can correct are lines on stderr; a traceback is a bug.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import click

from mailgate.cli import cli
from mailgate.cli.output import clean
from mailgate.core.clock import Clock, SystemClock

_INTERRUPTED = 130
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # a disk or a quota that takes no more
_TRY_AGAIN = 75  # EX_TEMPFAIL: the MTA keeps the mail
_PRIVATE = 0o077  # the umask of every command: what it creates holds people's mail


def main(arguments: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Runs one command and returns its exit status.

    `arguments` come without the program's name, by default from the process. `clock` is the only time that a command
    reads, by default the machine's.
    """
    before = os.umask(_PRIVATE)
    try:
        return _run_safely(arguments, clock or SystemClock())
    finally:
        os.umask(before)


def _run_safely(arguments: Sequence[str] | None, clock: Clock) -> int:
    """Runs one command; an error of `pipe` is one that an MTA understands."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    start = 2 if given[:1] == ["--config"] else 1 if given and given[0].startswith("--config=") else 0
    if given[start : start + 1] != ["pipe"] or {"-h", "--help"} & set(given):
        return _run(given, clock)
    try:
        return _TRY_AGAIN if (status := _run(given, clock)) in (1, 2, _INTERRUPTED) else status
    except Exception as error:  # the edge to an MTA: with any other code it would return the mail to its author
        _print_error(f"not stored: {error!r}")
        return _TRY_AGAIN


def _run(arguments: list[str], clock: Clock) -> int:
    try:
        status = cli.main(arguments or ["--help"], prog_name="mailgate", standalone_mode=False, obj=clock)
        if sys.stdout is not None:  # None where the caller closed it
            sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        _print_error(*_lines_of(error))
        return error.exit_code
    except click.Abort:
        return _INTERRUPTED
    except SystemExit as stop:  # raised by click where the reader of the output has gone
        _discard_output()
        return stop.code if isinstance(stop.code, int) else 1
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        if error.errno == errno.EPIPE:  # the reader has left, as `head` does
            _discard_output()
            return 0
        if error.filename is not None:
            _print_error(f"{error.filename}: {words}")
        elif error.errno in _FULL:
            _discard_output()
            _print_error(f"the output cannot be written: {words}")
        else:
            raise
        return 1


def _lines_of(error: click.ClickException) -> list[str]:
    """Returns the lines of an error; for wrong usage, with the command that prints the right one."""
    lines = error.format_message().splitlines() or [type(error).__name__]
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx is not None else "mailgate"
        words = " ".join(" ".join(lines).split()).rstrip(".")
        lines = [f"{words} (see `{path} --help`)"]
    return lines


def _print_error(*lines: str) -> None:
    """Prints lines to stderr without control characters: an error repeats what was typed, and names files."""
    from mailgate.cli.logformat import error_mark

    for line in lines:
        print(f"{error_mark()}mailgate: {clean(line)}", file=sys.stderr)


def _discard_output() -> None:
    """Drops what was not written to standard output; Python would try again at its end, and complain."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
