"""Reads the answer to an approval (`#approve-by`): who wrote, which notice it answers, and what its words decide.

It decides only by the person who was asked, with the token of their notice and no verdict against them, by one clear
word, and once (docs/rules.md#8). Anything else goes to the agent as words. Reads the store, changes nothing.
"""

from __future__ import annotations

from sqlalchemy import Connection

from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Asks, Notice
from mailgate.inbound.follow_up import AnsweredNotice
from mailgate.inbound.interpretation import AuthenticatedMessage
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.yes_no import YesNo, read_approval
from mailgate.store.approvals import WITHDRAWN, ApprovalRow, find_approval, list_approvals
from mailgate.tickets.events import DECIDED, UNCLEAR, UNPROVEN, TicketEvent

_ASKING = frozenset(notice.value for notice in Notice if notice.info.asks is Asks.APPROVAL)
_DECISIONS = {YesNo.YES: "approved", YesNo.NO: "rejected"}


def read_decision(connection: Connection, received: AuthenticatedMessage, said: TicketEvent) -> TicketEvent:
    """Returns the decision in an answer to an approval, or the words with why they decide nothing; others as are."""
    answered = received.follow_up.answered
    if answered is None or answered.notice not in _ASKING or said.event is not Event.THIRD_PARTY_WROTE:
        return said
    mail, sender = received.message.mail, received.message.sender
    row = _find(connection, received.follow_up.ticket.id, answered)
    if not _is_proven(received):
        return replace(said, approval=UNPROVEN)
    if row is None or row.decision == WITHDRAWN:
        return replace(said, approval=WITHDRAWN)
    if row.decision:
        return replace(said, approval=DECIDED)
    names = names_of(f"{sender.name} <{sender.address}>")
    decision = _DECISIONS.get(read_approval("" if mail.encrypted else mail.new_text, names))
    if decision is None:
        return replace(said, approval=UNCLEAR)
    return replace(
        said, event=Event.APPROVAL_DECIDED, argument=decision, approval=decision, answered=row.notice,
        reason=f"{decision}, {said.reason}",
    )  # fmt: skip


def _find(connection: Connection, ticket_id: int, answered: AnsweredNotice) -> ApprovalRow | None:
    """Finds the approval that a notice asked for; a reminder's is the last one asked of its reader before."""
    if answered.notice == Notice.APPROVAL:
        return find_approval(connection, ticket_id, answered.number)
    asked, reader = list_approvals(connection, ticket_id), fold_address(answered.recipient)
    return next((row for row in reversed(asked) if row.address == reader and row.notice < answered.number), None)


def _is_proven(received: AuthenticatedMessage) -> bool:
    """Tells whether From names the person who was asked, and nothing says that another person wrote."""
    message, answered = received.message, received.follow_up.answered
    author = message.mail.sender
    is_from = answered is not None and author is not None and author.key == fold_address(answered.recipient)
    return is_from and not (message.mail.ambiguous_sender or message.auth.is_doubt or message.auth_of_sender.is_doubt)
