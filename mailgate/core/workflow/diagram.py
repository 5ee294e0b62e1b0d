"""Diagrams of the workflow as text and for Mermaid, made from the table, so that they are never out of date.

Pure. `draw_text` lists every row, `draw_mermaid` only what moves a ticket.
"""

from __future__ import annotations

from collections import defaultdict
from textwrap import wrap

from mailgate.core.workflow.effects import Send, Start, Stop, StopAll
from mailgate.core.workflow.events import State
from mailgate.core.workflow.transitions import NOT_APPLICABLE, ROWS, Do, Effect, Transition

_WIDTH = 100
_STEP, _EVENT, _TO = 5, 30, 14
_INDENT = " " * (_STEP + 2)


def draw_text() -> str:
    """Lists every row, grouped by state: step, event, new state, condition, and below, the effects.

    After the rows of a state stand the events that do not apply there, with the reason that the history gets.
    """
    parts = [_rows_of(None, "new")]
    parts += [f"{_rows_of(state, state.value)}\n{_nothings_of(state)}" for state in State]
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def draw_mermaid() -> str:
    """Draws a state diagram (Mermaid's stateDiagram-v2): an edge for each move, labelled with its events."""
    edges: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for row in ROWS:
        if row.state is row.to:
            continue
        events = edges[row.state.value if row.state else "[*]", row.to.value]
        if row.event.value not in events:
            events.append(row.event.value)
    lines = [f"    {start} --> {end}: {_label(events)}" for (start, end), events in edges.items()]
    return "\n".join(["stateDiagram-v2", *lines]) + "\n"


def _label(events: list[str]) -> str:
    """Breaks a label into lines of some events; one long line would push the states apart."""
    lines = [events[at : at + 3] for at in range(0, len(events), 3)]
    return "<br/>".join(" · ".join(line) for line in lines)


def _rows_of(state: State | None, name: str) -> str:
    return "\n".join([name, *(_row(row) for row in ROWS if row.state is state)])


def _row(row: Transition) -> str:
    guard = f"if {row.guard.value}" if row.guard.value else ""
    head = f"  {row.step:{_STEP}}{row.event.value:{_EVENT}}{'→ ' + row.to.value:{_TO}}{guard}".rstrip()
    done = "; ".join(_words(effect) for effect in row.effects)
    return "\n".join([head, *_block(done)])


def _nothings_of(state: State) -> str:
    """Lists the events that do not apply in a state, one line for each reason."""
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for (where, event), reason in NOT_APPLICABLE.items():
        if where is state:
            reasons[reason].append(event.value)
    lines = [line for reason, events in reasons.items() for line in _block(f"{', '.join(events)}: {reason}")]
    return "\n".join(["  means nothing here:", *lines])


def _block(words: str) -> list[str]:
    return wrap(words, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT + "  ", break_long_words=False)


def _words(effect: Effect) -> str:
    match effect:
        case Send():
            return f"send {effect.notice.value} to {effect.to.value}"
        case Start():
            return f"start timer {effect.timer.value}"
        case Stop():
            return f"stop timer {effect.timer.value}"
        case StopAll():
            return "stop all timers"
        case Do():
            return effect.act.value
