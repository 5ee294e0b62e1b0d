"""Gets the answers of `init`: from options alone, or at a terminal, where each group is tried before the next one."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from mailgate.cli.checks.desk import CheckResult
from mailgate.cli.context import UsageError, can_ask
from mailgate.cli.output import clean
from mailgate.cli.setup.machine import Machine
from mailgate.cli.setup.questions import QUESTION_GROUPS, QUESTIONS, Answers, Question, QuestionGroup
from mailgate.cli.setup.trials import read_draft, try_answers
from mailgate.config import ConfigError
from mailgate.config.permissions import describe_os_error
from mailgate.core.clock import Clock

Options = Mapping[str, str | None]
_STDIN = "-"


def take_options(options: Options, machine: Machine, clock: Clock, *, connect: bool) -> Answers:
    """Returns the answers of the options, and the defaults of the others; asks nothing.

    What is missing or wrong is one UsageError. A try that fails is a warning, since a script may come before a server.
    """
    given: dict[str, Any] = {}
    missing, mistakes = [], []
    for question in QUESTIONS:
        text = options.get(question.key)
        if not question.applies(given):
            if text is not None and "intake" in given:
                mistakes.append(f"--{question.name}: does not go with the other answers")
            continue
        text = question.default(given, machine) if text is None else text
        if text is not None:
            try:
                given[question.key] = _read_option(question, text)
            except ValueError as error:
                mistakes.append(f"--{question.name}: {error}")
        elif _is_required(question, machine):
            missing.append(f"--{question.name} {question.metavar}")
    if missing:
        mistakes.append(f"missing: {', '.join(missing)} (at a terminal, `mailgate init` asks for them)")
    if not mistakes:
        mistakes += _find_mistakes(given)
    if mistakes:
        raise UsageError(*mistakes)
    for words in _try(given, set(given), clock) if connect else ():
        click.echo(f"mailgate: warning: {clean(words)}", err=True)
    return given


def ask(options: Options, machine: Machine, clock: Clock, *, connect: bool) -> Answers:
    """Asks at the terminal for what the options do not answer; a mistake or a failed try is asked again."""
    given: dict[str, Any] = {}
    typed: dict[str, str] = {}  # proposed when a group is asked again
    click.echo("Enter takes the answer in [brackets]. Nothing is written before the last question is answered.")
    for number, group in enumerate(QUESTION_GROUPS, 1):
        left = {question.key: options.get(question.key) for question in group.questions}
        head = f"\n{number}/{len(QUESTION_GROUPS)}  {group.title}"
        while True:
            before = dict(given)
            asked = _ask_group(group, given, left, typed, machine, head)
            mistakes = _find_mistakes(given)
            keys = given.keys() - before.keys()
            failed = list(_try(given, keys, clock, tell=True)) if connect and not mistakes else []
            for words in (*mistakes, *failed):
                click.echo(f"  {clean(words)}")
            if not mistakes and (
                not failed or (asked and click.confirm("  Keep these answers anyway?", default=False))
            ):
                break
            given, left, head = before, {}, ""
    return given


def _ask_group(
    group: QuestionGroup, given: dict[str, Any], left: Options, typed: dict[str, str], machine: Machine, head: str
) -> bool:
    """Adds the answers of a group to those given; tells whether anything was asked."""
    asked = False
    for question in group.questions:
        if not question.applies(given):
            continue
        text = left.get(question.key)
        default = question.default(given, machine)
        if text is None and not question.is_asked(given):
            text = default
        if text is not None:
            try:
                given[question.key] = _read_option(question, text)
                continue
            except ValueError as error:
                click.echo(f"--{question.name}: {error}")
        if head and not asked:
            click.echo(head)
        asked = True
        given[question.key] = _prompt(question, typed.get(question.key, default), given, typed)
    return asked


def _prompt(question: Question, default: str | None, given: Answers, typed: dict[str, str]) -> Any:
    def read(text: str) -> Any:
        try:
            value = question.read(text.strip() if not question.is_password else text)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        for mistake in _find_mistakes({**given, question.key: value}) if question.settings else ():
            setting, _, words = mistake.partition(": ")
            if setting in question.settings:
                raise click.UsageError(words)
        if not question.is_password:
            typed[question.key] = text
        return value

    if question.is_password:
        return click.prompt(f"  {question.words}", hide_input=True, value_proc=read)
    return click.prompt(f"  {question.words}", default=default, show_default=bool(default), value_proc=read)


def _read_option(question: Question, text: str) -> Any:
    """Returns the value of an option; of a password the first line of its file. Raises ValueError."""
    return _read_password(text) if question.is_password else question.read(text.strip())


def _read_password(file: str) -> str:
    if file == _STDIN and can_ask():
        raise ValueError('"-" reads a line of standard input, which is a terminal here')
    try:
        if file == _STDIN:
            line = sys.stdin.readline()
        else:
            with Path(file).open(encoding="utf-8") as lines:
                line = lines.readline()
    except OSError as error:
        raise ValueError(describe_os_error(error, file)) from None
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not UTF-8 text") from None
    if not line.strip():
        raise ValueError(f"{'standard input' if file == _STDIN else file} has no password in its first line")
    return line.rstrip("\r\n")


def _is_required(question: Question, machine: Machine) -> bool:
    """Tells whether a question has no default, whatever the other answers are."""
    return question.default({"address": "desk@localhost", "operator": "desk@localhost"}, machine) is None


def _find_mistakes(given: Answers) -> tuple[str, ...]:
    try:
        read_draft(given)
    except ConfigError as error:
        return error.mistakes
    return ()


def _try(given: Answers, keys: set[str], clock: Clock, *, tell: bool = False) -> Iterator[str]:
    """Yields what does not work, in words; with `tell`, prints what works."""
    for finding in try_answers(given, keys, clock):
        if finding.verdict is CheckResult.FAILED:
            yield finding.words
        elif tell:
            click.echo(f"  {clean(finding.words)}")
