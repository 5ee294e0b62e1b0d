"""Tells whether a mail is a delivery report, in any form.

Mail systems have written reports in many forms. The less a sender looks like a mail system, the more of a report's own
sentences the text must hold. A person who encloses, forwards or pastes a report is a person. Pure, never fails.
"""

from __future__ import annotations

import re

from mailgate.parsers.classify.auto_replies import has_note_subject, has_question, read_note
from mailgate.parsers.classify.evidence import Evidence, SenderKind, has_mail_program
from mailgate.parsers.classify.phrasebook import Phrasebook, flatten, load_phrasebook
from mailgate.parsers.classify.receipts import is_machine_report
from mailgate.parsers.classify.returned_message import split_copy

TEXT_LIMIT = 4_000  # letters of a text whose words count
OPENING_WITHIN = 600  # letters in which a report says what it is

_DELIVERY = frozenset({"message/delivery-status", "message/global-delivery-status"})
_LABELS = re.compile(r"(?:\[[^\]]{1,30}\]|\*{2,5}[^*]{1,30}\*{2,5}|\{[^}]{1,30}\}|[*!> -]{1,5})\s*")
_CODE = re.compile(r"(?<![\d.])[45]\.\d{1,2}\.\d{1,3}(?![\d.])|(?<![\d.\w])(?:4[2357]\d|5[0-57]\d)[ :;)-](?! ?\d\d)")
_GREETING = re.compile(
    r"(?:(?:dear|sehr geehrte|lieber|estimad|gentile|chère?|geachte|prezado|szanown|vážen|уважаем)[^,:!]{0,60}[,:!]"
    r"|hello|hi|hallo|guten tag|bonjour|madame, monsieur|hola|olá|buongiorno|salve|hej|hei|dobrý den|dzień dobry"
    r"|здравствуйте|добрый день|merhaba|尊敬的[^，,：:！!]{1,12}[，,：:！!] ?(?:您好)?|您好|お客様)[^\w]{0,3} ?"
)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")
_HEADERS = re.compile(r"^[> \t]{0,8}(?:received: |return-path: |message-id: )", re.IGNORECASE | re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_THANKS = "thank you"  # as the last word, a report says so too
_SENTENCE_END = re.compile(r"(?<=[.!]) ")
# of Italy's certified mail (PEC), which reports in a form of its own
_CERTIFIED_FAILURES = frozenset({"errore-consegna", "non-accettazione", "rilevazione-virus"})
_LEADS = ("your message", "your mail", "your e-mail", "your email", "votre message", "ihre nachricht", "su mensaje",
          "il messaggio", "uw bericht", "sua mensagem", "---", "***")  # fmt: skip
_NOTE_WORDS = ("away", "received", "thanks", "auto", "unattended", "challenge", "ticket")
_MACHINE_SIGNS = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-autoreply-from",
                  "x-mail-autoreply", "x-vacation", "x-boxtrapper", "x-ms-exchange-inbox-rules-loop")  # fmt: skip


def is_report(seen: Evidence) -> bool:
    """Tells whether a mail is a delivery report."""
    if seen.mime_type == "multipart/report" and (_is_typed(seen) or _is_rejected(seen)):
        return not is_challenge_report(seen)
    if seen.word("x-ricevuta") in _CERTIFIED_FAILURES:
        return True
    sender_kind = seen.sender_kind
    subject = _subject(seen)
    if sender_kind is SenderKind.PERSON and not seen.has("x-failed-recipients"):
        return _is_under_person_name(seen, subject)
    if is_machine_report(seen) or has_note_subject(seen.subject, seen.new_text) or seen.has(*_MACHINE_SIGNS):
        return False
    if sender_kind <= SenderKind.NULL and seen.types & _DELIVERY:
        return True
    encloses = sender_kind <= SenderKind.MACHINE and _is_typed(seen)
    if not seen.is_continued and (encloses or seen.has("x-failed-recipients")):
        return True
    return _reads_like_report(seen, subject, sender_kind)


def _is_typed(seen: Evidence) -> bool:
    return bool(seen.types & _DELIVERY) or _declares_status(seen)


def _declares_status(seen: Evidence) -> bool:
    return "delivery-status" in seen.headers.get("content-type", "").casefold()


def _is_rejected(seen: Evidence) -> bool:
    """Tells whether a mailbox's rules refused the mail (RFC 5429 section 2.2), in the form of a receipt."""
    return "message/disposition-notification" in seen.types and (
        "rejected" in seen.headers.get("auto-submitted", "").casefold()
        or _subject(seen).startswith("automatically rejected mail")
    )


def _reads_like_report(seen: Evidence, subject: str, sender_kind: SenderKind) -> bool:
    """Judges by words: a mail system needs one sign, a postmaster or a named machine two."""
    book = _book()
    text = _report_text(seen)
    begins = bool(book.begins(subject, "subject"))
    opens = _has_report_opening(text, book)
    found = book.find(text)
    proof = bool(_CODE.search(text)) or bool(_HEADERS.search(seen.text[: 4 * TEXT_LIMIT]))
    fails = bool(found & {"failure", "delay"})
    if read_note(seen.new_text, seen.subject).points >= 3 and not (begins or opens or proof):
        return False
    if _reports_nothing(seen, text, found, reports=begins and opens and fails):
        return False
    if sender_kind is SenderKind.DAEMON:
        return begins or opens or fails or proof or "@" in text or not (text or subject)
    if sender_kind is SenderKind.NULL:
        sure = (begins or opens) and (proof or (fails and opens))
        return (
            sure or (fails and not _reads_like_note(text) and not has_question(seen.new_text)) or (begins and not text)
        )
    if seen.is_continued or _is_personal(text, found, book):
        return False
    leads = _begins_as_report(text, book) or (proof and text.startswith(_LEADS))
    if has_question(seen.new_text) and (sender_kind is SenderKind.OFFICE or not leads):
        return False
    if "hand" in found and seen.word("auto-submitted") in ("", "no"):
        return False
    if sender_kind is SenderKind.OFFICE and not (proof and begins and opens and _is_alone(seen, book, leads=leads)):
        return False
    if _has_foreword(seen, book):
        return False
    if not proof and not (fails and ("@" in text or (begins and opens and sender_kind <= SenderKind.MACHINE))):
        return False
    named = proof or ("@" in text and sender_kind <= SenderKind.MACHINE)
    return (begins and opens) or (
        not _reads_like_note(text) and (opens or (begins and named) or (fails and _quotes_mail(seen)))
    )


def is_challenge_report(seen: Evidence) -> bool:
    """Tells whether a mailbox asks for a confirmation in the form of a delivery report."""
    text = _report_text(seen)[:OPENING_WITHIN]
    return not _CODE.search(text) and "confirm" in load_phrasebook("automatic/reports", "confirm").find(text)


def _reports_nothing(seen: Evidence, text: str, found: set[str], *, reports: bool) -> bool:
    """Tells whether a mail in the form of a report is none: nothing was refused, with a code or in a report's words.

    A mailbox asks for a confirmation, or warns its owner that it is getting full; a page that steals passwords promises
    mails to its reader that were held back.
    """
    if _CODE.search(text):
        return False
    if "own_quota" in found and not reports:
        return True
    if found.isdisjoint(("confirm", "bait")):
        return False
    near = _book().find(text[:OPENING_WITHIN])
    return "confirm" in near or ("bait" in near and not _names_others(seen, text))


def _names_others(seen: Evidence, text: str) -> bool:
    """Tells whether a text names an address besides the reader's and the sender's own."""
    own = " ".join(seen.headers.get(name, "") for name in ("to", "from", "reply-to")).casefold()
    return any(address not in own for address in _ADDRESS.findall(text))


def warns_of_quota(seen: Evidence) -> bool:
    """Tells whether a machine warns the owner of a mailbox that it is getting full."""
    if seen.is_continued or seen.sender_kind > SenderKind.MACHINE or has_question(seen.new_text):
        return False
    return "own_quota" in load_phrasebook("automatic/reports", "own_quota").find(flatten(seen.new_text[:TEXT_LIMIT]))


def _is_under_person_name(seen: Evidence, subject: str) -> bool:
    """Tells whether a mail is a report although its sender looks like a person.

    It needs the subject of a report, the sentences of one to the end, and nothing of a person. A known return path must
    be null.
    """
    book = _book()
    if (
        seen.envelope_from
        or not book.begins(subject, "subject")
        or has_mail_program(seen)
        or seen.is_continued
        or seen.is_answer
    ):
        return False
    text = _report_text(seen)
    found = book.find(text)
    if "failure" not in found or "plea" in found or has_question(seen.text) or _is_personal(text, found, book):
        return False
    if "hand" in found or "veto" in load_phrasebook("automatic/notes").find(text) or not _ends_as_report(seen, book):
        return False
    return (
        (_begins_as_report(text, book) or text.startswith(_LEADS))
        and _has_report_opening(text, book)
        and ("@" in text or bool(_CODE.search(text)) or _quotes_mail(seen))
    )


def _ends_as_report(seen: Evidence, book: Phrasebook) -> bool:
    """Tells whether a text is still a report at its end, where a person who pastes one adds a remark."""
    lines, copy = split_copy(seen.text[:TEXT_LIMIT])
    full = [line for line in lines if line.strip()]
    if copy or len(full) < 2:
        return bool(copy)
    last = flatten(_SENTENCE_END.split(full[-1].strip())[-1])
    return (
        "@" in last
        or last in seen.subject.casefold()
        or bool(_CODE.search(last))
        or bool(book.find(last) & {"failure", "delay", "opening"})
    )


def _is_alone(seen: Evidence, book: Phrasebook, *, leads: bool) -> bool:
    """Tells whether nothing stands around a report, where a person who pastes one says why.

    `leads` says that the text begins as one. A copy of the original below it speaks for a mail system.
    """
    lines, copy = split_copy(seen.text[:TEXT_LIMIT])
    if copy:
        return True
    return leads and (sum(bool(line.strip()) for line in lines) < 2 or _ends_as_report(seen, book))


def _has_foreword(seen: Evidence, book: Phrasebook) -> bool:
    """Tells whether a paragraph without a word of a report stands above one that begins as a report."""
    paragraphs = [flatten(one) for one in _PARAGRAPH.split(seen.text[:TEXT_LIMIT].strip())[:2]]
    if len(paragraphs) < 2 or not paragraphs[0][:1].isalpha() or paragraphs[0].endswith(","):  # lines, a greeting
        return False
    if "@" in paragraphs[0] or _CODE.search(paragraphs[0]):
        return False
    known = book.find(paragraphs[0]) & {"opening", "failure", "delay", "subject"}
    return not known and len(paragraphs[0].split()) > 2 and _begins_as_report(paragraphs[1], book)


def _is_personal(text: str, found: set[str], book: Phrasebook) -> bool:
    """Tells whether a person's words precede every sentence of a report."""
    if _begins_as_report(text, book):
        return False
    found = book.find(text[: -len(_THANKS)]) if text.rstrip(" .!").endswith(_THANKS) else found
    return "plea" in found or "veto" in load_phrasebook("automatic/notes").find(text[:OPENING_WITHIN])


def _begins_as_report(text: str, book: Phrasebook) -> bool:
    """Tells whether a text begins with a report's own sentence, after an optional greeting."""
    greeting = _GREETING.match(text)
    return bool(book.begins(text[greeting.end() if greeting else 0 :], "opening"))


def _has_report_opening(text: str, book: Phrasebook) -> bool:
    """Tells whether one of a report's own sentences stands near the beginning."""
    return "opening" in book.find(text[:OPENING_WITHIN])


def _reads_like_note(text: str) -> bool:
    """Tells whether a text has words of an auto-reply."""
    return not load_phrasebook("automatic/notes").find(text).isdisjoint(_NOTE_WORDS)


def _report_text(seen: Evidence) -> str:
    """The text without the copy of the original, which a person wrote."""
    lines, _ = split_copy(seen.text[:TEXT_LIMIT])
    return flatten("\n".join(lines))


def _quotes_mail(seen: Evidence) -> bool:
    return "message/rfc822" in seen.types or bool(_HEADERS.search(seen.text[: 4 * TEXT_LIMIT]))


def _subject(seen: Evidence) -> str:
    """The subject folded, without the labels that filters put before it."""
    subject = flatten(seen.subject[:200])
    found = _LABELS.match(subject)
    return subject[found.end() :] if found and not subject.startswith("**") else subject.lstrip("* ")


def _book() -> Phrasebook:
    return load_phrasebook("automatic/reports")
