"""A minimal IMAP server whose answers a test can replace, command by command."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

Answer = Callable[[bytes, list[bytes]], bytes | None]
"""Given the tag and the words of a command: what is sent, or None for the usual answer."""


class ScriptedImapServer:
    """`with ScriptedImapServer(mails) as server:` serves them, by their UIDs, in the one folder INBOX."""

    def __init__(self, mails: dict[int, bytes], **answers: Answer) -> None:
        self.mails = mails
        self.connections = 0
        self.commands: list[bytes] = []
        self._answers = {name.replace("_", " ").upper(): answer for name, answer in answers.items()}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> ScriptedImapServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        with client, client.makefile("rb") as lines, suppress(OSError):
            client.sendall(b"* OK odd\r\n")
            for line in lines:
                self.commands.append(line)
                tag, *words = line.split()
                name = b" ".join(words[:2] if words[0] == b"UID" else words[:1]).decode().upper()
                laid = self._answers.get(name)
                answer = laid(tag, words) if laid is not None else None
                client.sendall(self._usual(tag, name, words, lines, client) if answer is None else answer)

    def _usual(self, tag: bytes, name: str, words: list[bytes], lines: BinaryIO, client: socket.socket) -> bytes:
        done = tag + b" OK done\r\n"
        match name:
            case "CAPABILITY":
                return b"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\n" + done
            case "SELECT" | "EXAMINE":
                told = f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (\\*)] x\r\n"
                return told.encode() + f"* OK [UIDNEXT {max(self.mails, default=0) + 1}] x\r\n".encode() + done
            case "UID SEARCH":
                return b"* SEARCH " + b" ".join(b"%d" % uid for uid in sorted(self.mails)) + b"\r\n" + done
            case "UID FETCH":
                return b"".join(self.tell(uid, words[3]) for uid in self.asked(words)) + done
            case "UID MOVE":
                for uid in self.asked(words):
                    self.mails.pop(uid)
                return done
            case "IDLE":
                client.sendall(b"+ waiting\r\n")
                lines.readline()
                return done
        return done

    def asked(self, words: list[bytes]) -> list[int]:
        """The UIDs that a command names."""
        return [int(uid) for uid in words[2].split(b",") if int(uid) in self.mails]

    def tell(self, uid: int, item: bytes) -> bytes:
        """The reply of FETCH for one mail."""
        raw = self.mails[uid]
        if b"SIZE" in item:
            return b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(raw))
        if b"DATE" in item:
            return b'* 1 FETCH (UID %d INTERNALDATE "17-Nov-2026 02:44:25 +0000")\r\n' % uid
        name = b"BODY[]"
        if found := re.search(rb"<(\d+)\.(\d+)>", item):
            start, size = int(found[1]), int(found[2])
            raw, name = raw[start : start + size], b"BODY[]<%d>" % start
        return b"* 1 FETCH (UID %d %s {%d}\r\n%s)\r\n" % (uid, name, len(raw), raw)
