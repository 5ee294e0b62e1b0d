"""Checks the folders of articles and of saved replies: how many they have, and which files have mistakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mailgate.cli.checks.desk import CheckResult, Finding
from mailgate.config import Settings
from mailgate.core.text import counted

_SHOWN = 20  # files; the rest is counted


def check_knowledge(settings: Settings) -> Iterator[Finding]:
    """Reports each folder, and each file with a mistake."""
    from mailgate.tickets.knowledge.articles import ArticleFolder

    wanted = settings.knowledge
    if not wanted.enabled:
        yield Finding("knowledge", CheckResult.NOTE, "knowledge.enabled is false: the desk suggests and learns nothing")
        return
    yield from _check_replies(settings)
    if wanted.articles is None:
        return
    status = ArticleFolder(wanted.articles, settings.queues).status()
    if status.error:
        yield Finding("knowledge", CheckResult.WARNING, f"knowledge.articles: {status.error}")
        return
    number = len(status.fingerprints)
    words = f"{number} article{'s' if number != 1 else ''} in {wanted.articles}, {status.public} of them public"
    verdict = CheckResult.OK if number else CheckResult.WARNING
    yield Finding("knowledge", verdict, words if number else f"no article (*.md) in {wanted.articles}")
    if wanted.offer_in_receipt and number and not status.public:
        hint = (
            'knowledge.offer_in_receipt: no article is public; add "public: yes" at the top of those that '
            "requesters may read"
        )
        yield Finding("knowledge", CheckResult.WARNING, hint)
    wrong = [f"{name}: {why}" for name, why in status.broken.items()]
    wrong += [f"{name}: {remark}" for name, remarks in status.remarks.items() for remark in remarks]
    yield from _show(wrong)


def _check_replies(settings: Settings) -> Iterator[Finding]:
    from mailgate.tickets.knowledge.saved_replies import SavedReplies

    folder = settings.knowledge.replies
    if folder is None:
        return
    status = SavedReplies(folder, settings.queues).status()
    if status.error:
        yield Finding("knowledge", CheckResult.WARNING, f"knowledge.replies: {status.error}")
        return
    number = len({reply.name for reply in status.replies if not reply.unknown})  # one in two languages is one
    words = f"{number} saved repl{'ies' if number != 1 else 'y'} in {folder}"
    verdict = CheckResult.OK if number else CheckResult.WARNING
    yield Finding("knowledge", verdict, words if number else f"no usable saved reply (*.md) in {folder}")
    yield from _show([f"{name}: {why}" for name, why in status.broken])


def _show(wrong: Sequence[str]) -> Iterator[Finding]:
    for line in wrong[:_SHOWN]:
        yield Finding("knowledge", CheckResult.WARNING, line)
    if len(wrong) > _SHOWN:
        yield Finding("knowledge", CheckResult.WARNING, f"and {counted(len(wrong) - _SHOWN, 'more file')}")
