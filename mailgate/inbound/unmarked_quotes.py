"""Leaves the desk's mail that a person answers out of their words, where a mail program gives it no marks of a quote.

The notice is read from the outbox, one statement each time, and only where the words may hold it (docs/rules.md#7).
"""

from __future__ import annotations

import re

from sqlalchemy import Connection

from mailgate.core.frozen import replace
from mailgate.core.workflow.events import Event, Reply, State
from mailgate.inbound.interpretation import AuthenticatedMessage
from mailgate.parsers.message import cut_unmarked, is_piece_of, read_texts
from mailgate.parsers.quoting.unmarked_quotes import FEWEST
from mailgate.store.outbox import read_bytes
from mailgate.tickets.events import TicketEvent


def cut_notice(
    connection: Connection, received: AuthenticatedMessage, reference: re.Pattern[str]
) -> AuthenticatedMessage:
    """Cuts the notice that a mail answers out of its new text, where all of it stands there.

    Each notice names its ticket: without a `reference` in the new text nothing is read.
    """
    message, answered = received.message, received.follow_up.answered
    if answered is None or not reference.search(message.mail.new_text):
        return received
    forms = read_texts(read_bytes(connection, answered.outbox_id))
    return replace(received, message=replace(message, mail=cut_unmarked(message.mail, forms)))


def hear_no_repetition(connection: Connection, received: AuthenticatedMessage, said: TicketEvent) -> TicketEvent:
    """Hears no yes or no in a mere piece of the notice that a mail answers, as a client leaves that shortens it.

    Nothing is read but for a yes or a no of many words.
    """
    answered, text = received.follow_up.answered, received.message.mail.new_text
    is_reply = said.event.info.reply in (Reply.YES, Reply.NO) and received.follow_up.ticket.state != State.CLOSED
    if answered is None or not is_reply or len(text.split()) < FEWEST:
        return said
    if not is_piece_of(text, read_bytes(connection, answered.outbox_id)):
        return said
    return replace(said, event=Event.WROTE, early_yes=False, reason=f"a piece of our own mail, {said.reason}")
