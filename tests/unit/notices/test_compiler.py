"""Our templates as they are compiled: what they give is what the sandbox gives, and the operator's stay in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2.meta import find_undeclared_variables

from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.branding import Branding
from mailgate.notices.rendering.colours import make_palette
from mailgate.notices.rendering.samples import check_templates, sample
from mailgate.notices.rendering.templates import _SLOTS, Templates, _our_environment
from mailgate.notices.rendering.templates import OURS as OUR_TEMPLATES

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


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("notice", Notice)
def test_the_page_of_another_notice_of_that_kind_has_only_its_own_values(notice: Notice, language: str) -> None:
    templates, content = Templates(), sample(notice, language)
    other = replace(
        content, reference="HELP-7", subject="A <b>printer</b>", text="Nothing\u202e prints.",
        to=Address("Zoé", "z@x.org"), yes_link="", no_link="", rating_links=(), history=(),
    )  # fmt: skip
    nobody = replace(other, reference="", desk_name="Help", look=Branding(make_palette("#123456")))
    for one in (content, other, nobody, content):
        assert templates.render_strictly(one) == IN_SANDBOX.render_strictly(one)


def test_the_frame_of_a_page_is_known_by_all_that_it_shows() -> None:
    source = (OUR_TEMPLATES / "layout.html").read_text("utf-8")
    shown = find_undeclared_variables(_our_environment().parse(source, "layout.html"))
    of_notice_and_look = {"notice", "language", "direction", "look", "banner_colours", "picture", "desk_name"}
    assert shown - set(_SLOTS) <= of_notice_and_look | {"yes_link", "no_link", "rating_links"} | {"_", "page_messages"}


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
