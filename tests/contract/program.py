"""Everything inside mailgate that the contract is drawn from; no other file under tests/contract imports internals.

These names may move and change; the lines drawn from them must stay the same. The rest is reached as users reach it:
`main` is the command `mailgate`, `mailgate.parsers` is public.
"""

from __future__ import annotations

from pathlib import Path

import mailgate
from mailgate.__main__ import main as main
from mailgate.cli import cli as cli
from mailgate.config import ConfigError as ConfigError
from mailgate.config import read_config as read_config
from mailgate.core.clock import HandClock as HandClock
from mailgate.core.workflow.effects import Timer
from mailgate.core.workflow.events import Event, State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.core.workflow.transitions import Action
from tests.support.desk import MONDAY as MONDAY
from tests.support.desk import TestDesk as TestDesk
from tests.support.desk import refused as refused

ROOT = Path(mailgate.__file__).parent
VALUES = {"act": Action, "event": Event, "notice": Notice, "state": State, "timer": Timer}
