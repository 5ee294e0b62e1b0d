"""Sample content for every notice, and the check of the templates with it.

`sample` serves previews and tests; `check_templates` is what a check of the configuration runs: every notice in every
language, with much to show and with little, and the mistakes in words. Pure but for reading the templates; never fails
on what an operator wrote.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup

from mailgate.config import Logo
from mailgate.config.directory.entries import Equipment
from mailgate.core.form_fields import FieldKind, FormField, Texts
from mailgate.core.mail import Address
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Asks, Audience, Files, Notice
from mailgate.notices.alarms import FAILED, Alarm
from mailgate.notices.rendering.branding import DEFAULT_LOOK, Branding, LogoImage
from mailgate.notices.rendering.checklist import render_checklist
from mailgate.notices.rendering.content import (
    Decisions,
    Earlier,
    FormValue,
    HeldMessage,
    NoticeContent,
    OpenRequest,
    QuotedMail,
    Suggestion,
    TimelineEntry,
    UndecidedTicket,
)
from mailgate.notices.rendering.digest import AbsentAgent, Digest, SpamMessage
from mailgate.notices.rendering.locales import write_size
from mailgate.notices.rendering.replies import (
    ArticleLine,
    BlockedAddress,
    ExplainedStep,
    Figures,
    ListSection,
    QueryReply,
    SavedReplyLine,
    TicketLine,
    TicketResult,
)
from mailgate.notices.rendering.report import ReportContent
from mailgate.notices.rendering.subject import mailto
from mailgate.notices.rendering.templates import OURS, SHIPPED, TEMPLATE_ERRORS, Templates, described
from mailgate.parsers.forms import write_expectation, write_form
from mailgate.parsers.ratings import MOST, write_rating
from mailgate.parsers.translations import DOMAIN
from mailgate.tickets.values import CommandMistake, CommandResult, SentNotice

_DESK = "support@example.com"
_REFERENCE = "SUP-1042"
_LINK = re.compile(r'href="mailto:[^"?]*\?[^"]*"')
_AGENTS_TEXT = frozenset(
    {
        Notice.ANSWER,
        Notice.FINAL,
        Notice.QUESTION,
        Notice.DETAILS,
        Notice.WAITING_REMINDER,
        Notice.WAITING_DECISION,
        Notice.TRANSFERRED,
        Notice.COPY,
        Notice.ASK,
        Notice.APPROVAL,
        Notice.APPROVAL_REMINDER,
        Notice.RETURNED_AUTOMATIC,
        Notice.HELD,
        Notice.LATE_LEVEL,
        Notice.MISTYPED,
        Notice.NOTHING_READ,
        Notice.NOT_POSSIBLE,
        Notice.TRANSCRIPT,
        Notice.OVERTAKEN,
    }
)
# The samples of these name no ticket.
_OF_NO_TICKET = frozenset(
    {
        Notice.GATHERED, Notice.DIGEST, Notice.DECISIONS, Notice.REPORT, Notice.OVERSIZED, Notice.CHALLENGE,
        Notice.STRANGER,
        Notice.WAY_STOPPED, Notice.WAY_WORKS, Notice.PROBE, Notice.REFUSED, Notice.TOO_LARGE,
        Notice.UNPROCESSED,
    }
)  # fmt: skip
_WAITS_FOR = frozenset({Notice.ANSWER, Notice.THIRD_PARTY_REMINDER, Notice.BACK, Notice.SHOWN, Notice.MANAGER_DECISION})
_LEVEL1 = frozenset({Notice.REQUEST, Notice.MESSAGE, Notice.HANDED_BACK, Notice.ROUTED, Notice.RECEIPT})
_SHOWS_FORM = frozenset(
    {
        Notice.FORM, Notice.REQUEST, Notice.MESSAGE, Notice.ESCALATION, Notice.HANDED_BACK, Notice.ROUTED, Notice.SHOWN,
        Notice.DETAILS,
    }
)  # fmt: skip
_TITLE = Texts(
    (
        ("en", "Access to an application"),
        ("fr", "Accès à une application"),
        ("de", "Zugang zu einer Anwendung"),
        ("nl", "Toegang tot een applicatie"),
        ("es", "Acceso a una aplicación"),
        ("it", "Accesso a un’applicazione"),
        ("pt", "Acesso a uma aplicação"),
        ("pt-br", "Acesso a um aplicativo"),
        ("pl", "Dostęp do aplikacji"),
        ("sv", "Åtkomst till en applikation"),
        ("da", "Adgang til et program"),
    )
)
_SYSTEM = Texts(
    (
        ("en", "System"), ("fr", "Système"), ("de", "System"), ("nl", "Systeem"), ("es", "Sistema"), ("it", "Sistema"),
        ("pt", "Sistema"), ("pl", "System"), ("sv", "System"), ("da", "System"),
    )
)  # fmt: skip
_SINCE = Texts(
    (
        ("en", "Wanted from"), ("fr", "À partir du"), ("de", "Gewünscht ab"), ("nl", "Gewenst vanaf"),
        ("es", "A partir del"), ("it", "A partire dal"), ("pt", "A partir de"), ("pl", "Potrzebne od"),
        ("sv", "Önskas från och med"), ("da", "Ønskes fra"),
    )
)  # fmt: skip
_VERSION = Texts(
    (
        ("", "Version"), ("nl", "Versie"), ("es", "Versión"), ("it", "Versione"), ("pt", "Versão"), ("pl", "Wersja"),
    )
)  # fmt: skip
_BLANKS = (
    FormField("system", _SYSTEM, FieldKind.CHOICE, True, ("SAP", "Mail")),
    FormField("since", _SINCE, FieldKind.DATE, True),
    FormField("version", _VERSION),
)
_LOOK = Branding(
    DEFAULT_LOOK.colours,
    signature="Support\nExample Ltd",
    picture=LogoImage("cid:logo@mailgate", 120, 40, Logo(Path(), b"", "image/png", 120, 40)),
)
_REQUESTER = Address("Jo Martin", "jo.martin@example.com")
_AGENT = Address("Alice Durand", "alice@example.com")
_SOMEBODY = Address("Sam Roy", "sam@example.com")
_STATES = {
    **dict.fromkeys((Notice.CONFIRM, Notice.UNCLEAR, Notice.DECISION, Notice.SOLUTION), "confirming"),
    **dict.fromkeys((Notice.NOT_POSSIBLE, Notice.FINAL, Notice.REVIEW), "finalizing"),
    **dict.fromkeys((Notice.EARLY_YES, Notice.POOR_RATING), "finalizing"),
    Notice.CLOSED: "closed",
}
_REASONS = {
    **dict.fromkeys((Notice.DECISION, Notice.FINAL, Notice.CLOSED), ""),
    Notice.FAILED: "550 5.1.1 <sam@example.com>: no such user",
    Notice.NOT_POSSIBLE: "the final notice was sent",
    Notice.OVERTAKEN: "resolve",
    Notice.HELD: "denied",
    Notice.STRANGER: "",
    Notice.WAY_STOPPED: "the server refuses the login: [AUTHENTICATIONFAILED] Invalid credentials",
}
_COMMANDS = {Notice.REASON_WANTED: "close without a reason"}
_ALARM = Alarm(FAILED, (Notice.REQUEST, "level1@example.com", "550 5.7.1 relaying denied"))
_SENT = (SentNotice("confirm", _REQUESTER.address), SentNotice("copy", "level1@example.com"))
_AUTHORS = {
    **dict.fromkeys((Notice.MESSAGE, Notice.UNCLEAR, Notice.NEW_PROBLEM, Notice.WITHDRAWAL), _REQUESTER),
    **dict.fromkeys((Notice.NOT_FIXED, Notice.EARLY_YES, Notice.POOR_RATING), _REQUESTER),
    Notice.THIRD_PARTY: _SOMEBODY,
    Notice.SOMEBODY_ANSWERED: _SOMEBODY,
}


@dataclass(frozen=True, slots=True)
class _Story:
    """Words of the sample ticket in one language."""

    subject: str
    request: str
    answer: str
    solution: str
    reason: str
    elsewhere: str
    department: str
    options: tuple[str, str]
    checklist: str
    praise: str


_STORIES = {
    "fr": _Story(
        subject="Imprimante en panne",
        request="Bonjour,\n\nL’imprimante du 2e étage n’imprime plus depuis ce matin.\nMerci\u00a0!",
        answer="Bonjour Jo,\n\nQuel message l’imprimante affiche-t-elle exactement\u00a0?",
        solution="Le pilote a été remplacé.\n\n- Éteignez puis rallumez l’imprimante.\n- Relancez l’impression.",
        reason="le pilote manque sur ce poste",
        elsewhere="le service des achats, achats@example.com, dossier 4711",
        department="Comptabilité",
        options=("résolu", "non résolu"),
        checklist="- Le journal de l’appareil est-il joint\u00a0?\n- Le pilote a-t-il changé\u00a0?",
        praise="Merci, elle imprime de nouveau.",
    ),
    "de": _Story(
        subject="Drucker defekt",
        request="Guten Tag,\n\nder Drucker im 2. Stock druckt seit heute Morgen nicht mehr.\nDanke!",
        answer="Guten Tag Jo,\n\nwas genau zeigt der Drucker an?",
        solution="Wir haben einen neuen Treiber installiert.\n\n"
        "- Drucker aus- und wieder einschalten.\n- Noch einmal drucken.",
        reason="auf diesem Gerät fehlt der Treiber",
        elsewhere="den Einkauf, einkauf@example.com, Vorgang 4711",
        department="Buchhaltung",
        options=("gelöst", "nicht gelöst"),
        checklist="- Ist das Protokoll des Geräts angehängt?\n- Wurde der Treiber gewechselt?",
        praise="Danke, er druckt wieder.",
    ),
    "nl": _Story(
        subject="Printer doet het niet",
        request="Goedendag,\n\nDe printer op de 2e verdieping print sinds vanochtend niet meer.\nBedankt!",
        answer="Goedendag Jo,\n\nWat geeft de printer precies aan?",
        solution="We hebben een nieuw stuurprogramma geïnstalleerd.\n\n"
        "- Zet de printer uit en weer aan.\n- Print nog een keer.",
        reason="op deze computer ontbreekt het stuurprogramma",
        elsewhere="de afdeling Inkoop, inkoop@example.com, dossier 4711",
        department="Boekhouding",
        options=("opgelost", "niet opgelost"),
        checklist="- Is het logboek van het apparaat bijgevoegd?\n- Is het stuurprogramma gewijzigd?",
        praise="Bedankt, hij print weer.",
    ),
    "en": _Story(
        subject="Printer is broken",
        request="Hello,\n\nThe printer on the 2nd floor has not printed since this morning.\nThanks!",
        answer="Hello Jo,\n\nWhat exactly does the printer show?",
        solution="We installed a new driver.\n\n- Switch the printer off and on again.\n- Print once more.",
        reason="the driver is missing on this machine",
        elsewhere="the purchasing team, purchasing@example.com, case 4711",
        department="Accounts",
        options=("resolved", "not fixed"),
        checklist="- Is the log of the device attached?\n- Was the driver changed?",
        praise="Thank you, it prints again.",
    ),
    "it": _Story(
        subject="La stampante non funziona",
        request="Buongiorno,\n\nla stampante del 2º piano non stampa da stamattina.\nGrazie!",
        answer="Buongiorno Jo,\n\nquale messaggio mostra esattamente la stampante?",
        solution="Abbiamo installato un nuovo driver.\n\n- Spenga e riaccenda la stampante.\n- Stampi di nuovo.",
        reason="il driver manca su questo computer",
        elsewhere="l’ufficio acquisti, acquisti@example.com, pratica 4711",
        department="Contabilità",
        options=("risolto", "non risolto"),
        checklist="- Il log del dispositivo è allegato?\n- Il driver è stato cambiato?",
        praise="Grazie, ora stampa di nuovo.",
    ),
    "es": _Story(
        subject="La impresora no funciona",
        request="Hola:\n\nLa impresora de la 2.ª planta no imprime desde esta mañana.\n¡Gracias!",
        answer="Hola, Jo:\n\n¿Qué mensaje muestra exactamente la impresora?",
        solution="Hemos instalado un controlador nuevo.\n\n"
        "- Apague la impresora y vuelva a encenderla.\n- Imprima otra vez.",
        reason="falta el controlador en este equipo",
        elsewhere="el departamento de compras, compras@example.com, expediente 4711",
        department="Contabilidad",
        options=("resuelto", "no resuelto"),
        checklist="- ¿Está adjunto el registro del aparato?\n- ¿Se cambió el controlador?",
        praise="Gracias, ya vuelve a imprimir.",
    ),
    "pt": _Story(
        subject="A impressora não funciona",
        request="Olá,\n\nA impressora do 2.º andar não imprime desde esta manhã.\nObrigado!",
        answer="Olá, Jo,\n\nQue mensagem mostra exatamente a impressora?",
        solution="Instalámos um novo controlador.\n\n- Reinicie a impressora.\n- Imprima novamente.",
        reason="falta o controlador neste computador",
        elsewhere="o departamento de compras, compras@example.com, processo 4711",
        department="Contabilidade",
        options=("resolvido", "não resolvido"),
        checklist="- O registo do equipamento está anexado?\n- O controlador foi substituído?",
        praise="Obrigado, já imprime outra vez.",
    ),
    "pt-br": _Story(
        subject="A impressora não está imprimindo",
        request="Olá,\n\nA impressora do 2º andar não imprime desde hoje de manhã.\nObrigado!",
        answer="Olá, Jo,\n\nQual é exatamente a mensagem que a impressora mostra?",
        solution="Instalamos um novo driver.\n\n- Desligue e ligue a impressora.\n- Imprima o arquivo novamente.",
        reason="o driver não está instalado neste computador",
        elsewhere="o setor de compras, compras@example.com, chamado 4711",
        department="Contabilidade",
        options=("resolvido", "não resolvido"),
        checklist="- O log do equipamento está anexado?\n- O driver foi trocado?",
        praise="Obrigado, voltou a imprimir.",
    ),
    "pl": _Story(
        subject="Drukarka nie działa",
        request="Dzień dobry,\n\ndrukarka na 2. piętrze od rana nie drukuje.\nDziękuję!",
        answer="Dzień dobry,\n\njaki dokładnie komunikat wyświetla drukarka?",
        solution="Zainstalowaliśmy nowy sterownik.\n\n- Wyłącz drukarkę i włącz ją ponownie.\n- Wydrukuj jeszcze raz.",
        reason="na tym komputerze brakuje sterownika",
        elsewhere="dział zakupów, zakupy@example.com, sprawa 4711",
        department="Księgowość",
        options=("rozwiązane", "nierozwiązane"),
        checklist="- Czy dołączono dziennik urządzenia?\n- Czy zmieniono sterownik?",
        praise="Dziękuję, drukarka znowu drukuje.",
    ),
    "sv": _Story(
        subject="Skrivaren fungerar inte",
        request="Hej!\n\nSkrivaren på plan 2 har inte skrivit ut sedan i morse.\nTack!",
        answer="Hej Jo,\n\nVilket meddelande visar skrivaren, ordagrant?",
        solution="Vi har installerat en ny drivrutin.\n\n"
        "- Stäng av skrivaren och slå på den igen.\n- Skriv ut en gång till.",
        reason="drivrutinen saknas på datorn",
        elsewhere="inköpsavdelningen, inkop@example.com, ärende 4711",
        department="Ekonomi",
        options=("löst", "inte löst"),
        checklist="- Är enhetens logg bifogad?\n- Har drivrutinen bytts ut?",
        praise="Tack, nu skriver den ut igen.",
    ),
    "da": _Story(
        subject="Printeren virker ikke",
        request="Hej,\n\nPrinteren på 2. sal har ikke udskrevet noget siden i morges.\nTak!",
        answer="Hej Jo,\n\nHvad står der præcist på printeren?",
        solution="Vi har installeret en ny driver.\n\n- Sluk printeren, og tænd den igen.\n- Udskriv en gang til.",
        reason="driveren mangler på computeren",
        elsewhere="indkøbsafdelingen, indkob@example.com, sag 4711",
        department="Regnskab",
        options=("løst", "ikke løst"),
        checklist="- Er enhedens log vedhæftet?\n- Er driveren blevet skiftet?",
        praise="Tak, nu printer den igen.",
    ),
}


_BAR = '<div class="bar{}" style="height:9px;margin:2px 0;background:{};width:{}%"></div>'
_BULLETIN = ReportContent(
    "2026-11-16 – 2026-11-22",
    "2026-11-16 – 2026-11-22\n=======================\nSupport\n\n    ███████████████ 31\n    ░░░░░░░░░░░░░ 27\n",
    Markup(
        '<p class="small" style="margin:0 0 16px;font-size:13px;color:#57606a">2026-11-16 – 2026-11-22<br>Support</p>\n'
        f"{_BAR.format('', '#0a6b3d', 100)}31\n{_BAR.format(2, '#b5651d', 87)}27"
    ),
)


def _story_of(language: str) -> _Story:
    """Returns the words in a language, else in its base (`pt` of `pt-br`), else the English ones."""
    code = language.lower()
    return _STORIES.get(code) or _STORIES.get(code.partition("-")[0]) or _STORIES["en"]


def sample(notice: Notice, language: str) -> NoticeContent:
    """Returns a ticket in the middle of its life, as that notice would show it."""
    for_requester = notice.info.audience is Audience.REQUESTER
    words = _story_of(language)
    video = f"video.mp4 ({write_size(38 * 2**20, language)})"
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    level = "level1" if notice in _LEVEL1 else "level2"
    reason = words.elsewhere if notice is Notice.TRANSFERRED else _REASONS.get(notice, words.reason)
    content = NoticeContent(
        notice, language, ZoneInfo("Europe/Paris"), "Support", _DESK,
        _REQUESTER if for_requester else Address("", "level1@example.com"),
        reference="" if notice in _OF_NO_TICKET else _REFERENCE, subject=words.subject,
        requester=_REQUESTER, department=words.department,
        channel="phone",
        vip=True, equipment=(Equipment(_REQUESTER.address, "ThinkPad T14", "VPN", "2026-11-20"),), more_equipment=3,
        morning=_morning(at, words) if notice is Notice.DIGEST else None,
        decisions=_decisions(at, words) if notice is Notice.DECISIONS else None,
        bulletin=_BULLETIN if notice is Notice.REPORT else None,
        author=_AUTHORS.get(notice, _AGENT), agent=_AGENT.name if notice is Notice.TAKEN else "",
        text=words.answer if notice in _AGENTS_TEXT else words.request, solution=words.solution,
        reason=reason, state=_STATES.get(notice, level), level=level, old_level="level1",
        waits_for="HP" if notice in _WAITS_FOR else "", until=at.replace(day=27), hidden_until=at.replace(day=27),
        reminds_at=at.replace(day=26),
        closes_at=at.replace(month=12, day=3) if notice.info.asks is Asks.YES_OR_NO else None,
        since=at, created_at=at.replace(hour=7), due=at.replace(day=26), type="incident", priority="high",
        assignee=_AGENT.address, minutes=75, count=2,
        command=_COMMANDS.get(notice, "resolve"),
        window="30 days",
        mistakes=(
            CommandMistake("#reslove", "resolve", "mistyped"),
            CommandMistake("#time", "time", "missing argument"),
        ),
        objection=("there is no queue {0}; there are {1}", "newtork", "default, network"),
        trouble=_ALARM,
        done=_done(words), sent=_SENT, undoable=notice is Notice.TRANSCRIPT,
        missing=("type", "cause") if notice is Notice.COPY else (), causes=(words.reason,),
        earlier=(Earlier("SUP-977", words.subject, "closed", at.replace(month=9)),),
        suggestions=_suggestions(words, known=not for_requester),
        held=(HeldMessage(at, _SOMEBODY, words.subject, words.answer, ("#resolve",), ("photo.jpg",), _REFERENCE),),
        more_held=2,
        automatic_reply=TimelineEntry(
            at, "Jo Martin", Event.AUTOMATIC.value, words.reason, away_until=at.date().replace(day=27)
        ),
        thanks=TimelineEntry(at, "Jo Martin", Event.SAID_THANKS.value, ""),
        story=_gathered(at) if notice is Notice.GATHERED else _story(at, words), others=("sam@example.com",),
        files=("photo.jpg", "journal.log"),
        left_out=(video,) if for_requester else (video, "reply.eml"),
        too_large=(video,), requester_language="de", answer_language=language, queues=("network",),
        strayed_to=("it@example.org",), lost="SUP-1041", kept="SUP-998",
        likely_duplicate=Earlier("SUP-1040", words.subject, "level1", at), size=64_172_851, most=25 * 2**20,
        place="INBOX, UID 4711 (support, imap.example.com)", told=True, journal_id=815,
        reading={Notice.REQUEST: "partly", Notice.MESSAGE: "whole"}.get(notice, ""),
        signed=True, original=notice is not Notice.MESSAGE, checklist=words.checklist,
        originals=("2026-11-24 0800 jo.martin@example.com.eml",) if notice.info.files is Files.BUNDLE else (),
        way="imap support@imap.example.com INBOX", forwarded=_SOMEBODY if notice is Notice.REQUEST else None,
        submitter=_AGENT.address if notice in (Notice.REQUEST, Notice.SHOWN) else "", linked=("SUP-998",),
        replies=_replies(at, words) if notice is Notice.REPLY else (),
        holder=_AGENT if notice.info.audience is Audience.MANAGER else None,
        rating={Notice.SHOWN: 4, Notice.POOR_RATING: 1}.get(notice),
        rating_words=words.praise if notice is Notice.SHOWN else "",
        requests=_requests(at, words) if notice is Notice.REQUESTER_STATUS else (),
        history=(QuotedMail(at.replace(hour=7), _REQUESTER, words.request),)
        if notice.info.quotes or notice.info.audience is Audience.THIRD_PARTY
        else (),
    )  # fmt: skip
    return _with_form(_with_links(content, words.options))


def _with_form(content: NoticeContent) -> NoticeContent:
    """Adds a form with a value that is given, one that is missing, and one that is invalid."""
    if content.notice not in _SHOWS_FORM:
        return content
    system, since, _ = _BLANKS
    labels = [blank.label.said(content.language) for blank in _BLANKS]
    expected = [write_expectation(blank, content.language) for blank in _BLANKS]
    details = (
        FormValue(labels[0], "", "missing", expected[0]),
        FormValue(labels[1], "31.31.2027", "wrong", expected[1]),
        FormValue(labels[2], "SAP GUI 7.80"),
    )
    form = write_form((system, since), content.language) if content.notice.info.asks is Asks.FORM else ""
    title = _TITLE.said(content.language)
    return replace(content, fields=details, form_title=title, form_asked=1, form=form)


def _with_links(content: NoticeContent, options: tuple[str, str]) -> NoticeContent:
    token = "7.k7q2abcdefghijkl"
    signed, answered = f"[{_REFERENCE} {token}]", f"{_REFERENCE}.{token}@example.com"
    link = partial(mailto, _DESK, content.subject, signed, answered=answered)
    if content.notice.info.asks is Asks.RATING:
        ratings = (write_rating(stars, content.language) for stars in range(1, MOST + 1))
        return replace(content, rating_links=tuple(map(link, ratings)))
    if content.notice.info.asks not in (Asks.YES_OR_NO, Asks.APPROVAL):
        return content
    yes, no = map(link, options)
    return replace(content, yes_link=yes, no_link=no)


def _suggestions(words: _Story, *, known: bool) -> tuple[Suggestion, ...]:
    """Returns one that has helped others already, and one that is only written down; requesters see no reason."""
    shared = tuple(word for word in words.subject.split() if len(word) > 2) if known else ()
    solution = words.solution.partition("\n")[0]
    return (
        Suggestion(3, words.subject, solution, "solution", shared, confirmed=4, refuted=1),
        Suggestion(17, words.subject, solution, "article", shared[:1], language="de"),
    )


def _morning(at: datetime, words: _Story) -> Digest:
    """Returns a digest with a little of everything."""
    agent = _AGENT.address
    late = TicketLine(
        _REFERENCE, words.subject, _REQUESTER, "level1", "", at.replace(hour=9), overdue=True, assignee=agent
    )
    today = TicketLine("SUP-1044", words.subject, _SOMEBODY, "level1", "", at.replace(hour=15))
    waits = TicketLine("SUP-1039", words.subject, _REQUESTER, "level1", "", at.replace(day=26), waiting=True)
    return Digest(
        (
            ListSection("breaching", (late,)), ListSection("due", (today,)), ListSection("mine", (late,)),
            ListSection("fresh", (today,), more=37), ListSection("waiting", (waits,)),
        ),
        (SpamMessage(_SOMEBODY.address, words.subject, 815, at),), 2,
        (AbsentAgent("bob@example.com", "Bob Roy", at.replace(day=30)),), news=True,
    )  # fmt: skip


def _requests(at: datetime, words: _Story) -> tuple[OpenRequest, ...]:
    """Returns one request of every kind."""
    stands = ("working", "asked", "confirming", "finalizing", "closed")
    first = OpenRequest(_REFERENCE, words.subject, at, stands[0], due=at.replace(day=26))
    return (first, *(OpenRequest(f"SUP-{10 + n}", words.subject, at, one, at) for n, one in enumerate(stands[1:])))


def _decisions(at: datetime, words: _Story) -> Decisions:
    """Returns a ticket of either kind: one that waits for a confirmation, and one for an answer."""
    solved = UndecidedTicket(
        _REFERENCE, words.subject, _REQUESTER, False, at, words.solution, 1,
        thanks=TimelineEntry(at, _REQUESTER.name, Event.SAID_THANKS.value, ""),
    )  # fmt: skip
    waits = UndecidedTicket(
        "SUP-1039", words.subject, _SOMEBODY, True, at, words.answer, 2, _AGENT.address,
        automatic_reply=TimelineEntry(
            at, _SOMEBODY.name, Event.AUTOMATIC.value, words.reason, away_until=at.date().replace(day=27)
        ),
    )  # fmt: skip
    return Decisions((solved, waits))


def _replies(at: datetime, words: _Story) -> tuple[QueryReply, ...]:
    """Returns one reply of every kind."""
    late = TicketLine(_REFERENCE, words.subject, _REQUESTER, "level1", "Support", at, True, assignee=_SOMEBODY.address)
    waits = TicketLine("SUP-1039", words.subject, _SOMEBODY, "level2", due=at.replace(day=26), waiting=True)
    later = TicketLine("SUP-1040", words.subject, _SOMEBODY, "level2", waits_for="HP", hidden_until=at.replace(day=27))
    lists = (
        ListSection("mine", (late, later)), ListSection("fresh", (late, waits), more=37), ListSection("breaching", ()),
    )  # fmt: skip
    whys = (
        ExplainedStep(at, _REQUESTER.name, "mail", "request", words.subject),
        ExplainedStep(
            at, _REQUESTER.name, "request", to_state="level1", step="S2", rule="partners",
            sent=(("request", "level1@example.com"),), unsent=(("receipt", _REQUESTER.name),),
        ),
        ExplainedStep(at, _AGENT.name, "mail", "signed address", words.subject, at, "level1@example.com"),
        ExplainedStep(
            at, _AGENT.name, "escalate", from_state="level1", to_state="level2",
            said=f"#escalate {words.reason}", step="S5", undone=True,
        ),
        ExplainedStep(at, "operator", "resolve", from_state="level2", to_state="level2", refused=True),
        ExplainedStep(at, "", "timer escalation", from_state="level1", to_state="level2", step="S4"),
    )  # fmt: skip
    whole = Figures(
        queue="Support",
        level="",
        new=42,
        resolved=38,
        confirmed=30,
        reopened=2,
        escalated=5,
        open=17,
        overdue=1,
        first_answer=95,
        resolution=1630,
    )
    return (
        QueryReply("list", "#list", sections=lists),
        QueryReply(
            "what_to_list", "#list level9", choices=("mine", "level1", "all"), sections=(ListSection("network", ()),)
        ),
        QueryReply(
            "find", f"#find {words.subject}", sections=lists[:1],
            passages=(ArticleLine(3, words.subject, words.solution),),
        ),
        QueryReply("report", "#report", wanted="week", begin=at, figures=(whole, replace(whole, level="level1"))),
        QueryReply("what_to_report", "#report year", choices=("day", "week", "month")),
        QueryReply(
            "explain", f"#explain {_REFERENCE}", reference=_REFERENCE, subject=words.subject, state="level2", whys=whys,
            more=12,
        ),
        QueryReply("no_ticket", "#show SUP-7", reference="SUP-7"),
        QueryReply("which_ticket", "#show"),
        QueryReply("needs_ticket", "#resolve"),
        QueryReply("not_for_new", "#split", reference=_REFERENCE),
        QueryReply("no_requester", "#requester"),
        QueryReply("one_requester", f"#requester {_SOMEBODY.address}"),
        QueryReply("not_for_us", f"#requester {_DESK}", reference=_DESK),
        QueryReply("submitted", "", wanted=_REQUESTER.address, reference=_REFERENCE, subject=words.subject),
        QueryReply("written", "", wanted=_REQUESTER.address, reference=_REFERENCE, subject=words.subject),
        QueryReply("away", "#away until Friday", begin=at, until=at.date(), count=3),
        QueryReply("back", "#away back"),
        QueryReply("what_absence", "#away"),
        QueryReply("too_many", "", count=20),
        QueryReply("too_many_shown", "#show SUP-7", count=5),
        QueryReply("unused", ""),
        QueryReply("bulk_update", "", results=_results(words)),
        QueryReply("too_many_tickets", "", count=50),
        QueryReply("files_for_many", ""),
        QueryReply("text_not_sent", ""),
        QueryReply("lost_ticket", "", reference="SUP-1041"),
        QueryReply(
            "blocked", "#blocked", blocked=(BlockedAddress("mallory@example.net", at),),
            set_aside=(BlockedAddress(_SOMEBODY.address, at, "5.1.1"), BlockedAddress(_REQUESTER.address, None)),
        ),
        QueryReply("unblocked", f"#unblock {_SOMEBODY.address}", wanted=_SOMEBODY.address),
        QueryReply("not_blocked", f"#unblock {_SOMEBODY.address}", wanted=_SOMEBODY.address),
        QueryReply("which_address", "#unblock"),
        QueryReply("help", "#help"),
        QueryReply(
            "replies", "#help replies", saved=(SavedReplyLine("password-reset", words.solution, ("en", "fr")),),
            passages=(ArticleLine(3, words.subject, "printer"),), more=2,
        ),
        QueryReply("replies", "#help replies"),
    )  # fmt: skip


def _results(words: _Story) -> tuple[TicketResult, ...]:
    """Returns the results of a bulk update: done, and refused in each way."""
    of, whom = words.subject, _REQUESTER.name
    return (
        TicketResult("SUP-1039", of, whom, "level1", (CommandResult("take", "take", state="level1"),), undoable=True),
        TicketResult(_REFERENCE, of, whom, "level1", (CommandResult("close", "close", "no answer", "finalizing"),)),
        TicketResult("SUP-1044", of, whom, "level2", why="late_level"),
        TicketResult("SUP-1045", of, whom, "level1", why="not_possible", objection=("the ticket is closed",)),
        TicketResult("SUP-1046", of, whom, "level1", why="reason_wanted", objection=("no solution was given",)),
        TicketResult("SUP-1047", why="merged", kept=_REFERENCE),
        TicketResult("SUP-7", why="no ticket"),
    )


def _done(words: _Story) -> tuple[CommandResult, ...]:
    return (
        CommandResult("time", "time", "15m", "level1"),
        CommandResult("cause", "cause", words.reason, "level1"),
        CommandResult("resolve", "resolve", words.solution, "confirming"),
    )


def _story(at: datetime, words: _Story) -> tuple[TimelineEntry, ...]:
    return (
        TimelineEntry(at.replace(hour=7), "Jo Martin", "in", words.request),
        TimelineEntry(at.replace(hour=8), _AGENT.name, "note", words.solution.partition("\n")[0], internal=True),
        TimelineEntry(at.replace(hour=8, minute=40), _AGENT.name, "time", "", detail="40 min"),
        TimelineEntry(at.replace(hour=8, minute=40), _AGENT.name, "cause", "", detail=words.reason),
        TimelineEntry(at, _AGENT.name, "escalate", "", detail=words.reason),
    )


def _gathered(at: datetime) -> tuple[TimelineEntry, ...]:
    """Returns what loop protection kept from a recipient: a notice of a ticket and the reply to a command."""
    return (
        TimelineEntry(at.replace(hour=8), "SUP-1044", Notice.WARNING.value, ""),
        TimelineEntry(at, _REFERENCE, "#status", ""),
    )


def _bare(content: NoticeContent) -> NoticeContent:
    """Returns the notice's content where next to nothing is known."""
    return NoticeContent(
        content.notice,
        content.language,
        content.zone,
        content.desk_name,
        content.desk_address,
        Address("", content.to.address),
        reference=content.reference,
        state=content.state,
        level=content.level,
        known=False,
        yes_link=content.yes_link,
        no_link=content.no_link,
    )


def check_templates(templates: Templates, languages: Collection[str] = ()) -> tuple[str, ...]:
    """Checks every notice in these languages, else in all there are; returns the mistakes in words, file first.

    A language of the operator's own needs not be complete: `find_gaps` lists that.
    """
    mistakes = list(_stray_files(templates))
    for language in languages or templates.languages:
        for notice in Notice:
            if templates.has(language, notice):
                mistakes += _mistakes_of(templates, sample(notice, language))
    return tuple(dict.fromkeys(mistakes))


def check_checklist(templates: Templates, path: Path, language: str) -> str:
    """Checks a level's checklist with a sample ticket; returns what is wrong with it, "" where nothing is."""
    try:
        render_checklist(templates, path, sample(Notice.ESCALATION, language))
    except TEMPLATE_ERRORS as mistake:
        return str(mistake) or type(mistake).__name__
    return ""


def find_gaps(templates: Templates) -> tuple[str, ...]:
    """Lists notices in a language of the operator's own that are not used because something is missing there."""
    gaps = []
    for language in templates.languages:
        for notice in () if language in SHIPPED else Notice:
            lacks = _lacks_of(templates, language, notice)
            if lacks:
                gaps.append(f"{language}/{notice.value}.txt is not used: {'; '.join(lacks)}")
    return tuple(gaps)


def _lacks_of(templates: Templates, language: str, notice: Notice) -> tuple[str, ...]:
    try:
        return templates.find_lacks(language, notice)
    except TEMPLATE_ERRORS:
        return ()  # rendering says what is wrong


def _mistakes_of(templates: Templates, content: NoticeContent) -> Iterator[str]:
    name = f"{content.language}/{content.notice.value}.txt"
    lacks = _lacks_of(templates, content.language, content.notice)
    if lacks:
        yield from lacks if content.language in SHIPPED else ()
        return
    for shown in (replace(content, look=_LOOK), _bare(content)):
        try:
            rendered = templates.render_strictly(shown)
        except TEMPLATE_ERRORS as mistake:
            yield described(name, mistake)
            continue
        if content.notice.info.asks not in (Asks.YES_OR_NO, Asks.APPROVAL):
            continue
        links = len(_LINK.findall(rendered.html))
        if links != 2:
            yield f"{name.removesuffix('.txt')}.html: {links} answer links where two are wanted"
        options = templates.options(rendered.language, content.notice)
        yield from (f"{name}: the word “{word}” is not offered" for word in options if word not in rendered.text)


def _stray_files(templates: Templates) -> Iterator[str]:
    """Yields files of the operator's folder that nothing reads: most often a mistake in the name."""
    ours = {one.relative_to(OURS).as_posix() for one in OURS.rglob("*") if one.is_file()}
    known = {f"{notice.value}{ending}" for notice in Notice for ending in (".txt", ".html")}
    known |= {"words.toml", f"{DOMAIN}.po"}
    for name in sorted(templates.own_files - ours):
        inner = name.partition("/")[2] or name
        if name == f"{DOMAIN}.po" or (inner not in known and not inner.startswith("_")):
            yield f"{name}: no notice has this name"
