"""The options of a test run, and the fixtures that tests of several folders share.

    pytest                          quick: SQLite, samples of the large corpora
    pytest --engine both --whole    everything: PostgreSQL too, whole corpora, more random examples

`make test`, `make test-all` and `make test-long` choose by the markers `system` and `long` (docs/contributing.md).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

from mailgate.core.clock import SystemClock
from tests.support import shared_caches, sql_cover
from tests.support.dovecot import Dovecot
from tests.support.imap_source import fresh_user
from tests.support.postgres import Cluster
from tests.support.programs import forbid_programs

ENGINES = ("sqlite", "postgresql")

settings.register_profile("quick", deadline=None, max_examples=25)
settings.register_profile("whole", deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mailgate")
    group.addoption("--engine", choices=(*ENGINES, "both"), default="sqlite", help="the database of the tests")
    group.addoption("--whole", action="store_true", help="whole corpora, and all random examples")
    group.addoption("--rest", action="store_true", help="leave out what the quick run proves in the same way")
    group.addoption("--record-sql", metavar="FILE", type=Path, help="write the statements of each test to a file")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("whole" if config.getoption("--whole") else "quick")
    if config.getoption("--record-sql"):
        config.pluginmanager.register(sql_cover.Recorder(config.getoption("--record-sql")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    named = any("engine" in str(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize"))
    if "engine" in metafunc.fixturenames and not named and metafunc.config.getoption("--engine") == "both":
        metafunc.parametrize("engine", ENGINES, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        _mark(item)
    both, rest = config.getoption("--engine") == "both", config.getoption("--rest")
    chosen = sql_cover.read_list() if both else frozenset()
    kept = [item for item in items if (not both or _runs(item, chosen)) and not (rest and _is_quick(item))]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _mark(item: pytest.Item) -> None:
    """Marks what starts a program, and what a whole run does more of."""
    names = set(getattr(item, "fixturenames", ()))
    if item.path.parent.name == "system" or names & {"cluster", "dovecot"}:
        item.add_marker("system")
    if "whole" in names or is_hypothesis_test(getattr(item, "obj", None)):
        item.add_marker("whole")


def _engine(item: pytest.Item) -> str:
    """The engine that a run on both gives a test; "" for a test that names its own or has no database."""
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("engine", "")) if callspec is not None else ""


def _runs(item: pytest.Item, chosen: frozenset[str]) -> bool:
    """On SQLite all tests run; on PostgreSQL the store's, the marked ones, and a set that covers all SQL."""
    if _engine(item) != "postgresql":
        return True
    in_store = item.path.match("unit/store/*")
    return in_store or item.get_closest_marker("postgresql") is not None or sql_cover.name_of(item) in chosen


def _is_quick(item: pytest.Item) -> bool:
    """True if a quick run does exactly this."""
    slow = any(item.get_closest_marker(name) for name in ("system", "long", "whole"))
    return not slow and _engine(item) != "postgresql"


@pytest.fixture(scope="session", autouse=True)
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Lets all desks of this process share what none of them changes."""
    with pytest.MonkeyPatch.context() as patch:
        shared_caches.share(patch, tmp_path_factory.mktemp("empty"))
        yield


@pytest.fixture(autouse=True)
def _no_machine_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a decision by the machine's date an error, except in tests that are marked `machine_clock` or `system`."""

    def refuse(_: SystemClock) -> datetime:
        raise AssertionError("this test reads the machine's clock: give it a HandClock, or mark it machine_clock")

    if not any(request.node.get_closest_marker(name) for name in ("machine_clock", "system")):
        monkeypatch.setattr(SystemClock, "now", refuse)


@pytest.fixture(autouse=True)
def _no_programs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes starting a program other than Python an error in a quick run, except in tests that are marked `system`."""
    if request.config.getoption("--engine") == "sqlite" and request.node.get_closest_marker("system") is None:
        forbid_programs(monkeypatch)


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Puts back where the log goes: a command that a test calls sends it to the standard error of that test."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    if root.level != level or any(type(one) is logging.StreamHandler for one in root.handlers):
        root.handlers[:] = before
        root.setLevel(level)


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> bool:
    """True if corpora are read whole, not in samples."""
    return bool(request.config.getoption("--whole"))


@pytest.fixture(scope="session")
def share(whole: bool) -> float:
    """The part of its full size that a text has whose reading must take linear time."""
    return 1.0 if whole else 0.2


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """The engine of the database: `sqlite` or `postgresql`."""
    return str(getattr(request, "param", request.config.getoption("--engine")))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    found = Cluster()
    yield found
    found.close()


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that no other test uses."""
    if engine == "sqlite":
        yield f"sqlite:///{tmp_path}/desk.db"
        return
    server: Cluster = request.getfixturevalue("cluster")
    url = server.lend()
    yield url
    server.take_back(url)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server; each test takes a user of its own."""
    with Dovecot() as server:
        yield server


@pytest.fixture
def user() -> str:
    """A user of the IMAP server that no other test writes to."""
    return fresh_user()
