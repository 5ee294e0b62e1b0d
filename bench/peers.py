"""Measures other desks, each from its usual package, set up for mail by its manual, with the same mails.

Roundup and django-helpdesk read a batch, as cron starts them; the time for an empty batch, mostly to start, is
subtracted. A mail counts when it is stored; their number is checked in the database.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.client import PEOPLE, Load
from bench.corpus import Sample, make_address
from bench.processes import install, run_tool, scratch

CROWD = 0  # whose people write: they are known to every desk that wants to know people

_ROUNDUP_RIGHTS = """
db.security.addPermissionToRole("Anonymous", "Email Access")
db.security.addPermissionToRole("Anonymous", "Register", "user")
"""
_ROUNDUP_USERS = """
import sys, roundup.instance
db = roundup.instance.open(sys.argv[1]).open("admin")
for address in sys.argv[2:]:
    db.user.create(username=address, address=address, roles="User")
db.commit()
"""
_ROUNDUP_COUNT = """
import sys, roundup.instance
print(len(roundup.instance.open(sys.argv[1]).open("admin").msg.list()))
"""
_DJANGO_SETTINGS = """
from pathlib import Path
BASE = Path(__file__).resolve().parent
SECRET_KEY, ROOT_URLCONF, SITE_ID, USE_TZ = "bench", "urls", 1, True
INSTALLED_APPS = [
    *("django.contrib." + name for name in "admin auth contenttypes sessions sites humanize messages".split()),
    "rest_framework", "helpdesk",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE / "db.sqlite3"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT, MEDIA_URL, STATIC_URL = str(BASE / "media"), "/media/", "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
HELPDESK_TEAMS_MODE_ENABLED = False
HELPDESK_VALID_EXTENSIONS = [".pdf", ".png", ".zip", ".txt", ".html"]
"""
_DJANGO_URLS = """
from django.urls import include, path
urlpatterns = [path("helpdesk/", include("helpdesk.urls")), path("", include("django.contrib.auth.urls"))]
"""
_DJANGO_QUEUE = """
from helpdesk.models import Queue
Queue.objects.create(
    title="Bench", slug="bench", email_address="support@example.com", allow_email_submission=True,
    email_box_type="local", email_box_local_dir="{box}", email_box_interval=0,
)
"""
_DJANGO_COUNT = "from helpdesk.models import FollowUp; print('stored', FollowUp.objects.count())"


class Roundup:
    """Roundup's classic tracker on SQLite, fed by roundup-mailgw from an mbox; its mail goes to a file."""

    tag = "[issue{}]"

    def __init__(self, folder: Path, programs: Path) -> None:
        self._programs = programs
        self._template = folder / "template"
        self._folder = folder
        settings = "mail_domain=example.com,tracker_web=http://127.0.0.1/,admin_email=admin@example.com"
        admin: list[str | Path] = [programs / "roundup-admin", "-i", self._template]
        run_tool([*admin, "install", "classic", "sqlite", settings + ",tracker_email=support@example.com"])
        with (self._template / "schema.py").open("a", encoding="ascii") as schema:
            schema.write(_ROUNDUP_RIGHTS)
        run_tool([*admin, "initialise", "bench"])
        # People it knows: for a stranger it hashes a password, which takes longer than all the rest.
        people = [make_address(person, CROWD) for person in range(PEOPLE)]
        run_tool([programs / "python", "-c", _ROUNDUP_USERS, self._template, *people])
        self.version = run_tool([programs / "python", "-c", "import roundup; print(roundup.__version__)"]).strip()

    def measure(self, load: Load) -> float:
        """Returns mails a second, in a fresh tracker."""
        home = self._folder / f"tracker-{load.seed}"
        shutil.copytree(self._template, home)
        started = self._read(home, [])
        seconds = self._read(home, load.samples()) - started
        stored = int(run_tool([self._programs / "python", "-c", _ROUNDUP_COUNT, home]))
        shutil.rmtree(home)
        _check("Roundup", stored, load.mails)
        return load.mails / seconds

    def _read(self, home: Path, mails: list[Sample]) -> float:
        box = home.with_suffix(".mbox")
        box.write_bytes(b"".join(map(_mbox_entry, mails)))
        began = time.perf_counter()
        run_tool([self._programs / "roundup-mailgw", home, "mailbox", box], {"SENDMAILDEBUG": f"{home}.sent"})
        return time.perf_counter() - began


class DjangoHelpdesk:
    """django-helpdesk on SQLite, fed by get_email from a folder; its mail is built and dropped."""

    tag = "[bench-{}]"

    def __init__(self, folder: Path, programs: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._site = folder / "site"
        self._box = folder / "incoming"
        self._site.mkdir()
        self._box.mkdir()
        (self._site / "settings.py").write_text(_DJANGO_SETTINGS, "ascii")
        (self._site / "urls.py").write_text(_DJANGO_URLS, "ascii")
        self._manage("migrate", "--verbosity", "0")
        self._manage("loaddata", "emailtemplate.json", "--verbosity", "0")
        self._manage("shell", "--command", _DJANGO_QUEUE.format(box=f"{self._box}/"))
        shutil.copyfile(self._site / "db.sqlite3", folder / "empty.sqlite3")
        ask = "from importlib.metadata import version as v; print(v('django-helpdesk'), 'on Django', v('django'))"
        self.version = run_tool([programs / "python", "-c", ask]).strip()

    def measure(self, load: Load) -> float:
        """Returns mails a second, with an empty database."""
        shutil.copyfile(self._folder / "empty.sqlite3", self._site / "db.sqlite3")
        started = self._read([])
        seconds = self._read(load.samples()) - started
        words = self._manage("shell", "--command", _DJANGO_COUNT)
        _check("django-helpdesk", int(words.rpartition("stored")[2]), load.mails)
        return load.mails / seconds

    def _read(self, mails: list[Sample]) -> float:
        for number, mail in enumerate(mails):
            (self._box / f"{number:06}").write_bytes(mail.raw.replace(b"\r\n", b"\n"))
        began = time.perf_counter()
        self._manage("get_email", "--quiet")
        return time.perf_counter() - began

    def _manage(self, *words: str) -> str:
        command: list[str | Path] = [self._programs / "python", "-m", "django", *words]
        paths = {"DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(self._site), "PYTHONUTF8": "1"}
        return run_tool(command, paths)


@contextmanager
def set_up_roundup() -> Iterator[Roundup]:
    """Installs Roundup from PyPI where it is missing. Raises NotInstalled with the reason."""
    with scratch("roundup") as folder:
        yield Roundup(folder, install("roundup", "roundup"))


@contextmanager
def set_up_django_helpdesk() -> Iterator[DjangoHelpdesk]:
    """Installs django-helpdesk from PyPI where it is missing. Raises NotInstalled with the reason."""
    with scratch("helpdesk") as folder:
        yield DjangoHelpdesk(folder, install("helpdesk", "django-helpdesk"))


def _mbox_entry(mail: Sample) -> bytes:
    text = mail.raw.replace(b"\r\n", b"\n").replace(b"\nFrom ", b"\n>From ")
    return f"From {mail.sender} Thu Jan  1 00:00:00 2026\n".encode("ascii") + text + b"\n"


def _check(name: str, stored: int, sent: int) -> None:
    if stored != sent:
        print(f"  {name} stored {stored} of {sent} mails")
