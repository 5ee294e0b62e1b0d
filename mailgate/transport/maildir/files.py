"""The files of a Maildir: lists those in new/, reads a mail, moves it to cur/.

Source: https://cr.yp.to/proto/maildir.html

A failure is a value with words for the operator: `MaildirUnavailable` for the folder, `UnreadableMessage` for one file.
"""

from __future__ import annotations

import errno
import os
import pwd
import re
import stat
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from mailgate.store.spool import HEAD, PIECE, Spool

IN_MEMORY = 2**20  # bytes; a larger mail goes through a file
_INFO = ":2,"
_END_OF_HEADERS = re.compile(rb"\A\r?\n|\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file in new/. `size` is in bytes, `moment` its time of change in nanoseconds."""

    moment: int
    name: str
    size: int
    plain: bool

    @property
    def unique(self) -> str:
        """The name without the flags, which the mail keeps in new/ and cur/."""
        return self.name.partition(_INFO)[0]

    @property
    def label(self) -> str:
        """The unique name as text, undecodable bytes escaped, with the modification time: a delivery agent may use a
        name again, and moving a file keeps the time."""
        escaped = os.fsencode(self.unique).replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
        return f"{escaped};{self.moment}"


@dataclass(frozen=True, slots=True)
class MaildirUnavailable:
    """Failure of the whole Maildir; `words` say why it cannot be used and what to do."""

    words: str


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A mail, or its head where it is too large: its true size is `whole_size` then."""

    content: bytes | Spool
    whole_size: int | None = None


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """Failure to read one file; `words` say why, "" where it is gone. `by_us`: the cause is not the file itself."""

    words: str
    by_us: bool = False


def list_new(folder: Path) -> list[NewFile] | MaildirUnavailable:
    """Lists the files that wait, oldest first. Names that begin with a dot are not mails."""
    new = folder / "new"
    found: list[NewFile] = []
    try:
        for part in (new, folder / "cur"):
            if part.is_symlink():  # its maker could have the desk move the files of another folder
                return MaildirUnavailable(
                    f"{part} is a link: new and cur of a Maildir must be its own folders; replace the link by a folder"
                )
        if not (folder / "cur").is_dir():
            return MaildirUnavailable(_missing(folder / "cur"))
        with os.scandir(new) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and (waiting := _look_at(entry)) is not None:
                    found.append(waiting)
    except (FileNotFoundError, NotADirectoryError):
        return MaildirUnavailable(_missing(new))
    except OSError as error:
        return MaildirUnavailable(_forbidden(new, error))
    return sorted(found, key=lambda file: (file.moment, file.name))


def read_mail(folder: Path, file: NewFile, max_size: int) -> ReadMessage | UnreadableMessage:
    """The mail in a file, its head where it has more than `max_size` bytes. Lines end as they end in the file."""
    if not file.plain:
        return UnreadableMessage("it is not a regular file: move it away")
    # The file may have been replaced meanwhile: no link is followed, and opening a pipe does not block.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(folder / "new" / file.name, flags), "rb", buffering=0) as stream:
            size = os.fstat(stream.fileno()).st_size
            if size == 0:
                return UnreadableMessage("it is empty because its delivery was interrupted: delete it")
            if size > max_size:
                return ReadMessage(_cut_head(stream.read(HEAD)), size)
            return ReadMessage(stream.read(size)) if size <= IN_MEMORY else _read_large(stream.fileno(), size)
    except FileNotFoundError:
        return UnreadableMessage("")
    except OSError as error:
        return UnreadableMessage(f"{_strerror(error)}: let {_us()} read it, or move it away")


def put_away(folder: Path, file: NewFile, flag: str) -> MaildirUnavailable | None:
    """Moves a mail that is stored to cur/, with a flag: S is seen, F is flagged. Nothing there is replaced."""
    source = folder / "new" / file.name
    try:
        os.rename(source, _free_place(folder / "cur", file.unique, flag))
    except FileNotFoundError:
        return MaildirUnavailable(_missing(folder / "cur")) if os.path.lexists(source) else None
    except OSError as error:
        return MaildirUnavailable(f"stored emails cannot be moved to cur: {_forbidden(folder / 'cur', error)}")
    return None


def _look_at(entry: os.DirEntry[str]) -> NewFile | None:
    try:
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return NewFile(found.st_mtime_ns, entry.name, found.st_size, stat.S_ISREG(found.st_mode))


def _cut_head(content: bytes) -> bytes:
    end = _END_OF_HEADERS.search(content)
    return content[: end.end()] if end else content


def _read_large(file: int, size: int) -> ReadMessage | UnreadableMessage:
    try:
        return ReadMessage(_copy(file, size))
    except OSError as error:
        words = (
            f"{_strerror(error)}: a large email is waiting in the folder for temporary files (TMPDIR); free "
            "some space there"
        )
        return UnreadableMessage(words, by_us=True)


def _copy(file: int, size: int) -> Spool:
    spool = Spool()
    try:
        while len(spool) < size and (piece := os.read(file, min(PIECE, size - len(spool)))):
            spool.write(piece)
    except BaseException:
        spool.close()
        raise
    return spool


def _free_place(cur: Path, unique: str, flag: str) -> Path:
    """Finds an unused path in cur/, since a delivery agent may use a name twice."""
    names = (unique if not number else f"{unique}.{number}" for number in count())
    return next(path for name in names if not os.path.lexists(path := cur / f"{name}{_INFO}{flag}"))


def _missing(folder: Path) -> str:
    return f"the folder {folder} does not exist: create it (mkdir -p), or correct the path of this [[intake.maildir]]"


def _forbidden(folder: Path, error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{_us()} has no permission for {folder}: grant read, write and execute permission (rwx)"
    return f"{folder}: {_strerror(error)}; check the disk"


def _strerror(error: OSError) -> str:
    return os.strerror(error.errno).lower() if error.errno else str(error)


def _us() -> str:
    try:
        return f"user {pwd.getpwuid(os.geteuid()).pw_name}"
    except KeyError:
        return f"user {os.geteuid()}"
