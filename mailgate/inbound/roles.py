"""Who speaks, and what proves it.

Pure: the worker brings the mail, the claim it found in the store and the verdict of the pinned server. A From line
proves nothing (promise 2). What is not proven is said so, never guessed; an unreadable Authentication-Results
header counts as none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from ipaddress import ip_address, ip_network

from authres import FeatureContext, dmarc

from mailgate.core.mail import Address, Mail
from mailgate.core.workflow.events import State
from mailgate.parsers.addresses import read_addresses

_RESULTS = FeatureContext(dmarc)  # without its feature the library reads dmarc=pass, but not of which domain
# Which property of a pass names the domain that it is about (RFC 8601 §2.7); some servers write i= and no d=.
_PROOFS = {"dmarc": ("header_from",), "dkim": ("header_d", "header_i"), "spf": ("smtp_mailfrom",)}
_MOST_RESULTS = 20  # headers of a mail that are looked at: reading one takes milliseconds
_LONGEST_RESULTS = 8_000


class AuthResult(StrEnum):
    """What the pinned server says of the From address."""

    PASS = "pass"
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class AnsweredNotice:
    """Which of our notices a mail answers, proven by its signature.

    `lane` is as what the addressee got the notice: "requester", a level's name, "manager" or "asked".
    """

    ticket_id: int
    number: int
    notice: str
    lane: str
    queue: str
    recipient: str
    key: str


@dataclass(frozen=True, slots=True)
class LevelMembers:
    """The people of one level of one queue: its mailbox, which may always act (rule 8), and its agents."""

    queue: str
    level: str
    mailbox: str
    agents: tuple[str, ...]

    @property
    def people(self) -> frozenset[str]:
        return frozenset(address.casefold() for address in (self.mailbox, *self.agents))


class Role(StrEnum):
    """As what somebody speaks in a ticket."""

    AGENT = "agent"
    HELD = "agent without proof"
    PARTICIPANT = "participant"
    OUTSIDER = "outsider"
    MANAGER = "manager"
    THIRD_PARTY = "third party"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a mail of a ticket, and the words that say why we believe it.

    `level` and `queue` are what an agent acts for. `proven` says that a participant has brought a token of this ticket
    or the pinned server's aligned pass, `fresh` that the token was issued since the last solution (rule 7).
    """

    role: Role
    address: Address
    reason: str
    level: State | None = None
    queue: str = ""
    fresh: bool = False
    proven: bool = False


def read_auth_results(mail: Mail, authserv_ids: Sequence[str]) -> AuthResult:
    """The verdict of the first Authentication-Results header of a pinned server, aligned with From (rule 8).

    An id of "" accepts a topmost header without id, as Exchange Online writes it.
    """
    if not authserv_ids or mail.sender is None:
        return AuthResult.NONE
    domain = mail.sender.key.rpartition("@")[2]
    for position, value in enumerate(mail.header_all("Authentication-Results")[:_MOST_RESULTS]):
        results = _read_results(value, authserv_ids, topmost=position == 0)
        if results is not None:
            return _judge(results, domain)
        if _begins_with(value, authserv_ids):
            break  # what a sender can make unreadable must not give way to a header that he wrote below it
    return AuthResult.NONE


def _begins_with(value: str, authserv_ids: Sequence[str]) -> bool:
    words = value.partition(";")[0].split()
    return bool(words) and words[0].strip('"').casefold() in {name.casefold() for name in authserv_ids if name}


def _read_results(value: str, authserv_ids: Sequence[str], *, topmost: bool) -> list[object] | None:
    wanted = {name.casefold() for name in authserv_ids if name}
    anonymous = topmost and "" in authserv_ids and "=" in value.partition(";")[0]
    text = f"anonymous; {value}" if anonymous else value
    if len(text) > _LONGEST_RESULTS:
        return None
    try:
        header = _RESULTS.parse_value(text)
    except Exception:  # the library raises several kinds on what Exchange and others write
        return None
    if anonymous or str(header.authserv_id).casefold() in wanted:
        return list(header.results)
    return None


def _judge(results: Sequence[object], domain: str) -> AuthResult:
    outcomes = {(str(getattr(result, "method", "")), str(getattr(result, "result", ""))) for result in results}
    if ("dmarc", "fail") in outcomes:
        return AuthResult.FAIL
    if any(_vouches(result, domain) for result in results):
        return AuthResult.PASS
    failed = any(result in ("fail", "hardfail", "permerror") for _, result in outcomes)
    return AuthResult.FAIL if failed and not any(result == "pass" for _, result in outcomes) else AuthResult.NONE


def _vouches(result: object, domain: str) -> bool:
    """Whether one result is a pass for the domain that From shows, not for somebody else's."""
    if getattr(result, "result", "") != "pass":
        return False
    names = _PROOFS.get(str(getattr(result, "method", "")), ())
    proven = next((str(value) for name in names if (value := getattr(result, name, None))), "")
    return _aligned(proven.rpartition("@")[2], domain)


def _aligned(signer: str, domain: str) -> bool:
    one, other = signer.casefold().rstrip("."), domain.casefold().rstrip(".")
    if "." not in one or "." not in other:
        return False
    return one == other or one.endswith("." + other) or other.endswith("." + one)


@dataclass(frozen=True, slots=True)
class RoleContext:
    """What is known when a mail of a ticket is judged: the claim, the ticket's people, the levels of its queue.

    `proven` is whose mail it is by the answer to a one-time challenge, `proof` which one that was; `orders` says that
    the mail holds commands.
    """

    claim: AnsweredNotice | None
    participants: frozenset[str]
    lanes: Mapping[tuple[str, str], LevelMembers]
    manager: str
    verdict: AuthResult
    auth_user: str
    agents_need_pass: bool
    queue: str
    level: State
    confirm_notice: int
    proven: str = ""
    proof: str = ""
    orders: bool = False

    def vouch(self, address: Address) -> str:
        """What proves that somebody wrote this mail, beside a token; "" where nothing does (rule 8)."""
        return judge_newcomer(address, self.verdict, self.auth_user, self.proven, self.proof)


def judge_newcomer(address: Address, verdict: AuthResult, auth_user: str, proven: str = "", proof: str = "") -> str:
    """What proves that somebody wrote a mail that brings no token; "" where nothing does (rule 8)."""
    if auth_user.casefold() == address.key:
        return "SMTP AUTH"
    if proven == address.key:
        return proof or "the answer to a challenge"
    return "the pinned server's pass" if verdict is AuthResult.PASS else ""


def decide_role(mail: Mail, scene: RoleContext) -> Author:
    """As what the sender of a mail may speak in the ticket (rules 7-9)."""
    sender = mail.sender or Address("", "")
    claim = scene.claim
    if claim is not None and (claim.queue, claim.lane) in scene.lanes:
        return _judge_level_token(mail, sender, claim, scene)
    if claim is not None and claim.lane == "manager" and sender.key == scene.manager.casefold():
        return _unless_refused(Author(Role.MANAGER, sender, claim.key, queue=claim.queue), scene)
    if claim is not None and claim.lane == "asked":
        return Author(Role.THIRD_PARTY, sender, claim.key)
    if sender.key in scene.participants:
        return _judge_participant(sender, scene)
    return _judge_without_level_token(sender, scene)


def _judge_level_token(mail: Mail, sender: Address, claim: AnsweredNotice, scene: RoleContext) -> Author:
    lane = scene.lanes[claim.queue, claim.lane]
    if sender.key in lane.people:
        speaker = _unless_refused(Author(Role.AGENT, sender, claim.key, State(claim.lane), claim.queue), scene)
        is_agent = speaker.role is Role.AGENT  # whoever must prove himself is asked at the address that he wrote from
        return replace(speaker, address=_behind_mailbox(mail, sender, lane)) if is_agent else speaker
    if sender.key in scene.participants:
        reason = f"{claim.key}, a token of {claim.lane}: no proof for a requester"
        return Author(Role.PARTICIPANT, sender, reason, proven=scene.verdict is AuthResult.PASS)
    insider = _judge_insider(sender, scene, (scene.queue, claim.queue))
    if insider is not None:
        return insider
    return Author(Role.OUTSIDER, sender, f"{claim.key}, but {sender.address} is not listed for {claim.lane}")


def _behind_mailbox(mail: Mail, sender: Address, lane: LevelMembers) -> Address:
    """Who wrote: a shared mailbox sends as itself, and its server notes the agent in Sender."""
    if sender.key != lane.mailbox.casefold():
        return sender
    named = read_addresses(mail.header("Sender").encode("utf-8", "replace"))
    return next((one for one in named[:1] if one.key in lane.people), sender)


def _unless_refused(speaker: Author, scene: RoleContext) -> Author:
    """A right token from a listed address is enough, unless the pinned server says that From is forged."""
    if scene.vouch(speaker.address):
        return speaker
    if scene.verdict is AuthResult.FAIL or scene.agents_need_pass:
        reason = f"{speaker.reason}, but the verdict on {speaker.address.address} is {scene.verdict.value}"
        return replace(speaker, role=Role.HELD, reason=reason)
    return speaker


def _judge_participant(sender: Address, scene: RoleContext) -> Author:
    claim = scene.claim
    if claim is not None and claim.lane == "requester":
        if claim.number >= scene.confirm_notice:
            return Author(Role.PARTICIPANT, sender, claim.key, fresh=True, proven=True)
        return Author(Role.PARTICIPANT, sender, f"{claim.key}, older than the last solution", proven=True)
    if scene.verdict is AuthResult.PASS:
        return Author(Role.PARTICIPANT, sender, "the pinned server's pass", fresh=True, proven=True)
    return Author(Role.PARTICIPANT, sender, "no token, no verdict of the pinned server")


def _judge_without_level_token(sender: Address, scene: RoleContext) -> Author:
    """An agent who writes without his level's token needs SMTP AUTH, an aligned pass or a challenge (rules 8, 9)."""
    insider = _judge_insider(sender, scene, (scene.queue,))
    if insider is not None:
        return insider
    if scene.claim is not None:
        return Author(Role.OUTSIDER, sender, f"{scene.claim.key}, from an address outside the ticket")
    return Author(Role.OUTSIDER, sender, "an address outside the ticket")


def _judge_insider(sender: Address, scene: RoleContext, queues: Sequence[str]) -> Author | None:
    """Somebody of one of these queues, for his own level, or the manager who orders something; None for others."""
    levels = [
        (queue, State(level))
        for wanted in dict.fromkeys(queues)
        for (queue, level), lane in scene.lanes.items()
        if queue == wanted and sender.key in lane.people
    ]
    proof = scene.vouch(sender)
    role, reason = Role.AGENT, proof or "no token of a level, no verdict of the pinned server"
    if levels:
        queue, level = (scene.queue, scene.level) if (scene.queue, scene.level) in levels else levels[0]
        return Author(role if proof else Role.HELD, sender, reason, level, queue)
    if scene.orders and sender.key == scene.manager.casefold():
        return Author(Role.MANAGER if proof else Role.HELD, sender, reason, queue=scene.queue)
    return None


@dataclass(frozen=True, slots=True)
class TrustedSenders:
    """What may speak for others: contact forms, robots, the desk's own lists and networks (rules 10 and 11)."""

    forms: frozenset[str]
    robots: frozenset[str]
    networks: tuple[str, ...]

    def is_form(self, mail: Mail, peer: str, verdict: AuthResult) -> bool:
        """Whether Reply-To of this mail is the requester: a listed form, proven by verdict or network."""
        if mail.sender is None or mail.sender.key not in self.forms:
            return False
        return verdict is AuthResult.PASS or self._is_near(peer)

    def is_robot(self, mail: Mail) -> bool:
        return mail.sender is not None and mail.sender.key in self.robots

    def _is_near(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in ip_network(network, strict=False) for network in self.networks)
