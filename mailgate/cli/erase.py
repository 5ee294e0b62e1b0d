"""`erase`: takes a person out of the desk, after showing what it would do, and prints the certificate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailgate.cli.context import (
    CommandError,
    UsageError,
    can_ask,
    command_clock,
    config_option,
    database_errors,
    json_option,
    read_settings,
    require_new,
    write_new,
)
from mailgate.cli.output import clean, iso, local, print_json

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from mailgate.store.erasures import ErasureRow
    from mailgate.tickets.erasure import ErasurePlan

_KINDS = {
    "tickets": "tickets of the person",
    "tickets_of_others": "tickets of other people that name them",
    "messages": "texts of emails and notices",
    "mails_of_the_person": "emails of the person in tickets of others",
    "raw_mails": "emails as they came in",
    "files": "files",
    "notices": "notices as they went out",
    "events": "events of the history that lose their words",
    "people": "people of these tickets",
    "message_ids": "Message-IDs",
    "envelopes": "envelopes",
    "undo_steps": "undo steps",
    "hook_calls": "calls of hooks",
    "articles": "knowledge articles made of their tickets",
    "mails_of_no_ticket": "emails that became no ticket",
    "notices_of_no_ticket": "answers, digests and alarms of no ticket",
    "holds": "holds",
    "contacts": "contact record",
    "statuses": "errors and alarms that are kept",
    "bundles": "bundles in the archive",
}
_STAYS = (
    "when each step happened, its states, levels, times and minutes: reports count as before",
    "reference, queue, type, priority, cause, department, tags and rating of each ticket",
    "the addresses of agents, and what other people wrote in their own tickets, without this person's name",
    "a certificate with a fingerprint of the address, which only this desk's secret can check",
)


@click.command()
@config_option
@click.argument("address")
@click.option("--yes", is_flag=True, help="Erase without asking.")
@click.option("--archive", is_flag=True, help="Also delete the bundles of their tickets in the archive folder.")
@click.option("--certificate", is_flag=True, help="Only print the certificate of an earlier erasure of ADDRESS.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the certificate to FILE, too.")
@json_option
def erase(
    config: Path | None,
    address: str,
    yes: bool,
    archive: bool,
    certificate: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Erase the person with ADDRESS from the desk: their words, files and names go, the figures stay.

    Shows first what it would do. At a terminal it then asks; without one it changes nothing unless --yes is given. The
    desk may run meanwhile. An erasure that was interrupted is continued by the same command.

    The person's open tickets are closed without an email. If the person writes again, they are a new requester, and a
    late reply to an erased ticket opens a new one. The certificate names what is left for hand work: backups, the log,
    mailboxes.
    """
    from mailgate.store.database import Database
    from mailgate.tickets.erasure import Eraser, find_certificates, find_refusal, plan_erasure

    if "@" not in address or any(letter.isspace() for letter in address):
        raise UsageError(f"{clean(address)} is not an address: name the person by their email address")
    if output is not None:
        require_new(output)
    settings = read_settings(config)
    with database_errors():
        database = Database(settings.store.database)
        try:
            database.require()
            with database.read() as connection:
                known = find_certificates(connection, settings, address)
                if certificate:
                    _print_known(address, known, settings.default_queue.zone, output, as_json=as_json)
                    return
                if refusal := find_refusal(connection, settings, address):
                    raise CommandError(refusal)
                plan = plan_erasure(connection, settings, address)
            if plan.is_empty and all(row.ended_at is not None for row in known):
                _say_nothing_found(address, known, as_json=as_json)
                return
            if not as_json:
                click.echo(_describe(plan, address, archive=archive))
            if not yes and not _agrees(as_json):
                if as_json:
                    print_json(_plan_json(plan))
                else:
                    click.echo(f"\nNothing was changed. To erase: mailgate erase {address} --yes")
                return
            made = Eraser(database, settings, command_clock()).erase(
                plan, archive=archive, tell=lambda words: click.echo(f"mailgate: {words} ...", err=True)
            )
            with database.read() as connection:
                row = find_certificates(connection, settings, address)[-1]
        finally:
            database.close()
    text = _certificate(row, settings.default_queue.zone)
    shown = json.dumps(_certificate_json(row), indent=2) if as_json else text
    if not as_json:
        click.echo()
    click.echo(shown)
    if output is not None:
        write_new(output, lambda file: file.write(f"{shown}\n".encode()))
    if made["pending"]:
        raise CommandError("the erasure is not complete: run the same command again once these are processed or sent")


def _agrees(as_json: bool) -> bool:
    if as_json or not can_ask():
        return False
    return click.confirm("\nErase this person? This cannot be undone", default=False)


def _say_nothing_found(address: str, known: list[ErasureRow], *, as_json: bool) -> None:
    if as_json:
        print_json({"found": False, "erased": [iso(row.ended_at) for row in known]})
        return
    if known:
        click.echo(
            f"The desk has nothing of {address}: they were erased already; see `mailgate erase {address} --certificate`"
        )
    else:
        click.echo(f"The desk has nothing of {address}. Is it spelled as in their emails?")


def _describe(plan: ErasurePlan, address: str, *, archive: bool) -> str:
    lines = [f"To erase {address}:", ""]
    lines += _list_counts(plan.counts)
    if plan.own:
        lines += ["", f"Emptied tickets: {', '.join(plan.own.values())}"]
    if plan.opened:
        lines.append(f"  of these still open, closed without an email: {', '.join(plan.opened)}")
    if plan.others:
        lines.append(f"Tickets of other people, which lose this person only: {', '.join(plan.others.values())}")
    lines += [f"Under a legal hold, not touched: {one} ({reason})" for one, reason in plan.held.items()]
    if plan.unfinished or plan.waiting:
        waits = ", ".join((*plan.unfinished, *((f"{plan.waiting} of no ticket",) if plan.waiting else ())))
        lines.append(f"Not yet, since their email is still to be processed or sent: {waits}")
    if plan.own_bundles:
        does = "deleted" if archive else "left for you; --archive deletes them"
        lines.append(f"Bundles in the archive ({does}): {', '.join(one.path for one in plan.own_bundles)}")
    lines += ["", "What stays:", *(f"  - {one}" for one in _STAYS)]
    lines += ["", "Left for hand work: backups, the log, mailboxes of agents; the certificate lists all of it."]
    return "\n".join(lines)


def _list_counts(counts: Mapping[str, int]) -> list[str]:
    return [f"  {counts[name]:>6}  {words}" for name, words in _KINDS.items() if counts.get(name)]


def _plan_json(plan: ErasurePlan) -> dict[str, Any]:
    return {
        "found": True,
        "counts": dict(plan.counts),
        "tickets": list(plan.own.values()),
        "open": list(plan.opened),
        "tickets_of_others": list(plan.others.values()),
        "held": dict(plan.held),
        "unfinished": list(plan.unfinished),
        "name_alone": list(plan.by_name),
        "bundles": [one.path for one in plan.own_bundles],
    }


def _print_known(address: str, known: list[ErasureRow], zone: ZoneInfo, output: Path | None, *, as_json: bool) -> None:
    if not known:
        raise CommandError(f"{address} was never erased from this desk, or with another secret")
    if as_json:
        shown = json.dumps([_certificate_json(row) for row in known], indent=2)
    else:
        shown = "\n\n".join(_certificate(row, zone) for row in known)
    click.echo(shown)
    if output is not None:
        write_new(output, lambda file: file.write(f"{shown}\n".encode()))


def _certificate_json(row: ErasureRow) -> dict[str, Any]:
    kept = {name: value for name, value in row.certificate.items() if name != "names"}
    return {
        "erasure": row.id,
        "fingerprint": row.fingerprint,
        "started_at": iso(row.started_at),
        "ended_at": iso(row.ended_at),
        "complete": row.ended_at is not None,
        **kept,
    }


def _certificate(row: ErasureRow, zone: ZoneInfo) -> str:
    made = row.certificate
    ended = local(row.ended_at, zone) if row.ended_at is not None else "not complete yet"
    lines = [
        f"Certificate of erasure {row.id}",
        f"  begun {local(row.started_at, zone)}, ended {ended}",
        f"  fingerprint of the address: {row.fingerprint}",
        "",
        "Erased:",
        *_list_counts(_with_tickets(made)),
    ]
    for name, words in (("tickets", "Tickets"), ("tickets_of_others", "In tickets of other people")):
        if made.get(name):
            lines.append(f"{words}: {', '.join(made[name])}")
    if made.get("removed_bundles"):
        lines.append(f"Bundles deleted from the archive: {', '.join(made['removed_bundles'])}")
    lines += [f"Under a legal hold, not touched: {one} ({why})" for one, why in made.get("held", {}).items()]
    lines += [f"Not yet: {one}" for one in made.get("pending", ())]
    lines += ["", "What stays:", *(f"  - {one}" for one in _STAYS)]
    lines += ["", "Left for hand work:", *(f"  - {one}" for one in made.get("by_hand", ()))]
    return "\n".join(lines)


def _with_tickets(made: Mapping[str, Any]) -> dict[str, int]:
    own, others = made.get("tickets", ()), made.get("tickets_of_others", ())
    return {**made.get("counts", {}), "tickets": len(own), "tickets_of_others": len(others)}
