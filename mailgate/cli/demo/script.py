"""The script of the demo: a printer in a French office, a Level 1 that does not answer, a Level 2 that tries twice.

Data, and the explanations between the scenes. In each scene exactly the notices of `arrives` must arrive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailgate.cli.demo.client import DemoPerson, TextFile
from mailgate.cli.demo.output import DemoOutput
from mailgate.core.workflow.events import State
from mailgate.core.workflow.notice_catalogue import Notice

CAMILLE = DemoPerson("Camille Moreau", "camille.moreau@example.org", "Le {when}, {whom} a écrit :")
CAROL = DemoPerson("Carol Smith", "carol@example.com", "On {when}, {whom} wrote:")
DESK = "support@example.com"
LEVEL1, LEVEL2 = "level1@example.com", "level2@example.com"

_TITLE = "mailgate demo: one ticket by email, from the request to its closure"
_ZONE = ZoneInfo("Europe/Paris")
_REQUEST = """\
Bonjour,

L'imprimante du 2e étage n'imprime plus depuis ce matin : elle affiche « erreur E-42 », puis s'éteint.
J'ai joint son journal. Il nous la faudrait pour la paie de jeudi.

Merci d'avance,
Camille Moreau
Comptabilité"""
_LOG = TextFile(
    "journal de l'imprimante (étage 2).txt",
    "".join(f"08:{minute:02d}:00 ERREUR E-42 unité tambour : température hors limites\n" for minute in range(12, 24)),
)


@dataclass(frozen=True, slots=True)
class ScriptedMail:
    """A mail of a person. It replies to the newest notice `answers` of a mailbox; None for a new mail.

    `says` is its text in one line of English, for the summary.
    """

    author: DemoPerson
    says: str
    text: str
    answers: tuple[str, Notice] | None = None
    subject: str = ""
    file: TextFile | None = None


@dataclass(frozen=True, slots=True)
class ScriptedNotice:
    """A notice that must arrive in the mailbox `owner`; `says` is its text in one line of English, for the summary."""

    owner: str
    notice: Notice
    says: str


@dataclass(frozen=True, slots=True)
class ScriptedStep:
    """One scene: its time in the desk's zone (days after Monday, hour, minute), the mail, the notices that arrive."""

    title: str
    tells: str
    at: tuple[int, int, int]
    mail: ScriptedMail | None
    arrives: tuple[ScriptedNotice, ...]
    state: State


SCENES = (
    ScriptedStep(
        "Monday 09:00: a request",
        "Camille, an accountant, writes to the desk as she would to a colleague: the printer on the second floor shows "
        "“error E-42” and switches itself off; its log is attached; they need it for Thursday's payroll. The desk "
        "confirms in her language and says when it will answer. Level 1 gets the request with the file.",
        (0, 9, 0),
        ScriptedMail(
            CAMILLE,
            "Our printer shows “error E-42”; its log is attached.",
            _REQUEST,
            subject="Imprimante du 2e étage en panne",
            file=_LOG,
        ),
        (
            ScriptedNotice(CAMILLE.address, Notice.RECEIPT, "We have your request. You will hear from us by 14:00."),
            ScriptedNotice(LEVEL1, Notice.REQUEST, "New request, with her file. It is due at 14:00."),
        ),
        State.LEVEL1,
    ),
    ScriptedStep(
        "Monday 12:00: nobody has answered",
        "Level 1 has 4 business hours. After three quarters of that time, the desk warns them.",
        (0, 12, 0),
        None,
        (ScriptedNotice(LEVEL1, Notice.WARNING, "No solution yet: SUP-1 is due at 14:00."),),
        State.LEVEL1,
    ),
    ScriptedStep(
        "Monday 14:00: the time is up",
        "Lunch does not count, so the 4 business hours end at 14:00. The timer escalates the ticket: Level 2 "
        "gets everything. The desk tells Camille that specialists have her request, and Level 1 that Level 2 has "
        "the ticket.",
        (0, 14, 0),
        None,
        (
            ScriptedNotice(LEVEL2, Notice.ESCALATION, "Escalated, with all emails. Due on Wednesday at 14:00."),
            ScriptedNotice(CAMILLE.address, Notice.ESCALATED, "Our specialists have your request now."),
            ScriptedNotice(LEVEL1, Notice.TAKEN_OVER, "For your information: Level 2 has SUP-1."),
        ),
        State.LEVEL2,
    ),
    ScriptedStep(
        "Monday 15:10: Level 2 answers from its mail client",
        "Carol replies to the email in the Level 2 mailbox. The line that begins with #resolve makes her words the "
        "solution: “I restarted the drum unit from here, please try again.” Camille gets it in the desk's name, "
        "with the question whether it works. Nothing closes without her answer.",
        (0, 15, 10),
        ScriptedMail(
            CAROL,
            "#resolve I restarted the drum unit. Please try again.",
            "#resolve J'ai redémarré l'unité tambour à distance. Pouvez-vous réessayer d'imprimer ?",
            (LEVEL2, Notice.ESCALATION),
        ),
        (
            ScriptedNotice(CAMILLE.address, Notice.CONFIRM, "We restarted it. Is your problem solved?"),
            ScriptedNotice(LEVEL1, Notice.SOLUTION, "For your information: Carol proposed a solution."),
        ),
        State.CONFIRMING,
    ),
    ScriptedStep(
        "Tuesday 09:10: “toujours pas”",
        "Camille answers “still not, the same error E-42 after three pages”. The desk reads it as “not fixed”: the "
        "ticket goes back to the level that resolved it, and to Carol, who is assigned, with a new deadline.",
        (1, 9, 10),
        ScriptedMail(
            CAMILLE,
            "Still not: the same error after three pages.",
            "Toujours pas, la même erreur E-42 revient après trois pages.\n\nCamille",
            (CAMILLE.address, Notice.CONFIRM),
        ),
        (
            ScriptedNotice(CAROL.address, Notice.NOT_FIXED, "Not fixed: SUP-1 is open again, until Thursday."),
            ScriptedNotice(CAMILLE.address, Notice.REOPENED, "Reopened. You will hear from us by Thursday."),
        ),
        State.LEVEL2,
    ),
    ScriptedStep(
        "Tuesday 11:30: Level 2 resolves again",
        "This time Carol went upstairs and changed the drum. She logs her time, records the cause, and leaves a note "
        "that only colleagues will read. What she tells Camille: “I changed the drum and printed ten pages.” The "
        "desk sends her nothing back, because it did everything as she wrote it.",
        (1, 11, 30),
        ScriptedMail(
            CAROL,
            "#time 40m  #cause worn drum  #resolve I changed the drum.",
            "#time 40m\n#cause tambour usé (120 000 pages)\n#note Un tambour de rechange est à commander.\n"
            "#resolve\n\nJ'ai remplacé le tambour de l'imprimante et imprimé dix pages sans erreur.",
            (CAROL.address, Notice.NOT_FIXED),
        ),
        (
            ScriptedNotice(CAMILLE.address, Notice.CONFIRM, "We changed the drum. Is your problem solved?"),
            ScriptedNotice(LEVEL1, Notice.SOLUTION, "For your information: Carol proposed a solution."),
        ),
        State.CONFIRMING,
    ),
    ScriptedStep(
        "Tuesday 14:05: “c'est réglé, merci”",
        "Camille confirms: “It is solved, thank you!” She gets the final notice, and can still object for 3 "
        "business days.",
        (1, 14, 5),
        ScriptedMail(
            CAMILLE,
            "It is solved, thank you!",
            "C'est réglé, merci !\n\nCamille",
            (CAMILLE.address, Notice.CONFIRM),
        ),
        (ScriptedNotice(CAMILLE.address, Notice.FINAL, "We close it on Friday unless you object. How was it?"),),
        State.FINALIZING,
    ),
    ScriptedStep(
        "Tuesday 14:20: “5/5”",
        "The final notice asks how satisfied she is, with five links and space for a comment. Camille replies "
        "“5/5”. The desk records that for the report. It changes nothing else and sends no email.",
        (1, 14, 20),
        ScriptedMail(CAMILLE, "5/5", "5/5\n\nCamille", (CAMILLE.address, Notice.FINAL)),
        (),
        State.FINALIZING,
    ),
    ScriptedStep(
        "Friday 14:05: closed",
        "Camille did not object. The desk closes and archives the ticket, and notifies only Level 1.",
        (4, 14, 5),
        None,
        (ScriptedNotice(LEVEL1, Notice.CLOSED, "For your information: SUP-1 is closed."),),
        State.CLOSED,
    ),
)  # fmt: skip


def monday_before(now: datetime) -> datetime:
    """Returns nine o'clock in Paris on a Monday whose whole week is over."""
    today = now.astimezone(_ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday() + 7)


def moment(start: datetime, at: tuple[int, int, int]) -> datetime:
    """Returns the time of a scene, by the wall clock of the desk's zone."""
    days, hour, minute = at
    return start.astimezone(_ZONE).replace(hour=hour, minute=minute) + timedelta(days=days)


def print_introduction(output: DemoOutput) -> None:
    """Prints what the demo with all its emails shows."""
    output.title(_TITLE)
    output.say(
        "mailgate is an email-based support desk: requesters and agents write ordinary emails, and the desk does "
        "the rest. Here you see every email of one ticket as its reader sees it, and after each step what the "
        "process table decided and why."
    )
    output.say(
        "The desk is real (SMTP in and out on 127.0.0.1, a temporary SQLite file); only its clock is set by "
        "hand, so that a week takes seconds. The people: Camille, who has a problem and writes French; Level 1 "
        f"({LEVEL1}), which has 4 business hours; Level 2 ({LEVEL2}), where Carol works."
    )


def print_short_introduction(output: DemoOutput) -> None:
    """Prints what the summary shows."""
    output.title(_TITLE)
    output.lines(
        (
            "A real desk plays a week in seconds, on this machine only. Each arrow is an",
            "email. Camille writes French (here in English); Carol works at Level 2.",
            "",
        )
    )


def print_end(output: DemoOutput, notices: int, *, command: str, long: bool, keep: bool) -> None:
    """Prints the end of a demo without problems. `command` is the path of mailgate, to copy."""
    output.line()
    output.success(f"The ticket is closed, and all {notices} notices arrived where they should.")
    if keep:
        return
    commands = {
        f"{command} demo --long": "every email, as its reader sees it",
        f"{command} demo --keep": "keeps the desk running: write to it",
        f"{command} process": "the table that decides each step",
    }
    if long:
        del commands[f"{command} demo --long"]
    longest = max(map(len, commands))
    output.lines(f"  {line:<{longest}}  {words}" for line, words in commands.items())
