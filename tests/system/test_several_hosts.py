"""Long: three hosts on one PostgreSQL; while mail comes in, one is cut off from the database and another killed.

Their duties move to another host, nothing that was accepted is lost, and nothing is done twice: a notice comes at most
once more for each connection of a courier that was cut off or killed.
"""

from __future__ import annotations

import smtplib
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mailgate.store.database import Database
from mailgate.store.schema import events, journal, leases, messages, outbox, tickets
from tests.support.desk import CONFIG, Delivered
from tests.support.dovecot import PASSWORD, USER, Dovecot
from tests.support.hosts import Host, Network, free_port, make_network
from tests.support.postgres import Cluster, is_installed
from tests.support.relay import Receiver

SUPPORT = "support@example.com"
CONNECTIONS = 4  # of each courier
LEASE = 30.0  # seconds: the default of [limits] lease
SLACK = 5.0  # seconds that a busy machine may take to notice and to commit
PATIENCE = 120.0  # seconds for anything that this test waits for
PACE = 0.2  # seconds between two mails of a sender: a load, not a wait for anything
FOLLOW_UPS = 3  # of each ticket that comes by SMTP
LEAST_REQUESTS = 60
ROLES = {
    "north": ("intake", "worker", "courier", "clock"),
    "south": ("intake", "worker", "clock"),
    "west": ("intake", "courier", "clock"),
}


@dataclass
class Desk:
    """The hosts of one desk with its database, its mailbox and its relay."""

    hosts: dict[str, Host]
    database: Database
    receiver: Receiver
    dovecot: Dovecot
    mailbox: str  # the lease of its mailbox

    def holder_of(self, lease: str) -> str:
        """The living host that has a lease which has not run out; "" where none has."""
        with self.database.read() as connection:
            row = connection.execute(select(leases.c.holder, leases.c.until).where(leases.c.name == lease)).first()
        if row is None or row.until.timestamp() <= time.time():
            return ""
        pid = int(row.holder.split()[-2])
        return next((name for name, host in self.hosts.items() if host.owns(pid)), "")

    def count(self, table: object, *conditions: object) -> int:
        with self.database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())  # type: ignore[arg-type]

    def log(self) -> str:
        return "\n".join(f"--- {name}\n{host.log()[-4000:]}" for name, host in self.hosts.items())


def wait_for(met: Callable[[], object], words: str, seconds: float = PATIENCE) -> float:
    """Waits until a condition is met, and returns the seconds it took."""
    began = time.monotonic()
    while not met():
        assert time.monotonic() - began < seconds, f"not within {seconds:.0f} s: {words}"
        time.sleep(0.1)
    return time.monotonic() - began


@dataclass
class Conversation:
    """A requester's mails to one ticket, one after the other."""

    number: int
    message_ids: list[str] = field(default_factory=list)  # of those that got their 250

    @property
    def sender(self) -> str:
        return f"u{self.number}@example.org"

    def next_mail(self, receipt: Delivered | None) -> bytes | None:
        """The mail to send now; None where all are sent, or the receipt that a follow-up answers is not there yet."""
        count = len(self.message_ids)
        message_id = f"<{self.number}.{count}@client.example.org>"
        head = f"From: {self.sender}\r\nMessage-ID: {message_id}\r\n"
        if count == 0:
            head += f"To: {SUPPORT}\r\nSubject: help {self.number}\r\n"
            return f"{head}\r\nThe printer is broken, number {self.number}.\r\n".encode()
        if count > FOLLOW_UPS or receipt is None:
            return None
        known = " ".join([receipt.message_id, *self.message_ids])
        head += f"To: {receipt.message['Reply-To']}\r\nSubject: Re: {receipt.message['Subject']}\r\n"
        head += f"In-Reply-To: {self.message_ids[-1]}\r\nReferences: {known}\r\n"
        return f"{head}\r\nIt shows the error number {count} again on both of our computers.\r\n".encode()


class Sender(threading.Thread):
    """An MTA with several people behind it: offers each mail, to one host after the other, until it gets its 250."""

    def __init__(self, desk: Desk, first: int) -> None:
        super().__init__(daemon=True)
        self.conversations: list[Conversation] = []
        self.ended = threading.Event()
        self._desk = desk
        self._first = first
        self._turn = first

    def run(self) -> None:
        while not self.ended.is_set() or len(self.conversations) < LEAST_REQUESTS / 2:
            if len(self.conversations) < 500:
                self.conversations.append(Conversation(self._first + 2 * len(self.conversations)))
                self._send_next(self.conversations[-1])
            receipts = self._receipts()
            for one in self.conversations[:-1]:
                if one.sender in receipts and len(one.message_ids) <= FOLLOW_UPS:
                    self._send_next(one, receipts[one.sender])
        while open_ := [one for one in self.conversations if len(one.message_ids) <= FOLLOW_UPS]:
            receipts = self._receipts()
            for one in open_:
                self._send_next(one, receipts.get(one.sender))

    def _receipts(self) -> dict[str, Delivered]:
        return {one.recipient: one for one in list(self._desk.receiver.mails) if one.notice == "receipt"}

    def _send_next(self, conversation: Conversation, receipt: Delivered | None = None) -> None:
        raw = conversation.next_mail(receipt)
        time.sleep(PACE)
        if raw is None:
            return
        message_id = f"<{conversation.number}.{len(conversation.message_ids)}@client.example.org>"
        recipient = SUPPORT if receipt is None else str(receipt.message["Reply-To"])
        while not self._offer(conversation.sender, recipient, raw):
            time.sleep(PACE)
        conversation.message_ids.append(message_id)

    def _offer(self, sender: str, recipient: str, raw: bytes) -> bool:
        hosts = list(self._desk.hosts.values())
        self._turn += 1
        return offer(hosts[self._turn % len(hosts)], sender, recipient, raw) == 250


def offer(host: Host, sender: str, recipient: str, raw: bytes) -> int:
    """Offers a mail to a host; the code of its reply, 0 where it has none."""
    place = host.intake
    try:
        with smtplib.SMTP(place.host, place.port, timeout=60) as smtp:
            smtp.sendmail(sender, [recipient], raw)
    except smtplib.SMTPResponseException as refused:
        return refused.smtp_code
    except (OSError, smtplib.SMTPException):
        return 0
    return 250


def _request(name: str) -> bytes:
    head = f"From: {name}@example.org\r\nTo: {SUPPORT}\r\nSubject: help {name}\r\n"
    return f"{head}Message-ID: <{name}@client.example.org>\r\n\r\nThe scanner is broken, {name}.\r\n".encode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    if not is_installed():
        pytest.skip("PostgreSQL is not installed: `make packages` installs it")
    network = make_network()
    hosts: dict[str, Host] = {}
    cluster = Cluster(network.back, port := free_port())
    try:
        network.open_links(list(ROLES), port)
        url = cluster.lend()
        database = Database(url)
        with Receiver(network.front) as receiver, Dovecot(also=_other(network.front)) as dovecot:
            for name, roles in ROLES.items():
                config = _configure(tmp_path / name, network, name, url, receiver.port, dovecot.imap)
                hosts[name] = Host(name, roles, config, network)
            try:
                mailbox = f"mailbox imap {USER}@{network.front}:{dovecot.imap} INBOX"
                yield Desk(hosts, database, receiver, dovecot, mailbox)
            finally:
                for host in hosts.values():
                    host.mend()
                    host.stop()
        database.close()
    finally:
        cluster.close()
        network.close()


def _other(address: str) -> str:
    """An address beside the loopback."""
    return "" if address == "127.0.0.1" else address


def _configure(folder: Path, network: Network, name: str, url: str, relay: int, imap: int) -> Path:
    folder.mkdir()
    (folder / "secret").write_text("a key that only the tests know\n")
    (folder / "imap-password").write_text(f"{PASSWORD}\n")
    (folder / "imap-password").chmod(0o600)
    path = folder / "mailgate.toml"
    database = url.partition("?")[0].replace("desk@/", f"desk@{network.database_of(name)}/")
    path.write_text(
        CONFIG.replace("127.0.0.1:0", str(network.intake_of(name)))
        + f'[store]\ndatabase = "{database}"\n'
        + f'[relay]\nhost = "{network.front}"\nport = {relay}\ntls = "none"\nconnections = {CONNECTIONS}\n'
        + f'[[intake.imap]]\nhost = "{network.front}"\nport = {imap}\ntls = "none"\nuser = "{USER}"\n'
        + 'password_file = "imap-password"\nfirst_start = "all"\n'
        + "[limits]\nautomatic_per_domain_hour = 0\nautomatic_per_address_hour = 1000\nagent_mails_per_hour = 10000\n"
        + "automatic_per_ticket_day = 1000\n"
    )
    return path


@pytest.mark.long
def test_one_host_is_cut_off_and_another_killed(desk: Desk) -> None:
    senders = [Sender(desk, first) for first in (0, 1)]
    posted: list[str] = []
    try:
        _play(desk, senders, posted)
    except AssertionError as error:
        error.add_note(desk.log())
        raise
    sent = [one for sender in senders for one in sender.conversations]
    _check_tickets(desk, sent, posted)
    _check_notices(desk)


def _play(desk: Desk, senders: Sequence[Sender], posted: list[str]) -> None:
    hosts, duties = desk.hosts, ("clock", desk.mailbox)
    hosts["north"].start()
    wait_for(lambda: [desk.holder_of(duty) for duty in duties] == ["north"] * 2, "north has both duties")
    for name in ("south", "west"):
        hosts[name].start()
        _wait_until_accepting(hosts[name], name, posted)
    for sender in senders:
        sender.start()
    _post(desk, posted, 5)
    _wait_for_work(desk, 20, "before anything fails")

    hosts["north"].cut()
    cut_at = time.monotonic()
    wait_for(lambda: all(desk.holder_of(duty) in ("south", "west") for duty in duties), "the duties leave north")
    moved_after = time.monotonic() - cut_at
    _post(desk, posted, 5)
    _wait_for_work(desk, 20, "while north is cut off")
    refused = offer(hosts["north"], "s@example.org", SUPPORT, _request("refused"))
    assert refused in (421, 451), "a host without its database refuses for now, soon enough for the peer"

    before = hosts["north"].log().count("action=receive")
    hosts["north"].mend()
    _wait_until_accepting(hosts["north"], "north", posted)
    wait_for(lambda: hosts["north"].log().count("action=receive") > before, "north works again")

    victim = desk.holder_of("clock")
    hosts[victim].kill()
    killed_at = time.monotonic()
    left = set(hosts) - {victim}
    wait_for(lambda: all(desk.holder_of(duty) in left for duty in duties), "the duties leave the killed host")
    moved_again_after = time.monotonic() - killed_at
    _post(desk, posted, 5)
    _wait_for_work(desk, 20, "after the kill")
    hosts[victim].start()  # as systemd does
    _wait_until_accepting(hosts[victim], f"{victim}-again", posted)

    for sender in senders:
        sender.ended.set()
    for sender in senders:
        sender.join(PATIENCE)
        assert not sender.is_alive(), "every mail is accepted"
    wait_for(lambda: not desk.count(journal, journal.c.state == "waiting"), "every mail is decided")
    wait_for(lambda: not desk.count(outbox, outbox.c.state == "waiting"), "every notice is sent")
    assert max(moved_after, moved_again_after) < LEASE + SLACK, (moved_after, moved_again_after)


def _wait_until_accepting(host: Host, name: str, posted: list[str]) -> None:
    """Offers a request to one host until it takes it."""
    wait_for(lambda: offer(host, f"{name}@example.org", SUPPORT, _request(name)) == 250, f"{host.name} accepts mail")
    posted.append(name)


def _post(desk: Desk, posted: list[str], mails: int) -> None:
    """Puts requests into the mailbox that the hosts read."""
    for _ in range(mails):
        posted.append(f"m{len(posted)}")
        desk.dovecot.deliver(_request(posted[-1]), USER, f"{posted[-1]}@example.org")


def _wait_for_work(desk: Desk, notices: int, words: str) -> None:
    """Waits until so many more notices are at the relay, and every mail of the mailbox is stored and put away."""
    goal = len(desk.receiver.mails) + notices
    assert desk.receiver.wait_for(lambda mails: len(mails) >= goal, PATIENCE), words
    wait_for(lambda: not list(desk.dovecot.maildir().glob("[cn][ue][rw]/*")), f"the mailbox is empty: {words}")


def _check_tickets(desk: Desk, sent: list[Conversation], posted: list[str]) -> None:
    with desk.database.read() as connection:
        requesters = Counter(connection.execute(select(tickets.c.requester)).scalars())
        wanted = [*(one.sender for one in sent), *(f"{name}@example.org" for name in posted)]
        assert requesters - Counter(wanted) == Counter(), "no ticket is opened twice, and none of a refused mail"
        assert Counter(wanted) - requesters == Counter(), "each accepted request is a ticket"
        states = Counter(connection.execute(select(journal.c.state)).scalars())
        assert set(states) <= {"done", "duplicate"}, states
        assert states["done"] == sum(len(one.message_ids) for one in sent) + len(posted)
        happened = Counter(connection.execute(select(events.c.event)).scalars())
        assert happened["request"] == len(wanted), happened
        rows = connection.execute(
            select(tickets.c.requester, messages.c.message_id)
            .join(tickets, messages.c.ticket_id == tickets.c.id)
            .where(messages.c.message_id.endswith("@client.example.org"))
            .order_by(messages.c.id)
        ).all()
    kept: dict[str, list[str]] = defaultdict(list)
    for requester, message_id in rows:
        kept[requester].append(f"<{message_id}>")
    assert {one.sender: one.message_ids for one in sent} == {one.sender: kept[one.sender] for one in sent}


def _check_notices(desk: Desk) -> None:
    first: dict[str, int] = {}
    copies: dict[str, set[bytes]] = defaultdict(set)
    for position, one in enumerate(desk.receiver.mails):
        first.setdefault(one.message_id, position)
        copies[one.message_id].add(one.raw)
    assert all(len(versions) == 1 for versions in copies.values()), "a notice sent twice must be the same bytes"
    assert len(desk.receiver.mails) - len(first) <= 2 * CONNECTIONS, "one for each connection that was cut or killed"
    with desk.database.read() as connection:
        query = select(outbox.c.ticket_id, outbox.c.recipient, outbox.c.notice, outbox.c.message_id, outbox.c.state)
        rows = connection.execute(query.order_by(outbox.c.id)).all()
    assert {row.state for row in rows} == {"done"}
    assert {f"<{row.message_id}>" for row in rows} == set(first)
    counts = Counter((row.ticket_id, row.notice) for row in rows if row.notice in ("receipt", "request"))
    assert set(counts.values()) == {1}, counts.most_common(3)
    arrived: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in rows:
        arrived[(row.ticket_id, row.recipient)].append(first[f"<{row.message_id}>"])
    assert all(places == sorted(places) for places in arrived.values()), "order per ticket and addressee"
