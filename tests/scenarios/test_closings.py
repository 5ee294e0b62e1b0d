"""Nothing closes that nobody confirmed: a closing rests on clear words, on a command, or on a rule of silence.

The first tests read the table. The last one sends each kind of words from each kind of author to a ticket in each
state, and compares what moved with the list of what may move.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from mailgate.core.workflow.effects import Send
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.core.workflow.transitions import ROWS, Condition, Transition
from tests.support.checkpoints import Checkpoints
from tests.support.postgres import Cluster

ENDS = (State.FINALIZING, State.CLOSED)
YES = (Event.SAID_YES, Event.SAID_YES_AND_MORE)
CLOSINGS = [row for row in ROWS if row.to in ENDS and row.state not in (row.to, State.CLOSED)]
# The rows that the clock alone may take: silence where the operator has chosen that, and the end of the window.
BY_TIME = {
    (State.CONFIRMING, Event.DECISION_DUE, Condition.CLOSE_ON_SILENCE),
    (State.FINALIZING, Event.OBJECTION_OVER, Condition.ALWAYS),
}
UNANNOUNCED = (Event.CLOSE_SPAM, Event.MERGE)  # the one was no request, the other goes on elsewhere


@pytest.mark.parametrize("row", CLOSINGS, ids=lambda row: row.name)
def test_a_closing_rests_on_words_on_a_command_or_on_a_rule_of_silence(row: Transition) -> None:
    by_words = row.event in YES and (row.state not in LEVELS or row.guard is Condition.EARLY_YES)
    by_command = row.event.info.command is not None and row.event.info.by_agent
    by_time = (row.state, row.event, row.guard) in BY_TIME
    assert [by_words, by_command, by_time].count(True) == 1


@pytest.mark.parametrize("row", CLOSINGS, ids=lambda row: row.name)
def test_the_people_are_notified_before_a_ticket_is_closed(row: Transition) -> None:
    sent = {effect.notice for effect in row.effects if isinstance(effect, Send)}
    told = sent & {Notice.FINAL, Notice.TRANSFERRED}
    assert told or row.state is State.FINALIZING or row.event in UNANNOUNCED


def test_no_event_of_an_outsider_a_program_or_a_failed_notice_closes() -> None:
    assert not [row.name for row in CLOSINGS if row.event in (Event.WROTE, Event.OUTSIDER_WROTE, Event.SAID_THANKS)]
    assert not [row.name for row in CLOSINGS if row.event.info.is_automatic or row.event is Event.RATED]
    assert not [row.name for row in CLOSINGS if row.event in (Event.CONFIRM_FAILED, Event.NOTICE_FAILED)]


OPENING = ('anna writes "I cannot log in to the portal." about "Portal" with copy to ben',)
ANSWERED = (*OPENING, 'alice replies "I have unlocked your account."')
RESOLVED = (*ANSWERED, 'alice replies "#resolve I have unlocked your account."')
# What brings a ticket into a state, and the notice that its requester would answer there.
STATES = {
    "new": (OPENING, "receipt"),
    "answered": (ANSWERED, "answer"),
    "asked": ((*OPENING, 'alice replies "Does it work in another browser?"'), "answer"),
    "asked without a mark": ((*OPENING, 'alice replies "Please tell us whether it works in Firefox."'), "answer"),
    "waiting": ((*OPENING, 'alice replies "#waiting\\nDoes it work in another browser?"'), "question"),
    "level2": ((*ANSWERED, 'alice replies "#escalate"'), "answer"),
    "answered by level2": ((*ANSWERED, 'alice replies "#escalate"', 'carol replies "Now it is unlocked."'), "answer"),
    "confirming": (RESOLVED, "confirm"),
    "asked while confirming": ((*RESOLVED, 'alice replies "Is the old account still used?" to copy'), "answer"),
    "outsider answered": ((*RESOLVED, 'zoe replies "It still fails." to anna\'s confirm'), "somebody_answered"),
    "finalizing": ((*RESOLVED, 'anna replies "resolved" to confirm'), "final"),
}
CLEAR = ("resolved", "It works again.")
WORDS = (
    *CLEAR,
    "Yes.",
    "Yes, that is right.",
    "Thank you!",
    "Please call me tomorrow.",
    "It works again. Rating: 1 of 5",
    "2/5",
    "I will try it on Monday.",
    "It works again?",
)
# How the mail is proven; {0} is the words and {1} the notice.
AUTHORS = {
    "requester": 'anna replies "{0}" to {1}',
    "participant": 'ben replies "{0}" to {1}',
    "older mail": 'anna replies "{0}" to receipt',
    "no token": 'anna replies "{0}" without a token',
    "forged token": 'anna replies "{0}" with a changed letter in the token',
    "outsider": 'zoe replies "{0}" to anna\'s {1}',
    "responder": 'anna is away and answers automatically "{0}" to {1}',
}
PROVEN = ("requester", "participant")
BOTH = ("answered", "level2", "answered by level2", "finalizing")  # a participant has the notice, too
MAY_CLOSE = {
    *product(("answered", "level2", "answered by level2"), PROVEN, CLEAR),
    *product(("confirming",), ("requester",), (*CLEAR, "Yes.", "Yes, that is right.")),
    *product(("outsider answered",), ("requester",), (*CLEAR, "Yes.")),
    *product(("finalizing",), PROVEN, (*CLEAR, "Yes.", "Yes, that is right.")),
}


@pytest.fixture(scope="module")
def checkpoints(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Checkpoints]:
    folder: Path = tmp_path_factory.mktemp("desk")
    url = f"sqlite:///{folder}/desk.db"
    if engine != "sqlite":
        cluster: Cluster = request.getfixturevalue("cluster")
        url = cluster.create("template_desk")
    limits = ("[limits] automatic_per_address_hour = 0", "[limits] automatic_per_ticket_day = 0")
    found = Checkpoints(folder, limits, url)
    yield found
    found.close()


@pytest.mark.parametrize("where", STATES)
def test_only_clear_words_of_a_proven_author_in_answer_to_the_question_close(
    where: str, checkpoints: Checkpoints
) -> None:
    prelude, notice = STATES[where]
    moved = set()
    for author, words in product(AUTHORS, WORDS):
        if author == "participant" and where not in BOTH:
            continue
        checkpoints.play(prelude)
        before = checkpoints.runner.all_tickets()[0].state
        checkpoints.runner.play(AUTHORS[author].format(words, notice))
        after = checkpoints.runner.all_tickets()[0].state
        if after in ENDS and after != before:
            moved.add((where, author, words))
    assert moved == {one for one in MAY_CLOSE if one[0] == where}
