"""Page of a bundle: HTML without scripts that fetches nothing, for phone, dark mode and paper. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from urllib.parse import quote

from mailgate.core.workflow.events import EVENTS
from mailgate.store.events import in_order
from mailgate.tickets.archive.format import ArchivedEvent, ArchivedMessage, ArchivedTicket

_STYLE = """
:root { color-scheme: light dark; --ink: #222; --quiet: #595959; --ground: #fff; --line: #ccc; --ours: #eef3f9;
  --link: #0b57d0 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --quiet: #a8a8a8; --ground: #1b1b1b; --line: #555; --ours: #22303f; --link: #8ab4f8 } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46em; margin: 1.5em auto; padding: 0 1em;
  color: var(--ink); background: var(--ground); overflow-wrap: anywhere }
h1 { font-size: 1.5em; line-height: 1.25 } h2 { font-size: 1.1em; margin: .2em 0 } a { color: var(--link) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1em } dd { margin: 0; white-space: pre-wrap }
dt, time, footer, p.step { color: var(--quiet) } p.step { margin: .4em 0 }
article { border: 1px solid var(--line); border-radius: 6px; padding: .5em 1em; margin: 1em 0 }
article.out { background: var(--ours) } pre { white-space: pre-wrap; font: inherit; margin: .5em 0 }
@media (max-width: 30em) { dl { display: block } dd { margin: 0 0 .5em } article { padding: .5em .7em } }
@media print { body { max-width: none; margin: 0; font-size: 11pt } h2 { break-after: avoid }
  :root { --ink: #000; --quiet: #333; --ground: #fff; --line: #999; --ours: #fff; --link: #000 } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def draw_page(record: ArchivedTicket) -> str:
    """Returns the ticket as an HTML page. Times are UTC."""
    title = escape(f"{record.reference} {record.subject}")
    parts = [
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style></head>',
        f"<body><main><h1>{title}</h1>",
        _head(record),
        *_story(record),
        f"</main><footer><p>Request {record.reference} of {escape(record.desk)}. Times are UTC. The mails themselves"
        " are in the folders mails and sent, their files in attachments.</p></footer></body></html>\n",
    ]
    return "\n".join(parts)


def _head(record: ArchivedTicket) -> str:
    rating = f"{record.rating} of 5" if record.rating is not None else ""
    entries = {
        "State": record.state,
        "Merged into": record.merged_into or "",
        "Queue": record.queue if record.queue != "default" else "",
        "Requester": f"{record.requester_name} <{record.requester}>".strip(),
        "Department": record.department,
        "Participants": ", ".join(record.participants),
        "Type": record.type,
        "Priority": record.priority,
        "Details": "\n".join(f"{name}: {value}" for name, value in record.fields.items()),
        "Solution": record.solution,
        "Cause": record.cause,
        "Used": "; ".join(record.used),
        "Tags": ", ".join(record.tags),
        "Closed because": record.close_reason,
        "Time spent": f"{record.minutes_spent} min" if record.minutes_spent else "",
        "Rating": " — ".join(part for part in (rating, record.rating_words) if part),
        "Links": ", ".join(f"{link.reference} ({link.kind})" for link in record.links),
        "Created": _time(record.created_at),
        "Resolved": _time(record.resolved_at),
        "Closed": _time(record.closed_at),
    }
    lines = [f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in entries.items() if value]
    return f"<dl>{''.join(lines)}</dl>"


def _time(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment is not None else ""


def _story(record: ArchivedTicket) -> Iterator[str]:
    for one in in_order(record.messages, record.events):
        yield _step(one) if isinstance(one, ArchivedEvent) else _mail(one)


def _step(step: ArchivedEvent) -> str:
    move = "" if step.from_state == step.to_state else f": {step.from_state or 'new'} → {step.to_state}"
    info = EVENTS.get(step.event)
    said = step.text if info is not None and info.keeps_words else step.reason
    undone = " (taken back)" if step.undone else ""
    words = f"{step.event}{move}, by {step.by}{undone}" + (f" — {said}" if said else "")
    return f'<p class="step"><time>{step.at:%Y-%m-%d %H:%M}</time> {escape(words)}</p>'


def _mail(mail: ArchivedMessage) -> str:
    way = f"from {mail.sender}" if mail.direction == "in" else f"{mail.notice} to {', '.join(mail.recipients)}"
    internal = ", internal" if mail.internal and mail.direction == "in" else ""
    links = [
        f'<li><a href="{quote(file.file)}">{escape(file.filename)}</a> ({_size(file.size)})</li>'
        for file in mail.attachments
    ]
    listed = f"<ul>{''.join(links)}</ul>" if links else ""
    return (
        f'<article class="{mail.direction}"><time>{mail.at:%Y-%m-%d %H:%M}</time> {escape(way)}{internal}'
        f"<h2>{escape(mail.subject) or '(no subject)'}</h2><pre>{escape(mail.text)}</pre>{listed}</article>"
    )


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MiB"
