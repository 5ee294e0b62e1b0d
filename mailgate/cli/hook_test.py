"""`hooks --test`: calls one hook at once, and prints what it answered."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path

import click

from mailgate.cli.context import CommandError, UsageError, command_clock, read_settings, writing
from mailgate.config import name_hook
from mailgate.store.hook_calls import make_uid, wake_calls
from mailgate.store.source_status import note_success
from mailgate.tickets.hooks import make_test_call
from mailgate.transport.hooks import Failed, HookCall, call_hook


def try_hook(config: Path | None, name: str) -> int:
    """Calls a hook with a ping, which is not queued; a success ends what failed before."""
    settings, clock = read_settings(config), command_clock()
    hook = next((one for one in settings.hooks if one.name == name), None)
    if hook is None:
        names = ", ".join(one.name for one in settings.hooks) or "none; see [[hooks]] in config.example.toml"
        raise UsageError(f'there is no hook "{name}"; the hooks are: {names}')
    queued = make_test_call(hook, socket.gethostname(), clock.now())
    outcome = call_hook(hook, HookCall(make_uid(), queued.type, queued.body), clock.now())
    if isinstance(outcome, Failed):
        after = "would be parked" if outcome.is_final else "would be retried"
        raise CommandError(f"the hook {name} failed, and a call {after}: {outcome.words}")
    with suppress(CommandError), writing(config) as (_, connection):  # a desk that never ran has no failure to end
        if note_success(connection, name_hook(hook), clock.now()):
            wake_calls(connection, name, clock.now())
    click.echo(f"The hook {name} works: {outcome.reply}")
    return 0
