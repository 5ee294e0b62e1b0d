"""The verdict of a pinned server on From: the Authentication-Results header (RFC 8601).

Pure. A header that cannot be read counts as none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from authres import FeatureContext, dmarc

from mailgate.core.domains import domain_of, fold_domain, is_aligned, to_a_labels
from mailgate.core.mail import AuthResult, Mail

_RESULTS = FeatureContext(dmarc)  # without its feature the library reads dmarc=pass, but not of which domain
# Which property of a pass names the domain that it is about (RFC 8601 section 2.7); some servers write i= and no d=.
_PROOFS = {"dmarc": ("header_from",), "dkim": ("header_d", "header_i"), "spf": ("smtp_mailfrom",)}
_MOST_RESULTS = 20  # headers of a mail that are looked at: reading one takes milliseconds
_LONGEST_RESULTS = 8_000
_DEEPEST = 20  # comments in one another before the name of a server
_INTERNATIONAL = re.compile(r"[^\s;=()@\"<>,]*[^\x00-\x7f][^\s;=()@\"<>,]*")


def read_auth_results(mail: Mail, authserv_ids: Sequence[str]) -> AuthResult:
    """Reads the verdict of the first Authentication-Results header of a pinned server on the author in From.

    An id of "" accepts a topmost header without id, as Exchange Online writes it (docs/rules.md#8). Where From names no
    one author the verdict is a fail or AMBIGUOUS, with or without a pinned server.
    """
    verdict = _read_verdict(mail, authserv_ids) if authserv_ids and mail.sender is not None else AuthResult.NONE
    return AuthResult.AMBIGUOUS if mail.ambiguous_sender and verdict is not AuthResult.FAIL else verdict


def read_proven_domains(mail: Mail, authserv_ids: Sequence[str]) -> tuple[str, ...]:
    """Reads the domains that the pinned server gives a pass, whether From is of one of them or not."""
    passed = (_proven_domain(result) for result in _find_results(mail, authserv_ids))
    return tuple(domain for domain in passed if domain)


def _read_verdict(mail: Mail, authserv_ids: Sequence[str]) -> AuthResult:
    return _judge(_find_results(mail, authserv_ids), domain_of(mail.sender.address) if mail.sender is not None else "")


def _find_results(mail: Mail, authserv_ids: Sequence[str]) -> Sequence[object]:
    """Finds the results of the first header of a pinned server; none where it cannot be read."""
    for position, value in enumerate(mail.header_all("Authentication-Results")[:_MOST_RESULTS]):
        results = _read_results(value, authserv_ids, topmost=position == 0)
        if results is not None:
            return results
        if _begins_with(value, authserv_ids):
            break  # a header that a sender can make unreadable must not give way to one that they wrote below it
    return ()


def _begins_with(value: str, authserv_ids: Sequence[str]) -> bool:
    words = _without_comments(value[:_LONGEST_RESULTS]).partition(";")[0].split()
    return bool(words) and fold_domain(words[0].strip('"')) in _folded(authserv_ids)


def _without_comments(text: str) -> str:
    """Removes the comments before the name of a server."""
    text, depth = text.lstrip(), 0
    if not text.startswith("("):
        return text
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth > _DEEPEST:
            return ""
        if depth == 0:
            return _without_comments(text[at + 1 :])
    return ""


def _folded(authserv_ids: Sequence[str]) -> set[str]:
    return {fold_domain(name) for name in authserv_ids if name}


def _read_results(value: str, authserv_ids: Sequence[str], *, topmost: bool) -> list[object] | None:
    anonymous = topmost and "" in authserv_ids and "=" in value.partition(";")[0]
    text = f"anonymous; {value}" if anonymous else value
    if len(text) > _LONGEST_RESULTS:
        return None
    try:
        header = _RESULTS.parse_value(_in_ascii(text).lower())  # the library knows its methods in lower case only
    except Exception:  # the library raises several kinds on what Exchange and others write
        return None
    if anonymous or fold_domain(str(header.authserv_id)) in _folded(authserv_ids):
        return list(header.results)
    return None


def _in_ascii(text: str) -> str:
    """Writes international domains as A-labels, and any other letter beyond ASCII as a question mark."""
    if text.isascii():
        return text
    return _INTERNATIONAL.sub(lambda found: to_a_labels(found[0]) or re.sub(r"[^\x00-\x7f]", "?", found[0]), text)


def _judge(results: Sequence[object], domain: str) -> AuthResult:
    """Judges the results: a fail of DMARC, then a pass for another From, then a pass for this one."""
    outcomes = {(str(getattr(result, "method", "")), str(getattr(result, "result", ""))) for result in results}
    if ("dmarc", "fail") in outcomes:
        return AuthResult.FAIL
    passed = [(str(getattr(result, "method", "")), name) for result in results if (name := _proven_domain(result))]
    if any(method == "dmarc" and not is_aligned(name, domain) for method, name in passed):
        return AuthResult.FOREIGN
    if any(is_aligned(name, domain) for _, name in passed):
        return AuthResult.PASS
    if passed:
        # A signature of their own in no way makes up for what the server says of the domain in From.
        return AuthResult.FAIL if _fails_for(results, domain) else AuthResult.FOREIGN
    failed = any(result in ("fail", "hardfail", "permerror") for _, result in outcomes)
    return AuthResult.FAIL if failed and not any(result == "pass" for _, result in outcomes) else AuthResult.NONE


def _fails_for(results: Sequence[object], domain: str) -> bool:
    """Tells whether the host that sent may not send for the domain in From, which the envelope names (RFC 7208)."""
    failed = (one for one in results if (getattr(one, "method", ""), getattr(one, "result", "")) == ("spf", "fail"))
    return any(is_aligned(str(getattr(one, "smtp_mailfrom", "")).rpartition("@")[2], domain) for one in failed)


def _proven_domain(result: object) -> str:
    """Returns the domain that one result is a pass for, "" where it is none."""
    if getattr(result, "result", "") != "pass":
        return ""
    names = _PROOFS.get(str(getattr(result, "method", "")), ())
    proven = next((str(value) for name in names if (value := getattr(result, name, None))), "")
    return "" if proven.count("@") > 1 else proven.rpartition("@")[2]  # with two, servers do not agree on the domain
