"""The page of an exported ticket: HTML without scripts, styles of its own, nothing fetched. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from sqlalchemy import Row

from mailgate.commands.dossier import Dossier, in_order
from mailgate.commands.layout import size
from mailgate.store.order import is_event

_STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
dt { float: left; width: 8em; color: #666 } dd { margin: 0 0 0 9em }
article { border: 1px solid #ccc; border-radius: 6px; padding: .5em 1em; margin: 1em 0 }
article.out { background: #f3f6fa } p.step { color: #555; margin: .4em 0 } pre { white-space: pre-wrap; font: inherit }
h2 { font-size: 1.1em; margin: .2em 0 } time { color: #666 }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def draw_page(dossier: Dossier, files: Mapping[int, str]) -> str:
    """The ticket as a page; `files` are the places of its attachments by their id. Times are UTC."""
    title = escape(f"{dossier.ticket.reference} {dossier.ticket.subject}")
    parts = [
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><style>{_STYLE}</style></head>',
        f"<body><h1>{title}</h1>",
        _head(dossier),
        *_story(dossier, files),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _head(dossier: Dossier) -> str:
    ticket = dossier.ticket
    moments = {name: getattr(ticket, f"{name}_at") for name in ("created", "resolved", "closed")}
    entries = {
        "State": ticket.state,
        "Requester": f"{ticket.requester_name} <{ticket.requester}>".strip(),
        "Participants": ", ".join(row.address for row in dossier.participants),
        "Type": ticket.type,
        "Priority": ticket.priority,
        "Solution": ticket.solution,
        **{name.capitalize(): f"{moment:%Y-%m-%d %H:%M} UTC" for name, moment in moments.items() if moment},
    }
    lines = [f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in entries.items() if value]
    return f"<dl>{''.join(lines)}</dl>"


def _story(dossier: Dossier, files: Mapping[int, str]) -> Iterator[str]:
    for row in in_order(dossier):
        yield _step(row) if is_event(row) else _mail(row, dossier, files)


def _step(row: Row[Any]) -> str:
    move = "" if row.from_state == row.to_state else f": {row.from_state or 'new'} → {row.to_state}"
    said = row.text if row.event in ("note", "ask") else row.reason
    words = f"{row.event}{move}, by {row.by}" + (f" — {said}" if said else "")
    return f'<p class="step"><time>{row.at:%Y-%m-%d %H:%M}</time> {escape(words)}</p>'


def _mail(row: Row[Any], dossier: Dossier, files: Mapping[int, str]) -> str:
    way = f"from {row.sender}" if row.direction == "in" else f"{row.notice} to {', '.join(row.recipients)}"
    links = [
        f'<li><a href="{quote(files[file.id])}">{escape(file.filename)}</a> ({size(file.size)})</li>'
        for file in dossier.files.get(row.id, ())
    ]
    listed = f"<ul>{''.join(links)}</ul>" if links else ""
    return (
        f'<article class="{row.direction}"><time>{row.at:%Y-%m-%d %H:%M}</time> {escape(way)}'
        f"<h2>{escape(row.subject)}</h2><pre>{escape(row.text)}</pre>{listed}</article>"
    )
