"""Recognises auto-replies by their words: out of office, received by a desk, mailbox not read.

Avoids classifying a person's mail as automatic: if only the wording is evidence, several kinds of phrases must agree,
no sentence may be left that belongs to no such note, hardly a word may occur that notes do not use, and nothing may
sound like a person (a question, an excuse, a plan). A missed note costs one notice; a misjudged person is a lost
request. Pure, reads the first TEXT_LIMIT characters, never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

from mailgate.parsers.classify.phrasebook import Phrasebook, flatten, is_eastern, load_phrasebook
from mailgate.parsers.quoting.quote_lines import is_forward_subject, is_reply_subject

TEXT_LIMIT = 2_500  # letters of a text whose words count
NOTE_LENGTH = 1_600  # letters; a note is not longer
ENOUGH = 4  # points that make a note
CONFIRMATIONS = 3  # phrases of a mailbox that asks for a confirmation; a person who tells of one uses fewer
WRAPPED_AT = 50  # letters; a line that is longer goes on in the next one
CLAUSE_WORDS = 4  # and what follows a comma needs as many to say something
WEAK_WORDS = 3  # where nothing but thanks speaks for a note
LETTERS_PER_STRANGE = 130  # of a note for one word that notes do not use
SPARED_WITH_SIGN = 4  # more clauses if it says that it is automatic, or answers and says whom to ask or when
LETTERS_PER_FOREIGN = 200  # letters of a text for each foreign clause that is tolerated under the subject of an answer
DENSE_LETTERS = 5  # as CLAUSE_LETTERS, in Chinese
CLAUSE_LETTERS = 9  # where words are written together
SENTENCE_WORDS = 6  # a line of fewer words is a greeting, a name or a number

_POINTS = {"away": 2, "left": 1, "unattended": 3, "received": 2, "challenge": 4, "auto": 2, "back": 1, "reply": 1,
           "instead": 1, "thanks": 1, "ticket": 1}  # fmt: skip
_SAID = frozenset({*_POINTS, "contact"})
_RECEIPTS = frozenset({"received", "ticket", "challenge"})
_DOUBTFUL = ("auto:", "auto :")  # may be about a car
_SIGNS = ("reply", "instead", "auto", "left", "unattended", "challenge", "ticket")
_SIGNED = frozenset({"instead", "reply"})
_CORES = ("away", "unattended", "received", "challenge")
# Of Domino: a line with a word and a colon
_REMARK = re.compile(r"^\W{0,5}\w{3,12} ?: .{1,200}$", re.MULTILINE)
_LABELS = re.compile(r"^(?:\[[^\[\]]{1,40}\] +){1,3}")  # of lists and filters, before a subject
_SEPARATORS = (
    ":",
    " :",
    " -",
    " –",
    " —",
    " [",
    " (",
    " (",
    " |",
    ",",
    "!",
    ".",
    " re:",
    " aw:",
    "】",
    "]",
    ")",
    " ：",
)
_END = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n")
_CLAUSE = re.compile(r"[,;、，；：]\s*|:\s| - | – ")
CONTACT = re.compile(r"@|https?:|www\.|\+?\d[\d ./()-]{6,}")
_CONTACT_WORD = re.compile(r"\S*(?:@|://|www\.)\S*")
_TODAY = re.compile(
    r"\b(?:until|till|before|after|at|jusqu'à|à|bis|um|hasta las|fino alle|alle|tot|às) \d{1,2}(?:[:.h]\d\d)? ?"
    r"(?:am|pm|a\.m|p\.m|uhr|h|heures|uur|horas)\b|\b(?:until|till) \d{1,2}(?:[.,!;] |[.,!;]?$)"
)
_KANA = re.compile("[\u3040-\u30ff]")
_FROM_LINE = re.compile(
    r"^[>*\s]{0,4}(?:from|von|de|da|van|fra|från|lähettäjä|od|от|gönderen|kimden|差出人|发件人)\*?\s?[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_SUBJECT_LINE = re.compile(
    r"^[>*\s]{0,4}(?:subject|betreff|objet|sujet|asunto|oggetto|onderwerp|assunto|temat|ämne|emne|aihe|předmět|тема|konu|"
    r"件名|主题)\*?\s?[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_DIGITS = re.compile(r"\d{3}")
_THIS = re.compile(
    r"\b(?:this|cette?|ce|diese[smr]?|est[ea]|quest[ao]|deze|dit|denn[ae]|dette|tämä|tätä|tato|tento|ta|ten|этот|эта|bu)\b"
    r"|この|当|此|本"
)
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"[#\[](?:\w{1,12}[-#: ]){0,3}#?\d{3,}|\b(?:ticket|case|request|ref)\W{1,3}\w{0,5}\d{3,}")


class NoteSubject(Enum):
    """The form of an auto-reply's subject."""

    NONE = 0
    BARE = 1
    ANSWERING = 2


@dataclass(frozen=True, slots=True)
class AutoReplyNote:
    """The weight of an auto-reply's phrases in a text.

    `foreign` counts the sentences that belong to no auto-reply; `agrees` says that something confirms that no person
    wrote the text.
    """

    points: int = 0
    categories: frozenset[str] = frozenset()
    foreign: int = 0
    agrees: bool = False

    @property
    def is_stated(self) -> bool:
        """True if the text says itself that it is automatic, and nothing else."""
        return self.is_sure and "auto" in self.categories and self.points > ENOUGH and self.foreign <= 1

    @property
    def is_sure(self) -> bool:
        """True if the words alone make it an auto-reply."""
        return self.agrees and self.points >= ENOUGH and self.foreign <= 2 * ("auto" in self.categories)

    def is_receipt(self, *, unanswerable: bool) -> bool:
        """Tells whether a desk confirms that it has received something.

        `unanswerable` says that the sender's address takes no replies.
        """
        points = self.points + 2 * unanswerable
        spared = 2 * ("auto" in self.categories or unanswerable)
        return self.agrees and "received" in self.categories and points > ENOUGH and self.foreign <= spared


NO_NOTE = AutoReplyNote()


def read_note_subject(subject: str) -> NoteSubject:
    """Tells whether a program wrote the subject, and whether the answered subject follows."""
    flat = flatten(subject[:200])
    for text in (flat, flat.lstrip("[("), _LABELS.sub("", flat)):
        if phrase := _book().begins(text, "certain"):
            return _read_rest(text, phrase)
    return NoteSubject.NONE


def _read_rest(text: str, phrase: str) -> NoteSubject:
    """Tells what follows the phrase of an auto-reply at the beginning of a subject."""
    rest = text[len(phrase) :].strip(" -–:|.!")
    if rest and not text.startswith(_SEPARATORS, len(phrase)) and phrase[-1] not in ":])】":
        return NoteSubject.NONE
    return NoteSubject.ANSWERING if rest else NoteSubject.BARE


def has_note_subject(subject: str, text: str) -> bool:
    """Tells whether the subject of an auto-reply stands above a text that no person wrote.

    Under a bare subject a person may write about auto-replies.
    """
    kind = read_note_subject(subject)
    if kind is NoteSubject.NONE:
        return False
    if encloses_mail(text):
        text = _FROM_LINE.split(text, maxsplit=1)[0]
    book = _book()
    found = book.find(flatten(text[:TEXT_LIMIT]))
    text = _cut_remark(text, book) if "auto" in found else text
    if "veto" in book.find(flatten(text[:TEXT_LIMIT])) or has_question(text):
        return False
    is_doubtful = flatten(subject[:20]).startswith(_DOUBTFUL)
    if found.isdisjoint(_CORES) and is_doubtful:
        return False
    spared = 1
    if not found.isdisjoint(_CORES):
        spared += len(text) // LETTERS_PER_FOREIGN if kind is NoteSubject.ANSWERING else 0
        is_signed = "auto" in found or (kind is NoteSubject.ANSWERING and not found.isdisjoint(_SIGNED))
        spared += SPARED_WITH_SIGN if is_signed else 0
    return _count_foreign(text[:TEXT_LIMIT], book, CLAUSE_WORDS) <= spared


def _cut_remark(text: str, book: Phrasebook) -> str:
    """Cuts the remark off that a program adds to a person's note, with the subject of the mail that it answers."""
    for found in _REMARK.finditer(text[:TEXT_LIMIT]):
        if "auto" in book.find(flatten(found[0])):
            return text[: found.start()]
    return text


def asks_to_confirm(text: str, subject: str) -> bool:
    """Tells whether a mailbox asks the sender of a mail to prove that they are a person, and says how."""
    if len(text) > NOTE_LENGTH or is_forward_subject(subject):
        return False
    flat = flatten(text)
    reports = load_phrasebook("automatic/reports", "confirm")
    if "confirm" not in reports.find(flat) or has_question(text) or encloses_mail(text):
        return False
    says_how = "http" in flat or "reply" in flat or "@" in flat
    return says_how and sum(phrase in flat for phrase in reports.phrases("confirm")) >= CONFIRMATIONS


def begins_as_note(subject: str) -> bool:
    """Tells whether a subject begins with the word for an absence or a receipt."""
    return bool(_book().begins(flatten(subject[:200]), "likely"))


def has_note_words(text: str) -> bool:
    """Tells whether a text speaks of an absence or a receipt."""
    return not _book().find(flatten(text[:TEXT_LIMIT])).isdisjoint(_CORES)


def has_question(text: str) -> bool:
    """Tells whether a text asks a question, quotes and links aside."""
    if "?" not in text and "？" not in text:
        return False
    return any(mark in word for mark in "?？" for word in text[:TEXT_LIMIT].split() if "://" not in word)


def read_note(text: str, subject: str) -> AutoReplyNote:
    """Weighs the words of a text. An auto-reply's subject counts one; a person's words cancel everything."""
    if len(text) > NOTE_LENGTH or len(text) < 12:
        return NO_NOTE
    flat = flatten(text)
    if not load_phrasebook("automatic/notes", *_CORES).find(flat):  # nearly every mail ends here
        return NO_NOTE
    book = _book()
    found = book.find(flat)
    if "veto" in found or has_question(text) or _TODAY.search(flat):
        return NO_NOTE
    if is_forward_subject(subject) or (found.isdisjoint(("auto", "challenge")) and _speaks_of(subject, text)):
        return NO_NOTE
    begins = begins_as_note(subject) and ("away" not in found or _is_answering(subject))
    numbered = {"ticket"} if "received" in found and _is_numbered(subject) else set()
    named = {"unattended", "contact"} <= found
    points = sum(_POINTS.get(name, 0) for name in found | numbered) + begins + named
    is_weak = found.isdisjoint(_SIGNS)
    if is_weak and "turn" in found:
        return AutoReplyNote(points, frozenset(found))
    if points >= ENOUGH and encloses_mail(text):
        return NO_NOTE
    foreign = _count_foreign(text, book, WEAK_WORDS if is_weak else CLAUSE_WORDS) if points >= ENOUGH else 0
    return AutoReplyNote(
        points, frozenset(found), foreign, _is_corroborated(found | numbered, flatten(subject[:200] + " " + text))
    )


def _is_answering(subject: str) -> bool:
    """Tells whether a subject is a reply's: an absent person's mailbox replies, a person announces."""
    rest = subject[:200].partition(":")[2].strip()
    return any(map(is_reply_subject, (subject, rest))) or read_note_subject(subject) is not NoteSubject.NONE


def find_clauses(text: str) -> list[str]:
    """Splits a text into its clauses, at full stops, commas, colons and the ends of unwrapped lines."""
    clauses = (clause for sentence in _sentences(text) for clause in _CLAUSE.split(sentence))
    return [clause.strip() for clause in clauses if clause.strip()]


def known_words() -> frozenset[str]:
    """The words of the phrases that absence notes have."""
    return _known_words(is_receipt=False)


def encloses_mail(text: str) -> bool:
    """Tells whether a text contains the headers of another mail, as a forward does."""
    return _FROM_LINE.search(text) is not None and _SUBJECT_LINE.search(text) is not None


def _is_corroborated(found: set[str], text: str) -> bool:
    """Tells whether phrases that a person may write too are confirmed.

    A receipt: that it is automatic or numbered. An absence: whom to ask, when it will be read, or thanks for a mail. An
    address that is not read: that it is this one.
    """
    if "challenge" in found or "auto" in found:
        return True
    if "away" in found:
        return bool(found & {"reply", "instead", "thanks"}) or "left" in found
    if "unattended" in found:
        return bool(found & {"instead", "thanks", "contact"}) and _THIS.search(text) is not None
    return {"thanks", "ticket"} <= found and _DIGITS.search(text) is not None


def _speaks_of(subject: str, text: str) -> bool:
    """Tells whether a text mentions the subject's topic, which no auto-reply can."""
    if not is_reply_subject(subject):
        return False
    common = _common_words()
    words = {word for word in _WORD.findall(flatten(subject[:200])) if len(word) > 4 and word not in common}
    return bool(words) and not words.isdisjoint(_WORD.findall(flatten(text)))


def _is_numbered(subject: str) -> bool:
    """Tells whether a desk put its number into the subject; behind Re: the number may be ours."""
    return not is_reply_subject(subject) and bool(_NUMBER.search(flatten(subject[:200])))


def _count_foreign(text: str, book: Phrasebook, clause_words: int) -> int:
    """Counts the clauses that belong to no auto-reply, and unknown words beyond a limit.

    Phrases of auto-replies, greetings and contacts are not counted. A clause of a whole sentence needs `clause_words`
    words, a line without an end more: it may be a name.
    """
    known = _known_words(is_receipt=not _RECEIPTS.isdisjoint(book.find(flatten(text))))
    sentences = _sentences(text)
    prose = sum(len(sentence) for sentence in sentences if sentence[-1] in ".!")
    count = max(0, len(_find_strange(text, known)) - prose // LETTERS_PER_STRANGE)
    for sentence in sentences:
        if sentence.endswith(","):  # a greeting
            continue
        clauses = _CLAUSE.split(sentence) if len(sentence.split()) >= SENTENCE_WORDS else [sentence]
        is_prose = len(clauses) > 1 or (clause_words == WEAK_WORDS and sentence.endswith("."))
        least = clause_words if is_prose else SENTENCE_WORDS
        for clause in clauses:
            words = len(clause.split())
            is_long = words >= least or _is_dense(clause)
            is_long = is_long or (words > 1 and clause[-1:] in ".!" and bool(_find_strange(clause, known)))
            if is_long and not CONTACT.search(clause) and not book.find(flatten(clause)) & _SAID:
                count += 1
    return count


def _is_dense(clause: str) -> bool:
    """Tells whether a clause written without spaces is long enough to carry a statement."""
    if len(clause) <= DENSE_LETTERS or not is_eastern(clause):
        return False
    return len(clause) > CLAUSE_LETTERS or not _KANA.search(clause)


def _find_strange(text: str, known: frozenset[str]) -> list[str]:
    """Finds the unknown words; words with a capital may be names and are left out."""
    plain = _CONTACT_WORD.sub(" ", text)
    words = [word for word in _WORD.findall(plain) if len(word) > 2 and word[0].islower()]
    return [word for word in words if flatten(word) not in known]


def _sentences(text: str) -> list[str]:
    lines: list[str] = []
    wrapped = False
    for line in text.split("\n"):
        content = line.strip()
        if wrapped and content:
            lines[-1] += " " + content
        elif content:
            lines.append(content)
        wrapped = len(content) > WRAPPED_AT
    return [sentence for line in lines for sentence in _END.split(line) if sentence.strip()]


@cache
def _known_words(*, is_receipt: bool) -> frozenset[str]:
    """The words of all auto-reply phrases; those of a desk's receipt only if `is_receipt`."""
    names = (*_SAID, "certain", "plain") if is_receipt else (*(_SAID - _RECEIPTS), "certain", "plain")
    return frozenset(word for name in names for phrase in _book().phrases(name) for word in _WORD.findall(phrase))


@cache
def _common_words() -> frozenset[str]:
    return frozenset(_book().phrases("common"))


def _book() -> Phrasebook:
    return load_phrasebook("automatic/notes")
