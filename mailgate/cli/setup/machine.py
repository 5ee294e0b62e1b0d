"""Suggestions of the machine for a first configuration: time zone, country, language, mail server, program.

Reads files only. `root` is where they lie, for tests another folder than `/`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailgate.config.environment import SYSTEM_FILE
from mailgate.core.calendar.week import PublicHolidays
from mailgate.notices.rendering.templates import SHIPPED

SYSTEM_FOLDER, STATE_FOLDER = SYSTEM_FILE.parent, Path("/var/lib/mailgate")
USER = "mailgate"
UNIT = "mailgate.service"
UNIT_FOLDERS = ("etc/systemd/system", "usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system")
_HOMES = ("/home", "/root", "/run/user")  # what ProtectHome=yes hides from the unit


@dataclass(frozen=True)
class Machine:
    """The machine, and the folder that the configuration is to be written to.

    `is_system` tells whether `init` sets up the machine (root, /etc/mailgate), and not only a folder.
    """

    folder: Path
    root: Path = Path("/")
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @cached_property
    def is_system(self) -> bool:
        return os.geteuid() == 0 and self.folder == SYSTEM_FOLDER

    @cached_property
    def zone(self) -> str:
        """The time zone: of $TZ, /etc/localtime or /etc/timezone; UTC where none of them names one."""
        local = self.root / "etc/localtime"
        linked = os.readlink(local).rpartition("zoneinfo/")[2] if local.is_symlink() else ""
        named = self.root / "etc/timezone"
        text = named.read_text("utf-8", "replace").strip() if named.is_file() else ""
        return next((zone for zone in (self.environment.get("TZ", ""), linked, text) if _is_zone(zone)), "UTC")

    @cached_property
    def language(self) -> str:
        """The language of the locale, with the country where notices differ by it (pt-br); English for none of ours."""
        names = (self.environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        locale = next((name for name in names if name), "").partition(".")[0].partition("@")[0]
        tag = locale.replace("_", "-").lower()
        return next((code for code in (tag, tag.partition("-")[0]) if code in SHIPPED), "en")

    @cached_property
    def mail_server(self) -> str:
        """The mail server of this machine: "postfix", "exim", or "" for neither."""
        found = {"postfix": "etc/postfix/main.cf", "exim": "etc/exim4"}
        return next((name for name, path in found.items() if (self.root / path).exists()), "")

    @cached_property
    def has_systemd(self) -> bool:
        return (self.root / "run/systemd/system").is_dir()  # sd_booted(3)

    @cached_property
    def unit(self) -> Path | None:
        """The desk's unit that is there already, of a package or of the operator."""
        paths = (self.root / folder / UNIT for folder in UNIT_FOLDERS)
        return next((path for path in paths if path.exists()), None)

    @cached_property
    def program(self) -> tuple[str, ...]:
        """The words that run this mailgate, for a unit: the path as it was called, else Python's."""
        called = shutil.which(sys.argv[0]) if sys.argv and sys.argv[0] else None
        beside = Path(sys.executable).with_name("mailgate")
        if called is not None and Path(called).name == "mailgate":
            return (str(Path(called).absolute()),)
        return (str(beside),) if os.access(beside, os.X_OK) else (sys.executable, "-m", "mailgate")

    @cached_property
    def hidden_program(self) -> str:
        """The place of the program or its Python that the unit cannot see (ProtectHome=); "" for none."""
        paths = (Path(self.program[0]).resolve(), Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve())
        return next((str(path) for path in paths if any(path.is_relative_to(home) for home in _HOMES)), "")

    def setting_of_postfix(self, name: str) -> str | None:
        """The value of a setting in main.cf of this machine, on one line; None where it is not set there."""
        path = self.root / "etc/postfix/main.cf"
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
        value = None
        for line in text.replace("\n\t", " ").replace("\n ", " ").splitlines():
            key, is_set, rest = line.partition("=")
            if is_set and key.strip() == name:
                value = " ".join(rest.split())
        return value


def country_of(zone: str) -> str:
    """The country of a time zone, if there are public holidays for it; "" for none (UTC)."""
    for line in files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        country, _, rest = line.partition("\t")
        if not line.startswith("#") and zone == rest.split("\t")[1]:
            try:
                return PublicHolidays(country).place
            except ValueError:
                return ""
    return ""


def _is_zone(name: str) -> bool:
    try:
        return bool(name) and ZoneInfo(name) is not None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
