"""Suggests known solutions: to the level with the reason, to the requester public articles only.

An empty knowledge base is not searched. A search that fails is logged and delays nothing: the request goes out without
it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from mailgate.config import Settings
from mailgate.notices.rendering.content import Suggestion
from mailgate.parsers.language import detect_language
from mailgate.parsers.search_terms import without_names
from mailgate.store.article_search import FoundArticle, search
from mailgate.store.errors import log_error
from mailgate.store.knowledge import get_article, has_articles, list_given
from mailgate.store.tickets import Ticket

log = logging.getLogger("mailgate.knowledge")

OFFERS = 2  # in a receipt: more would read as if nobody was going to help
_TEXT = 20_000  # letters of a request that are searched for
_FEWEST_WORDS = 2  # words that must match, unless one stands in the title
_FAR = 0.3  # of the best one's score: what has less is not likely
_OFFER = 500  # letters of an article that a receipt shows
_MARKS = "#*> \t"  # of Markdown, at the ends of a line


def suggest(connection: Connection, settings: Settings, ticket: Ticket, text: str) -> tuple[Suggestion, ...]:
    """Finds the likeliest solutions of a request for the level; none that was given already."""
    wanted = settings.knowledge
    if not wanted.enabled or not wanted.suggestions:
        return ()
    found = _search(connection, settings, ticket, text, wanted.suggestions, public_only=False)
    return tuple(
        Suggestion(
            number=one.number,
            title=one.title,
            gist=one.excerpt,
            kind=one.kind,
            words=one.words,
            confirmed=one.confirmed,
            refuted=one.refuted,
            language=one.language if one.language != ticket.language else "",
        )
        for one in found
    )


def offer(connection: Connection, settings: Settings, ticket: Ticket, text: str) -> tuple[Suggestion, ...]:
    """Finds public articles for the requester, in the language that they wrote in.

    That may be one that the desk does not write: then the ticket has another language. None of the requester's words is
    repeated (rule 13): what is shown is the article's own.
    """
    wanted = settings.knowledge
    if not wanted.enabled or not wanted.offer_in_receipt:
        return ()
    offered = []
    read = ("", detect_language(text[:_TEXT]) or ticket.language)
    for one in _search(connection, settings, ticket, text, OFFERS, public_only=True):
        article = get_article(connection, one.number) if one.language in read else None
        if article is not None:
            offered.append(Suggestion(one.number, one.title, _begin(article.answer), one.kind))
    return tuple(offered)


def _search(
    connection: Connection, settings: Settings, ticket: Ticket, text: str, limit: int, *, public_only: bool
) -> Sequence[FoundArticle]:
    try:
        if not has_articles(connection):
            return ()
        with connection.begin_nested():  # an error must not spoil the transaction around it
            given = list_given(connection, ticket.id)
            own = {queue.address.rpartition("@")[2] for queue in settings.queues.values()}
            said = "\n".join(without_names(part, own) for part in (ticket.subject, text[:_TEXT]))
            found = search(
                connection, said, language=ticket.language, queue=ticket.queue,
                limit=limit + len(given) + 1, public_only=public_only,
            )  # fmt: skip
    except Exception as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        log_error(log, error, action="search", result="failed", reference=ticket.reference)
        return ()
    likely = [one for one in found if len(one.words) >= _FEWEST_WORDS or one.in_title]
    likely = [one for one in likely if one.score >= _FAR * likely[0].score]
    return [one for one in likely if one.source != ticket.reference and one.number not in given][:limit]


def _begin(text: str) -> str:
    """Returns the first lines of an article, without the marks of its headings."""
    lines = [line.strip(_MARKS) for line in text.splitlines()]
    shown: list[str] = []
    for line in (line for line in lines if line):
        if sum(map(len, shown)) + len(line) > _OFFER:
            break
        shown.append(line)
    return "\n".join(shown) if shown else text.strip()[: _OFFER - 1].rstrip() + GAP


GAP = "…"
