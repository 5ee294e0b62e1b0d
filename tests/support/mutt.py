"""The real mutt, as an agent uses it: an mbox with their mails, an editor, and a way out.

It runs under a pseudo terminal with keys that are pushed, and ends by itself; nothing sleeps. What it sends goes
through its `sendmail`, which is a script that keeps the mail and its envelope in a folder. Where mutt asks something
instead of ending, the run ends at the time limit with what stood on the screen.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import shlex
import shutil
import struct
import subprocess
import termios
import time
from dataclasses import dataclass
from pathlib import Path

TIME_LIMIT = 20.0  # seconds for one run, which takes a tenth of one
_SILENCE = 0.1  # seconds after which mutt has drawn a page
_COLUMNS, _LINES = 80, 24
_SETTINGS = """\
set from={address} realname={name} use_from=yes hostname=agents.example.com
set folder={folder} spoolfile={folder}/box sort=mailbox-order
set record="" postponed={folder}/postponed header_cache="" tmpdir={folder}
set sendmail={send} editor={edit} envelope_from=yes
set fast_reply=yes include=yes reply_to=yes quit=yes wait_key=no abort_unmodified=no abort_nosubject=no recall=no
set edit_headers=no askcc=no askbcc=no forward_edit=yes mime_forward=no mail_check=0 sleep_time=0 move=no mark_old=no
set pipe_decode=yes beep=no confirmcreate=no confirmappend=no delete=no
set charset=utf-8 send_charset="us-ascii:iso-8859-1:utf-8" signature={signature}
alternative_order text/plain text/html
{more}
"""
_EDIT = """\
#!/bin/sh
{{ cat {text}; echo; echo; cat "$1"; }} > {text}.draft && cat {text}.draft > "$1"
touch -d '1 minute ago' "$1"  # a file of this very second makes mutt ask sometimes whether it was changed since
"""
_SEND = """\
#!/bin/sh
printf '%s\\n' "$@" > {out}/to && cat > {out}/mail
"""


@dataclass(frozen=True)
class Sent:
    """A mail as mutt handed it to its sendmail, and for whom."""

    raw: bytes
    sender: str
    recipients: tuple[str, ...]


class Mutt:
    """The mutt of one agent, in a folder of its own. `more` are lines for its muttrc."""

    def __init__(self, folder: Path, name: str, address: str, *, signature: str = "", more: str = "") -> None:
        self.name, self.address = name, address
        self._folder = folder
        self._box, self._out = folder / "box", folder / "out"
        self._out.mkdir(parents=True)
        self._box.touch()
        self._text = folder / "typed"
        edit = self._script("edit", _EDIT.format(text=shlex.quote(str(self._text))))
        send = self._script("send", _SEND.format(out=shlex.quote(str(self._out))))
        (folder / "signature").write_text(signature, "utf-8")
        settings = {"address": address, "name": f'"{name}"', "folder": folder, "send": send, "edit": edit, "more": more}
        signature_file = folder / "signature" if signature else '""'
        (folder / "muttrc").write_text(_SETTINGS.format(**settings, signature=signature_file), "utf-8")

    def reply(self, text: str, mail: bytes, *, everybody: bool = False) -> Sent:
        """Open the box, go to the mail, answer it above the quote, send, leave."""
        return self._send(text, self._go_to(mail) + ("<group-reply>" if everybody else "<reply>"))

    def forward(self, text: str, mail: bytes, to: str) -> Sent:
        return self._send(text, f"{self._go_to(mail)}<forward-message>{to}<enter>")

    def write(self, text: str, *, to: str, subject: str) -> Sent:
        assert not set(subject) & set("<>'\"\\"), "keys are pushed as they stand"
        return self._send(text, f"<mail>{to}<enter>{subject}<enter>")

    def read(self, mail: bytes) -> str:
        """The mail as mutt shows it: the headers that it does not leave out, and the text."""
        shown = self._folder / "shown"
        self._run(f"{self._go_to(mail)}<pipe-message>cat > {shown}<enter><quit>")
        return shown.read_text("utf-8")

    def marked(self, mail: bytes) -> list[str]:
        """How the lines go on that are too long for the screen, before which the pager sets a plus sign."""
        screen = self._run(f"{self._go_to(mail)}<display-message>", pages=True)
        return re.findall(r"\s\+ {2,}(\S[^\r\n]*)", screen)

    def _go_to(self, mail: bytes) -> str:
        """The mail comes into the box as its last, and the cursor stands on it."""
        content = re.sub(rb"(?m)^(>*From )", rb">\1", mail.replace(b"\r\n", b"\n"))
        with self._box.open("ab") as box:
            box.write(b"From desk@example.com Mon Nov 23 08:00:00 2026\n" + content.rstrip(b"\n") + b"\n\n")
        return "<last-entry>"

    def _send(self, text: str, keys: str) -> Sent:
        self._text.write_text(text, "utf-8")
        mail, told = self._out / "mail", self._out / "to"
        mail.unlink(missing_ok=True)
        screen = self._run(f"{keys}<send-message><quit>")
        assert mail.exists(), f"mutt sent nothing; its screen:\n{screen}"
        words = told.read_text("utf-8").split("\n")[:-1]
        raw = re.sub(rb"\r?\n", b"\r\n", mail.read_bytes())
        return Sent(raw, words[words.index("-f") + 1], tuple(words[words.index("--") + 1 :]))

    def _script(self, name: str, text: str) -> str:
        path = self._folder / name
        path.write_text(text, "utf-8")
        path.chmod(0o700)
        return shlex.quote(str(path))

    def _run(self, keys: str, *, pages: bool = False) -> str:
        """One run of mutt to its end; what it wrote onto the screen. `pages`: pages through the mail before that."""
        mutt = shutil.which("mutt")
        assert mutt is not None, "mutt is not installed: make packages"
        command = [mutt, "-F", str(self._folder / "muttrc"), "-f", str(self._box), "-e", f"push '{keys}'"]
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._folder),
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
            "TZ": "Europe/Paris",
        }
        process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=self._folder, start_new_session=True
        )
        os.close(slave)
        try:
            return _watch(process, master, pages=pages)
        finally:
            process.kill()
            process.wait()
            os.close(master)


def _watch(process: subprocess.Popen[bytes], terminal: int, *, pages: bool) -> str:
    """The output of a process until it ends: the terminal must be read, else it waits for that.

    A key for the next page is pressed whenever it is silent, and the one that quits below the last.
    """
    screen, end = b"", time.monotonic() + TIME_LIMIT
    with contextlib.suppress(OSError):  # the end of a pseudo terminal is an error of reading
        while time.monotonic() < end:
            patience = _SILENCE if pages else max(0.0, end - time.monotonic())
            if select.select([terminal], [], [], patience)[0]:
                piece = os.read(terminal, 65_536)
                if not piece:
                    break
                screen += piece
            elif pages:
                pages = b"-Mutt: " not in screen  # the list of mails, below the last page
                os.write(terminal, b" " if pages else b"q")
    shown = re.sub(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()].|[=>])", " ", screen.decode("utf-8", "replace"))
    assert process.poll() is not None or _ended(process), f"mutt did not end in {TIME_LIMIT} s; its screen:\n{shown}"
    return shown


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        return False
    return True
