"""The person behind a mail: From, unless a contact form, a robot or a list of the desk's own brings their words.

Pure. Identity is never taken from Reply-To but for listed forms (docs/rules.md#10, docs/rules.md#11).
"""

from __future__ import annotations

from mailgate.config import Settings
from mailgate.config.people import People
from mailgate.core.domains import fold_address, fold_domain, is_aligned
from mailgate.core.mail import IMPORTED, IMPORTED_QUIETLY, Address, AuthResult, InboundMessage, Mail
from mailgate.core.networks import Networks
from mailgate.inbound.auth_results import read_proven_domains
from mailgate.parsers.addresses import read_addresses


class TrustedSenders:
    """The senders of `[trust]` that may bring the words of others: forms, robots, and the desk's own lists."""

    def __init__(self, settings: Settings, people: People) -> None:
        trust = settings.trust
        self._people = people
        self._forms = frozenset(fold_address(form) for form in trust.forms)
        self._robots = frozenset(fold_address(robot) for robot in trust.robots)
        self._authserv_ids = trust.authserv_id
        self._own_lists = frozenset(map(fold_domain, trust.own_lists))
        self._networks = Networks(trust.networks)

    def is_form(self, mail: Mail, peer: str, auth: AuthResult) -> bool:
        """Tells whether Reply-To of a mail is its requester: a listed form, proven by verdict or by network."""
        if mail.sender is None or mail.sender.key not in self._forms:
            return False
        return auth is AuthResult.PASS or self._networks.include(peer)

    def is_robot(self, mail: Mail) -> bool:
        """Tells whether a listed robot wrote the mail."""
        return mail.sender is not None and mail.sender.key in self._robots

    def is_own_list(self, mail: Mail) -> bool:
        """Tells whether the mail came by a mailing list of the desk's own (docs/rules.md#11)."""
        listed = _list_of(mail)
        return bool(listed) and listed in self._own_lists

    def is_proven_list(self, message: InboundMessage) -> bool:
        """Tells whether a mail came by a list of the desk's own for sure: anybody can write its List-Id.

        The pinned server's pass must be for the domain of the list, or the mail come from one of the own networks.
        """
        mail, envelope = message.mail, message.envelope
        if not self.is_own_list(mail):
            return False
        if self._networks.include(envelope.peer):
            return True
        if envelope.source in (IMPORTED, IMPORTED_QUIETLY):  # an imported file may hold forged headers
            return False
        proven = read_proven_domains(mail, self._authserv_ids)
        return any(is_aligned(domain, _list_of(mail)) for domain in proven)

    def person_behind(self, mail: Mail, envelope_from: str | None, peer: str, auth: AuthResult) -> Address | None:
        """Finds who wrote: From; for a proven form its Reply-To; for the desk's own list the original sender.

        Without From it is the sender of the envelope; None where that is missing too.
        """
        if self.is_form(mail, peer, auth) and mail.reply_to:
            return mail.reply_to[0]
        if self.is_own_list(mail):
            original = self._original_author(mail, auth)
            if original is not None:
                return original
        if mail.sender is not None:
            return mail.sender
        return Address("", envelope_from) if envelope_from else None

    def _original_author(self, mail: Mail, auth: AuthResult) -> Address | None:
        """Finds who wrote to the desk's own list; not the list itself, which some groups put into Reply-To."""
        found = [
            *(one for header in ("X-Original-From", "X-Original-Sender") for one in _addresses_in(mail.header(header))),
            *(mail.reply_to if auth is AuthResult.PASS else ()),
        ]
        others = (one for one in found if "@" in one.address and not self._people.is_system_address(one.address))
        return next(others, None)


def _list_of(mail: Mail) -> str:
    """Returns the name of the mailing list that a mail came by, folded; "" for none (RFC 2919)."""
    return fold_domain(mail.header("List-Id").rpartition("<")[2].rstrip("> "))


def _addresses_in(value: str) -> tuple[Address, ...]:
    """Reads the mailboxes of a header that is decoded already."""
    return read_addresses(value.encode("utf-8", "replace")) if value else ()
