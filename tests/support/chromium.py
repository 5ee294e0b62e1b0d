"""A headless Chromium: Debian's `chromium-headless-shell`, or `chromium`. `make packages` installs one."""

from __future__ import annotations

import shutil

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")


def find_chromium() -> str:
    """Returns the program. RuntimeError: there is none, which is never a reason to skip a test."""
    found = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium"))), None)
    if found is None:
        raise RuntimeError("no Chromium here: run `make packages`")
    return found
