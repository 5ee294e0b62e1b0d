"""International domains: no notice goes to another domain, and no other domain speaks for a person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.config import ConfigError, read_config
from mailgate.transport.relay.addresses import is_allowed, spell
from mailgate.transport.relay.outcomes import Rejected
from tests.support.attackers import change, raw
from tests.support.desk import CONFIG, Delivered, TestDesk

TRUST = '\n[trust]\nauthserv_id = ["mx.straße.example"]\n'
ASS = "Anna <anna@straße.de>"
U, A = "anna@straße.de", "anna@xn--strae-oqa.de"


def receive(desk: TestDesk, sender: str, text: str, *, to: str = "support@example.com", **more: str) -> None:
    """Receives a mail whose headers are raw UTF-8, as a client with SMTPUTF8 writes them."""
    desk.received += 1
    head = {"From": sender, "To": to, "Subject": "Word", "Message-ID": f"<{desk.received}@client.example.org>"}
    head |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    desk.receive(f"{lines}\r\n{text}\r\n".encode(), sender.rpartition("<")[2].rstrip(">"), [to])


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG + TRUST)
    yield desk
    desk.close()


def solve(desk: TestDesk) -> Delivered:
    """A ticket of Anna, with Bo in copy, that is solved."""
    receive(desk, ASS, "Word does not start.", Cc="Bo <bo@fußball.de>")
    desk.send(desk.answer("Alice <alice@example.com>", "#resolve I reinstalled it.", desk.last("level1@example.com")))
    return desk.last(U, "confirm")


def test_a_notice_goes_to_the_very_domain(desk: TestDesk) -> None:
    confirm = solve(desk)
    receive(desk, ASS, "Yes, it is resolved.", to=confirm.reply_to)
    assert {mail.recipient for mail in desk.relay.mails} >= {U, "bo@fußball.de"}
    assert not {mail.recipient for mail in desk.relay.mails} & {"anna@strasse.de", "bo@fussball.de"}
    assert spell("bo@fußball.de", False) == "bo@xn--fuball-cta.de"
    assert b"xn--strae-oqa.de" in confirm.raw
    assert b"strasse.de" not in confirm.raw


@pytest.mark.parametrize("spelled", [U, A, "ANNA@STRAẞE.DE", "Anna@XN--STRAE-OQA.DE"])
def test_a_u_label_and_its_a_label_are_one_person(desk: TestDesk, spelled: str) -> None:
    confirm = solve(desk)
    receive(desk, spelled, "Yes, it is resolved.", to=confirm.reply_to)
    assert desk.ticket().state == "finalizing"


@pytest.mark.parametrize("spelled", ["anna@strasse.de", "anna@stra\u00dfe.example", "anna@xn--strasse.de"])
def test_another_domain_is_another_person(desk: TestDesk, spelled: str) -> None:
    confirm = solve(desk)
    receive(desk, spelled, "Yes, it is resolved.", to=confirm.reply_to)
    assert desk.ticket().state == "confirming"


@pytest.mark.parametrize(
    ("server", "domain", "state"),
    [
        ("mx.xn--strae-oqa.example", "xn--strae-oqa.de", "finalizing"),
        ("MX.Straße.example", "straße.de", "finalizing"),
        ("mx.strasse.example", "xn--strae-oqa.de", "confirming"),
        ("mx.xn--strae-oqa.example", "strasse.de", "confirming"),
    ],
)
def test_a_verdict_is_of_the_very_server_on_the_very_domain(
    desk: TestDesk, server: str, domain: str, state: str
) -> None:
    solve(desk)
    verdict = f"{server}; dkim=pass header.d={domain}"
    receive(desk, ASS, "Yes, it is resolved.", Subject="Re: Word [SUP-1]", Authentication_Results=verdict)
    assert desk.ticket().state == state


def test_an_agent_of_an_international_domain_is_listed_in_any_spelling(tmp_path: Path, database_url: str) -> None:
    config = CONFIG.replace('"alice@example.com"', '"alice@xn--strae-oqa.de"')
    desk = TestDesk(tmp_path, database=database_url, config=config)
    receive(desk, "zoe@example.net", "It is broken.")
    notice = desk.last("level1@example.com")
    for sender, state in (("alice@strasse.de", "level1"), ("alice@straße.de", "confirming")):
        receive(desk, sender, "#resolve Done.", to=notice.reply_to)
        assert desk.ticket().state == state
    desk.close()


def test_a_label_that_idna_does_not_know_is_answered_clearly_and_not_lost(desk: TestDesk) -> None:
    receive(desk, "sam@i❤.example", "Word does not start.")
    assert desk.ticket().requester == "sam@i❤.example"
    answer = spell("sam@i❤.example", True)
    assert isinstance(answer, Rejected)
    assert "no domain that can receive email" in answer.words
    assert spell("sam@xn--i-7iq.example", True) == "sam@xn--i-7iq.example"


def test_what_may_be_sent_is_compared_alike() -> None:
    assert is_allowed("anna@xn--strae-oqa.de", ("@straße.de",))
    assert not is_allowed("anna@strasse.de", ("@straße.de",))


def test_a_configuration_with_an_unknown_label_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key\n")
    path = tmp_path / "mailgate.toml"
    path.write_text(CONFIG.replace("alice@example.com", "alice@{}.example".format("ü" * 60)))
    with pytest.raises(ConfigError, match="has a domain that cannot receive email"):
        read_config(path)


def test_a_desk_with_an_international_address_knows_its_own(tmp_path: Path, database_url: str) -> None:
    config = CONFIG.replace("support@example.com", "support@straße.example")
    desk = TestDesk(tmp_path, database=database_url, config=config)
    people = desk.desk.receiver.people
    assert people.is_system_address("support+x@xn--strae-oqa.example")
    assert not people.is_system_address("support@strasse.example")
    mail = change(desk.mail("zoe@example.net", "It is broken.", to="support@xn--strae-oqa.example"))
    desk.receive(raw(mail), "zoe@example.net", ["support@xn--strae-oqa.example"])
    assert desk.ticket().requester == "zoe@example.net"
    desk.close()
