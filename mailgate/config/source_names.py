"""Names of the sources: in the table `ways`, in the log, in `status` and in the operator's mails. Pure.

The name of a mailbox says whose it is and where. Two sources of one configuration never share a name: a mailbox that
is configured twice is rejected (validation).
"""

from __future__ import annotations

from mailgate.config.hooks import Hook
from mailgate.config.settings import Settings

DESK = "desk"
"""The desk itself, which reports each minute that it works on the database; stored like a source."""

RELAY = "relay"
"""The relay. It is watched like a source, but its failure cannot be reported by mail."""

ARCHIVE = "archive"
"""The archive folder. As with the relay, only a failure counts."""

SENDING = "sending"
"""The work of the couriers: the operator may hold it, and a dry run may take the place of the relay."""

SCANNER = "virus scanner"
"""The program of [intake.scan]. As with the relay, only a failure counts."""

ROUND_TRIP = "round trip"
"""The way of a probe through the relay and back into the desk."""


CLOCK = "clock"
"""The machine's clock: when it last jumped, and by how much."""

RETENTION = "retention"
"""The look at the retention periods: when the last one was, and until when nothing is removed."""


def name_hook(hook: Hook) -> str:
    """Names a hook as it is watched: as with the relay, only a failure counts."""
    return f"hook {hook.name}"


def name_listeners(settings: Settings) -> tuple[str, ...]:
    """Names the configured ways in that mail is brought to; only failures count, since silence may be peace."""
    intake = settings.intake
    return tuple(name for name, way in (("smtp", intake.smtp), ("lmtp", intake.lmtp)) if way is not None)


def name_sources(settings: Settings) -> tuple[str, ...]:
    """Names the configured sources that are watched, in the order of the configuration, the probe's last."""
    names = [mailbox.source_name for _, mailbox in settings.intake.mailboxes]
    if settings.intake.probe_every is not None:
        names.append(ROUND_TRIP)
    return tuple(dict.fromkeys(names))
