"""`check` and `status` on the files of the directory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mailgate.__main__ import main
from tests.support.desk import CONFIG, TestDesk

FILES = """
[directory]
people = "people.csv"
equipment = "equipment.csv"
"""
PEOPLE = "address,name,timezone\nanna@example.org,Anna,Europe/Paris\nben,Ben,\nzoe@example.net,Zoé,Paris\n"


@pytest.fixture
def desk(tmp_path: Path) -> TestDesk:
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "equipment.csv").write_text("owner;asset\nAccounts;Printer\n")
    found = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db", config=CONFIG + FILES)
    found.close()
    return found


def run(desk: TestDesk, capsys: pytest.CaptureFixture[str], *command: str) -> tuple[int, str, str]:
    status = main([*command, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_check_says_how_many_were_read_and_which_lines_not(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(desk, capsys, "check")
    words = " ".join(out.split())
    assert (status, err) == (0, "")
    assert "ok directory 2 people in /" in words
    assert 'warning directory people.csv, line 3 is left out: "ben" is not an address' in words
    assert (
        'warning directory people.csv, line 4: there is no time zone "Paris"; write one such as Europe/Paris'
    ) in words
    assert "ok directory 1 equipment in /" in words


def test_check_fails_where_a_file_cannot_be_used(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    (desk.folder / "people.csv").unlink()
    (desk.folder / "equipment.csv").write_text("a heading\n")
    status, out, err = run(desk, capsys, "check")
    words = " ".join(out.split())
    assert (status, err) == (1, "")
    assert ("people.csv cannot be used: No such file or directory; a running desk keeps what it read before") in words
    assert 'equipment.csv cannot be used: line 1: no column is named "address" or "department" or "owner"' in words


def test_status_is_not_well_while_a_file_cannot_be_used(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(desk, capsys, "status", "--json")
    people = {"name": "people", "count": 2, "odd_lines": 2, "error": ""}
    assert (status, err) == (0, "")
    assert json.loads(out)["directory"] == [people, {"name": "equipment", "count": 1, "odd_lines": 0, "error": ""}]
    (desk.folder / "people.csv").write_text("")
    status, out, err = run(desk, capsys, "status", "--json")
    assert (status, err, json.loads(out)["healthy"]) == (1, "", False)
    assert json.loads(out)["directory"][0]["error"] == "it is empty; its first row must name the columns"


def test_a_desk_without_a_directory_says_nothing_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    plain.close()
    assert "directory" not in run(plain, capsys, "check")[1]
    assert json.loads(run(plain, capsys, "status", "--json")[1])["directory"] == []
