"""Selects the pictures that a notice shows between the lines of the words that it carries.

They are files of the same mail as the words, under Content-IDs of the desk. A picture of which the notice does not
carry the file, because it is too large or is not for its reader, is only named there.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgate.core.frozen import replace
from mailgate.core.mail import Picture
from mailgate.core.tokens import Token
from mailgate.notices.mime.message import PICTURE
from mailgate.notices.rendering.content import ShownPicture
from mailgate.parsers.quoting.pictures import names_in
from mailgate.tickets.values import FileRef


def show_pictures(
    files: Sequence[FileRef], pictures: Sequence[Picture], words: str, token: Token
) -> tuple[tuple[ShownPicture, ...], tuple[FileRef, ...], tuple[FileRef, ...]]:
    """Returns the pictures that stand in the words, their files, and the other files."""
    if not pictures:
        return (), (), tuple(files)
    by_id = {file.content_id.casefold(): file for file in reversed(files) if file.content_id and not file.quoted}
    shown: list[ShownPicture] = []
    drawings: list[FileRef] = []
    taken: list[FileRef] = []
    for picture in names_in(words, pictures):
        file = by_id.pop(picture.content_id.casefold(), None)
        if file is not None:
            own_id = f"{PICTURE}{len(shown) + 1}.{token.reference}.{token.notice}@mailgate"
            shown.append(ShownPicture(picture.name, f"cid:{own_id}", picture.width))
            drawings.append(replace(file, filename=picture.name, content_id=own_id))
            taken.append(file)
    return tuple(shown), tuple(drawings), tuple(file for file in files if file not in taken)
