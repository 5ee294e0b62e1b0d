"""Applies the rules at the door ([[rules]]) to the mail that opens a ticket: the first that matches.

Pure. What a rule sets goes before the form, the address that was written to, and the directory.
"""

from __future__ import annotations

import re

from mailgate.config import Queue, Rule, Settings
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import InboundMessage
from mailgate.core.rules import make_facts
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.service import NewTicket

_RULE = re.compile(r"rule ([a-z0-9_-]{1,32})(?: \([^()]*\))?: ")


def find_rule(settings: Settings, message: InboundMessage, form: str, *, may_ignore: bool) -> Rule | None:
    """Returns the first rule that matches a mail; None for none, and where a mail is not to be ignored (`may_ignore`)
    the first that ignores nothing.
    """
    rules = [rule for rule in settings.rules if may_ignore or not rule.ignore]
    if not rules:
        return None
    mail = message.mail
    facts = make_facts(
        sender=message.sender.address,
        recipients=(*message.recipients, *(one.address for one in (*mail.to, *mail.cc))),
        subject=mail.subject,
        body=mail.new_text,
        headers=mail.headers,
        form=form,
        language=mail.language,
        has_files=mail.has_own_files,
    )
    return next((rule for rule in rules if rule.conditions.match(facts)), None)


def rule_of(reason: str) -> str:
    """Returns the name of the rule that the reason of a request's event names, "" for none."""
    found = _RULE.match(reason)
    return found[1] if found is not None else ""


def apply_rule(
    rule: Rule | None, queue: Queue, new_ticket: NewTicket, ticket_event: TicketEvent
) -> tuple[NewTicket, TicketEvent]:
    """Gives a new ticket of `queue` what a rule sets; the reason of its event names the rule.

    Nobody is assigned who is not at Level 1 of the queue, since they could not act on the ticket.
    """
    if rule is None:
        return new_ticket, ticket_event
    said, assignee = f"rule {rule.name}", rule.assignee
    if assignee and fold_address(assignee) not in queue.levels["level1"].addresses:
        said, assignee = f"{said} ({assignee} is not at Level 1 of {queue.name})", ""
    new_ticket = replace(
        new_ticket,
        assignee=assignee,
        type=rule.type or new_ticket.type,
        priority=rule.priority or new_ticket.priority,
        tags=rule.tag,
    )
    return new_ticket, replace(ticket_event, reason=f"{said}: {ticket_event.reason}")
