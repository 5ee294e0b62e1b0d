"""Text is compared without case, accents and compatibility forms."""

from __future__ import annotations

import pytest

from mailgate.core.text import fold_case_accents


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Résolu", "resolu"),
        ("Re\u0301solu", "resolu"),
        ("ＲＥＳＯＬＵ", "resolu"),
        ("Łódź, đak, ışık", "lodz, dak, isik"),
        ("№ ℡", "no tel"),
        ("Ёлка", "елка"),
        ("ガス", "カス"),
        ("".join(f"e{chr(mark)}" for mark in range(0x300, 0x330)), "e" * 0x30),
        ("".join(f"д{chr(mark)}" for mark in range(0x300, 0x308)), "д" * 8),
    ],
)
def test_case_and_accents_are_folded(text: str, folded: str) -> None:
    assert fold_case_accents(text) == folded
