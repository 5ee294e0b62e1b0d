"""Errors of the system in words."""

from __future__ import annotations

from mailgate.config.permissions import describe_os_error


def test_names_in_an_error_keep_their_case() -> None:
    words = "Only a member may: in a unit SupplementaryGroups=postfix and SystemCallFilter=@chown"
    assert describe_os_error(OSError(1, words), "the desk") == f"the desk: o{words[1:]}"
    assert describe_os_error(OSError(28, "No space left on device")) == "no space left on device"
