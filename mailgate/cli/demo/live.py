"""`demo --keep`: keeps the desk of the demo open on the real clock, and prints how to write to it.

Mails are shown as they arrive. Ends with 0 on SIGINT or SIGTERM, with 1 if no port is free.
"""

from __future__ import annotations

import queue
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mailgate.cli.demo.output import DemoOutput, name_command
from mailgate.cli.demo.sandbox import Sandbox
from mailgate.cli.demo.sink import DeliveredMail, Mailboxes
from mailgate.core.clock import SystemClock
from mailgate.core.workflow.notice_catalogue import Asks, Notice

PORT = 8025
_TRIES = 20
_ASKS = frozenset(notice for notice in Notice if notice.info.asks is Asks.YES_OR_NO)
_FOR_INFORMATION = frozenset(
    {
        Notice.COPY, Notice.SOLUTION, Notice.TAKEN_OVER, Notice.CLOSED, Notice.ALARM, Notice.WAY_STOPPED,
        Notice.WAY_WORKS,
    }
)  # fmt: skip

_HOW_TO = """\
Write to it as a requester (any address works):

curl -sS --crlf smtp://127.0.0.1:{port} --mail-from jo@example.org --mail-rcpt support@example.com -T - <<'END'
From: Jo Martin <jo@example.org>
To: support@example.com
Subject: My screen stays dark

Hello, my screen has stayed dark since this morning. Can you help?
END

Or open a mailbox in mutt, read, and reply with “r” (Level 1; you are Alice):

{mutt}

Or use any mail client: outgoing server 127.0.0.1 port {port}, no encryption, no
password. A reply must go to the Reply-To of the email that it answers, as mail
clients do by themselves. Agents write as alice@example.com or bob@example.com
(Level 1) or carol@example.com (Level 2). “#resolve It was the cable” on the
first line sends a solution, “#escalate” escalates, “#help” lists all commands.

The sample ticket is in this desk too. In another terminal:

{command} show SUP-1 --config {config}
{command} tickets --config {config}

Emails are kept in {folder}
until you press Ctrl-C. They are shown here as they arrive, each with a command
that answers it."""


def keep_open(folder: Path, mailboxes: Mailboxes, output: DemoOutput) -> int:
    """Keeps the desk in `folder` open until SIGINT or SIGTERM and returns the exit status."""
    port = _free_port()
    if port is None:
        print(f"mailgate demo: ports {PORT} to {PORT + _TRIES - 1} are all in use", file=sys.stderr)
        return 1
    news: queue.SimpleQueue[DeliveredMail | None] = queue.SimpleQueue()
    with _ending(news):
        mailboxes.arrived = news.put
        with Sandbox(folder, mailboxes.port, SystemClock(), port) as sandbox:
            _explain(output, mailboxes, sandbox)
            watch = LiveView(output, sandbox)
            while (mail := news.get()) is not None:
                watch.show(mail)
    output.line()
    output.line("The desk is closed.")
    return 0


class LiveView:
    """Shows mails as they arrive, and before them the decisions of the transition table."""

    def __init__(self, output: DemoOutput, sandbox: Sandbox) -> None:
        self._output = output
        self._sandbox = sandbox
        self._shown = {ticket.id: len(sandbox.history(ticket.id)) for ticket in sandbox.tickets()}

    def show(self, mail: DeliveredMail) -> None:
        self._show_decisions()
        zone = self._sandbox.settings.default_queue.zone
        self._output.mail(f"arrives for {mail.owner}", mail.message, mail.text, zone, mail.reply_to)
        if mail.notice not in _FOR_INFORMATION:
            self._output.line("to answer it:")
            self._output.line(answer_command(self._author(mail.owner), mail, self._sandbox.port))

    def _show_decisions(self) -> None:
        for ticket in self._sandbox.tickets():
            events = self._sandbox.history(ticket.id)
            for event in events[self._shown.get(ticket.id, 0) :]:
                self._output.line()
                self._output.decision(event, ticket.reference)
            self._shown[ticket.id] = len(events)

    def _author(self, owner: str) -> str:
        """Returns the author of a reply from a mailbox: the first agent of a level, else its owner."""
        levels = self._sandbox.settings.default_queue.levels.values()
        return next((level.agents[0] for level in levels if level.mailbox == owner and level.agents), owner)


def answer_command(author: str, mail: DeliveredMail, port: int) -> str:
    """Returns a shell command that replies to a mail: an agent resolves, a requester confirms if asked."""
    words = "Yes, it works now." if mail.notice in _ASKS else "One more detail: it hums."
    text = words if author == mail.owner else "#resolve It was the cable."
    reply_to = mail.message["Reply-To"] or mail.message["From"]
    to = reply_to.addresses[0].addr_spec
    return (
        f"printf 'From: {author}\\nTo: {to}\\n\\n{text}\\n' | "
        f"curl -sS --crlf smtp://127.0.0.1:{port} --mail-from {author} --mail-rcpt {to} -T -"
    )


def _explain(output: DemoOutput, mailboxes: Mailboxes, sandbox: Sandbox) -> None:
    server = f"smtp_url=smtp://127.0.0.1:{sandbox.port} ssl_starttls=no ssl_force_tls=no"
    alice = 'from=alice@example.com realname=Alice record=""'
    mutt = f"mutt -e 'set {server} {alice}' -f {mailboxes.path('level1@example.com')}"
    output.line()
    output.title("The desk stays open")
    output.line()
    words = _HOW_TO.format(
        command=name_command(), port=sandbox.port, mutt=mutt, config=sandbox.config, folder=mailboxes.folder
    )
    output.lines(words.splitlines())


def _free_port() -> int | None:
    for port in range(PORT, PORT + _TRIES):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return None


@contextmanager
def _ending(news: queue.SimpleQueue[DeliveredMail | None]) -> Iterator[None]:
    """Lets Ctrl-C, SIGTERM and SIGHUP end the loop instead of the process."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: news.put(None)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
