"""Compiles the catalogues of translations when mailgate is built or installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """Build hook of hatchling. A catalogue that cannot be read stops the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compiles every catalogue and puts it into the wheel."""
        for source in sorted(Path(self.root, "mailgate", "locale").glob("*/LC_MESSAGES/*.po")):
            compiled = source.with_suffix(".mo")
            with source.open("rb") as text, compiled.open("wb") as target:
                write_mo(target, read_po(text))
            build_data["artifacts"].append(compiled.relative_to(self.root).as_posix())
