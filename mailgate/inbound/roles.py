"""Decides the role of a mail's author in a ticket, and names the proof (docs/rules.md#7 to docs/rules.md#9).

Pure: the mail, the notice that it answers, the verdict of the pinned server and the people of the ticket come in. A
From line proves nothing (docs/rules.md#8). An author without proof has a role that says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailgate.config.people import LevelMembers
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address, AuthResult, InboundMessage
from mailgate.core.workflow.events import State
from mailgate.inbound.follow_up import AnsweredNotice
from mailgate.parsers.addresses import read_addresses


class Role(StrEnum):
    """The roles that the author of a follow-up can have."""

    AGENT = "agent"
    HELD = "agent without proof"
    PARTICIPANT = "participant"
    OUTSIDER = "outsider"
    MANAGER = "manager"
    THIRD_PARTY = "third party"


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a follow-up with their role, and the words that say why they have it.

    `level` and `queue` are what an agent acts for. `proven` says that a participant has brought a token that
    was sent to them or the pinned server's aligned pass, `fresh` that the mail answers nothing older than the last
    solution, or while a level works than the last answer. `refused` says that a mail in a participant's name has no
    token of theirs, and that the pinned server says fail (docs/rules.md#7).
    """

    role: Role
    address: Address
    reason: str
    level: State | None = None
    queue: str = ""
    fresh: bool = False
    proven: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleContext:
    """The facts beside the mail that decide a role: the ticket, its people, and the levels of all queues.

    `queue` and `level` are the ticket's. `confirm_notice` is the number of its last solution, while a level works that
    of the last answer, as `last_word` says. `proof` names the challenge that has proven the mail. `unverified` says
    that the mail has tokens, but none that verifies, `has_commands` that it holds commands, `list_is_claimed` that it
    names a list of the desk's own as its way and nothing proves it.
    """

    answered: AnsweredNotice | None
    participants: frozenset[str]
    levels: Mapping[tuple[str, str], LevelMembers]
    manager: str
    agents_need_pass: bool
    queue: str
    level: State
    confirm_notice: int = 0
    last_word: str = "solution"
    proof: str = ""
    unverified: bool = False
    has_commands: bool = False
    list_is_claimed: bool = False


def prove_sender(message: InboundMessage, proof: str = "") -> str:
    """Says what proves the sender of a mail beside a token, "" where nothing does (docs/rules.md#8).

    `proof` names the challenge that has proven the mail, where there was one.
    """
    sender = message.sender
    if fold_address(message.envelope.auth_user) == sender.key:
        return "SMTP AUTH"
    if message.proven == sender.key:
        return proof or "the answer to a challenge"
    return "the pinned server's pass" if message.auth_of_sender is AuthResult.PASS else ""


def decide_role(message: InboundMessage, context: RoleContext) -> Author:
    """Decides the role of the sender of a follow-up (docs/rules.md#7 to docs/rules.md#9)."""
    sender, answered = message.sender, context.answered
    if answered is not None and (answered.queue, answered.lane) in context.levels:
        return _decide_by_level_token(message, answered, context)
    if answered is not None and answered.lane == "manager" and sender.key == fold_address(context.manager):
        return _unless_refused(message, Author(Role.MANAGER, sender, answered.key, queue=answered.queue), context)
    if answered is not None and answered.lane == "asked":
        return Author(Role.THIRD_PARTY, sender, answered.key)
    if sender.key in context.participants:
        return _decide_participant(message, context)
    return _decide_without_level_token(message, context)


def _decide_by_level_token(message: InboundMessage, answered: AnsweredNotice, context: RoleContext) -> Author:
    sender, level = message.sender, context.levels[answered.queue, answered.lane]
    if sender.key in level.people:
        agent = Author(Role.AGENT, sender, answered.key, State(answered.lane), answered.queue)
        author = _unless_refused(message, agent, context)
        # An author without proof is asked at the address that they wrote from.
        return replace(author, address=_behind_mailbox(message, level)) if author.role is Role.AGENT else author
    if sender.key in context.participants:
        if _is_refused(message, context):
            return _refuse(message)
        reason = f"{answered.key}, a token of {answered.lane}: does not verify a requester"
        return Author(Role.PARTICIPANT, sender, reason, proven=message.auth_of_sender is AuthResult.PASS)
    insider = _decide_insider(message, context, (context.queue, answered.queue))
    if insider is not None:
        return insider
    return Author(Role.OUTSIDER, sender, f"{answered.key}, but {sender.address} is not listed for {answered.lane}")


def _behind_mailbox(message: InboundMessage, level: LevelMembers) -> Address:
    """Finds the agent behind a shared mailbox: it sends as itself, and its server notes the agent in Sender."""
    sender = message.sender
    if sender.key != fold_address(level.mailbox):
        return sender
    named = read_addresses(message.mail.header("Sender").encode("utf-8", "replace"))
    return next((one for one in named[:1] if one.key in level.people), sender)


def _unless_refused(message: InboundMessage, author: Author, context: RoleContext) -> Author:
    """Holds an author with a right token where the verdict or From itself is a doubt, or where it must be a pass."""
    if prove_sender(message, context.proof):
        return author
    if message.auth_of_sender.is_doubt or context.agents_need_pass:
        verdict = message.auth_of_sender.value
        reason = f"{author.reason}, but the verdict on {author.address.address} is {verdict}"
        return replace(author, role=Role.HELD, reason=reason)
    return author


def _decide_participant(message: InboundMessage, context: RoleContext) -> Author:
    sender, answered = message.sender, context.answered
    is_own_token = answered is not None and answered.lane == "requester" and answered.went_to(sender)
    if not is_own_token and _is_refused(message, context):
        return _refuse(message)
    if message.mail.ambiguous_sender:  # also where the verdict is a fail
        return Author(Role.PARTICIPANT, sender, "From names no one author")
    if context.list_is_claimed and (message.mail.sender is None or message.mail.sender.key != sender.key):
        return Author(Role.PARTICIPANT, sender, "only a list that nothing verifies names them")
    if not is_own_token and message.auth_of_sender is not AuthResult.PASS:
        lacking = "a token signed by another key" if context.unverified else "no token"
        lacking = f"{answered.key}, a token of another person" if answered is not None else lacking
        return Author(Role.PARTICIPANT, sender, f"{lacking}, no verdict of the pinned server")
    proof = answered.key if answered is not None and is_own_token else "the pinned server's pass"
    # A pass says who wrote, and nothing of when: a mail with an older token is no answer to the last notice.
    if answered is None or answered.number >= context.confirm_notice:
        return Author(Role.PARTICIPANT, sender, proof, fresh=True, proven=True)
    older = proof if is_own_token else f"{proof}, but {answered.key}"
    return Author(Role.PARTICIPANT, sender, f"{older}, older than the last {context.last_word}", proven=True)


def _is_refused(message: InboundMessage, context: RoleContext) -> bool:
    """Tells whether the pinned server says that another person wrote.

    It says so by a fail of From, or by a pass for a From that only a claimed list turns into a participant.
    """
    of_another = message.auth in (AuthResult.PASS, AuthResult.FOREIGN) and message.auth_of_sender is AuthResult.FAIL
    return message.auth is AuthResult.FAIL or (of_another and context.list_is_claimed)


def _refuse(message: InboundMessage) -> Author:
    """Decides for a mail in a participant's name that the pinned server says is not theirs: it moves nothing."""
    reason = "no token of their own, and the pinned server says fail"
    return Author(Role.OUTSIDER, message.sender, reason, refused=True)


def _decide_without_level_token(message: InboundMessage, context: RoleContext) -> Author:
    """Decides for an agent without their level's token, who needs SMTP AUTH, a pass or a challenge, and outsiders."""
    insider = _decide_insider(message, context, (context.queue,))
    if insider is not None:
        return insider
    if context.answered is not None:
        reason = f"{context.answered.key}, from an address outside the ticket"
        return Author(Role.OUTSIDER, message.sender, reason)
    return Author(Role.OUTSIDER, message.sender, "an address outside the ticket")


def _decide_insider(message: InboundMessage, context: RoleContext, queues: Sequence[str]) -> Author | None:
    """Decides for a member of a level of these queues, and for the manager with commands; None for others."""
    sender = message.sender
    levels = [
        (queue, State(name))
        for wanted in dict.fromkeys(queues)
        for (queue, name), level in context.levels.items()
        if queue == wanted and sender.key in level.people
    ]
    proof = prove_sender(message, context.proof)
    reason = proof or "no token of a level, no verdict of the pinned server"
    if levels:
        queue, level = (context.queue, context.level) if (context.queue, context.level) in levels else levels[0]
        return Author(Role.AGENT if proof else Role.HELD, sender, reason, level, queue)
    if context.has_commands and sender.key == fold_address(context.manager):
        return Author(Role.MANAGER if proof else Role.HELD, sender, reason, queue=context.queue)
    return None
