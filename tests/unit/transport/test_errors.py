"""Errors of the network in words that say where to look."""

from __future__ import annotations

import socket
import ssl

import pytest

from mailgate.transport.errors import describe_connecting


def _ssl(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] words")
    error.reason = reason
    return error


def _unverified(code: int, message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "words")
    error.verify_code, error.verify_message = code, message
    return error


@pytest.mark.parametrize(
    ("error", "tls", "words"),
    [
        (_ssl("WRONG_VERSION_NUMBER"), "implicit",
         'h:993 does not begin with TLS: is this the port for tls = "starttls"?'),
        (_ssl("NO_CERTIFICATE_OR_CRL_FOUND"), "implicit", "ca_file contains no certificate (PEM): is it the key?"),
        (_unverified(18, "self-signed"), "implicit",
         "certificate verify failed: self-signed; ca_file must contain the authority that signed it, for h"),
        (_unverified(62, "Hostname mismatch"), "implicit",
         "certificate verify failed: Hostname mismatch; host must be a name that is in the certificate"),
        (socket.gaierror(-2, "Name or service not known"), "none", "there is no host h: name or service not known"),
        (ConnectionRefusedError(111, "x"), "none", "connection refused, nothing listens at h:993"),
        (TimeoutError("timed out"), "none",
         'h:993 does not answer: is it down, or is this the port for tls = "implicit"?'),
        (TimeoutError("timed out"), "implicit", "h:993 does not answer: is it down, or does a firewall block it?"),
        (OSError(5, "Input/output error"), "none", ""),
    ],
)  # fmt: skip
def test_where_to_look(error: OSError, tls: str, words: str) -> None:
    assert describe_connecting(error, "h", 993, tls) == words
