"""mailgate: a support desk that lives in the mailbox.

The path of a mail:

    peer ─ transport ─ store/journal ═COMMIT 1═ 250 (LMTP 250, exit 0, moved, flagged)

    daemon/workers/inbound ─ parsers ─ inbound/receiver ─ tickets/service ─ core/workflow
                                           ─ notices/dispatcher ─ store/outbox ═COMMIT 2═

    daemon/workers/outbound ─ transport/relay ═COMMIT 3═

A source stores the bytes of a mail and acknowledges it. The inbound worker parses it, and the receiver decides what it
means: rejected, held, a new ticket, or an event of a ticket. The ticket service changes tickets: it locks the
ticket, decides by the transition table, writes the history and carries out the effects, among them notices in the
outbox. The outbound worker hands these to the relay. Timers, delivery failures and the command line enter at the
ticket service, too.

The packages, each above those that it imports (tests/test_imports.py):

    cli/        the command line: a module for each command
    daemon/     `serve`: processes, roles, workers; builds the desk from the settings
    inbound/    what a received message means: sender, follow-up or new ticket, commands, holds
    reports/    the figures of a period: counting, text, HTML, CSV, charts
    notices/    what the desk writes: recipients, content, loop protection, rendering, MIME
    tickets/    the ticket: decide, apply, history, SLA deadlines, undo, archive
    transport/  how mail enters and leaves: SMTP, LMTP, IMAP, Maildir, pipe, mbox; relay; OAuth2
    store/      the only SQL: queues, tickets, events, outbox, blobs; migrations
    config/     mailgate.toml and the operator's files as settings, people and equipment
    parsers/    bytes to values; pure, and never raises on mail
    core/       values and rules without I/O: message, workflow, SLA, calendar, tokens
    templates/  the notices in English; locale/ has their translations

docs/architecture.md says more, and where to add things; docs/glossary.md explains the terms.
"""

__version__ = "0.1.0"
