"""Commands: where they stand, how they are spelled, and what stops a mail."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.mail import Address
from mailgate.core.text import fold_case_accents
from mailgate.parsers.commands import (
    CloseKind,
    Command,
    ReadingError,
    Reason,
    read_close_reason,
    read_commands,
    read_minutes,
)
from mailgate.parsers.commands.arguments import CHANNELS, read_requester
from mailgate.parsers.message import read_mail
from mailgate.parsers.vocabulary import COMMANDS, LANGUAGES, OTHER_DESKS, vocabulary
from tests.support.examples import examples


def orders(text: str) -> list[tuple[str, str]]:
    return [(command.name, command.args) for command in read_commands(text).commands]


def reasons(text: str) -> list[Reason]:
    return [error.reason for error in read_commands(text).errors]


def test_top_block_and_closing_run_are_commands() -> None:
    read = read_commands("#take\n#time 15m\n\nHello,\nplease restart.\n\n#resolve restart\n#priority low\n")
    assert read.commands == (
        Command("take", ""),
        Command("time", "15m"),
        Command("resolve", "restart"),
        Command("priority", "low"),
    )
    assert read.public_text == "Hello,\nplease restart."


@pytest.mark.parametrize(
    "line",
    ["#time 15m", "#resolve", "#resolve I changed the drum", "*#resolve*", "- #lösen", "\t#closed ", "\xa0#take\xa0"],
)
@pytest.mark.parametrize("text", ["Hello\n\n{}\n\nmore", "Hello\n\nmy\n{}\nmore", "Hello,\n\n{}\nmore\nand more"])
def test_a_command_in_the_middle_stops_the_mail(text: str, line: str) -> None:
    read = read_commands(text.format(line))
    assert [error.reason for error in read.errors] == [Reason.OUT_OF_PLACE]
    assert (read.commands, read.public_text) == ((), "")


@pytest.mark.parametrize(
    "line", ["#resolve", "#RÉSOUDRE", "*#lösen*", "_#resolve_", "/#resolve/", "**#resolve**", "#解決"]
)
@pytest.mark.parametrize(
    "card",
    [
        "Alice Martin\nSupport Example SA\nTel. 4711",
        "Alice Martin\nSupport Example SA\n+33 1 23 45 67 90",
        "---\nAlice Martin\nSupport Example SA\nDurchwahl 4711",
        "Alice Martin\n\nalice@example.com",
        "Alice Martin | Support | Tel. 4711",
        "M. Alice Martin\nResponsable support\n12 rue de la Paix, 75002 Paris\nTél. : 01 23 45 67 89",
        "山田太郎\nサポート部\n電話 03-1234-5678",
        "Kind regards\nAlice Martin",
        "-- \nAlice Martin",
    ],
)
def test_a_command_above_a_business_card_is_carried_out(line: str, card: str) -> None:
    read = read_commands(f"It was the drum.\n\n{line}\n\n{card}")
    assert read.commands == (Command("resolve", ""),)
    assert read.public_text.startswith("It was the drum.")
    assert "Example SA" not in read.public_text


@pytest.mark.parametrize(
    "below",
    ["Alice Martin\nSupport Example SA", "Please Call\nTel. 4711 and ask for the new drum.", "Tel. 4711", "Bye"],
)
def test_what_may_be_more_than_a_business_card_stops_the_mail(below: str) -> None:
    assert reasons(f"It was the drum.\n\n#resolve\n\n{below}") == [Reason.OUT_OF_PLACE]


def test_the_writers_name_below_a_command_is_its_signature() -> None:
    read = read_commands("It was the drum.\n\n#resolve\n\nAlice Martin\nSupport Example SA", names={"alice", "martin"})
    assert (read.commands, read.public_text) == ((Command("resolve", ""),), "It was the drum.")


def test_bold_text_over_several_lines_stays_with_its_command() -> None:
    read = read_commands("*#note he is rude\nand loud*\n\nHello")
    assert (read.commands, read.public_text) == ((Command("note", "he is rude and loud"),), "Hello")
    read = read_commands("*#resolve\n#time 15m*\n\nHello")
    assert (read.commands, read.public_text) == ((Command("resolve", ""), Command("time", "15m")), "Hello")


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_command_word_of_any_language_is_public(code: str) -> None:
    words = [word.removeprefix("=") for spelled in LANGUAGES[code]["commands"]["words"].values() for word in spelled]
    around = ("#{}", "*#{}*", "/#{}/", "- #{}", "    #{}", "#{}\xa0 ", "*/#{}/*", "#{}.")
    for at, word in enumerate([*words, *COMMANDS]):
        for form in (around[at % len(around)], around[0]):
            read = read_commands(f"Hello,\n\nit was the drum.\n{form.format(word)}\nPlease try.\n\nBye now, and more.")
            assert read.errors, word
            assert (read.commands, read.public_text) == ((), "")


def test_a_command_is_shown_to_the_requester_in_backquotes_or_in_a_sentence() -> None:
    text = "Hello\n\n`#resolve`\n\nis what we write, not #take."
    assert read_commands(text).public_text == text


def test_two_commands_on_one_line_stop_the_mail() -> None:
    assert reasons("#resolve #time 15m\n\nHello") == [Reason.OUT_OF_PLACE]
    assert orders("#note see #resolve\n\nHello") == [("note", "see #resolve")]


def test_nothing_that_is_quoted_leaves_with_an_answer_below_it() -> None:
    quote = "On Tue, Nov 24, 2026 at 06:20:00PM, Dev via Support wrote:\n> Priority: high\n> > it hangs\n> a note\n\n"
    read = read_commands(f"{quote}#resolve\n#time 15m\n\nThe disk was full.\n> it hangs\nNot any more.")
    assert read.commands == (Command("resolve", ""), Command("time", "15m"))
    assert read.public_text == "The disk was full.\nNot any more."
    assert read_commands("```\n> dir\n```").public_text == "```\n> dir\n```"


def test_beside_a_command_a_bare_close_is_no_answer() -> None:
    assert read_commands("#escalate no key\n\nKind regards,\nBob").public_text == ""
    assert read_commands("#escalate no key\n\nSorry for the wait.\n\nKind regards,\nBob").public_text


def test_the_closing_run_ends_before_the_signature() -> None:
    assert orders("Hello\n\nit was the cable\n\n#resolve cable\n\n-- \nJo Martin\nLevel 1") == [("resolve", "cable")]


@pytest.mark.parametrize(
    "spacing",
    ["#take\n\n#time 2 h\n\nHello", "\n\n #take\xa0\n\n\t#time\xa02 h\n\nHello", "#take\r\n＃time 2 h\r\n\r\nHello"],
)
def test_what_clients_do_to_lines_changes_nothing(spacing: str) -> None:
    assert orders(spacing) == [("take", ""), ("time", "2 h")]
    assert read_commands(spacing).public_text == "Hello"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("résoudre", "resolve"),
        ("résolu", "resolve"),
        ("RESOLU", "resolve"),
        ("resolved", "resolve"),
        ("escalade", "escalate"),
        ("lösen", "resolve"),
        ("notiz", "note"),
        ("attente", "waiting"),
        ("rendre", "handback"),
        ("clôturer", "close"),
        ("rouvrir", "reopen"),
        ("prendre", "take"),
        ("transférer", "route"),
        ("Status", "status"),
        ("aide", "help"),
        ("approuver", "approve"),
        ("refuser", "reject"),
        ("cerrar", "close"),
        ("fechar", "close"),
    ],
)
def test_aliases_reach_the_code_in_english(word: str, name: str) -> None:
    assert orders(f"#{word} something") == [(name, "something")]


def test_only_the_asked_languages_count() -> None:
    assert not read_commands("#lösen x", ["fr"]).commands
    assert read_commands("#résolu x", ["fr"]).commands
    assert read_commands("#resolve x", ["fr"]).commands


def aliases() -> dict[str, set[str]]:
    """Every alias, folded, with what it means in some language."""
    meanings: dict[str, set[str]] = {}
    for language in LANGUAGES.values():
        for name, words in language["commands"]["words"].items():
            assert name in COMMANDS
            for word in words:
                meanings.setdefault(fold_case_accents(word.removeprefix("=")), set()).add(name)
    return meanings


def test_an_alias_means_one_thing_in_all_languages() -> None:
    meanings = aliases()
    assert {word: names for word, names in meanings.items() if len(names) > 1} == {}
    assert all(meanings[word] == {word} for word in meanings if word in COMMANDS)


def test_every_language_has_words_for_every_built_command_and_every_value() -> None:
    assert set(LANGUAGES) == {*"en fr de es it nl pt pl sv da no fi cs ru tr ja".split()}  # noqa: SIM905
    for code, language in LANGUAGES.items():
        commands = language["commands"]
        # the language writes them as English does
        spelled_alike = {"cause", "note", "status", "take", "time", "type", "list", "report", "spam", "cc", "kb"}
        assert COMMANDS - set(commands["words"]) <= spelled_alike, code
        for kind, keys in (
            ("type", "incident service question"),
            ("priority", "low normal high urgent"),
            ("confirm", "yes no"),
            ("units", "hour minute and"),
        ):
            assert set(commands[kind]) == set(keys.split()), code
        assert set(commands["closing"]) == {kind.value for kind in CloseKind} - {"free", "bare"}, code


@pytest.mark.parametrize("kind", ["type", "priority", "closing", "channel", "list", "report", "later"])
def test_a_value_means_one_thing_in_all_languages(kind: str) -> None:
    meanings: dict[str, set[str]] = {}
    for language in LANGUAGES.values():
        for value, words in language["commands"].get(kind, {}).items():
            for word in words:
                meanings.setdefault(fold_case_accents(word), set()).add(value)
    assert {word: values for word, values in meanings.items() if len(values) > 1} == {}


def test_hashtags_are_no_commands_and_no_misspellings() -> None:
    words = vocabulary()
    for language in LANGUAGES.values():
        for hashtag in language["commands"]["hashtags"]["words"].split():
            assert not words.name_of(hashtag), hashtag
            assert words.nearest(hashtag) is None, hashtag
    assert [hashtag for hashtag in FREQUENT.split() if words.name_of(hashtag) or words.nearest(hashtag)] == []


FREQUENT = """
love instagood fashion beautiful happy cute art selfie summer friends repost nature girl fun style smile food family
travel fitness life beauty photo music beach sun sunset dog cats party home design winter wedding healthy christmas
holiday baby workout architecture city coffee lifestyle success motivation monday friday weekend cat vegan handmade
book quote training sport football news breaking politics election vote climate covid vaccine health pride war
donate charity education school jobs hiring career remote leadership management marketing sales branding startup
business finance stocks crypto data cloud docker linux windows android google python javascript rust security
privacy technology innovation future science gaming games podcast event webinar workshop thanks welcome monday today
tomorrow team project meeting todo fixme urgent info update release feature bug issue ticket question tip docs tests
production backup server network wifi printer outlook teams office sale win free new latest trending viral lol wow
great best good merci bonjour amour liebe danke urlaub gracias amor vida grazie ciao bedankt obrigado tack kiitos
takk спасибо новости teşekkürler türkiye haber
日本 写真 旅行 header footer nav container wrapper sidebar menu
button content page root include define ifdef endif pragma fade cafe
"""


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("#reslove x", "resolve"),
        ("#tmie 15m", "time"),
        ("#esclate", "escalate"),
        ("#nte x", "note"),
        ("#clotrer", "clôturer"),
    ],
)
def test_a_mistyped_line_stops_the_mail(line: str, nearest: str) -> None:
    read = read_commands(f"{line}\n#take\n\nHello")
    assert read.errors == (ReadingError(line, nearest, Reason.MISTYPED),)
    assert (read.commands, read.public_text) == ((), "")


@pytest.mark.parametrize(
    "line", ["#42", "# Heading", "#include <stdio.h>", "#winning", "#c", "#", "##note", "#ccc", "#resolve-it"]
)
def test_ordinary_hashes_are_text(line: str) -> None:
    read = read_commands(f"{line}\n\nHello")
    assert (read.commands, read.errors) == ((), ())
    assert read.public_text == f"{line}\n\nHello"


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("#category printer", "type"),
        ("#snooze 2 days", "later"),
        ("#group Network", "assign"),
        ("#on-hold", "waiting"),
        ("#On hold", "waiting"),
        ("*#due_date* Friday", "later"),
        ("#internal-note they are late with the rent", "note"),
        ("- #Private_Comment: not for them", "note"),
        ("#public false", "help"),
        ("#done", "resolve"),
    ],
)
@pytest.mark.parametrize("text", ["{}\n\nHello", "#take\n{}\n\nHello", "Hello,\n\nsee below.\n\n{}", "{}"])
def test_a_command_of_another_desk_stops_the_mail(text: str, line: str, nearest: str) -> None:
    read = read_commands(text.format(line))
    assert read.errors == (ReadingError(line, nearest, Reason.OF_ANOTHER_DESK),)
    assert (read.commands, read.public_text) == ((), "")


def test_between_paragraphs_it_stops_the_mail_where_it_is_no_sentence() -> None:
    assert reasons("Hello,\n\n#snooze 2d\n\nsee you") == [Reason.OF_ANOTHER_DESK]
    assert reasons("Hello,\n\n#comment he is never at his desk\n\nsee you") == [Reason.OF_ANOTHER_DESK]
    assert not reasons("Hello,\n\n#category is the field where the name of the room belongs\n\nsee you")


@pytest.mark.parametrize(
    "text",
    [
        "Please put it into the field #category, then #snooze it.",
        "It is our #1 priority.",
        "#1 priority is the printer",
        "The colour is #fff, the language C#.\n\n#fff\n\n#happyfriday",
        "```\n#comment of the script\n#category\n```\n\nThat is all.",
        "See below:\n\n    #comment out the line\n    ls -l\n\nThat is all.",
        "#tag { color: red }\n\nHello",
        "`#snooze`\n\nis what the other desk has.",
    ],
)
def test_hashtags_in_sentences_colours_and_code_go_out(text: str) -> None:
    read = read_commands(text)
    assert (read.commands, read.errors, read.public_text) == ((), (), text)


def test_the_commands_of_other_desks_are_none_of_ours_and_each_has_a_nearest_one() -> None:
    words = vocabulary()
    assert [word for word in OTHER_DESKS if words.name_of(word) or not word.isalpha() or not word.islower()] == []
    assert set(OTHER_DESKS.values()) <= COMMANDS
    assert [word for word in OTHER_DESKS if word in FREQUENT.split()] == []


def test_a_note_is_internal() -> None:
    read = read_commands("#note the client is angry\nHello")
    assert (read.commands, read.public_text) == ((Command("note", "the client is angry"),), "Hello")
    assert read_commands("#note, quietly\nHello").public_text == "Hello"


def test_a_bare_note_makes_the_whole_mail_internal() -> None:
    read = read_commands("#note\n#take\nThe client is angry.\n\nVery.")
    assert read.commands == (Command("note", "The client is angry.\n\nVery."), Command("take", ""))
    assert read.public_text == ""
    assert reasons("#note") == [Reason.MISSING_ARGUMENT]


@pytest.mark.parametrize("line", ["#note secret", "#ask bob@example.com", "  ＃Notiz geheim", "#note"])
def test_internal_text_out_of_place_stops_the_mail(line: str) -> None:
    read = read_commands(f"Hello\n\nfirst\n{line}\n\nlast")
    assert [error.reason for error in read.errors] == [Reason.INTERNAL_TEXT_OUT_OF_PLACE]
    assert read.public_text == ""


def test_quoted_and_fenced_lines_never_run() -> None:
    assert not orders("> #resolve x\n\nHello")
    assert not orders("```\n#resolve x\n#note y\n```\nHello")
    assert not reasons("Hello\n\n~~~\n#note y\n~~~\n\nbye")


@pytest.mark.parametrize(
    ("line", "args"),
    [
        ("#type panne", "incident"),
        ("#type Service", "service"),
        ("#priority élevée", "high"),
        ("#priorité basse", "low"),
        ("#ask Bob <bob@example.com>", "bob@example.com"),
        ("#ask Bob <bob@example.com> with files", "bob@example.com with files"),
        ("#ask bob@example.com<mailto:bob@example.com>, avec les fichiers.", "bob@example.com with files"),
        ("#fragen bob@example.com\xa0mit Dateien", "bob@example.com with files"),
        ("#ask bob@example.com tek başına", "bob@example.com alone"),
        ("#requester anna@example.org by phone", "anna@example.org by phone"),
        ("#requester Anna Roy <anna@example.org>, par téléphone.", "Anna Roy <anna@example.org> by phone"),
        ("#anforderer anna@example.org<mailto:anna@example.org> im\xa0Chat", "anna@example.org by chat"),
        ("#requester “Anna by phone” <anna@example.org>", "Anna by phone <anna@example.org>"),
        ("#requester anna@example.org (telefonisch)", "anna@example.org by phone"),
        ("#assign bob@example.com<mailto:bob@example.com>", "bob@example.com"),
        ("#merge sup-12", "SUP-12"),
        ("#merge [SUP-12] oui", "SUP-12 yes"),
        ("#route network", "network"),
        ("#close", ""),
        ("#time 1h30", "1h30"),
        ("#handback: not ours", "not ours"),
        ("#priority=high", "high"),
        ("#type “incident”.", "incident"),
        ("#merge SUP–12\xa0oui", "SUP-12 yes"),
        ("#assign ‘bob@example.com’", "bob@example.com"),
        ("#assign @bob", "bob"),
        ("#assign Zoé  O’Neill-Roy.", "Zoé O’Neill-Roy"),
        ("#confier moi", "moi"),
        ("#assign bob.stone2", "bob.stone2"),
        ("#time 15’", "15’"),
    ],
)
def test_arguments_are_checked_and_spelled_one_way(line: str, args: str) -> None:
    assert [command.args for command in read_commands(line).commands] == [args]


@pytest.mark.parametrize(
    "line",
    [
        "#time soon",
        "#type car",
        "#priority asap",
        "#ask bob",
        "#assign a b@c",
        "#assign 42",
        "#assign it to him or her",
        "#assign bob, who knows it",
        "#merge it",
        "#time 0",
        *("#requester anna@example.org by pigeon", "#requester by phone", "#requester a@b.example c@d.org by phone"),
        *("#requester anna@example.org by phone by chat", "#to anna@example.org by phone", "#requester anna by phone"),
        *("#ask bob with files", "#ask with files", "#ask bob@example.com with", "#ask bob@example.com if with files"),
    ],
)
def test_bad_arguments_stop_the_mail(line: str) -> None:
    assert reasons(line) == [Reason.BAD_ARGUMENT]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_words_for_what_goes_along_with_a_question(code: str) -> None:
    for meant in ("with files", "alone"):
        for words in (meant, *LANGUAGES[code]["commands"]["ask"][meant]):
            read = read_commands(f"#ask bob@example.com {words}", [code])
            assert [command.args for command in read.commands] == [f"bob@example.com {meant}"], words


@pytest.mark.parametrize(
    "line",
    [
        "#approve by boss@example.org May she?", "#approve boss@example.org May she?",
        "#approve: boss@example.org, May she?",
        "#Approve By Bo Berg <boss@example.org> May she?", "#approve-by boss@example.org May she?",
        "#approve boss@example.org<mailto:boss@example.org> May she?", "#genehmigen durch boss@example.org May she?",
        "#approuver par boss@example.org May she?", "#aprobar por boss@example.org May she?",
        "#goedkeuren door boss@example.org May she?", "#approvare da boss@example.org May she?",
        "#aprovar por boss@example.org May she?", "#godkänn av boss@example.org May she?",
        "#承認 boss@example.org May she?",
    ],
)  # fmt: skip
def test_approve_with_an_address_asks_that_person(line: str) -> None:
    read = read_commands(line)
    assert [(one.name, one.args) for one in read.commands] == [("approve-by", "boss@example.org May she?")], read


@pytest.mark.parametrize(
    "line",
    ["#approve", "#approve by phone", "#approve thanks to boss@example.org", "#approved by boss@example.org",
     "#genehmigt durch boss@example.org", "#approve by Bo Berg", "#approve by"],
)  # fmt: skip
def test_approve_without_one_stays_the_reviewers(line: str) -> None:
    assert [one.name for one in read_commands(line).commands] == ["approve"]


def test_approve_words_that_say_who_are_in_the_language_files() -> None:
    for code, language in LANGUAGES.items():
        words = language["commands"]
        assert {*words["approve"].get("done", ())} <= {*words["words"]["approve"]}, code


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_words_for_the_channels(code: str) -> None:
    for meant, channel in CHANNELS.items():
        for words in (meant, *LANGUAGES[code]["commands"]["channel"][meant]):
            read = read_commands(f"#requester anna@example.org {words}", [code])
            assert [command.args for command in read.commands] == [f"anna@example.org {meant}"], words
            assert read_requester(read.commands[0].args) == (Address("", "anna@example.org"), channel)


@pytest.mark.parametrize("name", ["handback", "ask", "time", "type", "priority", "cause", "assign", "route", "merge"])
def test_missing_arguments_stop_the_mail(name: str) -> None:
    assert read_commands(f"#{name}").errors == (ReadingError(f"#{name}", name, Reason.MISSING_ARGUMENT),)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("15m", 15),
        ("15 min", 15),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("2 h", 120),
        ("90 min", 90),
        ("1,5 h", 90),
        ("1:30", 90),
        ("2 heures", 120),
        ("1 Stunde", 60),
        ("15", 15),
        ("0", None),
        ("", None),
        ("a while", None),
        ("99999 h", None),
    ],
)
def test_minutes(text: str, minutes: int | None) -> None:
    assert read_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "kind", "detail"),
    [
        ("", CloseKind.BARE, ""),
        ("withdrawn", CloseKind.WITHDRAWN, ""),
        ("Retiré", CloseKind.WITHDRAWN, ""),
        ("duplicate SUP-3", CloseKind.DUPLICATE, "SUP-3"),
        ("doublon de sup-3", CloseKind.DUPLICATE, "SUP-3"),
        ("doublon", CloseKind.FREE, "doublon"),
        ("no answer", CloseKind.NO_ANSWER, ""),
        ("sans réponse", CloseKind.NO_ANSWER, ""),
        ("spam", CloseKind.SPAM, ""),
        ("indésirable", CloseKind.SPAM, ""),
        ("spam filter was wrong", CloseKind.FREE, "spam filter was wrong"),
        ("transferred to finance", CloseKind.TRANSFERRED, "finance"),
        ("transmis à la compta", CloseKind.TRANSFERRED, "la compta"),
        ("weitergegeben an Einkauf", CloseKind.TRANSFERRED, "Einkauf"),
        ("the user left", CloseKind.FREE, "the user left"),
        ("“no answer”", CloseKind.NO_ANSWER, ""),
        ("brak odpowiedzi", CloseKind.NO_ANSWER, ""),
        ("przekazane do działu zakupów", CloseKind.TRANSFERRED, "działu zakupów"),
        ("dubblett av SUP-4", CloseKind.DUPLICATE, "SUP-4"),
        ("重複 SUP-5", CloseKind.DUPLICATE, "SUP-5"),
        ("больше не нужно", CloseKind.WITHDRAWN, ""),
    ],
)
def test_close_reasons(text: str, kind: CloseKind, detail: str) -> None:
    read = read_close_reason(text)
    assert (read.kind, read.detail) == (kind, detail)


@pytest.mark.parametrize(
    "line",
    [
        "- #resolve cable",
        "-#resolve cable",
        "- [ ] #resolve cable",
        "« #resolve cable »",
        "/#resolve/ cable",
        "* #resolve cable",
        "• #resolve cable",
        "1. #resolve cable",
        "*#resolve* cable",
        "**#resolve cable**",
        "_#resolve cable_",
        "\\#resolve cable",
        "“#resolve cable”",
        "#\u200bresolve cable",
        "#\ufe0f\u20e3resolve cable",
        "#\u20e3resolve cable",
        "\u200f#resolve cable",
        "\ufeff#resolve\xa0cable",
        "\xa0 ＃ＲＥＳＯＬＶＥ\u3000cable",
        "﹟resolve cable",
        "#RESOLVE: cable  ",
        "#resolve. cable",
        "#resolve, cable",
        "#resolve – cable",
        "#re\u0301solu cable",
        "#re-solve cable",
        "#解決：cable",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028"])
def test_what_clients_do_to_a_line_changes_nothing(line: str, end: str) -> None:
    read = read_commands(f"{line}{end}{end}Hello")
    assert read == read_commands("#resolve cable\n\nHello")


@pytest.mark.parametrize(
    "text",
    [
        "# Resolution\n\nHello",
        "## note x",
        "#\xa0Heading",
        "#1. first",
        "`#resolve`\n\nHello",
        "“#resolve” is what you write",
        "#!/bin/sh\n#status of the disk\ndf -h\n\nHello",
        "#include <stdio.h>\n#close the file\nint main;",
        "#header {\n  color: #fff;\n}\n\nHello",
        "#list { margin: 0 }\n\nHello",
        "#close(handle);\n\nHello",
        "#facade\n\nHello",
        "I like #resolve and #take\nHello",
        "See below:\n\n    cd /srv\n    #status of the disk\n    ls\n",
    ],
)
def test_code_headings_and_running_text_never_run(text: str) -> None:
    read = read_commands(text)
    assert (read.commands, read.errors) == ((), ())
    assert read.public_text == text.strip()


_SPACES = ["# ", "#\xa0", "#  ", "#\t", "＃ ", "#\u3000", "#\u200b ", "# \u200b", "#\ufe0f\u20e3 ", "*# ", "- # "]


@pytest.mark.parametrize("text", ["{}", "{}\n\nHello", "Hello,\n{}\nWe are on it.\n\nBye", "#take\n{}\n\nHello"])
@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        ("Note she is difficult, don't call her", "note"),
        ("notiz: sie ist schwierig", "note"),
        ("メモ 客は怒っています", "note"),
        ("note", "note"),
        ("Ask Bob whether she pays", "ask"),
        ("escalate", "escalate"),
        ("Escalade: pas de clé", "escalate"),
        ("re-solve cable", "resolve"),
        ("résolu", "resolve"),
        ("time 15m", "time"),
        ("priorité basse", "priority"),
        ("take", "take"),
    ],
)
def test_a_command_with_a_blank_behind_its_sign_stops_the_mail(text: str, words: str, nearest: str) -> None:
    for spaces in _SPACES:
        line = f"{spaces}{words}"
        read = read_commands(text.format(line))
        assert read.errors == (ReadingError(line.strip(), nearest, Reason.MISTYPED),), line
        assert (read.commands, read.public_text) == ((), "")


@pytest.mark.parametrize(
    "below", ["", "\n\nKind regards,\nBob", "\n\n-- \nBob", "\n\nAlice Martin\nTel. 4711\nFax 4712"]
)
@pytest.mark.parametrize(
    "line",
    [
        "# note she is rude",
        "# escalate no key",
        "# note the client is very angry about the delay and wants his money back from\nus by tomorrow",
        "# Resolve",
    ],
)
def test_it_stops_the_mail_at_the_end_too(line: str, below: str) -> None:
    assert reasons(f"Hello,\n\nit was the drum.\n\n{line}{below}") == [Reason.MISTYPED]


@pytest.mark.parametrize("signature", ["-- \nBob", "Kind regards\nBob Martin\nSales", "Kind regards,\nBob\nTel. 4711"])
def test_a_note_below_a_signature_is_not_lost(signature: str) -> None:
    text = f"It was the drum.\n\n{signature}\n\n"
    for line in ("# note she is rude", "#\xa0Notiz: rude"):
        assert reasons(f"{text}{line}") == [Reason.MISTYPED]
    for line in ("#\u200bnote rude", "#\ufe0f\u20e3note rude"):
        assert orders(f"{text}{line}") == [("note", "rude")]


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_internal_word_of_any_language_is_public_with_a_blank_before_it(code: str) -> None:
    spelled = LANGUAGES[code]["commands"]["words"]
    for word in ["note", *(one.removeprefix("=") for one in (*spelled.get("note", ()), *spelled.get("escalate", ())))]:
        assert reasons(f"# {word.capitalize()} she is rude\n\nHello") == [Reason.MISTYPED], word
        assert reasons(f"Hello,\n\nwe are on it.\n\n#\xa0{word} she is rude\n\n-- \nBob") == [Reason.MISTYPED], word


@pytest.mark.parametrize(
    "line", ["# Comment she is rude and loud", "# private-note: rude", "# on hold", "# snooze 2d", "# Done"]
)
def test_a_command_of_another_desk_with_a_blank_stops_the_mail(line: str) -> None:
    for text in ("{}\n\nHello", "Hello,\n\nsee below.\n\n{}"):
        assert reasons(text.format(line)) == [Reason.OF_ANOTHER_DESK]


@pytest.mark.parametrize("line", ["# Note: she is rude", "#\xa0note she is rude", "# ask bob@example.com"])
def test_internal_text_with_a_blank_in_a_paragraph_of_its_own_stops_the_mail(line: str) -> None:
    assert reasons(f"Hello,\n\n{line}\n\nWe are on it.") == [Reason.INTERNAL_TEXT_OUT_OF_PLACE]


@pytest.mark.parametrize(
    "text",
    [
        *(
            f"{line}\n\nHello"
            for line in (
                "# Steps to follow",
                "# 1",
                "# of users",
                "# Time to restart",
                "# Type of the printer",
                "# Type",
                "# Link to the manual",
                "# List of the printers",
                "# Take the lid off",
                "# Open the lid and look",
                "# Cause",
                "# Noted",
                "## note x",
                "`# note x`",
                "#",
                "# ",
            )
        ),
        "Hello,\n\n# Notes\n\nThe lamp is new.",
        "Hello,\n\n# Cause\n\nThe lamp.\n\n# Solution: a new lamp\n\nIt was changed.",
        "Hello,\n\n# Summary\n\nThe lamp is new.",
        "Hello,\n\n# Ask for the key\n\nIt is at the desk.",
        "Hello,\n\nrun this:\n\n# note: needs root\nsudo ls\n\nThat is all.",
        "Hello\n\n```\n# note x\n\n# status\n```",
        "See below:\n\n    # note: needs root\n    ls\n\nThat is all.",
        "#!/bin/sh\n# note: needs root\nls\n\nHello",
    ],
)
def test_headings_and_comments_with_a_blank_stay_text(text: str) -> None:
    read = read_commands(text)
    assert (read.commands, read.errors, read.public_text) == ((), (), text.strip())


@pytest.mark.parametrize(
    "line", ["`#note secret`", "“#note secret", "#note {", "#!/bin/sh\n#note secret", "    #note x\n    ls\n\nHi"]
)
def test_internal_text_that_may_be_code_stops_the_mail(line: str) -> None:
    assert Reason.INTERNAL_TEXT_OUT_OF_PLACE in reasons(f"{line}\n\nHello")


def test_a_word_that_is_another_one_without_its_accents_counts_only_with_them() -> None:
    assert orders("#löst\n\nHej") == [("resolve", "")]
    assert not orders("#lost\n\nHej")
    assert not reasons("#lost\n\nHej")


def test_a_line_after_every_line_is_no_paragraph() -> None:
    read = read_commands("#take\n\n#time 15m\n\n\xa0\n\nHello,\n\nplease restart.\n\n\n\nBye\n\n\n\n#note done\n")
    assert [command.name for command in read.commands] == ["take", "time", "note"]
    assert read.public_text == "Hello,\nplease restart.\n\nBye"
    middle = "Hello,\n\nI see.\n\n\n\nIt was the disk.\n\n#time 15m\n\nBye."
    assert not orders(middle)


LONG_NOTE = "#note the client is very angry about the delay and wants his money back from"


def test_what_a_client_wrapped_stays_with_its_command() -> None:
    read = read_commands(f"{LONG_NOTE}\nus by tomorrow.\nHello Jane,\n\nwe are on it.")
    assert read.commands == (Command("note", f"{LONG_NOTE.removeprefix('#note ')} us by tomorrow."),)
    assert read.public_text == "Hello Jane,\n\nwe are on it."
    read = read_commands(f"1. {LONG_NOTE}\n     us by tomorrow.\n\nHello")
    assert (read.errors, read.public_text) == ((), "Hello")
    solution = "#resolve I have changed the drum of the printer on the second floor and then"
    read = read_commands(f"Hello,\n\nthat was quick.\n\n{solution}\nprinted ten pages.\n\n-- \nBob")
    assert read.commands == (Command("resolve", f"{solution.removeprefix('#resolve ')} printed ten pages."),)
    assert read.public_text == "Hello,\n\nthat was quick."


@pytest.mark.parametrize(
    "text",
    [
        f"{LONG_NOTE}\nMonday on.\nHello Jane, we are on it.",  # two paragraphs without a line between them
        f"{LONG_NOTE[:-5]} now.\nWe are on it.",
        f"{LONG_NOTE[:-5]} now.\nWe are on it.\n\n-- \nBob",
        f"{LONG_NOTE}\nhello jane,\n\nwe are on it.",
        f"{LONG_NOTE}\n\nus by tomorrow.\n\nHello.",  # perhaps a blank line after every line
    ],
)
def test_internal_text_whose_end_is_in_doubt_stops_the_mail(text: str) -> None:
    read = read_commands(text)
    assert [error.reason for error in read.errors] == [Reason.INTERNAL_TEXT_OPEN]
    assert read.public_text == ""


GERMAN_NOTE = (
    "Die Lampe ist abgelaufen, die Garantie auch; das sollte der\nEinkauf besser nicht erfahren, sonst zahlt er nicht"
)


@pytest.mark.parametrize("above", ["", "#time 5m\n", "#time 5m\n\n", "#lösen\n#zeit 5m\n"])
@pytest.mark.parametrize(
    "below", ["", "\n#time 6m", "\n\n#time 6m", "\n\nGuten Tag,\n\nfertig.\n\n#time 6m\n#cause Lampe"]
)
@pytest.mark.parametrize(
    "note",
    [
        GERMAN_NOTE,
        f"{GERMAN_NOTE}, und das wäre uns im Augenblick\nGar nicht recht.",
        f"{LONG_NOTE.removeprefix('#note ')}\nMonday on!",
        "I have no access to the print server, and its log says that\nInternetzugangsberechtigungen fehlen",
        f"see\nhttps://wiki.example.org/{'a-very-long-page-' * 4}",
        f"{'客' * 34}\n{'怒' * 12}",
    ],
)
@pytest.mark.parametrize("word", ["note", "escalate"])
def test_a_paragraph_of_internal_text_that_a_client_wrapped_is_internal(
    word: str, note: str, below: str, above: str
) -> None:
    read = read_commands(f"{above}#{word} {note}{below}\n\n-- \nBob")
    assert read.errors == ()
    assert Command(word, note.replace("\n", " ")) in read.commands
    assert read.public_text == ("Guten Tag,\n\nfertig." if "Guten" in below else "")


def test_a_sentence_more_in_the_paragraph_of_a_note_is_internal_where_more_follows() -> None:
    read = read_commands(f"{LONG_NOTE[:-5]} now.\nPurchasing must not know.\n\nHello")
    assert read.public_text == "Hello"
    assert read_commands(f"{LONG_NOTE}\nus today.\n\n{'A long line that no client wrapped. ' * 4}").errors == ()


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("#note call him\nhello jane", "hello jane"),
        (f"{LONG_NOTE[:-5]}.\nHello Jane,\n\nwe are on it.", "Hello Jane,\n\nwe are on it."),
        ("#note the client is angry about the delay and wants money, too.\nHi all", "Hi all"),
        (f"{LONG_NOTE}\n\nHello\nJane", "Hello\nJane"),
        ("#resolve the drum of the printer on the second floor was worn, and I have it\nReplaced.", "Replaced."),
    ],
)
def test_public_text_below_a_command_is_not_lost(text: str, public: str) -> None:
    read = read_commands(text)
    assert read.errors == ()
    assert read.public_text == public


def test_a_mistyped_line_beside_a_command_at_the_end_stops_the_mail() -> None:
    assert reasons("Hello\n\nit was the cable\n\n#resolve cable\n#priorty low") == [Reason.MISTYPED]
    assert reasons("Hello\n\nit was the cable\n\n#ntoe secret") == [Reason.MISTYPED]
    assert not reasons("Hello\n\nit was the cable\n\n#tkae")
    assert not reasons("Hello\n\n#ntoe secret\n\nit was the cable")


def test_words_stuck_together_in_a_script_without_spaces_stop_the_mail() -> None:
    assert reasons("#メモ客は怒っています\n\nこんにちは") == [Reason.MISTYPED]


@pytest.mark.parametrize(
    ("line", "name", "args"),
    [
        ("#rozwiązane kabel", "resolve", "kabel"),
        ("#zamkniete spam", "close", "spam"),
        ("#godkänn ja", "approve", "ja"),
        ("#priorytet pilne", "priority", "urgent"),
        ("#prioritet høj", "priority", "high"),
        ("#typ störning", "type", "incident"),
        ("#type hendelse", "type", "incident"),
        ("#aika 1,5 tuntia", "time", "1,5 tuntia"),
        ("#čas 2 hodiny", "time", "2 hodiny"),
        ("#время 1 час 30 минут", "time", "1 час 30 минут"),
        ("#ПРИОРИТЕТ срочно", "priority", "urgent"),
        ("#KAPALI", "close", ""),
        ("#öncelik düşük", "priority", "low"),
        ("#birleştir sup-7 evet", "merge", "SUP-7 yes"),
        ("#優先度 至急", "priority", "urgent"),
        ("#時間 1時間30分", "time", "1時間30分"),
    ],
)
def test_sixteen_languages(line: str, name: str, args: str) -> None:
    assert orders(line) == [(name, args)]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("text/plain; charset=utf-8; format=flowed", "#note the client is angry \r\nand loud\r\n\r\nHello"),
        ("text/html; charset=utf-8", "<p><b>#note</b> the client is angry and loud</p><p>Hello</p>"),
        ("text/html; charset=utf-8", "<ul><li>#note the client is angry and loud</li></ul><p>Hello</p>"),
        ("text/html; charset=utf-8", "<div>#note&nbsp;the client is angry and loud<br></div><div><br></div>Hello"),
    ],
)
def test_commands_in_whole_mails(headers: str, body: str) -> None:
    raw = f"From: bob@example.org\r\nIn-Reply-To: <a@example.org>\r\nContent-Type: {headers}\r\n\r\n{body}\r\n"
    read = read_commands(read_mail(raw.encode()).new_text)
    assert read.commands == (Command("note", "the client is angry and loud"),)
    assert read.public_text == "Hello"


_LINES = st.sampled_from(
    [
        "#note x",
        "#note",
        "#take",
        "#tmie",
        "hello",
        "",
        "```",
        "> #take",
        "-- ",
        "＃close spam",
        "# note x",
        "# Solution",
        "#merge a",
        "\xa0",
        LONG_NOTE,
        "and so on",
        "    ls",
        "`#note x`",
        "#header {",
    ]
)


_ABOUT = st.sampled_from(
    ["Hello", "", "more text, and more", "    ls", "```", "- one", "Kind regards", "Jo Martin", "Tel. 4711"]
)
_EXACT = st.sampled_from(
    ["#resolve", "#lösen", "#résolu", "#time 15m", "#priority high", "#解決", "#note", "#kapat", "#take"]
)
_SPACED = st.sampled_from(["# note she is rude", "#\xa0Notiz: rude", "#\ufe0f\u20e3note rude", "#\u200bnote rude"])
_AROUND = st.sampled_from(
    [
        "{}",
        "*{}*",
        "**{}**",
        "_{}_",
        "/{}/",
        "- {}",
        "  {}",
        "    {}",
        "{} ",
        "{}\xa0\xa0",
        "\xa0{}",
        "1. {}",
        "({})",
        "-{}",
        "- [ ] {}",
        "« {} »",
    ]
)


@given(st.lists(_ABOUT, max_size=8), _EXACT, _AROUND, st.lists(_ABOUT, max_size=8))
@settings(max_examples=examples(400), deadline=None)
def test_a_line_that_is_a_command_is_never_public(above: list[str], line: str, around: str, below: list[str]) -> None:
    read = read_commands("\n".join([*above, around.format(line), *below]))
    assert not any(line in one for one in read.public_text.split("\n"))
    assert read.commands or read.errors


@given(st.lists(_ABOUT, max_size=8), _SPACED, st.lists(_ABOUT, max_size=8))
@settings(max_examples=examples(200), deadline=None)
def test_a_private_note_is_never_public_in_the_place_of_a_command(
    above: list[str], line: str, below: list[str]
) -> None:
    for text in ([line, *below], [*above, "", line], [*above, "", line, "", *below]):
        read = read_commands("\n".join(text))
        is_code = any(one.startswith(("```", "    ")) for one in text)
        assert is_code or "rude" not in read.public_text
        assert is_code or read.commands or read.errors


@pytest.mark.parametrize("blank", range(1, 6))
def test_a_private_note_between_paragraphs_comes_back_however_far_they_are_apart(blank: int) -> None:
    read = read_commands("Hello\n" + "\n" * blank + "# note she is rude\n\nHello")
    assert read.public_text == ""
    assert read.errors


@given(st.one_of(st.text(max_size=300), st.lists(_LINES, max_size=20).map("\n".join)))
@settings(max_examples=examples(200), deadline=None)
def test_never_raises_and_errors_let_nothing_out(text: str) -> None:
    read = read_commands(text)
    assert not read.errors or (read.commands, read.public_text) == ((), "")


@pytest.mark.parametrize(
    "piece",
    [
        "#take\n",
        "#zzzzz\n",
        "\n",
        "#note x\n\n",
        "```\n",
        " ",
        "#reslove\n",
        "\xa0\n",
        "*#",
        "“#note ",
        "#a{",
        "    #take\n",
        "- #take\n\n\n\n",
        f"#note {'x' * 70}\nand y\n",
        "#include\n",
        "# note x\n",
        "# note x\n\nHello\n\n",
        f"# note {'x' * 70}\nand y\n\n",
        "#\xa0\u200b",
    ],
)
def test_time_is_linear(piece: str, share: float) -> None:
    begin = time.process_time()
    read_commands(piece * int(200_000 * share / len(piece)))
    assert time.process_time() - begin < 3 * share


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("#tag VPN, Fritz-Box; win_11", ((), "vpn fritz-box win_11")),
        ("#Tag -vpn", ((), "-vpn")),
        ("#tag: –vpn #home node.js.", ((), "-vpn home node.js")),
        ("#étiquette Réseau vpn vpn", ((), "réseau vpn")),
        ("#tag SUP-3 SUP-4 -vpn home", (("SUP-3", "SUP-4"), "-vpn home")),
        ("#tag vpn SUP-3", (("SUP-3",), "vpn")),
    ],
)
def test_tags_are_small_words_and_a_minus_takes_one_off(line: str, wanted: tuple[tuple[str, ...], str]) -> None:
    [command] = read_commands(line).commands
    assert (command.name, command.targets, command.args) == ("tag", *wanted)


@pytest.mark.parametrize("line", ["#tag", "#tag - vpn", "#tag a/b", "#tag vpn E-42 x", "#tag " + 33 * "x"])
def test_what_is_no_tag_comes_back(line: str) -> None:
    assert reasons(line) in ([Reason.BAD_ARGUMENT], [Reason.MISSING_ARGUMENT])


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("#close transferred nomina@example.com<mailto:nomina@example.com>", "transferred nomina@example.com"),
        ("#close transferred nomina@example.com <mailto:nomina@example.com>", "transferred nomina@example.com"),
        ("#note ask Nomina@example.com<MAILTO:nomina@example.com>.", "ask Nomina@example.com."),
        ("#escalate see https://wiki.example.com/vpn <https://wiki.example.com/vpn/> first",
         "see https://wiki.example.com/vpn first"),
        ("#used www.example.com<http://www.example.com/>", "www.example.com"),
        ("#waiting “nomina@example.com<mailto:nomina@example.com>”", "“nomina@example.com”"),
        ("#resolve see boss@example.com<mailto:nomina@example.com>",
         "see boss@example.com<mailto:nomina@example.com>"),
        ("#note Bob <bob@example.com> knows", "Bob <bob@example.com> knows"),
        ("#note a < b and c > d", "a < b and c > d"),
    ],
)  # fmt: skip
def test_an_address_that_a_client_doubled_stands_once_in_the_words_of_a_command(line: str, wanted: str) -> None:
    assert orders(line) == [(line[1:].split()[0], wanted)]
