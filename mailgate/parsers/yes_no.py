"""Reads the answer to a challenge ("was this you?") or an approval: yes, no, or neither. Pure, never fails.

A yes carries commands out, so only a whole reply of a closed list is one ("yes", "yes, that was me", in each of the
languages), with nothing below it but a signature. A no raises an alarm and must be clear, but may have more words.
Everything else is neither: an empty mail, a question, a yes with another word, an automatic reply. Neither changes
nothing; the question stands (docs/rules.md#8).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from enum import StrEnum
from functools import cache, partial
from itertools import product

from mailgate.core.text import fold_case_accents
from mailgate.parsers.quoting.business_cards import CARD_LINES, ENTRY_LENGTH, find_own_card, is_own_name
from mailgate.parsers.quoting.footers import (
    begins_postscript,
    closes_with_name,
    is_closing,
    is_contact,
    is_device_line,
    is_footer,
    is_link,
    is_sentence,
)
from mailgate.parsers.vocabulary import vocabulary

_LONGEST = 2_000  # characters: a longer text is no answer in a word
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ORDER = re.compile(r"\s*#([^\W\d_]+)")
_STOPS = re.compile(r"[,.!;:\n\r…。！–—]")
_APPROVE, _DENY = frozenset({"approve"}), frozenset({"reject", "spam"})
_LONGEST_OUTCRY = 12  # words; in a longer text, "phishing" may be a general warning
_MOST_LINES = 3  # of a reply: "Yes," and below it "that was me."
_MOST_NAMES = 3  # words behind a complimentary close
_MOST_OF_A_DENIAL = 40  # words; in a longer text, "I did not write" may be an apology for an absence


class YesNo(StrEnum):
    """The answer to a challenge."""

    YES = "yes"
    NO = "no"
    NONE = "no word"


def _plain(word: str) -> str:
    return fold_case_accents(word).replace("'", "").replace("’", "")


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(_plain(word) for word in line.split()) for line in text.split(",") if line.strip())


def _set_of(text: str) -> frozenset[str]:
    return frozenset(map(_plain, text.split()))


# The whole replies that are a yes: for each language its words for yes, what says "it was me", and the words that may
# stand beside either. A reply is a yes, a statement, both, and at most one of those words after each.
_REPLIES = (
    (
        "yes, y, yep, yeah, yup",
        """
        it was me, that was me, this was me, it is me, its me, thats me, that is me, it is mine, its mine, that is mine,
        thats mine, this is mine, they are mine, i wrote it, i wrote that, i wrote this, i wrote them, i did write it,
        i did write that, i sent it, i sent that, i sent this, i sent them, i did, it was i,
        i wrote this mail, i wrote that mail, i wrote the mail, i sent this mail, i sent that mail, i sent the mail
        """,
        """
        please, thanks, thank you, indeed, absolutely, definitely, certainly, sure, approved, confirmed, correct, right,
        of course, i confirm, go ahead, go on
        """,
    ),
    (
        "oui, ouais",
        """
        c'était moi, c'était bien moi, c'est moi, c'est bien moi, c'est de moi, c'est bien de moi, ils sont de moi,
        je l'ai écrit, je l'ai bien écrit, je l'ai envoyé, je l'ai bien envoyé, c'est moi qui l'ai écrit,
        c'est bien moi qui l'ai écrit, c'est moi qui l'ai envoyé, c'est bien moi qui l'ai envoyé
        """,
        """
        merci, svp, s'il vous plaît, s'il te plaît, absolument, exactement, tout à fait, bien sûr, je confirme, allez y,
        vas y
        """,
    ),
    (
        "ja, jawohl, jo",
        """
        das war ich, das war von mir, ich war es, ich war's, das bin ich, ich bin es, ich bin's, das ist von mir,
        die ist von mir, sie ist von mir, das kam von mir, das habe ich geschrieben, ich habe das geschrieben,
        ich habe es geschrieben, ich habe sie geschrieben, das habe ich gesendet, ich habe das gesendet,
        ich habe sie gesendet, das habe ich geschickt, ich habe das geschickt, ich habe sie geschickt
        """,
        "bitte, danke, vielen dank, genau, klar, gerne, stimmt, richtig, natürlich, ich bestätige, ich bestätige das",
    ),
    (
        "sí, si",
        """
        fui yo, he sido yo, era yo, soy yo, es mío, son míos, lo escribí yo, lo he escrito yo, yo lo escribí,
        lo envié yo, lo he enviado yo, yo lo envié
        """,
        "gracias, muchas gracias, por favor, claro, correcto, exacto, por supuesto, lo confirmo, confirmo",
    ),
    (
        "sì, si",
        """
        sono stato io, sono stata io, sono io, ero io, è mio, è mia, sono miei, l'ho scritto io, l'ho scritta io,
        l'ho inviato io, l'ho inviata io, l'ho mandato io, l'ho mandata io
        """,
        "grazie, per favore, certo, esatto, corretto, confermo, lo confermo",
    ),
    (
        "ja, jazeker, jawel",
        """
        dat was ik, ik was het, dat ben ik, ik ben het, dat was van mij, dat is van mij, die is van mij,
        dat heb ik geschreven, ik heb het geschreven, ik heb dat geschreven, dat heb ik gestuurd, ik heb het gestuurd,
        ik heb dat gestuurd, ik heb dat verzonden, dat klopt dat was ik
        """,
        "graag, dank u, dank je, bedankt, dank je wel, alsjeblieft, alstublieft, zeker, klopt, dat klopt, ik bevestig",
    ),
    (
        "sim",
        """
        fui eu, era eu, sou eu, é meu, é minha, são meus, fui eu que escrevi, eu escrevi, fui eu que enviei, eu enviei,
        eu que escrevi, eu que enviei
        """,
        "obrigado, obrigada, por favor, claro, certo, correto, exato, com certeza, confirmo, eu confirmo",
    ),
    (
        "ja, jo, japp",
        """
        det var jag, det är jag, det var från mig, det är från mig, det är mitt, jag skrev det, det skrev jag,
        jag skickade det, det skickade jag, det var jag som skrev det, det var jag som skrev,
        det var jag som skickade det
        """,
        "tack, javisst, absolut, precis, det stämmer, jag bekräftar",
    ),
    (
        "ja, jo, jep",
        """
        det var mig, det er mig, det var fra mig, det er fra mig, jeg skrev det, det skrev jeg, jeg har skrevet det,
        det har jeg skrevet, jeg sendte det, det sendte jeg, jeg har sendt det, det var mig der skrev det,
        det var mig der sendte det, det var jeg
        """,
        "tak, absolut, præcis, det passer, det er rigtigt, det stemmer, jeg bekræfter",
    ),
    (
        "ja, jo, jepp",
        """
        det var meg, det er meg, det var fra meg, det er fra meg, jeg skrev det, det skrev jeg, jeg har skrevet det,
        det har jeg skrevet, jeg sendte det, det sendte jeg, jeg har sendt det, det var jeg, det var meg som skrev det,
        det var jeg som skrev det, det var meg som sendte det, det var jeg som sendte det
        """,
        "takk, absolutt, nettopp, det stemmer, det er riktig, jeg bekrefter",
    ),
    (
        "kyllä, joo, juu",
        """
        se olin minä, minä se olin, se olin mä, minä se olen, se on minulta, se oli minulta, ne ovat minulta,
        minä kirjoitin sen, kirjoitin sen, sen kirjoitin minä, minä lähetin sen, lähetin sen, sen lähetin minä
        """,
        "kiitos, toki, aivan, pitää paikkansa, vahvistan",
    ),
    (
        "tak",
        """
        to ja, to byłem ja, to byłam ja, ja to byłem, ja to byłam, to moje, to ode mnie, to ja napisałem,
        to ja napisałam, ja to napisałem, ja to napisałam, napisałem to, napisałam to, to ja wysłałem, to ja wysłałam,
        ja to wysłałem, ja to wysłałam, wysłałem to, wysłałam to
        """,
        "dziękuję, dzięki, proszę, oczywiście, dokładnie, zgadza się, potwierdzam",
    ),
    (
        "ano, jo",
        """
        to jsem byl já, to jsem byla já, byl jsem to já, byla jsem to já, jsem to já, to jsem já, to je ode mě,
        to je ode mne, je to ode mě, napsal jsem to, napsala jsem to, to jsem napsal já, to jsem napsala já,
        napsal jsem to já, napsala jsem to já, odeslal jsem to, odeslala jsem to, poslal jsem to, poslala jsem to
        """,
        "děkuji, díky, prosím, určitě, přesně, souhlasí, potvrzuji",
    ),
    (
        "да",
        """
        это я, это был я, это была я, я это писал, я это писала, это писал я, это писала я, это я писал, это я писала,
        это я написал, это я написала, я это написал, я это написала, это написал я, это написала я, это я отправил,
        это я отправила, я это отправил, я это отправила, это моё, это моё письмо, это от меня
        """,
        "спасибо, пожалуйста, конечно, верно, точно, всё верно, подтверждаю",
    ),
    (
        "evet",
        """
        bendim, o bendim, ben yazdım, onu ben yazdım, bunu ben yazdım, ben gönderdim, onu ben gönderdim,
        bunu ben gönderdim, benim, o benim, benden
        """,
        "lütfen, teşekkürler, teşekkür ederim, kesinlikle, tabii, elbette, doğru, onaylıyorum",
    ),
    (
        "はい, ええ",
        """
        私です, わたしです, 僕です, 自分です, 私でした, 私が書きました, 私が送りました, 私が送信しました,
        私が書いたものです, 私が送ったものです, 私のメールです, そうです, 間違いありません,
        私で間違いありません, 本人です
        """,
        "お願いします, よろしくお願いします, ありがとうございます, そのとおりです, 承認します",
    ),
    (
        "是, 是的, 对, 對",
        "是我, 是我写的, 是我寫的, 是我发的, 是我發的, 我写的, 我寫的, 我发的, 我發的, 是我本人, 没错是我",
        "谢谢, 謝謝, 没错, 沒錯, 确认, 確認",
    ),
)
_DISOWNS = _phrases(
    """
    not me, wasnt me, isnt me, not mine, isnt mine, wasnt mine, not from me, not by me, not sent by me,
    not written by me, i did not, i didnt, did not write, didnt write, did not send, didnt send, have not written,
    havent written, have not sent, havent sent, never wrote, never sent, never wrote that, not carry it out,
    pas moi, pas de moi, pas écrit, pas envoyé, jamais écrit, jamais envoyé, das war ich nicht, das bin ich nicht,
    ich war es nicht, ich war das nicht, nicht von mir, nicht geschrieben, nie geschrieben, nicht gesendet,
    nicht geschickt, dat was ik niet, niet van mij, no fui yo, no he sido yo, no lo escribí, non sono stato io,
    non sono stata io, non ho scritto, não fui eu, não escrevi, inte jag, ikke mig, ikke meg, ikke jeg, en ollut minä,
    nie ja, nebyl jsem to, ben değildim, не я
    """
)
_CRIES = _set_of(
    """
    nope nah never jamais niemals nooit nunca mai aldrig aldri nigdy никогда fake forged forgery phishing fraud spam
    faux usurpation hameçonnage betrug fälschung gefälscht
    """
)
# No entry of a card has these: below a yes they make it another mail.
_TAKES_BACK = _set_of(
    """
    out away vacation vacations holiday holidays absent automatic automatically autoreply abwesend abwesenheit urlaub
    automatisch automatische absente congé congés vacances automatique ausente vacaciones automática automático férias
    assente ferie automatica automatico afwezig afwezigheid vakantie automatisk automatiskt automattinen
    semester lomalla urlop urlopie nieobecny nieobecna dovolené dovolenou отпуске отпуск izinde izinliyim otomatik
    not never nobody cannot dont didnt wasnt isnt wont but please block stop cancel wait fake forged phishing fraud
    pas jamais mais bloquez bloque arrêtez annulez attendez faux
    nicht nie kein keine niemand aber bitte sperren blockieren stopp abbrechen warten falsch
    niet nooit geen maar blokkeer nunca jamás nadie pero bloquea bloquee não ninguém mas bloqueie nessuno ma blocca
    blocchi inte aldrig men ikke aldri ej ei mutta nie nigdy ale ne nikdy değil ama нет не никогда но
    """
)
# Beside the words of a reply only these may stand: what ends it, and the marks of bold letters.
_BESIDE = re.compile(r"[\s,.!;…。！、，*_\-–—\u200b-\u200f\u2060\ufeff]*")


def read_consent(text: str, names: Collection[str] = ()) -> YesNo:
    """Reads the answer of newly written text to "was this you?".

    `names` are the names, folded, with which the person who was asked may sign.
    """
    written = text.strip()[:_LONGEST]
    if len(text.strip()) <= _LONGEST and _is_yes(written, names):
        return YesNo.YES
    if order := _ORDER.match(written):
        return YesNo.NO if vocabulary(None).name_of(order[1]) in _DENY else YesNo.NONE
    return YesNo.NO if _is_no(written, _words(written)) else YesNo.NONE


def read_approval(text: str, names: Collection[str] = ()) -> YesNo:
    """Reads the answer of newly written text to "do you approve?": yes where it is approved, no where it is rejected.

    Only a whole reply of the closed list counts, such as "approved", "Yes, approved." or `#approve`; behind a clear
    "rejected" there may be reasons, but no question and no approval.
    """
    written = text.strip()
    if len(written) > _LONGEST:
        return YesNo.NONE
    for name, answer in (("approve", YesNo.YES), ("reject", YesNo.NO)):
        if _is_yes(written, names, partial(_is_decision, name)):
            return answer
    return YesNo.NO if _is_rejection(written) else YesNo.NONE


def _is_decision(name: str, text: str) -> bool:
    """Tells whether a text is one whole reply that approves, or one that rejects."""
    if order := _ORDER.match(text):
        return vocabulary(None).name_of(order[1]) == name and _BESIDE.fullmatch(text[order.end() :]) is not None
    words = tuple(word for word, _, _ in _words(text))
    return words in _decisions(name) and _BESIDE.fullmatch(_WORD.sub("", text)) is not None


def _is_rejection(text: str) -> bool:
    """Tells whether a text begins with a rejection that stands by itself, and nothing in it asks or approves."""
    name_of = vocabulary(None).name_of
    words = _words(text.removeprefix("#"))
    if not words or "?" in text or "？" in text or any(name_of(word) == "approve" for word, _, _ in words):
        return False
    behind = text.removeprefix("#")[words[0][2] :]
    stands_alone = text.startswith("#") or not behind or _STOPS.match(behind) is not None
    return name_of(words[0][0]) == "reject" and words[0][1] == 0 and stands_alone


@cache
def _decisions(name: str) -> frozenset[tuple[str, ...]]:
    """All whole replies that approve, or that reject, as folded words: yes, the decision, or both, and thanks."""
    known, confirm = vocabulary(None).names, vocabulary(None).values["confirm"]
    said = [tuple(_plain(word) for word in word.split()) for word, meant in known.items() if meant == name]
    beside = tuple(more for _, _, text in _REPLIES for more in _phrases(text))
    if name == "approve":
        agreed = [one for yes, _, _ in _REPLIES for one in _phrases(yes)]
    else:
        agreed = [(word,) for word, meant in confirm.items() if meant == "no" and " " not in word]
    agreed = [one for one in agreed if one not in beside]  # "tak" is a yes in one language, and thanks in another
    return frozenset(_combine(agreed, said, beside if name == "approve" else beside[:0]))


def _words(text: str) -> list[tuple[str, int, int]]:
    """The words of a text, folded, each with its place."""
    return [(_plain(found[0]), *found.span()) for found in _WORD.finditer(text)]


def _is_yes(text: str, names: Collection[str], is_reply: Callable[[str], bool] | None = None) -> bool:
    """Tells whether a text is a reply of a closed list with nothing below it but a signature."""
    is_reply = is_reply or _is_reply
    lines = [line.strip() for line in text.split("\n")]
    lines = [line for line in lines if _BESIDE.fullmatch(line) is None]
    starts = range(1, min(len(lines), _MOST_LINES) + 1)
    if any(is_reply("\n".join(lines[:end])) and _is_signature(lines[end:], names) for end in starts):
        return True
    return bool(lines) and _ends_with_close(lines[0], names, is_reply) and all(_is_entry(line) for line in lines[1:])


def _is_reply(text: str) -> bool:
    """Tells whether a text is one whole reply: its words stand in the list, and beside them nothing that speaks."""
    if order := _ORDER.match(text):
        is_approval = vocabulary(None).name_of(order[1]) in _APPROVE
        return is_approval and _BESIDE.fullmatch(text[order.end() :]) is not None
    words = [word for word, _, _ in _words(text)]
    return tuple(words) in _replies() and _BESIDE.fullmatch(_WORD.sub("", text)) is not None


def _ends_with_close(line: str, names: Collection[str], is_reply: Callable[[str], bool]) -> bool:
    """Tells whether a line is a reply, and behind its end a close or the own name: "Ja, das war ich. Gruß Alice"."""
    rests = ((line[: stop.end()], line[stop.end() :].strip()) for stop in _STOPS.finditer(line))
    return any(is_reply(reply) and (_is_close(rest) or is_own_name(rest, names)) for reply, rest in rests)


def _is_signature(lines: Sequence[str], names: Collection[str]) -> bool:
    """Tells whether lines are only a signature: a close, the person's own name, entries of a card, a phone's line.

    Without a close or the own name above them, entries are words like others.
    """
    written = [line for line in lines if not (is_footer(line) or is_device_line(line) or is_link(line))]
    if not written:
        return True
    if len(written) > CARD_LINES:
        return False
    first, below = written[0], written[1:]
    if _is_close(first) or is_own_name(first, names):
        return all(_is_entry(line) or is_own_name(line, names) for line in below)
    return find_own_card(written, names) == 0 and all(_is_entry(line) for line in written)


def _is_close(line: str) -> bool:
    """Tells whether a line is a complimentary close, with or without a name of a few words with capitals."""
    words = line.split()
    if not line or not _is_entry(line.capitalize()):
        return False
    if is_closing(line) or closes_with_name(line):
        return True
    return any(
        is_closing(" ".join(words[:at])) and all(word[0].isupper() for word in words[at:])
        for at in range(1, len(words))
        if len(words) - at <= _MOST_NAMES
    )


def _is_entry(line: str) -> bool:
    """Tells whether a line can stand on a card: short, no sentence, no command, and no word that takes back a yes."""
    if len(line) > ENTRY_LENGTH or is_sentence(line) or "#" in line or begins_postscript(line.split()[0]):
        return False
    if line[0].islower() and not is_contact(line):
        return False
    confirm = vocabulary(None).values["confirm"]
    return not any(word in _TAKES_BACK or confirm.get(word) == "no" for word, _, _ in _words(line))


@cache
def _replies() -> frozenset[tuple[str, ...]]:
    """All whole replies, as folded words."""
    return frozenset(reply for language in _REPLIES for reply in _combine(*map(_phrases, language)))


def _combine(
    yes: Sequence[tuple[str, ...]], said: Sequence[tuple[str, ...]], beside: Sequence[tuple[str, ...]]
) -> Iterator[tuple[str, ...]]:
    """Yields a yes, a statement and both, each with at most one word beside it."""
    nothing: tuple[str, ...] = ()
    for one, other, more in product((nothing, *yes), (nothing, *said), (nothing, *beside)):
        if one or other:
            yield (*one, *other, *more)
        if one and other and more:
            yield (*one, *more, *other)


def _is_no(text: str, words: Sequence[tuple[str, int, int]]) -> bool:
    """Tells whether a no comes first, or a person denies being the author; an outcry only with little else."""
    if text.startswith("いいえ"):
        return True
    plain = [word for word, _, _ in words]
    if not plain:
        return False
    said_no = vocabulary(None).values["confirm"].get(plain[0]) == "no"
    if said_no and (len(plain) == 1 or _STOPS.search(text[words[0][2] : words[1][1]])):
        return "?" not in text[: words[0][2] + 3]
    if len(plain) <= _MOST_OF_A_DENIAL and any(_begins(plain[at:], _DISOWNS) for at in range(len(plain))):
        return True
    said_yes = (plain[0],) in _replies()  # "Yes. #close spam" is neither
    return not said_yes and "?" not in text and len(plain) <= _LONGEST_OUTCRY and any(word in _CRIES for word in plain)


def _begins(words: Sequence[str], phrases: Sequence[Sequence[str]]) -> bool:
    return any(tuple(words[: len(phrase)]) == phrase for phrase in phrases)
