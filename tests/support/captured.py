"""The mails that real clients sent (`tests/corpus/captured`), each with what the person typed into the client."""

from __future__ import annotations

import email
import email.policy
import json
import re
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

from mailgate.core.tokens import MAC
from tests.support.desk import Delivered
from tests.support.paths import CORPUS

CAPTURED = CORPUS / "captured"
_TOKEN = re.compile(rf"([A-Z]+-\d+)\.(\d+)\.({MAC})")

# Those that are still read wrongly, and why.
READ_WRONGLY = {
    "alpine-req-yes-bottom-es": "a card without delimiter at the very end, below a quote, stays in the text",
}


@dataclass(frozen=True)
class Capture:
    """A mail as a client sent it, and its expectation, whose keys the README of the folder describes."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.stem

    @cached_property
    def raw(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def expected(self) -> dict[str, Any]:
        expected: dict[str, Any] = json.loads(self.path.with_suffix(".expect.json").read_text(encoding="utf-8"))
        return expected

    @cached_property
    def message(self) -> EmailMessage:
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def author(self) -> str:
        return str(self.message["From"].addresses[0].addr_spec)

    @property
    def is_automatic(self) -> bool:
        """Tells whether it went to the return path of a notice, from the null sender."""
        return str(self.message["To"]).strip("<").startswith("support+b.")

    def in_answer_to(self, notice: Delivered) -> bytes:
        """The mail with the reference and the token of another notice in place of the recorded ones."""
        raw, reference = self.raw, ""
        tokens = {"In-Reply-To": notice.message_id, "To": notice.return_path if self.is_automatic else notice.reply_to}
        for header, text in tokens.items():
            recorded, live = _TOKEN.search(str(self.message[header])), _TOKEN.search(text)
            assert live is not None
            if recorded is None:
                continue
            reference = recorded[1]
            for form in ("{0}.{1}.{2}", "{0} {1}.{2}"):  # in an address or an id, and in a subject
                raw = raw.replace(form.format(*recorded.groups()).encode(), form.format(*live.groups()).encode())
        assert reference, f"{self.name} carries no token"
        return re.sub(rf"\b{reference}\b".encode(), tokens["In-Reply-To"].strip("<").partition(".")[0].encode(), raw)


def load_captures() -> list[Capture]:
    """All of them, by name."""
    return [Capture(path) for path in sorted(CAPTURED.glob("*.eml"))]


def flatten(text: str) -> str:
    """The text with single spaces, to be compared without regard to lines."""
    return " ".join(text.split())
