"""Reads a statement behind words that turn it: "I would not say that …", "there is nothing left that …".

Such words and the statement may stand in one clause, or a subordinate clause may part them. Pure, never raises.
"""

from __future__ import annotations

from mailgate.parsers.replies.categories import Category
from mailgate.parsers.replies.clauses import Clause
from mailgate.parsers.replies.negation import ANY_NO

TURNING = Category.DISCLAIMS | Category.NONE_LEFT
"""The categories that turn the statement behind them."""
_HEALTH = (
    Category.FIXED
    | Category.WORKS
    | Category.CURED
    | Category.ACTS
    | Category.FINE
    | Category.OPTION_YES
    | Category.GONE
)
_REPAIRED = Category.FIXED | Category.CURED | Category.OPTION_YES
DENIED = ANY_NO | Category.OPTION_NO
FAULTY = DENIED | Category.FAILS | Category.SYMPTOM | Category.TROUBLE | Category.LASTS
"""The categories of a fault, denied or named."""
EXCEPTED = DENIED | Category.FAILS | Category.LASTS | Category.LATER
"""The categories of what "there is none that" excepts: "… does not close", "… does not close yet"."""


def find_turned(clause: Clause) -> tuple[int, bool | None]:
    """The category that turns the statement of a clause (0: none), and what is left of the statement.

    It stands before the statement, or behind it as in Turkish and Japanese.
    """
    turns = next((mark for mark in clause.marks if mark.category & TURNING), None)
    if turns is None:
        return 0, None
    faults = FAULTY if turns.category == Category.DISCLAIMS else EXCEPTED
    before = behind = 0
    for mark in clause.marks:
        before |= mark.category if mark.end <= turns.start else 0
        behind |= mark.category if mark.start >= turns.end else 0
    state = turn_statement(behind, faults)
    return turns.category, turn_statement(before, faults) if state is None else state


def turn_statement(categories: int, faults: int) -> bool | None:
    """Returns what is left of a turned statement: True where it was denied, False where it was none, None without one.

    What `I would not say` leaves of a denied statement is no yes yet; what `there is nothing that` leaves is one. A
    fault that is said to be mended is none: "I would not call a dripping tap repaired".
    """
    if categories & _REPAIRED and not categories & DENIED:
        return False
    if categories & faults:
        return True
    return False if categories & _HEALTH else None
