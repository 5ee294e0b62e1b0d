"""Format of a bundle as models; the published JSON Schemas are made from them and from their docstrings.

VERSION counts when a reader of the one before would misread a bundle; what is only added does not count, since readers
pass over names that they do not know. Times are ISO 8601 in UTC. Pure; a text that does not fit is pydantic's
ValidationError.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from mailgate.core.text import TAG_FORM

VERSION = 1
SCHEMAS = Path(__file__).parent / "schema"
MANIFEST, TICKET, PAGE = "manifest.json", "ticket.json", "index.html"


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("this time is out of range") from None


Time = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Span = Annotated[tuple[Count, Count], Field(description="first byte, and the one behind the last")]
MailNumber = Annotated[int | None, Field(ge=1, description="which of `mails`, by its number")]
State = Literal["level1", "level2", "level3", "confirming", "finalizing", "closed"]
Level = Literal["level1", "level2", "level3"]


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="ignore", frozen=True, strict=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class ArchivedPerson(_Part):
    """Person of the ticket: the requester or a person in copy."""

    model_config = ConfigDict(  # as published
        json_schema_extra={"description": "Somebody of the ticket: the requester or a person in copy."}
    )

    address: str
    name: str
    language: str = Field("", description="the language in which the person writes, where it is known")
    known: bool = Field(False, description="whether a mail of the desk came back from there, or an agent answered it")


class ArchivedAttachment(_Part):
    """A file of a mail. Where `mail` and `span` are given, its base64 text stands there in that mail, too."""

    filename: str
    mime_type: str
    size: Count
    sha256: Digest
    inline: bool
    content_id: str
    file: str = Field(description="where it lies in the bundle")
    mail: MailNumber = None
    span: Span | None = None


class _Line(_Part):
    """Entry of a ticket's timeline, in its place there; `mail` is the mail that caused it."""

    number: Count
    mail: MailNumber = None

    @property
    def id(self) -> int:
        return self.number

    @property
    def journal_id(self) -> int | None:
        return self.mail


class ArchivedMessage(_Line):
    """A mail of the ticket as people read it."""

    direction: Literal["in", "out"]
    sender: str = Field(validation_alias="from", serialization_alias="from")
    recipients: tuple[str, ...] = Field(validation_alias="to", serialization_alias="to")
    subject: str
    message_id: str
    at: Time
    internal: bool
    notice: str = Field(description='the kind of notice, "" for a mail that came in')
    text: str
    new_text: str = Field(description="the text without what it quotes")
    new_html: str = Field("", description='the same as safe HTML, "" for a mail without formatting')
    attachments: tuple[ArchivedAttachment, ...]


class ArchivedEvent(_Line):
    """One line of the history."""

    at: Time
    event: str
    from_state: str | None
    to_state: str
    reason: str
    by: str
    row: str = Field(description="the row of the process table that decided")
    text: str
    undone: bool = Field(description="taken back by an agent; it stays in the history")
    facts: dict[str, Any] | None = None


class ArchivedMail(_Part):
    """A mail as it came in, with its envelope, and what became of it."""

    number: Annotated[int, Field(ge=1)]
    file: str
    received_at: Time
    source: str
    sender: str | None = Field(description='of the envelope: "" is the null sender, null unknown')
    recipients: tuple[str, ...]
    auth_user: str
    peer: str
    message_id: str
    fingerprint: str | None
    size: Count
    oversized: bool = Field(description="larger than the desk took: the file is its head, `size` what it had")
    forced: bool
    proven: str
    state: str
    outcome: str
    last_error: str


class ArchivedNotice(_Part):
    """A notice as it went out or was to go out; `number` is the one that its token was signed for."""

    number: Count
    file: str
    notice: str
    lane: str
    queue: str
    recipient: str
    return_path: str
    message_id: str
    human: bool
    size: Count
    state: str
    last_error: str
    created_at: Time
    due_at: Time
    sent_at: Time | None = Field(None, description="when the relay took it; null where it did not, or it is not known")
    relay_reply: str = Field("", description="the relay's last reply")


class ArchivedMessageId(_Part):
    """An address has seen a Message-ID of the ticket."""

    message_id: str
    address: str
    seen_at: Time


class ArchivedTimer(_Part):
    """A deadline that runs."""

    name: str
    due_at: Time


class ArchivedLink(_Part):
    """Another ticket of the same desk. `towards` is "there" where this ticket was linked with that one."""

    reference: str
    kind: str
    towards: Literal["there", "here"]


class ArchivedArticle(_Part):
    """An article of the knowledge base that was given to the requester."""

    kind: str
    source: str
    title: str
    at: Time
    by: str


class ArchivedApproval(_Part):
    """A third person who was asked to approve the request, and what they decided."""

    notice: Count = Field(description="the notice that asked, by the number that its token was signed for")
    address: str
    question: str
    asked_by: str
    asked_at: Time
    decision: Literal["", "approved", "rejected", "withdrawn"] = Field(description='"" until they decide')
    decided_at: Time | None
    words: str


class ArchivedTicket(_Part):
    """A ticket whole. What `mailgate show --json` prints stands here under the same names."""

    bundle: Annotated[int, Field(ge=VERSION, le=VERSION, description="the version of this format")]
    desk: str = Field(description="the address of the desk that the ticket comes from")
    reference: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,15}-[1-9][0-9]{0,11}$")]
    queue: str
    state: State
    level: Level
    resolved_by: Level | None
    subject: str
    requester: str
    requester_name: str
    department: str
    language: str
    type: str
    priority: str
    urgency: str
    desired_outcome: str
    fields: dict[str, Any]
    assignee: str
    solution: str
    close_reason: str
    cause: str
    minutes_spent: Count
    created_at: Time
    level_since: Time
    answered_at: Time | None
    waiting_since: Time | None
    promise_due: Time | None
    confirm_at: Time | None
    resolved_at: Time | None
    closed_at: Time | None
    not_fixed: Count
    questions: Count
    reminders: Count
    clarified: bool
    review_asked: bool
    notices: Count = Field(description="how many notices were made; the next one is signed for the number behind it")
    confirm_notice: Count
    question: str
    last_answer: str
    last_agent: str
    last_agent_name: str
    last_agent_notice: Count
    last_agent_at: Time | None
    last_agent_did: str
    merged_into: str | None = Field(description="the reference of the ticket that was kept")
    submitter: str
    form: str
    form_asked: Count
    rating_asked: bool
    rating: Annotated[int, Field(ge=1, le=5)] | None
    rating_words: str
    rated_at: Time | None
    word: Annotated[str, Field(pattern=r"^([a-z2-7]{4})?$", description="part of the tokens of its notices")] = ""
    channel: str = Field("mail", description="how the request came: mail, phone, form or chat")
    waits_for: str = Field("", description='the third party that the desk waits for, "" for none')
    waits_until: Time | None = Field(None, description="when the level is reminded of it, if a time was named")
    hidden_until: Time | None = Field(None, description="lists leave the ticket out until then")
    tags: tuple[Annotated[str, Field(pattern=f"^{TAG_FORM}$")], ...] = ()
    used: tuple[str, ...] = Field((), description="scripts and tools that agents used, as they wrote them")
    participants: tuple[str, ...]
    people: tuple[ArchivedPerson, ...]
    messages: tuple[ArchivedMessage, ...]
    events: tuple[ArchivedEvent, ...]
    timers: tuple[ArchivedTimer, ...]
    links: tuple[ArchivedLink, ...]
    articles: tuple[ArchivedArticle, ...]
    approvals: tuple[ArchivedApproval, ...] = ()
    seen: tuple[ArchivedMessageId, ...]
    mails: tuple[ArchivedMail, ...]
    sent: tuple[ArchivedNotice, ...]


class ManifestEntry(_Part):
    """A file of the bundle."""

    name: str
    size: Annotated[int, Field(ge=0)]
    sha256: Digest


class Manifest(_Part):
    """Every file of the bundle but the manifest itself."""

    bundle: Annotated[int, Field(ge=VERSION, le=VERSION, description="the version of this format")]
    desk: str
    reference: str
    files: tuple[ManifestEntry, ...]


# The names that version 1 of the schemas was published with; the classes have one meaning each in the code.
_PUBLISHED_NAMES = {
    "ArchivedApproval": "Approval",
    "ArchivedArticle": "Article",
    "ArchivedAttachment": "Attachment",
    "ManifestEntry": "Entry",
    "ArchivedLink": "Link",
    "ArchivedMail": "Mail",
    "ArchivedMessage": "Message",
    "ArchivedPerson": "Person",
    "ArchivedNotice": "Sent",
    "ArchivedEvent": "Step",
    "ArchivedTimer": "Timer",
    "ArchivedMessageId": "Seen",
    "ArchivedTicket": "Record",
}
_CLASS_NAME = re.compile(rf"\b(?:{'|'.join(_PUBLISHED_NAMES)})\b")


def draw_schemas() -> dict[str, str]:
    """Returns the JSON Schemas (2020-12) by their file names in SCHEMAS."""
    models: dict[str, type[BaseModel]] = {"ticket": ArchivedTicket, "manifest": Manifest}
    return {f"{name}-{VERSION}.schema.json": _draw(name, model) for name, model in models.items()}


def _draw(name: str, model: type[BaseModel]) -> str:
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mailgate:bundle:{name}:{VERSION}",
        "title": f"{name}.json of a mailgate bundle, version {VERSION}",
    }
    text = json.dumps({**model.model_json_schema(by_alias=True), **head})
    schema = json.loads(_CLASS_NAME.sub(lambda found: _PUBLISHED_NAMES[found[0]], text))
    schema["$defs"] = dict(sorted(schema["$defs"].items()))
    return json.dumps(schema, indent=2) + "\n"


def write_schemas() -> None:
    """Writes the published schemas anew, after a change of the models."""
    SCHEMAS.mkdir(exist_ok=True)
    for name, text in draw_schemas().items():
        (SCHEMAS / name).write_text(text, encoding="utf-8")
