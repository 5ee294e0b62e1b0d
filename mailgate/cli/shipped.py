"""The files that are shipped next to the code: the example configuration and the systemd units.

In a checkout, also one that is installed as editable, they lie beside the package; in a wheel, in its folder `shipped`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent.parent
_IN_WHEEL = _PACKAGE / "shipped"
EXAMPLE, UNIT = "config.example.toml", "systemd/mailgate.service"
BACKUP_UNITS = "systemd/mailgate-backup.service", "systemd/mailgate-backup.timer"


def find_shipped(name: str) -> Path:
    """Returns the path of a shipped file, named as above. Raises FileNotFoundError where it is not there.

    A checkout never has the folder `shipped`: building a wheel fills it in there only.
    """
    folder = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(2, "No such file or directory", str(path))
    return path


def read_shipped(name: str) -> str:
    """Returns the text of a shipped file."""
    return find_shipped(name).read_text("utf-8")
