"""Compiles the catalogues when mailgate is built or installed, and puts the example and the units into a wheel."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.utils import get_reproducible_timestamp

# mailgate/cli/shipped.py finds them there; in a checkout they stay at the top.
_SHIPPED = ("config.example.toml", "systemd")


class CatalogueHook(BuildHookInterface[Any]):
    """Build hook of hatchling. A catalogue that cannot be read stops the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Puts every compiled catalogue into the wheel and, unless it is of an editable install, what is shipped."""
        if version != "editable":
            build_data["force_include"].update({name: f"mailgate/shipped/{name}" for name in _SHIPPED})
        for source in sorted(Path(self.root, "mailgate", "locale").glob("*/LC_MESSAGES/*.po")):
            compiled = source.with_suffix(".mo")
            with source.open("rb") as text, compiled.open("wb") as target:
                catalogue = read_po(text)
                # Babel's default is now, and each build would differ.
                catalogue.creation_date = datetime.fromtimestamp(get_reproducible_timestamp(), UTC)
                write_mo(target, catalogue)
            build_data["artifacts"].append(compiled.relative_to(self.root).as_posix())
