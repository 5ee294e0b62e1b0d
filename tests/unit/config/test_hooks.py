"""[[hooks]]: which tables are accepted, and the sentence for each mistake."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from mailgate.config import ConfigError, Hook, read_config
from mailgate.core.workflow.events import EVENTS, Event, State, Topic
from mailgate.core.workflow.topics import find_topic
from tests.support.desk import CONFIG

_HOOK = '[[hooks]]\nname = "web"\nevents = ["opened"]\n'
_URL = 'url = "https://example.org/hook"\n'


def _read(folder: Path, *hooks: str) -> tuple[Hook, ...]:
    (folder / "secret").write_text("a key that only the tests know\n")
    path = folder / "mailgate.toml"
    path.write_text("\n".join((CONFIG, *hooks)))
    return read_config(path).hooks


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        (_HOOK, "hooks[0]: needs either command or url"),
        (f'{_HOOK}{_URL}command = ["/bin/true"]\n', "hooks[0]: needs either command or url, not both"),
        (f'{_HOOK}command = ["notify"]\n', 'hooks[0].command: "notify" must be the whole path of a program, such as'),
        (f'{_HOOK}url = "http://example.org/"\n', "must begin with https://, because secrets are sent there"),
        (_HOOK.replace("opened", "openend") + _URL, 'hooks[0].events[0]: there is no event "openend"; write one or'),
        (f"{_HOOK}{_URL}\n{_HOOK}{_URL}", 'hooks[1].name: there is already a hook "web"; each hook needs its own name'),
        (
            f'{_HOOK}{_URL}queues = ["nowhere"]\n',
            'hooks[0].queues: there is no queue "nowhere"; the queues are default',
        ),
        (f'{_HOOK}{_URL}timeout = "11 minutes"\n', 'hooks[0].timeout: must be at most "10 minutes"'),
        (f'{_HOOK}{_URL}secret_file = "secret"\n', "hooks[0].secret_file: line 1 is no key: write"),
        ('[[hooks]]\nname = "web"\nevents = []\n' + _URL, "hooks[0].events: must not be empty"),
        ('[hooks]\nname = "web"\n', "hooks: is a table for each: write [[hooks]], with two brackets"),
    ],
)
def test_a_mistake_is_a_sentence_with_its_key(tmp_path: Path, hook: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        _read(tmp_path, hook)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "host", ["http://example.org", "htp://127.0.0.1", "https://a\N{SNOWMAN}.example", "example.org"]
)
def test_the_address_is_not_quoted_since_it_may_be_a_secret(tmp_path: Path, host: str) -> None:
    with pytest.raises(ConfigError, match=r"hooks\[0\]\.url: ") as error:
        _read(tmp_path, f'{_HOOK}url = "{host}/services/T0-SECRET?sig=SECRET"\n')
    assert "SECRET" not in str(error.value)


def test_a_key_that_is_too_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "short").write_text(f"whsec_{base64.b64encode(b'short').decode()}\n")
    with pytest.raises(ConfigError, match="line 1 is a key of 5 bytes; it needs 24 at least"):
        _read(tmp_path, f'{_HOOK}{_URL}secret_file = "short"\n')


def test_http_is_allowed_on_this_machine(tmp_path: Path) -> None:
    [hook] = _read(tmp_path, f'{_HOOK}url = "http://127.0.0.1:8000/hook"\n')
    assert (hook.url, hook.keys) == ("http://127.0.0.1:8000/hook", ())


def test_a_single_event_is_wanted_by_its_name(tmp_path: Path) -> None:
    [hook] = _read(tmp_path, '[[hooks]]\nname = "web"\nevents = ["timer overdue"]\n' + _URL)
    assert hook.wants(Topic.OVERDUE, Event.OVERDUE, "default")
    assert not hook.wants(Topic.OVERDUE, Event.ESCALATION_DUE, "default")
    assert not hook.wants(Topic.NONE, Event.STATUS, "default")


@pytest.mark.parametrize(
    ("event", "before", "after", "topic"),
    [
        (Event.REQUEST, None, State.LEVEL1, Topic.OPENED),
        (Event.ESCALATION_DUE, State.LEVEL1, State.LEVEL2, Topic.ESCALATED),
        (Event.ESCALATION_DUE, State.LEVEL2, State.LEVEL2, Topic.OVERDUE),
        (Event.SAID_NO, State.CONFIRMING, State.LEVEL1, Topic.UNRESOLVED),
        (Event.SAID_YES, State.CONFIRMING, State.FINALIZING, Topic.CLOSED),
        (Event.OBJECTION_OVER, State.FINALIZING, State.CLOSED, Topic.FINALIZED),
        (Event.WROTE, State.CLOSED, State.LEVEL1, Topic.REOPENED),
        (Event.ROUTE, State.LEVEL2, State.LEVEL1, Topic.ROUTED),
        (Event.UNDO, State.LEVEL2, State.LEVEL1, Topic.UNDONE),
        (Event.HELP, State.LEVEL1, State.LEVEL1, Topic.NONE),
    ],
)
def test_the_topic_of_a_step(event: Event, before: State | None, after: State, topic: Topic) -> None:
    assert find_topic(event, before, after) is topic


def test_no_topic_has_the_name_of_an_event() -> None:
    assert not {topic.value for topic in Topic} & set(EVENTS)
