"""Lists the steps that are left after `init`, for this machine and the chosen way in, with lines to copy.

Pure, but for the settings of Postfix that `Machine` reads.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from mailgate.cli.setup.machine import SYSTEM_FOLDER, USER, Machine
from mailgate.cli.setup.questions import Answers
from mailgate.core.domains import domain_of

_MAX_SIZE = 26_214_400  # bytes of [intake] max_size
_PAGES = Path("/usr/share/doc/mailgate/docs")
_TRANSPORT = "hash:/etc/postfix/transport"
_RECIPIENTS = "proxy:unix:passwd.byname $alias_maps"  # local_recipient_maps as Postfix has it by default


def list_steps(given: Answers, machine: Machine) -> Iterator[str]:
    """Yields each step as lines of text, without its number."""
    if given["intake"] in ("smtp", "lmtp", "pipe"):
        yield _hand_over(given, machine)
    else:
        yield _try_reply_address(given, machine)
    options = "" if machine.folder in (SYSTEM_FOLDER, Path.cwd()) else f" --config {_config_of(machine)}"
    yield f"Check the services, too. Nothing is sent or changed:\n  mailgate check --connect{options}"
    yield from _start(machine, options)
    own = f"runuser -u {USER} -- " if machine.is_system else ""
    yield (
        f"Write a test email to {given['address']}, then look at it:\n"
        f"  {own}mailgate tickets{options}\n  {own}mailgate explain 1{options}"
    )
    if given.get("only_to"):
        yield (
            f"The desk writes only to {', '.join(given['only_to'])} for now. When you trust it,\n"
            "write only_to = [] in [relay], reload the desk, and send what was parked:\n"
            f"  {own}mailgate requeue outbox --reason only_to{options}"
        )
    if machine.is_system and machine.has_systemd:
        yield "Back up the desk every night, in /var/backups/mailgate:\n  systemctl enable --now mailgate-backup.timer"


def _try_reply_address(given: Answers, machine: Machine) -> str:
    name, _, domain = str(given["address"]).rpartition("@")
    lines = [f"Replies come to addresses such as {name}+SUP-1.7.…@{domain}, and must arrive in the same mailbox."]
    if machine.mail_server == "postfix" and "+" not in (machine.setting_of_postfix("recipient_delimiter") or ""):
        lines += ["In /etc/postfix/main.cf:", "  recipient_delimiter = +", "Then run:", "  systemctl reload postfix"]
    lines += [f"Write an email to {name}+test@{domain}, and look into the mailbox before you start the desk."]
    lines += ["If your mail server cannot do that, set reply_address in [desk]."]
    return "\n".join(lines)


def _start(machine: Machine, options: str) -> Iterator[str]:
    if machine.is_system and machine.has_systemd:
        yield "Start the desk, now and at every boot:\n  systemctl enable --now mailgate"
    elif machine.is_system:
        yield f"Start the desk. There is no systemd here, so let your own supervisor run:\n  {_serve_as_user(machine)}"
    else:
        yield f"Start the desk:\n  {shlex.join(machine.program)} serve{options}"


def _serve_as_user(machine: Machine) -> str:
    return f"runuser -u {USER} -- {shlex.join(machine.program)} serve --config {_config_of(machine)}"


def _config_of(machine: Machine) -> str:
    return shlex.quote(str(machine.folder / "mailgate.toml"))


def _hand_over(given: Answers, machine: Machine) -> str:
    address, way = given["address"], given["intake"]
    if machine.mail_server == "exim":
        return f'Let Exim hand over the email for {address}: "Exim 4" in {_page()}.'
    if machine.mail_server != "postfix":
        return f"Let your mail server hand over the email for {address}: see {_page()}."
    lines = [f"Let Postfix hand over the email for {address}. In /etc/postfix/main.cf:"]
    lines += [f"  {line}" for line in _main_cf(machine, way)]
    if way == "pipe":
        lines += ["In /etc/postfix/master.cf:", *(f"  {line}" for line in _master_cf(machine))]
    goals = {"smtp": "smtp:{}", "lmtp": "lmtp:inet:{}", "pipe": "mailgate:"}
    place = str(given.get("listen", ""))
    goal = f"lmtp:{place}" if place.startswith("unix:") else goals[way].format(_as_postfix(way, place))
    lines += ["In /etc/postfix/transport:", f"  {address}    {goal}", "Then run:"]
    lines += ["  postmap /etc/postfix/transport && systemctl reload postfix"]
    if machine.setting_of_postfix("virtual_mailbox_domains"):
        lines += [f"If {domain_of(address)} is one of virtual_mailbox_domains, add the address to virtual_mailbox_maps"]
        lines += ["instead of changing local_recipient_maps."]
    if place.startswith("unix:"):
        lines += [f'Debian\'s Postfix runs LMTP in a chroot: see "Postfix: LMTP over a UNIX socket" in {_page()}.']
    return "\n".join(lines)


def _main_cf(machine: Machine, way: str) -> Iterator[str]:
    """Yields the lines for main.cf. Maps that it has already are kept; another value is named above the new one."""
    delimiter = machine.setting_of_postfix("recipient_delimiter") or ""
    yield from _replace("recipient_delimiter", delimiter if "+" in delimiter else "+", delimiter)
    size = machine.setting_of_postfix("message_size_limit") or ""
    if not (size.isdigit() and (int(size) == 0 or int(size) >= _MAX_SIZE)):
        yield from _replace("message_size_limit", str(_MAX_SIZE), size)
    yield _add_map("transport_maps", machine.setting_of_postfix("transport_maps") or "", _TRANSPORT)
    recipients = machine.setting_of_postfix("local_recipient_maps")
    if recipients != "":  # then Postfix takes every local recipient
        yield _add_map("local_recipient_maps", recipients or _RECIPIENTS, "$transport_maps")
    if way == "lmtp":
        yield "lmtp_send_xforward_command = yes"


def _replace(name: str, value: str, now: str) -> Iterator[str]:
    if now not in ("", value):
        yield f"# {name} is {now} so far"
    yield f"{name} = {value}"


def _add_map(name: str, now: str, value: str) -> str:
    return f"{name} = {now if value in now.replace(',', ' ').split() else f'{now} {value}'.strip()}"


def _master_cf(machine: Machine) -> tuple[str, ...]:
    config = f" --config {_config_of(machine)}" if machine.folder != SYSTEM_FOLDER else ""
    return (
        "mailgate  unix  -       n       n       -       4       pipe",
        f"  user={USER} null_sender=",
        f"  argv={' '.join(machine.program)} pipe{config} --sender=${{sender}} --recipient=${{recipient}}",
    )


def _as_postfix(way: str, place: str) -> str:
    host, _, port = place.rpartition(":")
    return place if way == "lmtp" or host.startswith("[") else f"[{host or '127.0.0.1'}]:{port}"


def _page() -> str:
    page = _PAGES / "recipes.md"
    return str(page) if page.exists() else "docs/recipes.md"
