"""Checks across keys: loops, duplicate addresses, incomplete logins.

Pure. Each finding is a line that begins with the key to change.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

from mailgate.config.forms import check_forms
from mailgate.config.hooks import check_hooks
from mailgate.config.rules import check_rules, find_unreachable
from mailgate.config.settings import DEFAULT_QUEUE, Level, Queue, Settings
from mailgate.config.tables import ImapTable, OAuth2Table, RelayTable
from mailgate.config.types import is_this_machine
from mailgate.core.addressing import LOCAL_PART_MAX, SystemAddresses, longest_local_part, separator
from mailgate.core.domains import fold_address

_SMALLEST = 10_000  # bytes: what is smaller than a mail without files has lost its unit
_SHORTEST_ALARM = timedelta(minutes=1)


def check_settings(settings: Settings) -> list[str]:
    """Lists the mistakes of settings whose single keys are valid."""
    return [
        *_check_duplicates(settings),
        *_check_loops(settings),
        *_check_lengths(settings),
        *_check_logins(settings),
        *_check_mailboxes(settings),
        *_check_sources(settings),
        *_check_forms(settings),
        *_check_rules(settings),
        *_check_directory(settings),
        *_check_logos(settings),
        *_check_promises(settings),
        *_check_reports(settings),
        *check_hooks(settings.hooks, settings.queues),
        *_check_retention(settings),
    ]


def list_warnings(settings: Settings) -> list[str]:
    """Returns warnings of settings that work and should be changed."""
    return [
        *_warn_of_sizes(settings),
        *_warn_of_logins(settings),
        *_warn_of_metrics(settings),
        *find_unreachable(settings.rules),
    ]


def _warn_of_sizes(settings: Settings) -> Iterator[str]:
    limits = settings.limits
    wanted = {"intake.max_size": settings.intake.max_size} | {
        f"limits.{name}": getattr(limits, name) for name in ("notice_max_size", "directory_size", "bundle_size")
    }
    for key, value in wanted.items():
        if value < _SMALLEST:
            yield (
                f"{key}: {value} means {value} bytes, which is too small for anything; write a unit, such as "
                f'"{value} MiB"'
            )


def _warn_of_metrics(settings: Settings) -> Iterator[str]:
    listen = settings.metrics.listen
    if listen is not None and not is_this_machine(listen.host):
        yield f"metrics.listen: anyone who can reach {listen} can read the metrics; protect it with a firewall"


def _warn_of_logins(settings: Settings) -> list[str]:
    far = [(key, login) for key, login in _logins(settings) if not is_this_machine(login.host)]
    return [words for key, login in far for words in _warn_of_login(key, login)]


def _warn_of_login(key: str, login: ImapTable | RelayTable) -> Iterator[str]:
    if login.tls == "none" and login.password:
        yield f"{key}.tls: the password is sent unencrypted; use starttls or implicit"
    if login.tls == "opportunistic" and login.oauth2:
        yield f"{key}.tls: the access token goes to any server that answers as {login.host}; use starttls or implicit"


def _check_duplicates(settings: Settings) -> Iterator[str]:
    default = settings.default_queue
    seen = {fold_address(default.address): default.name}
    for queue in settings.queues.values():
        other = seen.setdefault(fold_address(queue.address), queue.name)
        if other != queue.name:
            owner = "the desk" if other == DEFAULT_QUEUE else f'the queue "{other}"'
            yield (
                f"{_key(queue, 'address')}: {queue.address} is already the address of {owner}; each queue needs its own"
            )


def _check_loops(settings: Settings) -> Iterator[str]:
    """Finds people with an address of the desk: a notice to one would come back as a request, in a loop."""
    addresses = {name: queue.address for name, queue in settings.queues.items()}
    desk = SystemAddresses(addresses, settings.desk.reply_address, DEFAULT_QUEUE)
    for key, address in _people(settings):
        if desk.is_system_address(address):
            yield f"{key}: {address} is the desk's own address; this would cause a mail loop"


def _people(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "desk.operator", settings.desk.operator
    if settings.desk.manager != settings.desk.operator:
        yield "desk.manager", settings.desk.manager
    default = settings.default_queue
    for queue in settings.queues.values():
        if queue is default or queue.confirmation.notify != default.confirmation.notify:
            key = "confirmation" if queue is default else f"queues.{queue.name}.confirmation"
            yield from ((f"{key}.notify[{at}]", one) for at, one in enumerate(queue.confirmation.notify))
        for name, level in queue.levels.items():
            usual = default.levels.get(name) if queue is not default else None
            yield from _level_people(_key(queue, f"levels.{name}"), level, usual)


def _level_people(key: str, level: Level, usual: Level | None) -> Iterator[tuple[str, str]]:
    """The addresses of a level, less those that it only has from the desk's."""
    if usual is None or level.mailbox != usual.mailbox:
        yield f"{key}.mailbox", level.mailbox
    if usual is None or level.agents != usual.agents:
        yield from ((f"{key}.agents[{place}]", agent) for place, agent in enumerate(level.agents))


def _check_lengths(settings: Settings) -> Iterator[str]:
    """Finds addresses whose longest signed form, that of a bounce, does not fit into a local part (rule 2)."""
    desk = settings.desk
    for queue in settings.queues.values():
        longest = longest_local_part(queue.address, desk.reference, desk.reply_address)
        if longest > LOCAL_PART_MAX:
            yield (
                f"{_key(queue, 'address')}: signed addresses would be {longest} octets long before the @, and "
                f"email allows {LOCAL_PART_MAX}; shorten the address or desk.reference, or set"
                ' desk.reply_address = "catch-all"'
            )


def _check_logins(settings: Settings) -> Iterator[str]:
    for key, login in _logins(settings):
        if login.password_file and login.oauth2:
            yield f"{key}: has both password_file and oauth2; keep only one"
        elif login.user and not login.password_file and not login.oauth2:
            yield f"{key}: has a user, but neither password_file nor oauth2"
        elif not login.user and (login.password_file or login.oauth2):
            yield f"{key}.user: missing; a password needs a user name"
        if login.oauth2 and login.tls == "none" and not is_this_machine(login.host):
            yield f"{key}.tls: an access token is never sent unencrypted; use starttls or implicit"
        if login.oauth2:
            yield from (f"{key}.oauth2{words}" for words in _check_oauth2(login.oauth2))
    smtp = settings.intake.smtp
    if smtp and (smtp.certificate is None) != (smtp.key is None):
        yield "intake.smtp: certificate and key belong together; set both or neither"
    if smtp and smtp.users_file and smtp.certificate is None:
        yield "intake.smtp.users_file: passwords are accepted only after STARTTLS; set certificate and key"


def _check_sources(settings: Settings) -> Iterator[str]:
    """Finds mailboxes that are configured twice: two readers would compete for their mails."""
    seen: dict[str, str] = {}
    for key, mailbox in settings.intake.mailboxes:
        name = mailbox.canonical_name
        other = seen.setdefault(name, key)
        if other != key:
            yield f"intake.{key}: intake.{other} already reads {name}; remove one of them"


def _check_directory(settings: Settings) -> Iterator[str]:
    if settings.directory.unknown == "refuse" and settings.directory.people is None:
        yield 'directory.unknown: "refuse" needs directory.people, or every sender would be refused'


def _check_promises(settings: Settings) -> Iterator[str]:
    default = settings.default_queue
    for queue in settings.queues.values():
        if queue is not default and queue.promises == default.promises:
            continue
        for place, promise in enumerate(queue.promises):
            times = promise.answer_within, promise.resolve_within, promise.warn_at, promise.inform_every
            if all(time is None for time in times):
                key = f"promises[{place}]" if queue is default else f"queues.{queue.name}.promises[{place}]"
                yield f"{key}: has no times; set answer_within, resolve_within, warn_at or inform_every"


def _check_reports(settings: Settings) -> Iterator[str]:
    for place, report in enumerate(settings.reports):
        for name in report.queues:
            if name not in settings.queues:
                yield (
                    f'reports[{place}].queues: there is no queue "{name}"; the queues are {", ".join(settings.queues)}'
                )


def _check_retention(settings: Settings) -> Iterator[str]:
    default = settings.default_queue
    for queue in settings.queues.values():
        key = "retain" if queue is default else f"queues.{queue.name}.retain"
        if queue.retain.mails != default.retain.mails:
            yield f"{key}.mails: these emails belong to no queue; set it in [retain]"
        own = queue is default or queue.retain.bundle_first != default.retain.bundle_first
        if queue.retain.bundle_first and own and settings.archive.folder is None:
            yield f"{key}.bundle_first: there is no archive; set archive.folder"


def _check_logos(settings: Settings) -> Iterator[str]:
    """Finds logos above the size limit: a logo goes with every mail to a requester."""
    most = settings.limits.logo_size
    for queue in settings.queues.values():
        logo = queue.logo
        usual = queue is not settings.default_queue and logo == settings.default_queue.logo
        if logo is not None and not usual and len(logo.data) > most:
            yield f"{_key(queue, 'logo')}: {logo.path} has more than {most} bytes (limits.logo_size); make it smaller"


def _check_forms(settings: Settings) -> Iterator[str]:
    addresses = {queue.name: queue.address for queue in settings.queues.values()}
    return check_forms(settings.forms, addresses, separator(settings.desk.reply_address))


def _check_rules(settings: Settings) -> Iterator[str]:
    agents = {queue.name: queue.levels["level1"].addresses for queue in settings.queues.values()}
    return check_rules(settings.rules, agents, settings.forms)


def _check_mailboxes(settings: Settings) -> Iterator[str]:
    ours = {fold_address(queue.address) for queue in settings.queues.values()}
    alarm = settings.intake.alarm_after.span
    read = {imap.canonical_name for imap in settings.intake.imap}
    silences = [settings.limits.idle_window.span] if settings.intake.imap else []
    silences += [imap.poll_every.span for imap in settings.intake.imap]
    least = max(_SHORTEST_ALARM, 2 * max(silences, default=timedelta()))
    if alarm < least:
        why = ", twice the longest of limits.idle_window and poll_every" if least > _SHORTEST_ALARM else ""
        yield f'intake.alarm_after: must be at least "{least.total_seconds() / 60:g} minutes"{why}'
    for place, imap in enumerate(settings.intake.imap):
        if imap.after.action == "move":
            goal = imap.model_copy(update={"folder": imap.after.folder}).canonical_name
            if goal in read:
                words = "where they are" if goal == imap.canonical_name else "which is read as well"
                yield f"intake.imap[{place}].after: moves emails to {imap.after.folder}, {words}; name another folder"
    for key, mailbox in settings.intake.mailboxes:
        if mailbox.address and fold_address(mailbox.address) not in ours:
            yield f"intake.{key}.address: {mailbox.address} is not an address of the desk or of a queue"


def _check_oauth2(oauth2: OAuth2Table) -> Iterator[str]:
    if oauth2.service_account_file is not None:
        if oauth2.client_secret_file or oauth2.refresh_token_file:
            yield ": a service account needs neither client_secret_file nor refresh_token_file; keep one way"
        if not oauth2.scope:
            yield '.scope: missing; for Gmail it is "https://mail.google.com/"'
        return
    for name in ("token_url", "client_id"):
        if not getattr(oauth2, name):
            yield f".{name}: missing; it has no default"
    refresh = oauth2.refresh_token_file
    if refresh is None and not oauth2.client_secret_file:
        yield ": needs client_secret_file, refresh_token_file or service_account_file"
    elif refresh is not None and not os.path.exists(refresh) and not oauth2.device_url:
        yield (
            f".refresh_token_file: the file {refresh} does not exist; if device_url is set, `mailgate "
            "authorize` creates it"
        )


def _logins(settings: Settings) -> Iterator[tuple[str, ImapTable | RelayTable]]:
    yield "relay", settings.relay
    for place, imap in enumerate(settings.intake.imap):
        yield f"intake.imap[{place}]", imap


def _key(queue: Queue, key: str) -> str:
    if queue.name != DEFAULT_QUEUE:
        return f"queues.{queue.name}.{key}"
    return key if key.startswith("levels") else f"desk.{key}"
