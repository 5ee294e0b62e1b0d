"""Removes personal data from a text: addresses, telephone numbers, known names, and passwords.

For a solution that is kept for other requesters. Each find is replaced by an ellipsis; a line that only greets a person
by name is left out. Not recognised: an unknown name, a nickname, a customer number, a street, or a password that is not
announced as one. An agent who does not want the solution kept writes `#kb no`.

Pure, linear, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailgate.core.text import fold_case_accents

GAP = "…"
_SHORTEST = 3  # letters of a name: shorter ones are words of some language
_ADDRESS = re.compile(r"(?:mailto:)?[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}\w{2,24}")
_PHONE = re.compile(r"(?<![\w.:/-])(?:\+|00|0|\(0|\(\+)[\d(][\d ()./-]{5,24}\d(?![\w:])")
_DIGITS = 8  # of a telephone number
_SECRET = re.compile(
    r"(\b(?:passwords?|passwort|kennwort|mots? de passe|mdp|contrase[nñ]a|senha|wachtwoord|haslo|hasło|heslo|lösenord|"
    r"adgangskode|passord|salasana|пароль|pin(?: code)?|passphrase)\b[^\n:=]{0,40}?(?:\s(?:is|est|ist|es|è|é|to|en|auf|"
    r"sur|now|maintenant|jetzt|in)\s*:?|\s?[:=])\s*(?:[\"'«“„]\s?)?)(\S+)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_GREETING = 5  # words of a line that does nothing but greet


def anonymize(text: str, names: Iterable[str] = (), addresses: Iterable[str] = ()) -> str:
    """Returns the text without personal data.

    `names` are those of people, `addresses` theirs, whose local part may be a login.
    """
    known = {part for name in names for part in _WORD.findall(fold_case_accents(name)) if len(part) >= _SHORTEST}
    for address in addresses:
        local = fold_case_accents(address.partition("@")[0])
        known |= {part for part in (local, *_WORD.findall(local)) if len(part) > _SHORTEST}
    text = _ADDRESS.sub(GAP, text)
    text = _PHONE.sub(lambda found: GAP if sum(map(str.isdigit, found[0])) >= _DIGITS else found[0], text)
    text = _SECRET.sub(_hide_secret, text)
    lines = [_without_names(line, known) for line in text.splitlines()]
    return "\n".join(line for line in lines if line is not None).strip()


def _hide_secret(found: re.Match[str]) -> str:
    """Hides the word after "password is" if it has a digit, a sign or a capital inside."""
    said = found[2].strip("\"'»“”.,;!?")
    odd = any(letter.isdigit() for letter in said) or re.search(r"[^\w'-]|[a-z][A-Z]", said)
    return f"{found[1]}{GAP}" if odd else found[0]


def _without_names(line: str, known: set[str]) -> str | None:
    """Returns the line with gaps for the names; None if it only greets one of them."""
    if not known:
        return line
    words = _WORD.findall(line)
    named = [word for word in words if fold_case_accents(word) in known]
    if not named:
        return line
    if len(words) <= _GREETING and line.rstrip().endswith((",", "!", ":")):
        return None
    return re.sub(
        rf"{GAP}(?: {GAP})+",
        GAP,
        _WORD.sub(lambda found: GAP if fold_case_accents(found[0]) in known else found[0], line),
    )
