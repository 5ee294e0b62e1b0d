"""The number of random examples that a property is tried with."""

from __future__ import annotations

from hypothesis import settings


def examples(most: int) -> int:
    """Returns `most` in a whole run, a quarter of it in a quick one (tests/conftest.py chooses the profile)."""
    return max(8, most // 4) if settings.get_current_profile_name() == "quick" else most
