"""The verdict of a pinned server on From: the Authentication-Results header (RFC 8601).

Pure. A header that cannot be read counts as none.
"""

from __future__ import annotations

from collections.abc import Sequence

from authres import FeatureContext, dmarc

from mailgate.core.mail import AuthResult, Mail

_RESULTS = FeatureContext(dmarc)  # without its feature the library reads dmarc=pass, but not of which domain
# Which property of a pass names the domain that it is about (RFC 8601 section 2.7); some servers write i= and no d=.
_PROOFS = {"dmarc": ("header_from",), "dkim": ("header_d", "header_i"), "spf": ("smtp_mailfrom",)}
_MOST_RESULTS = 20  # headers of a mail that are looked at: reading one takes milliseconds
_LONGEST_RESULTS = 8_000


def read_auth_results(mail: Mail, authserv_ids: Sequence[str]) -> AuthResult:
    """Reads the verdict of the first Authentication-Results header of a pinned server, aligned with From.

    An id of "" accepts a topmost header without id, as Exchange Online writes it (docs/rules.md#8).
    """
    if not authserv_ids or mail.sender is None:
        return AuthResult.NONE
    domain = mail.sender.key.rpartition("@")[2]
    for position, value in enumerate(mail.header_all("Authentication-Results")[:_MOST_RESULTS]):
        results = _read_results(value, authserv_ids, topmost=position == 0)
        if results is not None:
            return _judge(results, domain)
        if _begins_with(value, authserv_ids):
            break  # a header that a sender can make unreadable must not give way to one that they wrote below it
    return AuthResult.NONE


def _begins_with(value: str, authserv_ids: Sequence[str]) -> bool:
    words = value.partition(";")[0].split()
    return bool(words) and words[0].strip('"').casefold() in {name.casefold() for name in authserv_ids if name}


def _read_results(value: str, authserv_ids: Sequence[str], *, topmost: bool) -> list[object] | None:
    wanted = {name.casefold() for name in authserv_ids if name}
    anonymous = topmost and "" in authserv_ids and "=" in value.partition(";")[0]
    text = f"anonymous; {value}" if anonymous else value
    if len(text) > _LONGEST_RESULTS:
        return None
    try:
        header = _RESULTS.parse_value(text)
    except Exception:  # the library raises several kinds on what Exchange and others write
        return None
    if anonymous or str(header.authserv_id).casefold() in wanted:
        return list(header.results)
    return None


def _judge(results: Sequence[object], domain: str) -> AuthResult:
    outcomes = {(str(getattr(result, "method", "")), str(getattr(result, "result", ""))) for result in results}
    if ("dmarc", "fail") in outcomes:
        return AuthResult.FAIL
    if any(_vouches(result, domain) for result in results):
        return AuthResult.PASS
    failed = any(result in ("fail", "hardfail", "permerror") for _, result in outcomes)
    return AuthResult.FAIL if failed and not any(result == "pass" for _, result in outcomes) else AuthResult.NONE


def _vouches(result: object, domain: str) -> bool:
    """Tells whether one result is a pass for the domain of From, and not for another one."""
    if getattr(result, "result", "") != "pass":
        return False
    names = _PROOFS.get(str(getattr(result, "method", "")), ())
    proven = next((str(value) for name in names if (value := getattr(result, name, None))), "")
    return _aligned(proven.rpartition("@")[2], domain)


def _aligned(signer: str, domain: str) -> bool:
    one, other = signer.casefold().rstrip("."), domain.casefold().rstrip(".")
    if "." not in one or "." not in other:
        return False
    return one == other or one.endswith("." + other) or other.endswith("." + one)
