"""`preview` and what `check` says of templates: what an operator sees before anybody else does."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailgate.__main__ import main
from mailgate.core.workflow.notice_catalogue import Notice
from tests.support.desk import CONFIG
from tests.support.screenshots import draw_logo

LOGO = draw_logo()
LOOK = 'logo = "logo.png"\ntemplates = "own"\nsignature = "Room 12"\n'
NETWORK = '\n[queues.network]\nname = "Network"\naddress = "network@example.com"\ncolour = "#ffcc00"\nlogo = ""\n'
Call = Callable[..., Any]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command of a desk that has a look of its own; status, what it printed, what it complained about."""
    (tmp_path / "secret").write_text("a key")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "logo.png").write_bytes(LOGO.data)
    (tmp_path / "own").mkdir()
    (tmp_path / "mailgate.toml").write_text(CONFIG.replace("[desk]\n", f"[desk]\n{LOOK}") + NETWORK)

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(tmp_path / "mailgate.toml")])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def write(folder: Path, name: str, words: str) -> None:
    (folder / "own" / name).parent.mkdir(exist_ok=True)
    (folder / "own" / name).write_text(words, "utf-8")


def test_the_page_opens_in_a_browser_with_its_logo(call: Call) -> None:
    page = call("preview", "receipt", "--html")[1]
    data = re.search(r'src="data:image/png;base64,([^"]+)" alt="Support"', page)
    assert data is not None
    assert b64decode(data[1]) == LOGO.data
    assert "cid:" not in page
    assert "Room 12" in page
    assert "<img" not in call("preview", "request", "--html")[1]


def test_a_queue_has_its_own_look(call: Call) -> None:
    page = call("preview", "confirm", "--html", "--queue", "network")[1]
    assert "#ffcc00" in page
    assert "Network · <span" in page
    assert "<img" not in page
    assert call("preview", "confirm", "--queue", "nowhere")[::2] == (
        2, 'mailgate: there is no queue "nowhere"; the queues are: default, network\n',
    )  # fmt: skip


def test_every_notice_is_listed(call: Call, tmp_path: Path) -> None:
    write(tmp_path, "fr/receipt.txt", "Subject: Bien reçu\n\nBonjour.")
    status, said, _ = call("preview", "--list", "--language", "fr")
    lines = said.splitlines()
    assert status == 0
    assert {line.split()[0].rstrip("*") for line in lines} == {notice.value for notice in Notice}
    assert all(len(line) <= 80 for line in lines)
    assert [line.split() for line in lines if "*" in line] == [["receipt*", "requester", "Bien", "reçu"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("preview",), "name a notice, such as receipt; --list shows them all"),
        (("preview", "recept"), 'there is no notice "recept", did you mean "receipt"?'),
        (("preview", "receipt", "--language", "xx"), 'no notice is available in "xx"; the languages are: da, de, en, '),
    ],
)
def test_what_is_not_there_is_told_with_what_is(call: Call, words: tuple[str, ...], said: str) -> None:
    status, printed, complaint = call(*words)
    assert (status, printed) == (2, "")
    assert complaint.startswith(f"mailgate: {said}")


def test_a_preview_in_another_language_says_so(call: Call, tmp_path: Path) -> None:
    write(tmp_path, "fi/receipt.txt", "Subject: Saapunut\n\n{{ created_at|when }}")
    assert call("preview", "receipt", "--language", "fi")[2] == (
        "Shown in en: the version in fi is missing or incomplete.\n"
    )
    assert call("preview", "receipt", "--language", "fr-CA")[2] == ""


def finding(said: str, what: str) -> str:
    """Everything that `check` says of one thing, on one line."""
    joined = re.sub(r"\n {20}", " ", said)
    return "\n".join(line for line in joined.splitlines() if line.split()[1] == what)


def test_check_says_which_notice_lacks_what_and_which_colour_was_mended(call: Call, tmp_path: Path) -> None:
    write(tmp_path, "fi/receipt.txt", "Subject: Saapunut\n\n{{ created_at|when }}")
    write(tmp_path, "fr/final.txt", "Subject: Terminé\n\nBonjour, {{ raison }}")
    status, said, _ = call("check")
    assert status == 1
    templates = finding(said, "templates")
    assert "FAILED   templates  fr/final.txt, line 3: 'raison' is undefined" in templates
    assert "warning  templates  fi/receipt.txt is not used: fi/receipt.txt: fi/words.toml has no " in templates
    assert "queue network: #ffcc00 is too light for lines on a white page" in finding(said, "colour")
    assert "queue default" not in finding(said, "colour")


def test_check_says_how_much_of_a_language_is_there(call: Call, tmp_path: Path) -> None:
    write(tmp_path, "fi/receipt.txt", "Subject: Saapunut\n\nVastaamme.")
    path = tmp_path / "mailgate.toml"
    path.write_text(path.read_text().replace('["en", "fr"]', '["en", "fi", "cs"]'))
    templates = finding(call("check")[1], "templates")
    assert re.search(r"queue default: only 1 of \d+ notices to requesters are available in fi; the others", templates)
    assert "queue default: no notice is available in cs; readers get en or English" in templates
