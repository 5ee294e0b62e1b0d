"""Recognises lines that phones, mail programs, companies and lists add, and complimentary closes.

Judges one line or one paragraph, in any language. In doubt a line is no footer: losing a word is worse than keeping a
line. Bounded, linear, pure, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from mailgate.parsers.html.marks import without_marks
from mailgate.parsers.phrases import ALIKE, HEAD, WIDE, begins_with, fold, load_phrases

FOOTER_LENGTH = 160
FOOTER_WORDS = 9  # words of a footer that begin with a small letter; more of them are a person's sentence
DEVICE_LENGTH = 85  # letters of a line that names a device or a program, without its link
PAPER_FROM, PAPER_LENGTH = 40, 300  # letters of a paragraph that asks not to print
MARKING_LENGTH = 100  # letters of a label that a mail system puts on a mail
LEGAL_LOOKED = 1200  # letters of a paragraph that are looked at
LEGAL_WORDS = 3  # words of legal text that make a last paragraph one
CLEAR_BEGIN = 26  # letters of a beginning that is hardly anybody's own
LONG_LEGAL = 64  # letters of a paragraph that is long for a mail's own

_PHRASES = load_phrases("quoting")
_OPEN = tuple(phrase for phrase in _PHRASES["footers"] if "…" in phrase)
_OPEN_ENDS = tuple((head.strip(), tail.strip()) for head, _, tail in (phrase.partition("…") for phrase in _OPEN))
_OPEN_HEADS = tuple(head for head, _ in _OPEN_ENDS if head)
_OPEN_TAILS = tuple(tail for head, tail in _OPEN_ENDS if not head)
_FOOTERS = tuple(
    f"{phrase} " if phrase[-1:].isalpha() and phrase.isascii() else phrase
    for phrase in _PHRASES["footers"]
    if "…" not in phrase
)
_begins_footer = begins_with(_FOOTERS)
_begins_notice = begins_with(_PHRASES["notices"])
_begins_disclaimer = begins_with(_PHRASES["disclaimers"])
_ADDED = (*_FOOTERS, *_PHRASES["notices"], *_PHRASES["disclaimers"], *_PHRASES["cautions"])
_begins_any = begins_with(_ADDED)
_HEADS = frozenset(phrase[:HEAD] for phrase in _ADDED)
_SHORT = tuple(head for head in _HEADS if len(head) < HEAD)
_SHORT_NARROW = tuple(head for head in _SHORT if head.isascii())
_CLEAR = tuple(phrase for phrase in _PHRASES["disclaimers"] if len(phrase) >= CLEAR_BEGIN)
_CLOSINGS = frozenset(_PHRASES["closings"])
_CLOSING_HEADS = frozenset(closing[:3] for closing in _CLOSINGS)
_SHORT_CLOSINGS = frozenset(closing for closing in _CLOSINGS if len(closing) < 3)
_CLOSINGS_BEGIN = tuple(f"{closing}{end}" for closing in _PHRASES["closings"] if len(closing) > 6 for end in ", ")
_PAPER = (_PHRASES["environment"], _PHRASES["printing"], _PHRASES["mails"])
_LEGAL_WIDE = tuple(word for word in _PHRASES["legal"] if WIDE.search(word))
_LEGAL_HEADS: dict[str, tuple[str, ...]] = {}
for _word in _PHRASES["legal"]:
    _LEGAL_HEADS[_word[:3]] = (*_LEGAL_HEADS.get(_word[:3], ()), _word)
_DEVICES = re.compile(
    "|".join(
        rf"(?<!\w){re.escape(name)}(?!\w)" if len(name) < 5 and name.isascii() else re.escape(name)
        for name in sorted(_PHRASES["devices"], key=len, reverse=True)
    )
)
_BEFORE_WORD = "([\"'«*„“¿¡"
_LINK = re.compile(r"[<(\[]?(?:https?://|www\.|mailto:)[^\s<>]{0,2000}[>)\]]?", re.IGNORECASE)
_DIGITS = re.compile(r"\d")
_LINKING = frozenset(_PHRASES["linking"])
_PHONES = "|".join(sorted(map(re.escape, _PHRASES["phones"]), key=len, reverse=True))
_PHONE = re.compile(rf"(?<!\w)(?:{_PHONES})[.:\s]{{1,4}}[(+]?\d[\d ()/.+-]{{1,30}}(?=$|\s*[^\w\s])")
_FIRMS = frozenset(_PHRASES["firms"])
_EXTERNAL, _INTERNAL = frozenset(_PHRASES["external"]), frozenset(_PHRASES["internal"])
_CLASSES, _MARKED = frozenset(_PHRASES["classes"]), frozenset(_PHRASES["marked"]) | _EXTERNAL | _INTERNAL
_CAUTIONS = tuple(sorted((*_PHRASES["cautions"], *_EXTERNAL), key=len, reverse=True))
_ITSELF = _PHRASES["itself"]
_TIP = "LearnAboutSenderIdentification"  # the link in Exchange's tip on a first mail, in all its languages
_TLP = re.compile(r"tlp\s?:\s?(?:red|amber(?:\+strict)?|green|white|clear)")  # the Traffic Light Protocol of FIRST
_LEVEL = re.compile(r"(?:[a-z]|level|stufe|niveau|klasse)?\s?\d\s?[-–—:.]\s?")  # "C2 - Internal"
_FRAMED = re.compile(r"[\[(【]{1,2}([^\[\]()【】]+)[\])】]{1,2}|([*=!#<>-])\2+\s?([^*=!#<>]+?)\s?[*=!#<>-]{2,}")
_TAG = re.compile(r"\s*[\[(]([^\[\]()]{2,30})[\])]:?\s+(?=\S)")
_AROUND = "-–—_ *[(<|\t\xa0\u200b\u2060\u2063\ufeff"


def is_candidate(line: str) -> bool:
    """Tells whether a line begins like a footer or like legal text: a cheap test."""
    return _begins_any(line if line[:1].isalpha() else line.lstrip(_AROUND)) or line[:3].isupper() or _TIP in line


def find_candidates(lines: Sequence[str]) -> set[int]:
    """Finds the lines that begin like a footer or like legal text."""
    return {
        at for at, line in enumerate(lines) if line and (_may_begin(line[:HEAD]) or _TIP in line) and is_candidate(line)
    }


@lru_cache(maxsize=1_024)  # nearly every line begins with a letter and unlike any footer, and beginnings recur
def _may_begin(head: str) -> bool:
    """Tells whether a line with such a beginning may be a candidate."""
    folded = head.lower()
    if folded in _HEADS or not head[0].isalpha() or head[:3].isupper():
        return True
    if head.isascii():
        return folded.startswith(_SHORT_NARROW)
    folded = head.casefold()[:HEAD]  # characters beyond ASCII, which `fold` changes
    return folded in _HEADS or folded.startswith(_SHORT) or not ALIKE.isdisjoint(folded)


def is_footer(line: str) -> bool:
    """Tells whether a line is one that phones or mail programs add ("Sent from my …"), at any place."""
    if (
        len(line) >= FOOTER_LENGTH + 200
        or not _begins_footer(line.lstrip(_AROUND))
        or len(_bare(line)) >= FOOTER_LENGTH
    ):
        return False
    bare = _bare(line)
    place, comma, _ = fold(bare).partition(",")
    if comma and place.startswith(_OPEN_HEADS) and not _DEVICES.search(place):
        return False  # "Sent from my desk, it is easier there": no program's line
    return sum(word[0].islower() and word.strip(".,") not in _LINKING for word in bare.split()) <= FOOTER_WORDS


def is_device_line(line: str) -> bool:
    """Tells whether the last line of a text names the device or the program it was written with."""
    if len(line) > 500 or not line.strip():
        return False
    bare = _bare(line)
    words = fold(bare)
    if not 3 < len(words) <= DEVICE_LENGTH or words[-1] in "?!:" or "@" in words:
        return False
    if not words.startswith(_OPEN_HEADS) and (words.isascii() or not any(tail in words for tail in _OPEN_TAILS)):
        return False
    heads = [head for head, tail in _OPEN_ENDS if words.startswith(head) and words != head and tail in words]
    if not heads or not _DEVICES.search(words):
        return False
    rest = bare[len(max(heads, key=len)) :].split()
    plain = [word for word in rest if word[:1].islower() and word.strip(".,") not in _LINKING]
    return sum(not _DEVICES.search(word.casefold()) for word in plain) <= 1


def is_marking(line: str, *, alone: bool) -> bool:
    """Tells whether a line is a label that a mail system puts on a mail: "Classification: Internal", "[EXTERNAL]".

    `alone` says that it stands by itself on top, where a bare "Internal" is one, too.
    """
    if len(line) > MARKING_LENGTH:
        return False
    words = fold(line)
    framed = _FRAMED.fullmatch(words) or _FRAMED.fullmatch(words.strip("*_"))  # bold in HTML
    words = (framed[1] or framed[3] if framed else words.strip("*_")).strip()
    if _TLP.fullmatch(words):
        return True
    head, colon, value = words.replace("：", ":").partition(":")
    if colon and head.strip() in _CLASSES:
        return _is_class(_LEVEL.sub("", value.strip(" []()"), count=1), _MARKED)
    bare = _LEVEL.sub("", words, count=1)
    if framed or bare != words:
        return _is_class(bare, _MARKED)
    return alone and _is_class(words, _INTERNAL)


def without_tag(line: str) -> str:
    """A line without the mark of mail from outside that stands before its words: "[EXTERNAL] Hello"."""
    tag = _TAG.match(line)
    return line[tag.end() :] if tag and fold(tag[1]) in _EXTERNAL and not may_be_added(line) else line


def _is_class(words: str, known: Collection[str]) -> bool:
    """Tells whether words are a class of mails, perhaps in several languages: "Intern / Internal"."""
    return all(word.strip() in known for word in re.split("[/|]", words))


def is_only_footers(text: str) -> bool:
    """Tells whether a short text is nothing but lines that a phone or a mail program adds."""
    lines = [line for line in without_marks(text[: 2 * FOOTER_LENGTH + 1]).split("\n") if line.strip()]
    return (
        len(text) <= 2 * FOOTER_LENGTH
        and bool(lines)
        and all(is_footer(line) or is_device_line(line) for line in lines)
    )


def may_be_added(line: str) -> bool:
    """Tells whether a paragraph begins like legal or advertising text."""
    words = _unheaded(line)
    return _begins_notice(words) or _begins_disclaimer(words) or _is_caution(line)


def is_tip(line: str) -> bool:
    """Tells whether a line is Exchange's tip that its author rarely writes: one address, and the link that explains."""
    if len(line) > PAPER_LENGTH or not line.rstrip(" \t>)]").endswith(_TIP):
        return False
    words = _LINK.sub("", line)
    return "@" in words and "?" not in words and ":" not in words.replace("mailto:", "")


def _is_caution(line: str) -> bool:
    """Tells whether a line warns of the mail itself as one from outside: "CAUTION: This email originated from …"."""
    words = fold(line.lstrip(_AROUND))
    head = next((head for head in _CAUTIONS if words.startswith(head)), "")
    rest = words[len(head) :].lstrip(" \t:：!！,.-–—*_])】")
    parted = words[len(head) : len(words) - len(rest)].strip()
    if not head or not parted or not rest.startswith(_ITSELF) or "?" in rest:
        return False
    return any(piece in rest for piece in _PHRASES["outside"])


def is_added(paragraph: Sequence[str]) -> bool:
    """Tells whether a paragraph with such a beginning is legal or advertising text.

    If the beginning may be a person's own ("This email was sent to …"), legal words must be in it too.
    """
    words = fold(_unheaded(paragraph[0]))
    if _begins_notice(words) or _is_caution(paragraph[0]):
        return True
    text = " ".join(paragraph)[:LEGAL_LOOKED]
    found = _count_legal(text.casefold().replace("’", "'"))
    clear = next((phrase for phrase in _CLEAR if words.startswith(phrase)), "")
    if clear and len(text) < LONG_LEGAL and ":" in text and "://" not in text:
        return _count_legal(fold(text[len(clear) :])) >= 1  # "This message is confidential: my password is stolen."
    if len(text) >= LONG_LEGAL or clear:
        return found >= 1
    return found + ("://" in text or "@" in text) >= 2


def is_legal(paragraph: Sequence[str]) -> bool:
    """Tells whether a paragraph at the end of a mail is legal text, by its words."""
    text = " ".join(paragraph)[:LEGAL_LOOKED]
    if len(text) < PAPER_FROM:
        return False
    text = text.casefold().replace("’", "'")
    # a person writes of confidential things, too; a disclaimer speaks of the mail itself, or at length
    if _count_legal(text, weigh=True) >= LEGAL_WORDS and (
        len(text) >= PAPER_LENGTH
        or is_contact(text)
        or any(word in text for word in _PHRASES["mails"])
        or may_be_added(paragraph[0])
    ):
        return True
    return len(text) < PAPER_LENGTH and all(any(word in text for word in words) for words in _PAPER)


@lru_cache(maxsize=64)  # the same paragraph ends several texts that are made of a mail
def _count_legal(text: str, *, weigh: bool = False) -> int:
    """Counts the different legal words in a folded text.

    `weigh` counts an expression of several words as two in a long text.
    """
    found: set[str] = set()
    expressions: set[str] = set()
    words = set(text.split())
    if any(letter in text for letter in _BEFORE_WORD):
        words = {
            word.lstrip(_BEFORE_WORD).removeprefix("l'").removeprefix("d'")
            if word[0] in _BEFORE_WORD or word[1:2] == "'"
            else word
            for word in words
        }
    for bare, stems in [(word, stems) for word in words if (stems := _LEGAL_HEADS.get(word[:3]))]:
        for stem in stems:
            if bare.startswith(stem) or (" " in stem and stem in text):
                found.add(stem[:6])
                if " " in stem:
                    expressions.add(stem[:6])
    if not text.isascii():
        found.update(stem for stem in _LEGAL_WIDE if stem in text)
    return len(found) + (weigh and len(text) >= LONG_LEGAL and any(stem in expressions for stem in found))


def is_list_footer(lines: Sequence[str]) -> bool:
    """Tells whether the text below a rule is a mailing list's footer."""
    text = " ".join(lines)[:1000].casefold()
    return any(words in text for words in ("mailing list", "/listinfo/", "@lists.", "unsubscribe", "mailman"))


def is_link(line: str) -> bool:
    """Tells whether a line is a link and nothing else."""
    words = line.strip()
    return bool(words) and len(words) < 2000 and not _LINK.sub("", words, count=1).strip()


def is_closing(line: str) -> bool:
    """Tells whether a line is a complimentary close and nothing else."""
    if not 0 < len(line) < 60 or not _begins_closing(line):
        return False
    return fold(line).rstrip(" ,.;!-、。") in _CLOSINGS


def closes_with_name(line: str) -> bool:
    """Tells whether a line is a complimentary close and a name ("Best regards, Jo Martin")."""
    if len(line) >= 70 or not _begins_closing(line):
        return False
    words = fold(line)
    return words.startswith(_CLOSINGS_BEGIN) and words[-1:] not in ".?!:" and len(words.split()) <= 7


def _begins_closing(line: str) -> bool:
    """Tells whether a line may begin a close: a cheap test."""
    head = (line if line[0] > " " else line.lstrip())[:3].casefold()
    return head in _CLOSING_HEADS or head[:2] in _SHORT_CLOSINGS


def is_contact(line: str) -> bool:
    """Tells whether a line holds an address, a link or a telephone number."""
    if "@" in line or "://" in line or "www." in line:
        return True
    return len(_DIGITS.findall(line[:200])) >= 8


def is_phone(line: str) -> bool:
    """Tells whether a line holds a telephone number with its word, as short as an extension: "Durchwahl 4711"."""
    return _PHONE.search(fold(line)) is not None


def is_firm(line: str) -> bool:
    """Tells whether a line names a firm with its legal form: "Example SA"."""
    words = line[:FOOTER_LENGTH].replace(",", " ").split()
    return any(word[0].isupper() and word.strip(".").casefold() in _FIRMS for word in words[1:])


def begins_postscript(word: str) -> bool:
    """Tells whether a line begins a postscript."""
    return word.casefold().rstrip(":.,") in ("ps", "p.s", "p.-s", "nb", "n.b", "pps")


def is_sentence(line: str) -> bool:
    """Tells whether a line reads as a sentence rather than as an entry of a business card."""
    words = line.split()
    if not words:
        return False
    if begins_postscript(words[0]):
        return True
    if line.rstrip()[-1] in "?!…" or sum(word[0].islower() for word in words) >= 6:
        return True
    return len(words) >= 7 and not is_contact(line)


def _unheaded(line: str) -> str:
    """A line without surrounding decoration and without a heading like "IMPORTANT:"."""
    words = line.lstrip(_AROUND)
    head, colon, rest = words.partition(": ")
    return rest if colon and len(head) <= 20 and head.isupper() and _begins_disclaimer(rest) else words


def _bare(line: str) -> str:
    has_link = ":" in line or "www." in line.lower()
    return (_LINK.sub("", line) if has_link else line).strip(_AROUND + ".>])!")
