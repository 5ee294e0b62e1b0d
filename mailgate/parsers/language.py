"""The language of a short text, by its small words and its letters.

Answers for the shipped languages only, and "" where it is unsure: a wrong language is worse than the desk's default.
Looks at the first WORDS_LIMIT words; never fails.
"""

from __future__ import annotations

import re

LETTERS_LIMIT = 4_000
WORDS_LIMIT = 300

_WORD = re.compile(r"[^\W\d_]+(?:'(?=[^\W\d_]))?")
_SMALL_WORDS = {
    "fr": "le la les un une des du de et est pas ne je vous nous mon ma mes votre ce cette que qui pour dans sur avec "
    "bonjour merci plus toujours depuis il elle on c'est j'ai d'un l'imprimante ça au aux a été suis fonctionne "
    "problème résolu mais encore j' l' d' n' qu' c' s' mot cordialement réponse salut marche sont notre leur "
    "comment quand aucun svp bonsoir après",
    "en": "the a an and is are not i you we my your this that which for in on with hello thanks thank please it to of "
    "since does doesn't don't can can't have has was still but when hi works resolved fixed regards it's i'm no yes "
    "again problem be at from "
    "there any every just been only attached what how would could cannot won't isn't into after before our they if",
    "de": "der die das ein eine und ist nicht ich sie wir mein meine ihr dieses dass für im in auf mit hallo danke "
    "bitte es zu von seit kann habe hat war noch aber wenn mehr kein keine guten tag gelöst funktioniert den dem",
    "es": "el la los las un una y es no yo usted nosotros mi su este esta que para en con hola gracias por favor del "
    "al desde puedo tengo ha pero cuando más todavía funciona funcionar sin sigue buenos días resuelto está se lo",
    "it": "il lo la gli un una e è non io lei noi mio mia suo questo questa che per nel con ciao grazie prego di da "
    "dal posso ho ha ma quando più ancora funziona buongiorno risolto salve della del sono si",
    "nl": "de het een en is niet ik u wij mijn uw deze dat die voor in op met hallo bedankt alstublieft van sinds kan "
    "heb heeft was nog maar als meer geen goedendag opgelost werkt te er dank je",
    "pt": "o a os as um uma e é não eu você nós meu minha seu este esta que para em com olá obrigado obrigada por "
    "favor do da desde posso tenho mas quando mais ainda funciona bom dia resolvido está no na ao",
}
_LETTERS = {"fr": "èêçœùîâûëï", "de": "ßäöü", "es": "ñ¿¡ó", "pt": "ãõ", "it": "ìò"}
_SPOKEN: dict[str, list[str]] = {}  # small word → the languages that have it
for _language, _words in _SMALL_WORDS.items():
    for _word in dict.fromkeys(_words.split()):
        _SPOKEN.setdefault(_word, []).append(_language)


def detect_language(text: str) -> str:
    """The two-letter code of the language of a text, "" if unsure."""
    lowered = text[:LETTERS_LIMIT].casefold().replace("’", "'")
    words = _WORD.findall(lowered)[:WORDS_LIMIT]
    if not words:
        return ""
    scores = dict.fromkeys(_SMALL_WORDS, 0.0)
    for word in words:
        for language in _SPOKEN.get(word, ()):
            scores[language] += 1
    for language, letters in _LETTERS.items():
        scores[language] += min(3.0, 0.75 * sum(lowered.count(letter) for letter in letters))
    best, second = sorted(scores, key=lambda language: -scores[language])[:2]
    sure = scores[best] >= 2 and scores[best] >= 1.25 * scores[second] and scores[best] >= 0.12 * len(words)
    return best if sure else ""
