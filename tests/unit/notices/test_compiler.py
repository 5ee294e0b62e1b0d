"""Our templates as they are compiled: what they give is what the sandbox gives, and the operator's stay in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.samples import check_templates, sample
from mailgate.notices.rendering.templates import Templates

OURS = Templates()


class InSandbox(Templates):
    """Renders our templates as if they were the operator's."""

    def _is_ours(self, name: str, language: str) -> bool:  # noqa: ARG002
        return False


IN_SANDBOX = InSandbox()


@pytest.mark.parametrize("language", ["en", "fr", "xx"])
@pytest.mark.parametrize("notice", Notice)
def test_a_compiled_notice_reads_as_in_the_sandbox(notice: Notice, language: str) -> None:
    content = sample(notice, language)
    assert OURS.render_strictly(content) == IN_SANDBOX.render_strictly(content)


def test_a_part_of_the_operators_is_used_within_our_texts(tmp_path: Path) -> None:
    (tmp_path / "_greeting.txt").write_text("Good day {{ to.name }},\n\n", "utf-8")
    rendered = Templates(tmp_path).render(sample(Notice.RECEIPT, "en"))
    assert "Good day Jo Martin," in rendered.text


def test_a_part_of_the_operators_is_rendered_in_the_sandbox(tmp_path: Path) -> None:
    (tmp_path / "_greeting.txt").write_text("{{ to.__class__.__mro__ }}\n\n", "utf-8")
    content = sample(Notice.RECEIPT, "en")
    templates = Templates(tmp_path)
    with pytest.raises(Exception, match="unsafe"):
        templates.render_strictly(content)
    assert templates.render(content) == OURS.render(content)


def test_a_part_whose_name_rendering_finds_may_be_the_operators(tmp_path: Path) -> None:
    (tmp_path / "_reply_written.txt").write_text("Our own words.\n", "utf-8")
    content = sample(Notice.REPLY, "en")
    assert "Our own words." in Templates(tmp_path).render(content).text


def test_translations_of_the_operators_are_used_within_our_texts(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "mailgate.po").write_text('msgid "Kind regards,"\nmsgstr "Bien à vous,"\n', "utf-8")
    rendered = Templates(tmp_path).render(sample(Notice.RECEIPT, "fr"))
    assert "Bien à vous," in rendered.text


def test_a_mistake_in_a_translation_is_told_once_with_the_file_that_has_the_message(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "mailgate.po").write_text('msgid "Hello %(name)s,"\nmsgstr "Salut %(nom)s,"\n', "utf-8")
    mistakes = check_templates(Templates(tmp_path), ["fr"])
    assert mistakes == ("templates/_greeting.txt, line 2: nothing is called 'nom'",)
