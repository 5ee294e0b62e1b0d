"""Who speaks, and what proves it.

Pure: the worker brings the mail, the claim it found in the store and the verdict of the pinned server. A From line
proves nothing (promise 2). What is not proven is said so, never guessed; an unreadable Authentication-Results
header counts as none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network

from authres import FeatureContext, dmarc

from mailgate.mail import Address, Mail
from mailgate.process.events import State

_RESULTS = FeatureContext(dmarc)  # without its feature the library reads dmarc=pass, but not of which domain
# Which property of a pass names the domain that it is about (RFC 8601 §2.7); some servers write i= and no d=.
_PROOFS = {"dmarc": ("header_from",), "dkim": ("header_d", "header_i"), "spf": ("smtp_mailfrom",)}
_MOST_RESULTS = 20  # headers of a mail that are looked at: reading one takes milliseconds
_LONGEST_RESULTS = 8_000


class Verdict(StrEnum):
    """What the pinned server says of the From address."""

    PASS = "pass"
    FAIL = "fail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Claim:
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
class Lane:
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
class Speaker:
    """Who wrote a mail of a ticket, and the words that say why we believe it.

    `level` and `queue` are what an agent acts for. `fresh` is rule 7: a participant's token of this ticket, issued
    since the last solution, or the pinned server's aligned pass.
    """

    role: Role
    address: Address
    reason: str
    level: State | None = None
    queue: str = ""
    fresh: bool = False


def read_verdict(mail: Mail, authserv_ids: Sequence[str]) -> Verdict:
    """The verdict of the first Authentication-Results header of a pinned server, aligned with From (rule 8).

    An id of "" accepts a topmost header without id, as Exchange Online writes it.
    """
    if not authserv_ids or mail.sender is None:
        return Verdict.NONE
    domain = mail.sender.key.rpartition("@")[2]
    for position, value in enumerate(mail.header_all("Authentication-Results")[:_MOST_RESULTS]):
        results = _read_results(value, authserv_ids, topmost=position == 0)
        if results is not None:
            return _judge(results, domain)
        if _begins_with(value, authserv_ids):
            break  # what a sender can make unreadable must not give way to a header that he wrote below it
    return Verdict.NONE


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


def _judge(results: Sequence[object], domain: str) -> Verdict:
    outcomes = {(str(getattr(result, "method", "")), str(getattr(result, "result", ""))) for result in results}
    if ("dmarc", "fail") in outcomes:
        return Verdict.FAIL
    if any(_vouches(result, domain) for result in results):
        return Verdict.PASS
    failed = any(result in ("fail", "hardfail", "permerror") for _, result in outcomes)
    return Verdict.FAIL if failed and not any(result == "pass" for _, result in outcomes) else Verdict.NONE


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
class Scene:
    """What is known when a mail of a ticket is judged: the claim, the ticket's people, the levels of its queue."""

    claim: Claim | None
    participants: frozenset[str]
    lanes: Mapping[tuple[str, str], Lane]
    manager: str
    verdict: Verdict
    auth_user: str
    agents_need_pass: bool
    queue: str
    level: State
    confirm_notice: int


def judge_speaker(mail: Mail, scene: Scene) -> Speaker:
    """As what the sender of a mail may speak in the ticket (rules 7-9)."""
    sender = mail.sender or Address("", "")
    claim = scene.claim
    if claim is not None and (claim.queue, claim.lane) in scene.lanes:
        return _judge_level_token(sender, claim, scene)
    if claim is not None and claim.lane == "manager" and sender.key == scene.manager.casefold():
        return _unless_refused(Speaker(Role.MANAGER, sender, claim.key, queue=claim.queue), scene)
    if claim is not None and claim.lane == "asked":
        return Speaker(Role.THIRD_PARTY, sender, claim.key)
    if sender.key in scene.participants:
        return _judge_participant(sender, scene)
    return _judge_without_level_token(sender, scene)


def _judge_level_token(sender: Address, claim: Claim, scene: Scene) -> Speaker:
    lane = scene.lanes[claim.queue, claim.lane]
    if sender.key in lane.people:
        speaker = Speaker(Role.AGENT, sender, claim.key, State(claim.lane), claim.queue)
        return _unless_refused(speaker, scene)
    if sender.key in scene.participants:
        return Speaker(Role.PARTICIPANT, sender, f"{claim.key}, a token of {claim.lane}: no proof for a requester")
    return Speaker(Role.OUTSIDER, sender, f"{claim.key}, but {sender.address} is not listed for {claim.lane}")


def _unless_refused(speaker: Speaker, scene: Scene) -> Speaker:
    """A right token from a listed address is enough, unless the pinned server says that From is forged."""
    proven = scene.auth_user.casefold() == speaker.address.key
    if proven or scene.verdict is Verdict.PASS:
        return speaker
    if scene.verdict is Verdict.FAIL or scene.agents_need_pass:
        reason = f"{speaker.reason}, but the verdict on {speaker.address.address} is {scene.verdict.value}"
        return Speaker(Role.HELD, speaker.address, reason, speaker.level, speaker.queue)
    return speaker


def _judge_participant(sender: Address, scene: Scene) -> Speaker:
    claim = scene.claim
    if claim is not None and claim.lane == "requester":
        if claim.number >= scene.confirm_notice:
            return Speaker(Role.PARTICIPANT, sender, claim.key, fresh=True)
        return Speaker(Role.PARTICIPANT, sender, f"{claim.key}, older than the last solution")
    if scene.verdict is Verdict.PASS:
        return Speaker(Role.PARTICIPANT, sender, "the pinned server's pass", fresh=True)
    return Speaker(Role.PARTICIPANT, sender, "no token, no verdict of the pinned server")


def _judge_without_level_token(sender: Address, scene: Scene) -> Speaker:
    """An agent who writes without his level's token needs SMTP AUTH or an aligned pass (rules 8 and 9)."""
    levels = [
        State(level)
        for (queue, level), lane in scene.lanes.items()
        if queue == scene.queue and sender.key in lane.people
    ]
    if levels:
        level = scene.level if scene.level in levels else levels[0]
        if scene.auth_user.casefold() == sender.key:
            return Speaker(Role.AGENT, sender, "SMTP AUTH", level, scene.queue)
        if scene.verdict is Verdict.PASS:
            return Speaker(Role.AGENT, sender, "the pinned server's pass", level, scene.queue)
        return Speaker(Role.HELD, sender, "no token of a level, no verdict of the pinned server", level, scene.queue)
    if scene.claim is not None:
        return Speaker(Role.OUTSIDER, sender, f"{scene.claim.key}, from an address outside the ticket")
    return Speaker(Role.OUTSIDER, sender, "an address outside the ticket")


@dataclass(frozen=True, slots=True)
class Doors:
    """What may speak for others: contact forms, robots, the desk's own lists and networks (rules 10 and 11)."""

    forms: frozenset[str]
    robots: frozenset[str]
    networks: tuple[str, ...]

    def is_form(self, mail: Mail, peer: str, verdict: Verdict) -> bool:
        """Whether Reply-To of this mail is the requester: a listed form, proven by verdict or network."""
        if mail.sender is None or mail.sender.key not in self.forms:
            return False
        return verdict is Verdict.PASS or self._is_near(peer)

    def is_robot(self, mail: Mail) -> bool:
        return mail.sender is not None and mail.sender.key in self.robots

    def _is_near(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in ip_network(network, strict=False) for network in self.networks)
