"""`password`: a line for users_file, printed or written."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.transport.smtp.users import SmtpUsers


def _given(text: str, *, terminal: bool = False) -> io.StringIO:
    class Input(io.StringIO):
        def isatty(self) -> bool:
            return terminal

    return Input(text)


def _call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["password", *words])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_line_that_is_printed_is_one_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", _given("korrekt horse\nmore\n"))
    status, line, error = _call(capsys, "alice@example.com")
    assert (status, error, line.count("\n")) == (0, "", 1)
    (tmp_path / "users").write_text(line, "utf-8")
    assert SmtpUsers.from_file(tmp_path / "users").verify("alice@example.com", "korrekt horse")


def test_without_an_address_it_prints_the_hash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", _given("secret"))
    assert _call(capsys)[1].startswith("scrypt$16384$8$1$")


def test_at_a_terminal_it_asks_twice_and_stdout_has_the_line_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    answers = iter(["secret", "sceret", "secret", "secret"])

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return next(answers)

    monkeypatch.setattr("click.termui.hidden_prompt_func", ask)
    monkeypatch.setattr("sys.stdin", _given("", terminal=True))
    status, line, said = _call(capsys, "alice@example.com")
    assert (status, len(asked)) == (0, 4)
    assert line.startswith("alice@example.com:scrypt$")
    assert "do not match" in said


def test_it_writes_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "smtp-users"
    monkeypatch.setattr("sys.stdin", _given("secret\n"))
    status, said, _ = _call(capsys, "alice@example.com", "--file", str(file))
    assert (status, said.splitlines()[0]) == (
        0, f"Added alice@example.com in {file}. For a running desk: systemctl reload mailgate",
    )  # fmt: skip
    assert f"chgrp mailgate {file}" in said
    monkeypatch.setattr("sys.stdin", _given("other\n"))
    assert _call(capsys, "ALICE@example.com", "--file", str(file))[1].startswith("Replaced ALICE@example.com")
    assert SmtpUsers.from_file(file).verify("alice@example.com", "other")


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (("alice@example.com",), "", "the password is empty"),
        (("alice@example.com",), "\n", "the password is empty"),
        (("alice@example.com",), "x" * 1025, "the password is longer than 1024 characters"),
        (("alice",), "secret", "'alice' is not an address"),
        (("#alice@example.com",), "secret", "is not an address"),
        (("a:b@example.com",), "secret", "is not an address"),
        (("--file", "users"), "secret", "--file needs the address of the agent"),
    ],
)
def test_wrong_use_is_told(
    words: tuple[str, ...],
    given: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", _given(given))
    status, out, error = _call(capsys, *words)
    assert (status, out) == (2, "")
    assert said in error


def test_a_file_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", _given("secret"))
    status, _, error = _call(capsys, "alice@example.com", "--file", str(tmp_path / "missing" / "users"))
    assert (status, "no such file or directory" in error) == (1, True)
    (tmp_path / "users").write_text("alice\n", "utf-8")
    monkeypatch.setattr("sys.stdin", _given("secret"))
    status, _, error = _call(capsys, "alice@example.com", "--file", str(tmp_path / "users"))
    assert (status, "line 1: expected address" in error, "Nothing was written" in error) == (1, True, True)
