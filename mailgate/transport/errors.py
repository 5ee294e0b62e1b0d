"""Describes errors of the network and of TLS for operators. Pure; "" for an error that is not known."""

from __future__ import annotations

import socket
import ssl

_VERIFY = "certificate verify failed"


def describe_connecting(error: BaseException, host: str, port: int, tls: str) -> str:
    """Describes for the operator why a server cannot be connected to; `tls` is as configured: implicit, starttls,
    opportunistic or none."""
    place = f"{host}:{port}"
    match error:
        case ssl.SSLCertVerificationError(verify_code=62 | 64):  # X509_V_ERR_HOSTNAME_MISMATCH, of an IP address
            return f"{_VERIFY}: {error.verify_message}; host must be a name that is in the certificate"
        case ssl.SSLCertVerificationError():
            return f"{_VERIFY}: {error.verify_message}; ca_file must contain the authority that signed it, for {host}"
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "RECORD_LAYER_FAILURE"):
            return f'{place} does not begin with TLS: is this the port for tls = "starttls"?'
        case ssl.SSLError(reason="NO_CERTIFICATE_OR_CRL_FOUND"):
            return "ca_file contains no certificate (PEM): is it the key?"
        case socket.gaierror():
            return f"there is no host {host}: {str(error.strerror or error).lower()}"
        case ConnectionRefusedError():
            return f"connection refused, nothing listens at {place}"
        case TimeoutError() if tls != "implicit":
            return f'{place} does not answer: is it down, or is this the port for tls = "implicit"?'
        case TimeoutError():
            return f"{place} does not answer: is it down, or does a firewall block it?"
    return ""
