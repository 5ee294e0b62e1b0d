"""`mailgate`, or `python -m mailgate`: runs the command line and turns its outcome into an exit status.

0 done; 1 it failed; 2 usage or configuration; for `pipe` the codes that an MTA reads, whatever happens. What an
operator can mend is told in lines on stderr; a traceback is a bug.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import click

from mailgate.cli import cli
from mailgate.core.clock import Clock, SystemClock

_INTERRUPTED = 130
_TRY_AGAIN = 75  # EX_TEMPFAIL: the MTA keeps the mail


def main(arguments: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Runs one command and returns its exit status.

    `arguments` come without the program's name, by default from the process. `clock` is the only time that a command
    reads, by default the machine's.
    """
    clock = clock or SystemClock()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] != ["pipe"] or {"-h", "--help"} & set(words):
        return _run(words, clock)
    try:
        return _TRY_AGAIN if (status := _run(words, clock)) in (1, 2, _INTERRUPTED) else status
    except Exception as error:  # the edge to an MTA: it would return a mail to its author for any other code
        _tell(f"not stored: {error!r}")
        return _TRY_AGAIN


def _run(words: list[str], clock: Clock) -> int:
    try:
        status = cli.main(words, prog_name="mailgate", standalone_mode=False, obj=clock)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        _tell(*_lines_of(error))
        return error.exit_code
    except click.Abort:
        return _INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except SystemExit as left:  # click's word for a reader who left early
        return left.code if isinstance(left.code, int) else 1
    except OSError as error:
        if error.errno == errno.EPIPE:
            return _reader_left()
        raise


def _lines_of(error: click.ClickException) -> list[str]:
    """What click or a command says, as lines; a wrong usage with the command that tells the right one."""
    lines = error.format_message().splitlines() or [type(error).__name__]
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx is not None else "mailgate"
        lines = [f"{' '.join(lines).rstrip('.')} (see `{path} --help`)"]
    return lines


def _tell(*lines: str) -> None:
    for line in lines:
        print(f"mailgate: {line}", file=sys.stderr)


def _reader_left() -> int:
    """`mailgate tickets | head`: whoever read our output has seen enough. Python would complain at its exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
