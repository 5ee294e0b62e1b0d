"""What an agent's mail brought about, as he is told in one answer: the orders that were carried out, and who got mail.

Pure. A mail without orders needs no transcript, and neither does one that is answered by another notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailgate.happening import Happening
from mailgate.notices import Done, Sent
from mailgate.process.effects import Notice, Send
from mailgate.process.engine import Decision
from mailgate.process.events import AGENT_EVENTS, Event

_ANSWERED_BY_A_NOTICE = frozenset({Event.STATUS, Event.SHOW, Event.HELP, Event.MISTYPED})
_STEPS = frozenset(AGENT_EVENTS) - _ANSWERED_BY_A_NOTICE - {Event.COPIED, Event.SHOW}
_STAYS = frozenset({Event.UNDO, Event.MERGE, Event.SPLIT})
_OWN_ANSWERS = frozenset(
    notice.value for notice in (Notice.TRANSCRIPT, Notice.STATUS, Notice.SHOWN, Notice.HELP, Notice.LAST_LEVEL)
)


def is_of_agent(happenings: Sequence[Happening]) -> bool:
    """Whether an agent's mail did something by them, which he may take back."""
    by_agent = (happening for happening in happenings if happening.author is not None)
    return any(happening.event in _STEPS for happening in by_agent)


def wants_transcript(happenings: Iterable[Happening], others: Sequence[Sent]) -> bool:
    """Whether there is something that no other notice tells the agent: orders, or that others were written to."""
    return bool(others) or any(
        happening.order and happening.event not in _ANSWERED_BY_A_NOTICE for happening in happenings
    )


def account_of(steps: Iterable[tuple[Happening, Decision]]) -> tuple[Done, ...]:
    """What was done, in the order in which it was; words that went out beside orders are one of it."""
    return tuple(
        Done(
            happening.order,
            _name(happening, decision),
            happening.argument or happening.text,
            decision.state.value,
            due=happening.new_due,
        )
        for happening, decision in steps
        if happening.event not in _ANSWERED_BY_A_NOTICE
    )


def _name(happening: Happening, decision: Decision) -> str:
    """What happened; an escalation that finds no further level is something else."""
    stays = any(isinstance(effect, Send) and effect.notice is Notice.LAST_LEVEL for effect in decision.effects)
    return f"{happening.event.value} no further" if stays else happening.event.value


def is_told_already(steps: Sequence[tuple[Happening, Decision]]) -> bool:
    """Whether the one thing that was ordered is answered by a notice of its own."""
    return len(steps) == 1 and _name(*steps[0]) != steps[0][0].event.value


def may_be_undone(events: Iterable[Event], sent: Iterable[Sent]) -> bool:
    """Whether the transcript offers to take it back: nobody but the author's own level has heard of it."""
    return not _STAYS & set(events) and all(mail.notice == Notice.COPY.value for mail in sent)


def mails_of(sent: Iterable[tuple[str, str]], reference: str = "") -> tuple[Sent, ...]:
    """Who got what, once each; `reference` is that of another ticket than the agent's."""
    mails = (Sent(notice, recipient, reference) for notice, recipient in sent if notice not in _OWN_ANSWERS)
    return tuple(dict.fromkeys(mails))
