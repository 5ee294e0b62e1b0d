"""Recognises machine mail other than bounces and auto-replies: receipts, abuse and DMARC reports, and what clicks send.

Reports are known by their type (RFC 8098, 5965, 7489, 8460) or the headers of complaints, other receipts by the texts
that mail programs write. A click on an invitation, an emoji or "recall" sends a mail without words of a person.
Pure, never fails.
"""

from __future__ import annotations

import re
from functools import cache

from mailgate.parsers.classify.auto_replies import encloses_mail
from mailgate.parsers.classify.evidence import Evidence, SenderKind, has_mail_program
from mailgate.parsers.classify.phrasebook import flatten, load_phrasebook
from mailgate.parsers.phrases import load_phrases
from mailgate.parsers.quoting.quote_lines import is_forward_subject

_TYPES = frozenset({"message/disposition-notification", "message/feedback-report", "application/tlsrpt+gzip",
                    "application/tlsrpt+json", "message/global-disposition-notification"})  # fmt: skip
_REPORT_TYPES = ("disposition-notification", "feedback-report", "tlsrpt", "report-type=feedback", "abuse-report")
_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})

# A receipt names the mail or the time of it.
_NAMED = re.compile(r"\b(?:to|subject|betreff|objet|asunto|oggetto): |\b(?:\d{1,2}[:.h]\d\d|(?:19|20)\d\d)\b|\d年")

_CERTIFIED_RECEIPTS = frozenset(
    {"accettazione", "presa-in-carico", "avvenuta-consegna", "preavviso-errore-consegna"}  # the last: no delivery yet
)

# Of complaints: X-ARF, SpamCop, Outlook.com
_COMPLAINT_HEADERS = ("x-arf", "x-xarf", "x-spamcop-sourceip", "x-hmxmroriginalrecipient")
_OUTLOOK_COMPLAINT = re.compile(r"complaint about message from [0-9a-f.:]{3,45}")  # above the mail, without a word
COMPLAINT_WITHIN = 200  # letters in which a complaint says what it is

# An emoji that Gmail sends: its part, else the link below it
_REACTION = "text/vnd.google.email-reaction+json"
_REACTION_LINK = "utm_campaign=emojireactionemail"
CLICK_LIMIT = 1_000  # letters of what a program writes when a person clicks
LINE_LIMIT = 150  # letters of the line below an emoji

_WORD = re.compile(r"\w+")
_LINK = re.compile(r"<[^<>\s]*>")
_IMAGE = re.compile(r"\A\[[^\[\]\n]{1,20}\]")  # an emoji in Outlook's plain form: [like]

_PHRASES = load_phrases("automatic/receipts")


def is_machine_report(seen: Evidence) -> bool:
    """Tells whether a mail is a receipt, an abuse, DMARC or TLS report, or was sent by a click."""
    if seen.types & _TYPES and not seen.types & _DELIVERY:
        return seen.mime_type == "multipart/report" or not _encloses_report(seen)
    if seen.has(*_COMPLAINT_HEADERS) or seen.word("x-ricevuta") in _CERTIFIED_RECEIPTS:  # their failures are bounces
        return True
    subject = flatten(seen.subject[:200])
    if seen.mime_type == "multipart/report":
        return any(name in seen.headers.get("content-type", "").casefold() for name in _REPORT_TYPES)
    if subject.startswith("report domain:") and "submitter:" in subject:
        return True
    if _is_complaint(seen, subject):
        return True
    if subject.startswith(_PHRASES["receipt_subject"]):
        return _is_text_receipt(seen, subject)
    return _is_invitation_answer(seen, subject) or _is_reaction(seen) or _is_recall(seen)


def _encloses_report(seen: Evidence) -> bool:
    """Tells whether a person forwards such a report with a comment."""
    text = seen.new_text.strip()
    if _begins_as_complaint(text) and not has_mail_program(seen):
        return False
    return seen.is_continued or bool(seen.sender_kind is SenderKind.PERSON and text)


def _is_complaint(seen: Evidence, subject: str) -> bool:
    """Tells whether a provider passes a complaint about abuse on, in a form that declares no report.

    Two of three agree: who sends it, its subject, its first sentence.
    """
    text = seen.new_text.strip()
    if seen.is_continued or seen.is_answer or "?" in text or has_mail_program(seen):
        return False
    if _OUTLOOK_COMPLAINT.fullmatch(subject) and not text and "message/rfc822" in seen.types:
        return True
    sender = seen.sender.address.casefold() if seen.sender else ""
    signs = (
        sender.startswith(_PHRASES["complainers"]) or seen.sender_kind <= SenderKind.MACHINE,
        any(words in subject for words in _PHRASES["complaint_subject"]),
        _begins_as_complaint(text),
    )
    return sum(signs) >= 2


def _begins_as_complaint(text: str) -> bool:
    flat = flatten(text[:COMPLAINT_WITHIN])
    return any(words in flat for words in _PHRASES["complaint"])


def _is_text_receipt(seen: Evidence, subject: str) -> bool:
    """Tells whether a text confirms that a mail was read, and holds nothing of a person's own."""
    text = flatten(seen.text[:1_000])
    if "?" in text.replace(subject, "") or not any(words in text for words in _PHRASES["receipt"]):
        return False
    if encloses_mail(seen.text[:2_000]) or not (_NAMED.search(text) or "@" in text[:100]):
        return False
    return not load_phrasebook("automatic/notes", "veto", "turn").find(text)


def _is_invitation_answer(seen: Evidence, subject: str) -> bool:
    """Tells whether a mail accepts or declines an invitation without words of a person."""
    text = flatten(seen.new_text[:300])
    if seen.answers_invitation and not text:
        return not is_forward_subject(seen.subject)
    if "text/calendar" not in seen.types or not subject.startswith(_PHRASES["answered"]):
        return False
    return not text or any(words in text for words in _PHRASES["answer"])


def _is_reaction(seen: Evidence) -> bool:
    """Tells whether a mail is an emoji in answer to another, with the line of a mail program, and no more."""
    if len(seen.new_text) > CLICK_LIMIT:
        return False
    text = _LINK.sub("", seen.new_text).strip()
    if _REACTION in seen.types or _REACTION_LINK in seen.new_text:
        emoji, _, line = text.partition("\n")
        line = line.strip()
        return not _WORD.search(emoji) and "\n\n" not in line and len(line) <= LINE_LIMIT
    return (seen.is_answer or seen.is_continued) and _says_only(seen, _IMAGE.sub("", text), "reaction")


def _is_recall(seen: Evidence) -> bool:
    """Tells whether Outlook asks to give the mail back that the subject names, and the text says no more."""
    named = flatten(seen.subject[:CLICK_LIMIT]).partition(":")[2].strip()
    if not named or len(seen.new_text) > CLICK_LIMIT:
        return False
    before, found, after = flatten(seen.new_text).rpartition(named)
    return bool(found) and _says_only(seen, f"{before} {after}", "recall")


def _says_only(seen: Evidence, text: str, category: str) -> bool:
    """Tells whether a text is a phrase of a category and the sender's name."""
    names = set(_split(seen.headers.get("from", "")[:CLICK_LIMIT]))
    words = [word for word in _split(text) if word not in names]
    phrases = (one for one in _split_phrases(category) if len(one) >= len(words)) if words else ()
    return any(words == [word for word in one if word not in names] for one in phrases)


@cache
def _split_phrases(category: str) -> tuple[list[str], ...]:
    return tuple(map(_split, _PHRASES[category]))


def _split(text: str) -> list[str]:
    return _WORD.findall(flatten(text))
