"""Recognises quotes and signatures by the names that mail clients give to their HTML elements.

One element at a time. Prefixes of programs that rewrite HTML (`x_`, `ecx`, `ydp…`) are ignored. Pure, never fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache

# Outlook (desktop, web, phone), Hotmail, Zimbra: the quote begins at or below the element
_REPLY_IDS = frozenset(
    {
        *("divrplyfwdmsg", "replysplit", "stopspelling", "zwchr", "mail-editor-reference-message-container"),
        "ms-outlook-mobile-reference-message",
    }
)
_REPLY_CLASSES = frozenset({"outlookmessageheader", "ms-outlook-mobile-reference-message", "zwchr"})
_ZIMBRA_SIGNATURE = frozenset({"__SIG_PRE__", "__SIG_POST__"})
_ZIMBRA = frozenset({"__HEADERS__", "__DIVIDER__"})
# Outlook for Mac, QQ and 163, Notes, Airmail, Mail.ru, eM Client: all in the element is quoted
_CITE_NAMES = frozenset(
    {
        *("olk_src_body_section", "isreplycontent", "replycontent", "includetail", "domino-section", "cite", "cite2"),
        *("bloop_original_html", "messagereplysection", "mac_outlook_attribution_blockquote"),
    }
)
_QUOTE = re.compile(r"(?:^|[_-])(?:block)?quoted?(?:$|[_-](?:container|content|text|block|message|reply))")
# the division around an attribution, a quote and what was typed between
_FRAMES = frozenset({"gmail_quote", "gmail_quote_container", "gmail_extra", "zmail_extra"})
_ATTRIBUTIONS = frozenset(
    {"gmail_attr", "moz-cite-prefix", "airmail_on", "cite-prefix", "reply-intro", "protonmail_quote_header"}
)
_SIGNATURE = re.compile(
    r"(?:^|[_-])sig(?:nature)?(?:$|[_-])|^(?:applemail|airmail|mail)?signature|^bloop_sign|^sig\d+$|^zm-_id_-sgn$"
)
_PREFIX = re.compile(r"^(?:x_|ecx|m_-?\d+|ydp[0-9a-f]{4,12}|yiv\d+)+")
_LEFT_BORDER = re.compile(r"border-left(?:-style|-width|-color)?:(?!(?:none|0|medium|initial)(?:px)?(?:$|;|none))")


class ElementRole(Enum):
    """The role of an element for quoting."""

    NOTHING = 0
    CITED = 1  # all in it is quoted
    QUOTE_BELOW = 2  # the quote begins here and goes on to the end
    ATTRIBUTION = 3
    SIGNATURE = 4


def role_of(tag: str, attributes: Mapping[str, str], style: str) -> ElementRole:
    """Determines the role of an element; `style` is its style in lower case without spaces."""
    if tag == "blockquote" and _is_cited(attributes, style):
        return ElementRole.CITED
    names = _names(attributes.get("class", ""), attributes.get("id", ""))
    if not names:
        return _by_name(attributes)
    if names & _REPLY_IDS or names & _REPLY_CLASSES:
        return ElementRole.QUOTE_BELOW
    if names & _ATTRIBUTIONS:
        return ElementRole.ATTRIBUTION
    if names & _FRAMES and tag != "blockquote":
        return ElementRole.NOTHING
    if names & _CITE_NAMES or any(_QUOTE.search(name) for name in names):
        return ElementRole.CITED
    if any(_SIGNATURE.search(name) for name in names):
        return ElementRole.SIGNATURE
    return _by_name(attributes)


def _by_name(attributes: Mapping[str, str]) -> ElementRole:
    name = attributes.get("name", "").lower()
    if name == "quote" or name in _CITE_NAMES:
        return ElementRole.CITED
    if name == "messagesignaturesection" or attributes.get("data-smartmail", "") == "gmail_signature":
        return ElementRole.SIGNATURE
    if attributes.get("data-marker", "") in _ZIMBRA_SIGNATURE:
        return ElementRole.SIGNATURE
    return ElementRole.QUOTE_BELOW if attributes.get("data-marker", "") in _ZIMBRA else ElementRole.NOTHING


def _is_cited(attributes: Mapping[str, str], style: str) -> bool:
    if attributes.get("type", "").lower() == "cite" or "cite" in attributes or "data-quote" in attributes:
        return True
    # one with a margin only is an indented paragraph
    return not style or bool(_LEFT_BORDER.search(style))


def _names(classes: str, identity: str) -> frozenset[str]:
    return _split_names(f"{classes[:1000]} {identity[:200]}") if classes or identity else frozenset()


@lru_cache(maxsize=256)  # a mail has few names, each on many elements
def _split_names(names: str) -> frozenset[str]:
    return frozenset(_PREFIX.sub("", name.lower()) for name in names.split())
