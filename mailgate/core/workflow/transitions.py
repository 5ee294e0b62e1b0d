"""Table of the support process (docs/process.md, steps S1-S12): what each event does in each state.

A row says: in this state, on this event, if the guard holds, go to that state and carry out these effects. Of the rows
of one (state, event) pair the first whose guard holds counts, and the last has no guard. A pair without a row stands in
NOT_APPLICABLE, with the reason that is written to the ticket's history; a test checks that the two are complete.

Data only: `engine` reads it, `tickets.service` carries the effects out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.workflow.effects import Send, Start, Stop, StopAll, Timer, To
from mailgate.core.workflow.events import LEVELS, Actor, Event, State, events_that
from mailgate.core.workflow.notice_catalogue import Notice


class Condition(StrEnum):
    """Condition on the ticket and the desk's policy; `engine` evaluates it. The values stand in the diagram."""

    ALWAYS = ""
    OTHER_LEVEL = "the ticket is with another level"
    HAS_LEVEL3 = "there is a Level 3"
    TOO_OFTEN_NOT_FIXED = "Level 1 failed too often"
    BACK_TO_LEVEL3 = "Level 3 resolved"
    BACK_TO_LEVEL2 = "Level 2 resolved"
    FROM_LEVEL2_TO_3 = "Level 2 resolved, there is a Level 3"
    FROM_LEVEL2 = "Level 2 resolved, no Level 3"
    FROM_LEVEL3 = "Level 3 resolved, nothing above"
    NOT_LEVEL1 = "another level than Level 1 resolves"
    MORE_THAN_THANKS = "a file, or 1 or 2 stars, beside the thanks"
    NOT_CLARIFIED = "not asked to clarify since the confirm notice"
    EARLY_YES = "a statement that it works, after an answer that asked nothing"
    RATED_POORLY = "1 or 2 stars"
    RATED_POORLY_IN_WORDS = "1 or 2 stars, beside words that the level gets"
    REQUESTER_ASKED = "the requester is asked"
    PAUSES = "the clock stands for third parties"
    AWAITED = "the desk waits for a third party"
    AWAITED_WROTE = "the desk waits for that person"
    ASK_FAILED = "the question did not reach whom the desk waits for"
    MORE_REMINDERS = "another reminder is due later"
    CLOSE_ON_SILENCE = "the desk closes on silence"
    THIRD_QUESTION = "asked twice already"
    REVIEW_WANTED = "the closing needs a review"
    REVIEW_ASKED = "the review was asked for"
    WINDOW_OPEN = "within the reopening window"
    PROMISE_OVER = "the promise is over already"
    ANSWER_OVER = "the time for a first answer is over already"
    TELLS_TAKEN = "nobody has it, and the desk tells requesters who takes it"
    TELLS_MERGED = "the desk tells requesters of a merge"
    FORM_WANTED = "details of its form are missing"
    AGENT_WRITES = "an agent writes to the requester first"
    WINDOW_AND_TOO_OFTEN = "within the window, Level 1 failed too often"
    WINDOW_AND_LEVEL3 = "within the window, Level 3 resolved"
    WINDOW_AND_LEVEL2 = "within the window, Level 2 resolved"


class Action(StrEnum):
    """Change of the ticket itself. The values stand in the diagram."""

    OPEN = "open the ticket"
    BEGIN = "begin a fresh promise of the level"
    PAUSE = "pause the clock"
    PAUSE_FOR_THIRD_PARTY = "pause the clock for a third party"
    AWAIT = "note whom the desk waits for"
    PUT_OFF = "leave the ticket out of the lists until then"
    RESUME = "let the clock run again"
    REPLAN = "reckon the deadlines anew"
    KEEP_SOLUTION = "keep the solution and who gave it"
    KEEP_ANSWER = "keep the last answer as the solution"
    COUNT_NOT_FIXED = "count the failed solution"
    COUNT_QUESTION = "count the question to the level"
    FORGET_QUESTIONS = "start counting questions anew"
    NOTE_CLARIFIED = "note that the requester was asked to clarify"
    RELAY = "send the agent's words to the requester and the participants"
    ASK = "send the agent's words to a third party"
    ASK_APPROVAL = "send the request to an approver"
    REMIND_APPROVERS = "remind the approvers who have not decided"
    NOTE_APPROVAL = "record what the approver decided"
    RECORD = "write it down"
    RECORD_FIELDS = "keep what was filled in"
    RATE = "note how satisfied the requester is"
    SET_FORM = "make it a request of a form"
    COUNT_FORM = "count that missing details were asked for"
    ASSIGN = "assign to an agent"
    ASSIGN_AUTHOR = "assign to its author, where nobody has it"
    ROUTE = "move to another queue"
    MERGE = "merge into another ticket"
    BLOCK_SENDER = "block the sender"
    FINISH = "note the time of closing"
    SPLIT = "open a ticket of its own for the requester's last message"
    LINK = "let answers and solutions go to other tickets too"
    ADD_PEOPLE = "take people in copy"
    LEAVE = "send a person in copy no more mails"
    CHANGE_REQUESTER = "make somebody else the requester"
    GIVE_ARTICLE = "note which article was given, or that the solution is not to be kept"
    UNDO = "take the last step back"
    OPEN_LINKED = "open a new ticket linked to this one"


@dataclass(frozen=True, slots=True)
class Do:
    """Effect of a row: the ticket service carries an action out."""

    act: Action


Effect = Send | Start | Stop | StopAll | Do
"""Effects of a row; `tickets.service` carries them out in the order written."""


@dataclass(frozen=True, slots=True)
class Transition:
    """Row of the table. `step` is the process step that the row serves."""

    step: str
    state: State | None
    event: Event
    to: State
    effects: tuple[Effect, ...]
    guard: Condition = Condition.ALWAYS

    @property
    def name(self) -> str:
        """Name of the row in a ticket's history."""
        start = self.state.value if self.state else "new"
        return f"{start} · {self.event.value}" + (f" · {self.guard.value}" if self.guard.value else "")


L1, L2, L3 = LEVELS
CONFIRMING, FINALIZING, CLOSED = State.CONFIRMING, State.FINALIZING, State.CLOSED


def _list_not_applicable() -> Iterator[tuple[State, Event, str]]:
    for state in State:
        yield state, Event.REQUEST, "the ticket exists already"
        if state is not CLOSED:
            yield state, Event.CLAIMED, "only what would open a closed ticket again is told apart"
    for state in LEVELS:
        yield state, Event.REOPEN, "the ticket is open"
        for event in (Event.APPROVE, Event.REJECT):
            yield state, event, "no closing waits for a review"
        for event in (Event.REMINDER_DUE, Event.DECISION_DUE, Event.OBJECTION_OVER, Event.REVIEW_DUE):
            yield state, event, "the timer belongs to an earlier state"
    yield L1, Event.HANDBACK, "the ticket is with Level 1"
    yield L1, Event.OVERDUE, "the timer belongs to an earlier state"
    for event in (
        Event.HANDBACK, Event.WAITING, Event.WAITING_FOR, Event.APPROVE_BY, Event.LATER, Event.ROUTE, Event.REQUESTER,
        Event.FORM,
    ):  # fmt: skip
        yield CONFIRMING, event, "the requester was asked whether it is solved"
        yield FINALIZING, event, "the final notice was sent"
        yield CLOSED, event, "the ticket is closed"
    for event in (Event.APPROVE, Event.REJECT):
        yield CONFIRMING, event, "no closing waits for a review"
        yield CLOSED, event, "no closing waits for a review"
    for event in (Event.RESOLVE, Event.ESCALATE, Event.CLOSE, Event.CLOSE_BARE, Event.CLOSE_TRANSFERRED):
        yield FINALIZING, event, "the final notice was sent"
        yield CLOSED, event, "the ticket is closed"
    yield CLOSED, Event.CLOSE_SPAM, "the ticket is closed"
    yield CLOSED, Event.REPLANNED, "the ticket is closed"
    yield CLOSED, Event.APPROVAL_DECIDED, "the ticket is closed"
    alive = {
        CONFIRMING: (Event.REMINDER_DUE, Event.DECISION_DUE),
        FINALIZING: (Event.OBJECTION_OVER, Event.REVIEW_DUE),
        CLOSED: (),
    }
    for state, timers in alive.items():
        for event in events_that(lambda info: info.by_timer):
            if event not in timers:
                yield state, event, "the timer belongs to an earlier state"


NOT_APPLICABLE: dict[tuple[State, Event], str] = {
    (state, event): reason for state, event, reason in _list_not_applicable()
}

_BEGIN = (
    Do(Action.BEGIN), Start(Timer.ESCALATION), Start(Timer.WARNING), Start(Timer.ANSWER_WARNING), Start(Timer.UPDATE),
)  # fmt: skip
_ANSWERED = (Stop(Timer.WAITING_REMINDER), Stop(Timer.WAITING_DECISION))
_RESUME = (*_ANSWERED, Stop(Timer.THIRD_PARTY), Do(Action.RESUME))
_STAND = (Stop(Timer.ESCALATION), Stop(Timer.WARNING), Stop(Timer.OVERDUE))
_AWAIT = (Do(Action.AWAIT), Start(Timer.THIRD_PARTY))
# The requester is still to be answered, and that is due before the solution now.
_PAUSE_FOR_THIRD_PARTY = (Do(Action.PAUSE_FOR_THIRD_PARTY), Start(Timer.ANSWER_WARNING))
_RELAY = (Do(Action.RELAY), Do(Action.ASSIGN_AUTHOR), Send(Notice.COPY, To.AUTHOR_LEVEL))
_ASK_REQUESTER = (
    Do(Action.KEEP_SOLUTION),
    Do(Action.FORGET_QUESTIONS),
    Send(Notice.CONFIRM, To.REQUESTER),
    Do(Action.ASSIGN_AUTHOR),
    Send(Notice.COPY, To.AUTHOR_LEVEL),
    Start(Timer.REMINDER),
    Start(Timer.DECISION),
)
_TELL_TAKEN = (Send(Notice.TAKEN, To.REQUESTER),)
_TELL_LEVEL1 = (Send(Notice.SOLUTION, To.LEVEL1),)
_FINALIZE = (StopAll(), Send(Notice.FINAL, To.PEOPLE), Start(Timer.OBJECTION))
_CLOSE = (StopAll(), Do(Action.FINISH), Send(Notice.CLOSED, To.LEVEL1))
_ASK_REVIEW = (StopAll(), Send(Notice.REVIEW, To.MANAGER), Start(Timer.REVIEW))
_RECORD = (Do(Action.RECORD),)
_REPLAN = (Do(Action.REPLAN),)
_ASK_FOR_DETAILS = (Do(Action.COUNT_FORM), Send(Notice.FORM, To.REQUESTER))


def _escalation(*, counted: bool = False) -> tuple[Effect, ...]:
    """Effects of an escalation (S6): the next level gets everything; requester and old level are notified."""
    return (
        StopAll(),
        *((Do(Action.COUNT_NOT_FIXED),) if counted else ()),
        *_BEGIN,
        Send(Notice.ESCALATION, To.LEVEL),
        Send(Notice.ESCALATED, To.REQUESTER),
        Send(Notice.TAKEN_OVER, To.OLD_LEVEL),
    )


def _reopening(*, counted: bool) -> tuple[Effect, ...]:
    return (
        StopAll(),
        *((Do(Action.COUNT_NOT_FIXED),) if counted else ()),
        *_BEGIN,
        Send(Notice.NOT_FIXED, To.LEVEL),
        Send(Notice.REOPENED, To.REQUESTER),
    )


def _creation() -> Iterator[Transition]:
    """Rows that open a ticket (S2); where details of its form are missing, the form notice replaces the receipt."""
    form = (Do(Action.OPEN), *_BEGIN, *_ASK_FOR_DETAILS, Send(Notice.REQUEST, To.LEVEL))
    yield Transition("S2", None, Event.REQUEST, L1, form, Condition.FORM_WANTED)
    # The agent's words follow as a question: they are no request, and need no receipt.
    yield Transition("S2", None, Event.REQUEST, L1, (Do(Action.OPEN), *_BEGIN), Condition.AGENT_WRITES)
    effects = (Do(Action.OPEN), *_BEGIN, Send(Notice.RECEIPT, To.REQUESTER), Send(Notice.REQUEST, To.LEVEL))
    yield Transition("S2", None, Event.REQUEST, L1, effects)


def _everywhere(state: State) -> Iterator[Transition]:
    """Events that have the same effect in every state: they are recorded and move nothing."""
    for event in (
        Event.TIME, Event.CAUSE, Event.TAG, Event.USED, Event.REPLY, Event.NOTE, Event.COPIED, Event.AUTOMATIC,
    ):  # fmt: skip
        yield Transition("S3", state, event, state, _RECORD)
    for event in (Event.TYPE, Event.PRIORITY):  # a level's promise may depend on them, and counts from its beginning
        yield Transition("S3", state, event, state, (*_RECORD, *_REPLAN) if state in LEVELS else _RECORD)
    yield Transition("S2", state, Event.FORM_FILLED, state, (Do(Action.RECORD_FIELDS),))
    assigning = (Do(Action.ASSIGN), Send(Notice.ASSIGNED, To.ASSIGNEE))
    if state in LEVELS:
        yield Transition("S3", state, Event.ASSIGN, state, (*assigning, *_TELL_TAKEN), Condition.TELLS_TAKEN)
    yield Transition("S3", state, Event.ASSIGN, state, assigning)
    ask = (Do(Action.ASK), Send(Notice.COPY, To.AUTHOR_LEVEL))
    if state in LEVELS:
        yield from _asking(state, Event.ASK, ask)
        yield from _asking(state, Event.APPROVE_BY, (Do(Action.ASK_APPROVAL), *ask[1:], Start(Timer.APPROVAL)))
        yield Transition("S3", state, Event.APPROVAL_DUE, state, (Do(Action.REMIND_APPROVERS),))
    else:
        yield Transition("S3", state, Event.ASK, state, ask)
    yield Transition("S3", state, Event.ASKED_STATUS, state, (Send(Notice.REQUESTER_STATUS, To.REQUESTER),))
    yield Transition("S3", state, Event.LEFT, state, (Do(Action.LEAVE), Send(Notice.LEFT, To.PARTICIPANT)))
    yield Transition("S3", state, Event.STATUS, state, (Send(Notice.STATUS, To.AUTHOR),))
    yield Transition("S3", state, Event.SHOW, state, (Send(Notice.SHOWN, To.AUTHOR),))
    yield Transition("S3", state, Event.HELP, state, (Send(Notice.HELP, To.AUTHOR),))
    yield Transition("S3", state, Event.MISTYPED, state, (Send(Notice.MISTYPED, To.AUTHOR),))
    yield Transition("S3", state, Event.NOTHING_READ, state, (Send(Notice.NOTHING_READ, To.AUTHOR),))
    yield Transition("S3", state, Event.SPLIT, state, (Do(Action.SPLIT),))
    yield Transition("S3", state, Event.LINK, state, (Do(Action.LINK),))
    yield Transition("S3", state, Event.CC, state, (Do(Action.ADD_PEOPLE),))
    yield Transition("S3", state, Event.KB, state, (Do(Action.GIVE_ARTICLE),))
    # The one event that no row can say the outcome of: the ticket is as it was before the step.
    yield Transition("S3", state, Event.UNDO, state, (Do(Action.UNDO),))
    yield Transition("S3", state, Event.HELD, state, _RECORD)
    yield Transition("S3", state, Event.UNPROVEN, state, (Send(Notice.HELD, To.AUTHOR_LEVEL),))
    yield Transition("S3", state, Event.ENCRYPTED, state, (Send(Notice.WRITE_IN_CLEAR, To.REQUESTER),))
    told = (Stop(Timer.ANSWER_WARNING), Start(Timer.UPDATE)) if state in LEVELS else ()
    yield Transition("S3", state, Event.ANSWERED, state, (*_RELAY, *told))
    if state is not CLOSED:
        yield Transition("S4", state, Event.REPLANNED, state, _REPLAN)
    # Its words are those of the request: they answer nothing, and who is done with the ticket had the original.
    shown = (Send(Notice.MESSAGE, To.LEVEL),) if state in LEVELS else _RECORD
    yield Transition("S3", state, Event.READ_WHOLE, state, shown)
    yield Transition("S3", state, Event.AGENT_AUTOMATIC, state, (Send(Notice.RETURNED_AUTOMATIC, To.AUTHOR_LEVEL),))
    heard = (Send(Notice.THIRD_PARTY, To.LEVEL),)
    if state in LEVELS:
        resumed = (*_RESUME, *heard)
        yield Transition("S3", state, Event.THIRD_PARTY_WROTE, state, resumed, Condition.AWAITED_WROTE)
    yield Transition("S3", state, Event.THIRD_PARTY_WROTE, state, heard)
    decided = (Do(Action.NOTE_APPROVAL), *heard)
    if state in LEVELS:
        yield Transition("S3", state, Event.APPROVAL_DECIDED, state, (*_RESUME, *decided), Condition.AWAITED_WROTE)
    if state is not CLOSED:  # there it is withdrawn
        yield Transition("S3", state, Event.APPROVAL_DECIDED, state, decided)
    # A rating answers no question and moves nothing; the words beside it are an event of their own.
    if state in (FINALIZING, CLOSED):
        to_manager = (Do(Action.RATE), Send(Notice.POOR_RATING, To.MANAGER))
        yield Transition("S10", state, Event.RATED, state, to_manager, Condition.RATED_POORLY_IN_WORDS)
        to_both = (*to_manager, Send(Notice.POOR_RATING, To.LEVEL))
        yield Transition("S10", state, Event.RATED, state, to_both, Condition.RATED_POORLY)
    yield Transition("S10", state, Event.RATED, state, (Do(Action.RATE),))
    merging = (StopAll(), Do(Action.MERGE), Do(Action.FINISH))
    if state is not CLOSED:  # there the requester has been notified, unless it was spam
        with_news = (*merging, Send(Notice.MERGED, To.REQUESTER))
        yield Transition("S10", state, Event.MERGE, CLOSED, with_news, Condition.TELLS_MERGED)
    yield Transition("S10", state, Event.MERGE, CLOSED, merging)


def _late_level(state: State) -> Iterator[Transition]:
    """Rows of the level that lost the ticket (S4): it may note, log time and query; all else is returned."""
    for event in events_that(lambda info: info.actor is Actor.LEVEL):
        if (state, event) not in NOT_APPLICABLE:
            yield Transition("S4", state, event, state, (Send(Notice.LATE_LEVEL, To.AUTHOR),), Condition.OTHER_LEVEL)


def _form(state: State) -> Iterator[Transition]:
    """Row that asks once more for missing details of a form while a level works; its promise goes on (S2)."""
    again = (Do(Action.RECORD_FIELDS), *_ASK_FOR_DETAILS)
    yield Transition("S2", state, Event.FORM_FILLED, state, again, Condition.FORM_WANTED)


def _level(state: State, step: str) -> Iterator[Transition]:
    """Rows of a level that works on the ticket (S3, S6)."""
    yield from _early_yes(state)
    # What the requester writes ends no wait for a third party, who has still to answer.
    withdrawn = (Send(Notice.WITHDRAWAL, To.LEVEL),)
    yield Transition(step, state, Event.SAID_YES, state, withdrawn, Condition.AWAITED)
    yield Transition(step, state, Event.SAID_YES, state, (*_RESUME, *withdrawn))
    for event in (Event.SAID_YES_AND_MORE, Event.SAID_NO, Event.SAID_THANKS, Event.WROTE):
        wrote = (Send(Notice.MESSAGE, To.LEVEL),)
        yield Transition(step, state, event, state, wrote, Condition.AWAITED)
        yield Transition(step, state, event, state, (*_RESUME, *wrote))
    yield Transition(step, state, Event.OUTSIDER_WROTE, state, (Send(Notice.MESSAGE, To.LEVEL),))
    on_behalf = (Do(Action.CHANGE_REQUESTER), *_REPLAN, Send(Notice.RECEIPT, To.REQUESTER))
    yield Transition("S2", state, Event.REQUESTER, state, on_behalf)
    # The clock runs on, as it does for a request that came by a form.
    asking = (Do(Action.SET_FORM), *_REPLAN, Send(Notice.DETAILS, To.REQUESTER))
    copied = (Do(Action.ASSIGN_AUTHOR), Send(Notice.COPY, To.AUTHOR_LEVEL))
    told = (Stop(Timer.ANSWER_WARNING), Start(Timer.UPDATE))
    yield Transition(step, state, Event.FORM, state, (*asking, *copied, *told))
    taking = (*_RESUME, Do(Action.ASSIGN))
    yield Transition(step, state, Event.TAKE, state, (*taking, *_TELL_TAKEN), Condition.TELLS_TAKEN)
    yield Transition(step, state, Event.TAKE, state, taking)
    yield Transition(
        step,
        state,
        Event.WAITING,
        state,
        (
            *_STAND,
            Stop(Timer.ANSWER_WARNING),
            Stop(Timer.UPDATE),
            Stop(Timer.THIRD_PARTY),
            Do(Action.PAUSE),
            Do(Action.FORGET_QUESTIONS),
            Send(Notice.QUESTION, To.PEOPLE),
            Do(Action.ASSIGN_AUTHOR),
            Send(Notice.COPY, To.AUTHOR_LEVEL),
            Start(Timer.WAITING_REMINDER),
            Start(Timer.WAITING_DECISION),
        ),
    )
    yield from _waiting(state, step)
    yield from _third_parties(state, step)
    put_off = (Stop(Timer.LATER), Do(Action.PUT_OFF), Start(Timer.LATER))
    # The reminders to the requester and the questions about their silence rest until then.
    resting = (*_ANSWERED, *put_off, Start(Timer.WAITING_REMINDER), Start(Timer.WAITING_DECISION))
    yield Transition(step, state, Event.LATER, state, resting, Condition.REQUESTER_ASKED)
    yield Transition(step, state, Event.LATER, state, put_off)
    yield Transition(step, state, Event.LATER_DUE, state, (Send(Notice.BACK, To.LEVEL),))
    routing = (
        StopAll(),
        Do(Action.ROUTE),
        *_BEGIN,
        Send(Notice.ROUTED, To.LEVEL),
        Send(Notice.MOVED, To.REQUESTER),
        Send(Notice.TAKEN_OVER, To.OLD_LEVEL),
    )
    yield Transition(step, state, Event.ROUTE, L1, routing)
    yield Transition("S9", state, Event.CLOSE, FINALIZING, (*_FINALIZE, Send(Notice.COPY, To.AUTHOR_LEVEL)))
    yield Transition(step, state, Event.CLOSE_BARE, state, (Send(Notice.REASON_WANTED, To.AUTHOR),))
    yield from _final_reasons(state)
    yield from _warnings(state, step)
    failed = (*_RESUME, Send(Notice.FAILED, To.LEVEL))
    yield Transition(step, state, Event.NOTICE_FAILED, state, failed, Condition.ASK_FAILED)
    for event in (Event.NOTICE_FAILED, Event.CONFIRM_FAILED):
        yield Transition(step, state, event, state, (Send(Notice.FAILED, To.LEVEL),))


def _early_yes(state: State) -> Iterator[Transition]:
    """Rows of a requester who says that it works before anybody has asked (S8): an agent's answer was the solution."""
    told = (Send(Notice.EARLY_YES, To.LEVEL), *(() if state is L1 else (Send(Notice.EARLY_YES, To.LEVEL1),)))
    effects = (Do(Action.KEEP_ANSWER), *_FINALIZE, *told)
    for event in (Event.SAID_YES, Event.SAID_YES_AND_MORE):
        yield Transition("S8", state, event, FINALIZING, effects, Condition.EARLY_YES)


def _warnings(state: State, step: str) -> Iterator[Transition]:
    """Rows of the warnings before a deadline (S4); one that is over has notices of its own."""
    yield Transition(step, state, Event.WARNING_DUE, state, _RECORD, Condition.PROMISE_OVER)
    yield Transition(step, state, Event.WARNING_DUE, state, (Send(Notice.WARNING, To.LEVEL),))
    yield Transition(step, state, Event.ANSWER_WARNING_DUE, state, _RECORD, Condition.ANSWER_OVER)
    yield Transition(step, state, Event.ANSWER_WARNING_DUE, state, (Send(Notice.ANSWER_WARNING, To.LEVEL),))
    yield Transition(step, state, Event.UPDATE_DUE, state, (Send(Notice.UPDATE, To.LEVEL), Start(Timer.UPDATE)))


def _waiting(state: State, step: str) -> Iterator[Transition]:
    """Rows while the clock is paused: the requester is reminded, then the level is asked, then the manager too."""
    reminder = Send(Notice.WAITING_REMINDER, To.REQUESTER)
    more = (reminder, Start(Timer.WAITING_REMINDER), Start(Timer.WAITING_DECISION))
    yield Transition(step, state, Event.WAITING_REMINDER_DUE, state, more, Condition.MORE_REMINDERS)
    yield Transition(step, state, Event.WAITING_REMINDER_DUE, state, (reminder, Start(Timer.WAITING_DECISION)))
    ask = (Send(Notice.WAITING_DECISION, To.LEVEL), Do(Action.COUNT_QUESTION), Start(Timer.WAITING_DECISION))
    third = (Send(Notice.MANAGER_DECISION, To.MANAGER), *ask)
    yield Transition(step, state, Event.WAITING_DECISION_DUE, state, third, Condition.THIRD_QUESTION)
    yield Transition(step, state, Event.WAITING_DECISION_DUE, state, ask)


def _asking(state: State, event: Event, ask: tuple[Effect, ...]) -> Iterator[Transition]:
    """Rows of `#ask` and `#approve-by` at a level: it waits for the answer, unless it waits for the requester."""
    yield Transition("S3", state, event, state, ask, Condition.REQUESTER_ASKED)
    pausing = (*ask, *_STAND, *_AWAIT, *_PAUSE_FOR_THIRD_PARTY)
    yield Transition("S3", state, event, state, pausing, Condition.PAUSES)
    yield Transition("S3", state, event, state, (*ask, *_AWAIT))


def _third_parties(state: State, step: str) -> Iterator[Transition]:
    """Rows of `#waiting HP`: the requester is asked nothing, and the level is reminded until an agent acts."""
    pausing = (*_ANSWERED, *_STAND, *_AWAIT, *_PAUSE_FOR_THIRD_PARTY)
    yield Transition(step, state, Event.WAITING_FOR, state, pausing, Condition.PAUSES)
    yield Transition(step, state, Event.WAITING_FOR, state, (*_RESUME, *_AWAIT))
    remind = (Send(Notice.THIRD_PARTY_REMINDER, To.LEVEL), Do(Action.COUNT_QUESTION), Start(Timer.THIRD_PARTY))
    third = (Send(Notice.MANAGER_DECISION, To.MANAGER), *remind)
    yield Transition(step, state, Event.THIRD_PARTY_DUE, state, third, Condition.THIRD_QUESTION)
    yield Transition(step, state, Event.THIRD_PARTY_DUE, state, remind)


def _final_reasons(state: State) -> Iterator[Transition]:
    """Rows of `#close` that end a ticket at once: spam notifies nobody, a transfer names who has it now."""
    spam = (StopAll(), Do(Action.BLOCK_SENDER), Do(Action.FINISH))
    yield Transition("S10", state, Event.CLOSE_SPAM, CLOSED, spam)
    transfer = (StopAll(), Do(Action.FINISH), Send(Notice.TRANSFERRED, To.PEOPLE), Send(Notice.COPY, To.AUTHOR_LEVEL))
    yield Transition("S10", state, Event.CLOSE_TRANSFERRED, CLOSED, transfer)


def _level1() -> Iterator[Transition]:
    yield from _late_level(L1)
    yield from _form(L1)
    yield from _everywhere(L1)
    yield from _level(L1, "S3")
    yield Transition("S3", L1, Event.RESOLVE, CONFIRMING, (StopAll(), *_ASK_REQUESTER))
    yield Transition("S5", L1, Event.ESCALATE, L2, _escalation())
    yield Transition("S4", L1, Event.ESCALATION_DUE, L2, _escalation())


def _higher_level(state: State) -> Iterator[Transition]:
    yield from _late_level(state)
    yield from _form(state)
    yield from _everywhere(state)
    yield from _level(state, "S6")
    yield Transition("S6", state, Event.RESOLVE, CONFIRMING, (StopAll(), *_ASK_REQUESTER, *_TELL_LEVEL1))
    handback = (StopAll(), *_BEGIN, Send(Notice.HANDED_BACK, To.LEVEL), Send(Notice.MOVED, To.REQUESTER))
    yield Transition("S6", state, Event.HANDBACK, L1, handback)
    if state is L2:
        yield Transition("S6", L2, Event.ESCALATE, L3, _escalation(), Condition.HAS_LEVEL3)
        yield Transition("S6", L2, Event.ESCALATION_DUE, L3, _escalation(), Condition.HAS_LEVEL3)
    last = (Send(Notice.MANAGER, To.MANAGER), Send(Notice.LAST_LEVEL, To.AUTHOR))
    yield Transition("S6", state, Event.ESCALATE, state, last)
    repeated = (Send(Notice.MANAGER, To.MANAGER), Start(Timer.OVERDUE))
    yield Transition("S6", state, Event.ESCALATION_DUE, state, repeated)
    yield Transition("S6", state, Event.OVERDUE, state, repeated)


def _confirming() -> Iterator[Transition]:
    """Rows while the requester is asked (S7, S8): only a clear answer, or what Level 1 heard directly, moves it."""
    state = CONFIRMING
    yield from _late_level(state)
    yield from _everywhere(state)
    yield Transition("S8", state, Event.SAID_YES, FINALIZING, _FINALIZE)
    more = (*_FINALIZE, Send(Notice.NEW_PROBLEM, To.LEVEL1))
    yield Transition("S8", state, Event.SAID_YES_AND_MORE, FINALIZING, more)
    yield from _reopen("S8", state, Event.SAID_NO)
    yield from _reopen("S8", state, Event.REOPEN)
    unclear = Send(Notice.UNCLEAR, To.LEVEL1)
    clarify = (unclear, Send(Notice.CLARIFY, To.REQUESTER), Do(Action.NOTE_CLARIFIED))
    yield Transition("S8", state, Event.WROTE, state, clarify, Condition.NOT_CLARIFIED)
    yield Transition("S8", state, Event.WROTE, state, (unclear,))
    # Thanks alone decide nothing, and no mail is due about them: the next one about the ticket says so.
    yield Transition("S8", state, Event.SAID_THANKS, state, (unclear,), Condition.MORE_THAN_THANKS)
    yield Transition("S8", state, Event.SAID_THANKS, state, _RECORD)
    is_it_so = (unclear, Send(Notice.SOMEBODY_ANSWERED, To.REQUESTER), Do(Action.NOTE_CLARIFIED))
    yield Transition("S8", state, Event.OUTSIDER_WROTE, state, is_it_so, Condition.NOT_CLARIFIED)
    yield Transition("S8", state, Event.OUTSIDER_WROTE, state, (unclear,))
    for event in (Event.CLOSE, Event.CLOSE_BARE):
        yield Transition("S8", state, event, FINALIZING, (*_FINALIZE, Send(Notice.COPY, To.AUTHOR_LEVEL)))
    yield from _final_reasons(state)
    again = (StopAll(), *_ASK_REQUESTER)
    yield Transition("S7", state, Event.RESOLVE, state, (*again, *_TELL_LEVEL1), Condition.NOT_LEVEL1)
    yield Transition("S7", state, Event.RESOLVE, state, again)
    to_manager = (*_escalation(), Send(Notice.MANAGER, To.MANAGER), Send(Notice.LAST_LEVEL, To.AUTHOR))
    yield Transition("S6", state, Event.ESCALATE, L3, _escalation(), Condition.FROM_LEVEL2_TO_3)
    yield Transition("S6", state, Event.ESCALATE, L2, to_manager, Condition.FROM_LEVEL2)
    yield Transition("S6", state, Event.ESCALATE, L3, to_manager, Condition.FROM_LEVEL3)
    yield Transition("S5", state, Event.ESCALATE, L2, _escalation())
    yield Transition("S7", state, Event.TAKE, state, (Do(Action.ASSIGN),))
    yield from _silence(state)


def _silence(state: State) -> Iterator[Transition]:
    """Rows of a confirmation without an answer (S8): reminders, then Level 1 is asked, or the desk closes."""
    reminder = Send(Notice.REMINDER, To.REQUESTER)
    more = (reminder, Start(Timer.REMINDER), Start(Timer.DECISION))
    yield Transition("S7", state, Event.REMINDER_DUE, state, more, Condition.MORE_REMINDERS)
    yield Transition("S7", state, Event.REMINDER_DUE, state, (reminder, Start(Timer.DECISION)))
    ask = (Send(Notice.DECISION, To.LEVEL1), Do(Action.COUNT_QUESTION), Start(Timer.DECISION))
    third = (Send(Notice.MANAGER_DECISION, To.MANAGER), *ask)
    yield Transition("S8", state, Event.DECISION_DUE, FINALIZING, _FINALIZE, Condition.CLOSE_ON_SILENCE)
    yield Transition("S8", state, Event.DECISION_DUE, state, third, Condition.THIRD_QUESTION)
    yield Transition("S8", state, Event.DECISION_DUE, state, ask)
    # A confirm notice that came back is no silence to wait out: Level 1 is asked at once (rule 18).
    yield Transition("S7", state, Event.CONFIRM_FAILED, state, (Stop(Timer.REMINDER), Stop(Timer.DECISION), *ask))
    yield Transition("S7", state, Event.NOTICE_FAILED, state, (Send(Notice.FAILED, To.LEVEL1),))


def _finalizing() -> Iterator[Transition]:
    """Rows while the final notice is out and the requester may still object (S9 to S11)."""
    state = FINALIZING
    yield from _late_level(state)
    yield from _everywhere(state)
    for event in (Event.SAID_YES, Event.SAID_YES_AND_MORE):
        tail = (Send(Notice.NEW_PROBLEM, To.LEVEL1),) if event is Event.SAID_YES_AND_MORE else ()
        yield Transition("S10", state, event, state, (*_ASK_REVIEW, *tail), Condition.REVIEW_WANTED)
        # The requester's yes is no approval: what waits for the manager goes on waiting.
        yield Transition("S10", state, event, state, tail or _RECORD, Condition.REVIEW_ASKED)
        yield Transition("S11", state, event, CLOSED, (*_CLOSE, *tail))
    yield from _reopen("S11", state, Event.SAID_NO)
    yield from _reopen("S11", state, Event.REOPEN)
    unclear = (Send(Notice.UNCLEAR, To.LEVEL1),)
    yield Transition("S11", state, Event.SAID_THANKS, state, unclear, Condition.MORE_THAN_THANKS)
    yield Transition("S11", state, Event.SAID_THANKS, state, _RECORD)
    for event in (Event.WROTE, Event.OUTSIDER_WROTE):
        yield Transition("S11", state, event, state, unclear)
    yield Transition("S10", state, Event.OBJECTION_OVER, state, _ASK_REVIEW, Condition.REVIEW_WANTED)
    yield Transition("S11", state, Event.OBJECTION_OVER, CLOSED, _CLOSE)
    yield Transition("S10", state, Event.REVIEW_DUE, state, (Send(Notice.REVIEW, To.MANAGER), Start(Timer.REVIEW)))
    yield Transition("S10", state, Event.APPROVE, CLOSED, _CLOSE, Condition.REVIEW_ASKED)
    yield Transition("S10", state, Event.APPROVE, state, (Send(Notice.NOT_POSSIBLE, To.AUTHOR),))
    yield from _reopen("S10", state, Event.REJECT)
    spam, _transferred = _final_reasons(state)
    yield spam
    yield Transition("S9", state, Event.TAKE, state, (Do(Action.ASSIGN),))
    for event in (Event.NOTICE_FAILED, Event.CONFIRM_FAILED):
        yield Transition("S9", state, event, state, (Send(Notice.FAILED, To.LEVEL1),))


def _closed() -> Iterator[Transition]:
    """Rows of a closed ticket (S12): within the window new words reopen it; later they open a linked ticket."""
    state = CLOSED
    yield from _late_level(state)
    yield from _everywhere(state)
    for event in (Event.SAID_NO, Event.WROTE):
        yield from _reopen_in_window(state, event, counted=event is Event.SAID_NO)
        yield Transition("S12", state, event, state, (Do(Action.OPEN_LINKED),))
    yield Transition("S12", state, Event.SAID_YES_AND_MORE, state, (Do(Action.OPEN_LINKED),))
    # A name alone opens nothing again: Level 1 is asked, and after the window the words are a request like any other.
    yield Transition("S12", state, Event.CLAIMED, state, (Send(Notice.UNCLEAR, To.LEVEL1),), Condition.WINDOW_OPEN)
    yield Transition("S12", state, Event.CLAIMED, state, (Do(Action.OPEN_LINKED),))
    for event in (Event.SAID_YES, Event.SAID_THANKS, Event.NOTICE_FAILED, Event.CONFIRM_FAILED):
        yield Transition("S12", state, event, state, _RECORD)
    yield Transition("S12", state, Event.OUTSIDER_WROTE, state, (Send(Notice.UNCLEAR, To.LEVEL1),))
    yield from _reopen("S12", state, Event.REOPEN)
    yield Transition("S12", state, Event.TAKE, state, (Do(Action.ASSIGN),))


def _reopen(step: str, state: State, event: Event) -> Iterator[Transition]:
    """Rows of "not fixed": back to the level that resolved, to Level 1, or up if Level 1 failed too often."""
    yield Transition(step, state, event, L2, _escalation(counted=True), Condition.TOO_OFTEN_NOT_FIXED)
    yield Transition(step, state, event, L3, _reopening(counted=True), Condition.BACK_TO_LEVEL3)
    yield Transition(step, state, event, L2, _reopening(counted=True), Condition.BACK_TO_LEVEL2)
    yield Transition(step, state, event, L1, _reopening(counted=True))


def _reopen_in_window(state: State, event: Event, *, counted: bool) -> Iterator[Transition]:
    if counted:
        yield Transition("S12", state, event, L2, _escalation(counted=True), Condition.WINDOW_AND_TOO_OFTEN)
    yield Transition("S12", state, event, L3, _reopening(counted=counted), Condition.WINDOW_AND_LEVEL3)
    yield Transition("S12", state, event, L2, _reopening(counted=counted), Condition.WINDOW_AND_LEVEL2)
    yield Transition("S12", state, event, L1, _reopening(counted=counted), Condition.WINDOW_OPEN)


ROWS: tuple[Transition, ...] = (
    *_creation(),
    *_level1(),
    *_higher_level(L2),
    *_higher_level(L3),
    *_confirming(),
    *_finalizing(),
    *_closed(),
)
