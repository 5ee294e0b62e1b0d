"""History below a notice: what an agent wrote to others than its reader never stands in it, nor what stayed inside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attackers import ALICE, ANNA, INTERNAL, SECRET
from tests.support.desk import CONFIG, TestDesk

L1 = "level1@example.com"
OF_ANNA, OF_BEN, OF_DAN = "anna@example.org", "ben@example.org", "dan@vendor.example"

ORDERS = {
    "the text of a question to a third party beside a solution": f"#ask {OF_DAN}\n#resolve Toner changed.\n\n{SECRET}",
    "the text of a question to a third party beside one to the requester": (
        f"#ask {OF_DAN}\n#waiting Which room is it?\n\n{SECRET}"
    ),
    "the text to an approver beside a solution": f"#approve-by {OF_DAN}\n#resolve Toner changed.\n\n{SECRET}",
    "the question to an approver beside one to the requester": (
        f"#approve-by {OF_DAN} {SECRET}?\n#waiting Which room is it?"
    ),
    "the third party that is waited for": f"#waiting {SECRET} until Friday\n\nWe ordered a part.",
    "the third party that is waited for, by its kind": f"#waiting for the supplier {SECRET}\n\nWe ordered a part.",
    "a note": f"#note {SECRET}\n\nWe ordered a part.",
    "a note, and a solution": f"#note {SECRET}\n#resolve Toner changed.",
    "a tag and a tool": f"#tag {SECRET}\n#used {SECRET}\n\nWe ordered a part.",
}


@pytest.fixture(params=["last", "all"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    config = f'{CONFIG}\n[notices]\nhistory = "{request.param}"\n'
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail(ANNA, "The printer smokes.", subject="Printer"))
    yield desk
    desk.close()


@pytest.mark.parametrize("name", ORDERS)
def test_no_later_mail_shows_what_stayed_inside_or_went_to_a_third_party(desk: TestDesk, name: str) -> None:
    request = desk.last(L1, "request")
    desk.send(desk.answer(ALICE, ORDERS[name], request))
    desk.clock.set(desk.clock.now().replace(hour=12))
    desk.send(desk.answer(ALICE, f"#cc {OF_BEN}\n\nIs it better now?", request))
    for address in (OF_ANNA, OF_BEN):
        told = desk.last(address, "answer")
        assert "Is it better now?" in told.text
        for inside in (SECRET, *INTERNAL):
            assert inside not in told.raw.decode().casefold(), inside
