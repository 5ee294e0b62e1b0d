"""For a row of the table: the smallest story that leads to it, in the teller's words.

`settings_for` gives the `with` lines, `prelude_for` what brings a ticket there and makes the guard hold,
`trigger_for` the lines that bring the event.
"""

from __future__ import annotations

from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.transitions import Condition, Transition

L1, L2, L3 = LEVELS
AGENT = {L1: "alice", L2: "carol", L3: "dora"}

_OPENING = 'anna writes "Word does not start." about "Word"'
_FORM_OPENING = f"{_OPENING} to support+access@example.com"

# Two tickets: the first is done and only there to be merged with.
_BASE = (
    'anna writes "Excel does not start." about "Excel"',
    'alice replies "#close transferred Facilities"',
    _OPENING,
    'alice replies "Hello Anna, we look into it."',
)
_UP = {
    L1: (),
    L2: ('alice replies "#escalate"',),
    L3: ('alice replies "#escalate"', 'carol replies "#escalate"'),
}
_BACK = (*_UP[L2], 'carol replies "#handback not ours"')
_ASK = "#ask supplier@vendor.example\\nIs it known?"
_APPROVAL = "#approve-by supplier@vendor.example Is it all right?"
_YES = 'anna replies "resolved" to confirm'
_ORDERS = {
    Event.ANSWERED: "Please restart.",
    Event.RESOLVE: "#resolve Reinstalled.",
    Event.ESCALATE: "#escalate",
    Event.HANDBACK: "#handback not ours",
    Event.WAITING: "#waiting\\nWhich version is it?",
    Event.WAITING_FOR: "#waiting HP until Friday",
    Event.LATER: "#later Friday",
    Event.ROUTE: "#route network",
    Event.CLOSE: "#close no answer",
    Event.CLOSE_BARE: "#close",
    Event.CLOSE_SPAM: "#close spam",
    Event.CLOSE_TRANSFERRED: "#close transferred Facilities",
    Event.REOPEN: "#reopen she called",
    Event.MERGE: "#merge SUP-1",
    Event.NOTE: "#note she is in a hurry",
    Event.FORM: "#form access",
    Event.ASK: _ASK,
    Event.APPROVE_BY: _APPROVAL,
    Event.TIME: "#time 5m",
    Event.TYPE: "#type incident",
    Event.PRIORITY: "#priority high",
    Event.CAUSE: "#cause an add-in",
    Event.TAG: "#tag vpn",
    Event.USED: "#used rescue-disk.sh",
    Event.ASSIGN: "#assign bob@example.com",
    Event.TAKE: "#take",
    Event.STATUS: "#status",
    Event.SHOW: "#show",
    Event.HELP: "#help",
    Event.APPROVE: "#approve",
    Event.REJECT: "#reject not documented",
    Event.SPLIT: "#split Something else",
    Event.CC: "#cc zoe@example.net",
    Event.REQUESTER: "#requester zoe@example.net",
    Event.KB: "#kb no",
    Event.REPLY: "#reply restart",
    Event.LINK: "#link SUP-1",
    Event.MISTYPED: "#reslove Reinstalled.",
    Event.NOTHING_READ: "",
}
_WORDS = {
    Event.SAID_YES: "resolved",
    Event.SAID_YES_AND_MORE: "It works again, thanks. Another thing: my printer does not print.",
    Event.SAID_NO: "not fixed",
    Event.SAID_THANKS: "Thank you!",
    Event.WROTE: "Which version do I have?",
    Event.RATED: "Rating: 4 of 5",
    Event.ASKED_STATUS: "Status?",
}
_LAST_NOTICE = {State.CONFIRMING: "confirm", State.FINALIZING: "final", State.CLOSED: "final"}
_PROMISE = {L1: "4 business hours pass", L2: "2 business days pass", L3: "3 business days pass"}
_PASSES = {
    Event.REMINDER_DUE: "5 business days pass",
    Event.DECISION_DUE: "7 business days pass",
    Event.WAITING_REMINDER_DUE: "5 business days pass",
    Event.WAITING_DECISION_DUE: "7 business days pass",
    Event.THIRD_PARTY_DUE: "2 business days pass",
    Event.APPROVAL_DUE: "2 business days pass",
    Event.LATER_DUE: "2 business hours pass",
    Event.OBJECTION_OVER: "3 business days pass",
    Event.REVIEW_DUE: "2 business days pass",
}
_OTHER_TIMES = {
    **{level: f'[levels.{level}] resolve_within = "5 business days"' for level in LEVELS},
    State.CONFIRMING: '[confirmation] decide_after = "3 business days"',
    State.FINALIZING: '[confirmation] objection_window = "4 business days"',
}
_OF_LEVEL3 = {Condition.BACK_TO_LEVEL3, Condition.WINDOW_AND_LEVEL3, Condition.FROM_LEVEL3}
_OF_LEVEL2 = {
    Condition.BACK_TO_LEVEL2,
    Condition.WINDOW_AND_LEVEL2,
    Condition.FROM_LEVEL2,
    Condition.FROM_LEVEL2_TO_3,
    Condition.NOT_LEVEL1,
}
_HAS_LEVEL3 = {*_OF_LEVEL3, Condition.HAS_LEVEL3, Condition.FROM_LEVEL2_TO_3}
_COUNTED = {Condition.TOO_OFTEN_NOT_FIXED, Condition.WINDOW_AND_TOO_OFTEN}
_EARLY = {Event.SAID_YES, Event.SAID_YES_AND_MORE}
_REVIEWED = {Condition.REVIEW_WANTED, Condition.REVIEW_ASKED}


def _is_of_form(row: Transition) -> bool:
    return row.event in (Event.FORM, Event.FORM_FILLED) or row.guard is Condition.FORM_WANTED


def settings_for(row: Transition) -> tuple[str, ...]:
    """The configuration under which the row's guard can hold."""
    lines = ["network queue", "[limits] automatic_per_address_hour = 0", "[limits] automatic_per_ticket_day = 0"]
    if row.state is L3 or row.guard in _HAS_LEVEL3:
        lines.append("level3")
    if row.guard in _COUNTED:
        lines.append("[confirmation] escalate_after_not_fixed = 1")
    if row.guard in _REVIEWED or row.event is Event.REVIEW_DUE:
        lines.append('[confirmation] review = ["incident"]')
    if _is_of_form(row):
        lines.append("access form")
    if row.guard is Condition.AGENT_WRITES:
        lines.append('[trust] authserv_id = ["mx.example.com"]')
    if row.guard is Condition.PAUSES or row.event in (Event.THIRD_PARTY_DUE, Event.APPROVAL_DUE):
        lines.append("[waiting] pause_for_third_parties = true")
    if row.state in LEVELS and row.event in _EARLY and row.guard is not Condition.EARLY_YES:
        lines.append('[confirmation] early_yes = "tell"')
    if row.event is Event.REPLY:
        lines.append('[knowledge] replies = "replies"')
    if row.event is Event.ANSWER_WARNING_DUE:
        lines.append('[levels.level1] answer_within = "3 business hours"')
    if row.event is Event.UPDATE_DUE:
        lines.append(f'[levels.{row.state}] inform_every = "1 business hour"')
    if row.event is Event.REPLANNED:  # a desk of its own for each: it is changed for good
        lines.append(f'[confirmation] reopen_within = "{30 + len(row.name)} days"')
    if row.guard is Condition.TELLS_TAKEN:
        lines.append("[notices] tell_taken = true")
    if row.event is Event.MERGE and row.guard is Condition.ALWAYS:
        lines.append("[notices] tell_merged = false")
    if row.guard is Condition.CLOSE_ON_SILENCE:
        lines.append('[confirmation] on_silence = "close"')
    return tuple(lines)


def prelude_for(row: Transition) -> tuple[str, ...]:
    """The steps that bring a ticket into the row's state and let its guard hold."""
    if row.state is None:
        return ()
    base = tuple(line.replace(_OPENING, _FORM_OPENING) for line in _BASE) if _is_of_form(row) else _BASE
    if row.event is Event.READ_WHOLE:
        base = tuple(line.replace(_OPENING, f"{_OPENING}, which the desk fails to read") for line in _BASE)
    if row.event is Event.ANSWER_WARNING_DUE or row.guard is Condition.TELLS_TAKEN:
        base = base[:-1]  # nobody has answered yet
    lines = (*base, *_to_level(row)) if row.state in LEVELS else (*base, *_to_the_end(row))
    before = _order_before(row)
    if before:
        return (*lines, f'{_agent(row)} replies "{before}"')
    if row.event is Event.OVERDUE:
        assert row.state in LEVELS
        return (*lines, _PROMISE[row.state])
    return lines


def _order_before(row: Transition) -> str:
    """The command that the row's event comes back to, or that lets its guard hold; "" for none."""
    if row.event in (Event.WAITING_REMINDER_DUE, Event.WAITING_DECISION_DUE):
        return _ORDERS[Event.WAITING]
    if row.guard is Condition.REQUESTER_ASKED:
        return _ORDERS[Event.WAITING]
    if row.guard is Condition.AWAITED or row.event is Event.THIRD_PARTY_DUE:
        return "#waiting for HP"
    if row.event is Event.APPROVAL_DUE:
        return _ORDERS[Event.APPROVE_BY]
    if row.guard is Condition.ASK_FAILED:
        return _ASK
    return "#later 1 hour" if row.event is Event.LATER_DUE else ""


def _to_level(row: Transition) -> tuple[str, ...]:
    assert row.state is not None
    if row.guard is Condition.OTHER_LEVEL:
        return _BACK if row.state is L1 else _UP[row.state]
    if row.event is Event.RATED:  # a level works again, and the final notice asked before
        solved = f'{AGENT[row.state]} replies "#resolve Restarted."'
        return (*_UP[row.state], solved, _YES, 'anna replies "not fixed" to final')
    if row.event is Event.CONFIRM_FAILED:
        solved = f'{AGENT[row.state]} replies "#resolve Restarted."'
        return (*_UP[row.state], solved, 'anna replies "not fixed"')
    return _UP[row.state]


def _to_the_end(row: Transition) -> tuple[str, ...]:
    """Resolved, confirmed, closed: as far as the row's state."""
    level = L3 if row.guard in _OF_LEVEL3 else L2 if row.guard in _OF_LEVEL2 else L1
    way = _BACK if row.guard is Condition.OTHER_LEVEL else _UP[level]
    lines = [*way, f'{AGENT[level]} replies "#resolve Restarted."']
    if row.event is Event.APPROVAL_DECIDED:
        lines.insert(len(way), f'{AGENT[level]} replies "{_APPROVAL}"')
    if '[confirmation] review = ["incident"]' in settings_for(row):
        lines.insert(0, 'alice replies "#type incident"')
    if row.state is State.CONFIRMING:
        return (*lines, *_asked_before(row))
    lines.append(_YES)
    if row.state is State.FINALIZING:
        reviewing = row.guard is Condition.REVIEW_ASKED or row.event is Event.REVIEW_DUE
        return (*lines, "3 business days pass") if reviewing else tuple(lines)
    late = row.guard is Condition.ALWAYS and row.event in (Event.SAID_NO, Event.WROTE, Event.CLAIMED)
    return (*lines, "60 days pass" if late else "3 business days pass")


def _asked_before(row: Transition) -> tuple[str, ...]:
    if row.event in (Event.WROTE, Event.OUTSIDER_WROTE) and row.guard is Condition.ALWAYS:
        return ('anna replies "Which version do I have?" to confirm',)
    return ()


def trigger_for(row: Transition) -> tuple[str, ...]:
    """The lines that make the row's event happen; the last one brings it."""
    event = row.event
    if row.guard is Condition.MORE_THAN_THANKS:
        assert row.state is not None
        return (f'anna replies "{_WORDS[row.event]}" to {_LAST_NOTICE[row.state]} with a photo',)
    if row.guard is Condition.AGENT_WRITES:
        return ('alice writes "#to anna@example.org\\n\\nYour PC is old." about "PC" and the pinned server says pass',)
    if event is Event.REQUEST:
        return (_FORM_OPENING if _is_of_form(row) else _OPENING,)
    if event is Event.FORM_FILLED:
        filled = "System: SAP" if row.guard is Condition.FORM_WANTED else "System: SAP\\nWanted from: 2027-01-31"
        return (f'anna replies "{filled}" to form',)
    if event is Event.REPLANNED:
        assert row.state is not None
        return (f"the desk starts again with {_OTHER_TIMES[row.state]}",)
    if event.info.by_timer:
        return (_passing(row),)
    if event in _ORDERS and (event is not Event.LINK or row.guard is Condition.OTHER_LEVEL):
        late = row.guard is Condition.OTHER_LEVEL
        given = ('the file replies/restart.md says "Please restart."',) if event is Event.REPLY else ()
        return (*given, _late_order(row) if late else f'{_agent(row)} replies "{_order(row)}"')
    if event in _WORDS:
        assert row.state is not None
        words = _rated_words(row)
        answered = "final" if event is Event.RATED and row.state in LEVELS else "answer"
        return (f'anna replies "{words}" to {_LAST_NOTICE.get(row.state, answered)}',)
    return _others(row)


def _rated_words(row: Transition) -> str:
    if row.guard is Condition.RATED_POORLY:
        return "Rating: 1 of 5"
    return "Rating: 1 of 5\\nNot fixed." if row.guard is Condition.RATED_POORLY_IN_WORDS else _WORDS[row.event]


def _others(row: Transition) -> tuple[str, ...]:
    agent = _agent(row)
    # In `closed` other words than a yes would open the ticket first.
    subject = ' and the subject "resolved"' if row.state is State.CLOSED else ""
    said = {
        Event.OUTSIDER_WROTE: ('zoe replies "I am a colleague of hers." to anna\'s receipt',),
        Event.AUTOMATIC: ('anna is away and answers automatically "I am out of the office." to answer',),
        Event.ENCRYPTED: (f"anna replies with an encrypted mail{subject}",),
        Event.COPIED: (
            'alice replies "I told you on the phone." to anna\'s receipt with the header "Cc: anna@example.org"',
        ),
        Event.HELD: ('alice replies "#take" to anna\'s receipt',),
        Event.UNPROVEN: ('alice replies "#take" to anna\'s receipt', 'alice replies "no" to challenge'),
        Event.LINK: ('ben writes "It is down." about "Down"', f'{agent} replies "#link SUP-3" of ticket 2'),
        Event.UNDO: (f'{agent} replies "#cause an add-in"', f'{agent} replies "#undo"'),
        Event.LEFT: (
            f'{agent} replies "#cc Ben <ben@example.org>\\n\\nIt is on its way."',
            'ben replies "Unsubscribe" to answer',
        ),
        Event.CLAIMED: ('anna replies "It is broken again." without a token',),
        Event.AGENT_AUTOMATIC: (f'{agent} is away and answers automatically "I am on holiday."',),
        Event.THIRD_PARTY_WROTE: (
            f'{agent} replies "{_ASK}"',
            'supplier replies "It is."',
            *(('supplier replies "And it is new."',) if row.guard is Condition.ALWAYS else ()),
        ),
        Event.APPROVAL_DECIDED: (
            *((f'{agent} replies "{_APPROVAL}"',) if row.state in LEVELS else ()),
            *((f'{agent} replies "#take"',) if row.state in LEVELS and row.guard is Condition.ALWAYS else ()),
            'supplier replies "approved" to approval',
        ),
        Event.NOTICE_FAILED: (
            "supplier's ask bounces" if row.guard is Condition.ASK_FAILED else "anna's answer bounces",
        ),
        Event.CONFIRM_FAILED: ("anna's confirm bounces",),
        Event.READ_WHOLE: ("the operator puts the mail of ticket 2 back",),
    }
    return said[row.event]


def _passing(row: Transition) -> str:
    if row.guard is Condition.THIRD_QUESTION:
        return "6 business days pass" if row.event is Event.THIRD_PARTY_DUE else "11 business days pass"
    if row.guard in (Condition.PROMISE_OVER, Condition.ANSWER_OVER):
        return "the machine sleeps for 4 business days"
    if row.event in (Event.ANSWER_WARNING_DUE, Event.UPDATE_DUE):
        return "3 business hours pass"
    if row.event in _PASSES:
        return _PASSES[row.event]
    assert row.state in LEVELS
    return "2 business days pass" if row.event is Event.OVERDUE else _PROMISE[row.state]


def _agent(row: Transition) -> str:
    """Who may act: the level that has the ticket, and Level 1 or the level that resolved from confirming on."""
    if row.event is Event.APPROVE and row.guard is Condition.REVIEW_ASKED:
        return "manager"
    if row.guard is Condition.NOT_LEVEL1:
        return "carol"
    return AGENT.get(row.state or L1, "alice")


def _order(row: Transition) -> str:
    """The mail of an agent; a ticket is assigned to an agent of the level that has it."""
    higher = row.event is Event.ASSIGN and row.state in (L2, L3)
    return f"#assign {row.state}@example.com" if higher else _ORDERS[row.event]


def _late_order(row: Transition) -> str:
    """A level that has not got the ticket answers an old mail of it."""
    who, notice = ("alice", "request") if row.state in (L2, L3) else ("carol", "escalation")
    return f'{who} replies "{_ORDERS[row.event]}" to {notice}'
