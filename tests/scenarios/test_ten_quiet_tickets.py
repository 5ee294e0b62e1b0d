"""Ten more tickets, from the first mail to the last, in eight mail programs and seven languages: third parties,
approvals, formatted words, orders for many tickets, conversations that an agent begins, what is put off, people who
leave, dead addresses, and decisions once a day.

As in `test_ten_tickets` nobody touches anything but mail. Each ticket says at its end which mails each person got, so
that one more is seen. `OfficeDesk.close` looks at all that left the office.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from tests.support.clients import AppleMail, Gmail, IPhone, Outlook, OutlookPhone
from tests.support.conversations import page_of
from tests.support.desk import CONFIG
from tests.support.mails import bounce_of, find_links
from tests.support.mutt import Mutt
from tests.support.office import ALICE_CARD, TRUST, OfficeDesk, Person, everything
from tests.support.screenshots import draw_logo

LANGUAGES = '["en", "fr", "de", "es", "it", "nl", "pt"]'
WITH_TIME = CONFIG.replace('["en", "fr"]', LANGUAGES).replace("4 business hours", "10 business days") + TRUST
PAUSES = "[waiting]\npause_for_third_parties = true\n"
PICTURE = draw_logo().data

pytestmark = pytest.mark.system  # mutt


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[OfficeDesk]:
    office = OfficeDesk(tmp_path, database_url, config=WITH_TIME + PAUSES)
    yield office
    office.close()


def kinds(person: Person) -> list[str]:
    """The notices that a person read, oldest first, a mailbox of the level included."""
    return [mail.notice for mail in person.office.relay.mails if mail.recipient in person.mailboxes]


def helga_of(office: OfficeDesk) -> Person:
    return Person(office, Outlook("Helga Braun", "helga@example.de", "de", "Mit freundlichen Grüßen\nHelga Braun"))


def pablo_of(office: OfficeDesk) -> Person:
    return Person(office, Gmail("Pablo Ruiz", "pablo@example.es", "es"))


def test_1_a_vpn_outage_waits_for_a_supplier_who_is_late(office: OfficeDesk) -> None:
    office.ben.writes("Since this morning the VPN does not connect from home: error 809.", "VPN down")
    office.bob.answers("Hello Ben,\n\nI see the same here and am looking into it.\n\nRegards\nBob", "request")
    assert office.get(1).assignee == "bob@example.com"
    assert "The ticket is now with Bob Keller." in office.alice.newest("copy").text

    office.bob.answers("#waiting HP until Wednesday\n\nThe VPN gateway is broken. HP brings a new one.", "request")
    told = office.ben.newest("answer").text
    assert "We’re waiting for HP. You’ll hear from us by 25 November 2026." in told
    assert "> Since this morning the VPN" in told

    office.ben.answers("Is there any news?", "answer")
    asked = office.bob.newest("message")
    assert asked.recipient == "bob@example.com"
    assert "Waiting for: HP, until " in asked.text
    assert "Due:" not in asked.text, "the clock stands"
    office.bob.answers("#note HP promised it for tonight", "message")
    office.secrets += ["promised it"]

    # HP is late. Bob reads the reminder in a terminal, and uses its ready line.
    office.at(25, "12:00")
    reminder = office.bob.newest("third_party_reminder")
    assert isinstance(office.bob.program, Mutt)
    shown = office.bob.program.read(reminder.raw)
    assert "The deadline is paused until you act." in " ".join(shown.split())
    assert "\n\nPlease ask them again" in shown
    assert "    #waiting HP until Friday\n" in shown
    office.bob.answers(
        "#waiting HP until Friday\n\nHP is late, I am sorry. The gateway comes on Friday.", "third_party_reminder"
    )
    assert "by 27 November 2026" in office.ben.newest("answer").text
    office.at(27, "12:00")
    office.bob.answers(
        "#type incident\n#cause gateway broken\n#resolve The new gateway is in place. Please connect again.",
        "third_party_reminder",
    )
    office.ben.answers("Connected at once, thanks!", "confirm")
    assert office.state() == "finalizing"
    assert kinds(office.ben) == ["receipt", "answer", "answer", "answer", "confirm", "final"]
    assert kinds(office.bob) == ["request", "copy", "message", "third_party_reminder", "third_party_reminder"]
    assert kinds(office.alice) == ["request", "copy"]


def test_2_a_manager_approves_from_a_phone_in_french(office: OfficeDesk) -> None:
    card = "Cordialement,\n\nAlice Moreau\nBuilding B\nPoste 4711"
    alice = office.alice.using(Outlook("Alice Moreau", "alice@example.com", "fr", card))
    hugo = Person(office, IPhone("Hugo Lefèvre", "hugo@example.org", "fr"))
    ines = Person(office, Gmail("Inès Roux", "ines@example.org", "fr"))
    office.zoe.writes("Bonjour,\n\npourriez-vous me donner accès au dossier Paie ?\n\nZoé", "Accès au dossier Paie")
    alice.answers("#approve-by hugo@example.org Zoé peut-elle voir le dossier Paie ?", "request")
    asked = hugo.newest("approval")
    assert "Approuvez-vous la demande faite par Zoé Petit\u00a0?" in asked.text
    assert "> pourriez-vous me donner accès au dossier Paie ?" in asked.text
    assert "zoe@" not in everything(asked)
    assert office.get(1).waiting_since is not None

    # Hugo passes it on to a colleague, who opens its link and also replies to it: nothing of that is a decision.
    yes, no = find_links(asked)
    ines.opens(yes)
    ines.answers("Pour moi c'est approuvé.", mail=asked)
    for said in ("we couldn’t verify that it comes from the person you asked", "Pour moi c'est approuvé."):
        assert said in alice.newest("third_party").text
    assert office.get(1).waiting_since is not None
    hugo.answers("Pour combien de temps ?", "approval")
    question = alice.newest("third_party").text
    assert "They can still decide with another email." in question
    (line,) = re.findall(r"begin your reply with this line: (#ask .+)", question)
    alice.answers(f"{line}\n\nPour un an.", "third_party")
    assert "Pour un an." in hugo.newest("ask").text

    hugo.opens(yes)
    assert "The request is approved. The approval is recorded." in alice.newest("third_party").text
    assert office.get(1).waiting_since is None
    hugo.opens(no)
    assert "Their first decision counts" in alice.newest("third_party").text

    alice.answers("#résolu C'est fait, vous avez accès au dossier Paie.", "third_party")
    office.zoe.clicks("confirm", 1, 0)
    assert office.state() == "finalizing"
    assert kinds(office.zoe) == ["receipt", "confirm", "final"]
    assert kinds(hugo) == ["approval", "ask"]
    assert kinds(ines) == []
    assert kinds(alice) == ["request", *["third_party"] * 5, "copy"]
    for mail in office.delivered("zoe@example.org"):
        assert not re.search("hugo|ines@|approuv", everything(mail), re.IGNORECASE)


def test_3_a_supplier_gets_the_request_with_its_picture_in_spanish(office: OfficeDesk) -> None:
    pablo = pablo_of(office)
    supplier = Person(office, Outlook("Tom Fuser", "service@printers.example", "de", "Tom Fuser\nPrinters Ltd"))
    alice = office.alice.using(Gmail("Alice Moreau", "alice@example.com", "es", ALICE_CARD))
    pablo.writes(
        "Hola:\n\nla impresora de la segunda planta muestra el error E-42 desde esta mañana.\n\nPablo",
        "Impresora",
        picture=("error.png", PICTURE),
    )
    alice.answers(
        "#note el contrato vence en diciembre\n#ask service@printers.example with files\n\n"
        "Buenos días: el número de serie es X-200. ¿Es el fusor?",
        "request",
    )
    office.secrets += ["contrato"]
    asked = supplier.newest("ask")
    assert str(asked.message["Subject"]) == "[SUP-1] Una pregunta de Support"
    assert "> la impresora de la segunda planta muestra el error E-42" in asked.text
    assert [part.get_filename() for part in asked.message.iter_attachments()] == ["error.png"]
    assert "pablo@" not in everything(asked)

    supplier.answers("Es el fusor, cambien la pieza 77-B. Precio para ustedes: 120 euros.", "ask")
    assert "pieza 77-B" in alice.newest("third_party").text
    alice.answers("Buenos días, Pablo:\n\nmañana viene un técnico y cambia una pieza.", "third_party")
    told = pablo.newest("answer").text
    assert told.index("mañana viene un técnico") < told.index("> la impresora de la segunda planta")
    pablo.answers("Perfecto, gracias. ¿A qué hora?", "answer")
    alice.answers("A las nueve.", "message")
    assert "> Perfecto, gracias. ¿A qué hora?" in pablo.newest("answer").text
    alice.answers("#resolver El técnico cambió la pieza; la impresora funciona.", "message")
    pablo.answers("Sí, ya funciona.", "confirm")
    assert office.state() == "finalizing"
    assert kinds(pablo) == ["receipt", "answer", "answer", "confirm", "final"]
    assert kinds(supplier) == ["ask"]
    assert kinds(alice) == ["request", "third_party", "copy", "message"]
    for mail in office.delivered("pablo@example.es"):
        assert not re.search("77-B|120 euros|printers|fusor", everything(mail))


PLAIN = """\
#note zij is nieuw hier

Goedemorgen Sanne,

Zo gaat het:

  1.  Open Instellingen
  2.  Kies de printer in de lijst<https://print.example.org/lijst>

Verdieping

Printer

2

PR-21


Klik hier:
[cid:image001.png@01DC]
Lukt het?"""
PAGE = """\
<p class="MsoNormal">#note zij is nieuw hier<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">Goedemorgen Sanne,<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">Zo gaat het:<o:p></o:p></p><ol style="margin-top:0cm" start="1" type="1">
<li class="MsoListParagraph">Open <b>Instellingen</b><o:p></o:p></li>
<li class="MsoListParagraph">Kies de printer in <a href="https://print.example.org/lijst">de lijst</a><o:p></o:p></li>
</ol><table class="MsoNormalTable" border="1"><tr><td><p class="MsoNormal"><b>Verdieping</b><o:p></o:p></p></td>
<td><p class="MsoNormal"><b>Printer</b><o:p></o:p></p></td></tr><tr><td><p class="MsoNormal">2<o:p></o:p></p></td>
<td><p class="MsoNormal">PR-21<o:p></o:p></p></td></tr></table><p class="MsoNormal"><o:p>&nbsp;</o:p></p>
<p class="MsoNormal">Klik hier:<o:p></o:p></p><p class="MsoNormal"><img width="240" src="cid:image001.png@01DC"></p>
<p class="MsoNormal">Lukt het?<o:p></o:p></p>"""


def test_4_formatted_words_with_a_picture_in_dutch(office: OfficeDesk) -> None:
    sanne = Person(office, Outlook("Sanne de Vries", "sanne@example.nl", "nl", "Met vriendelijke groet,\nSanne"))
    alice = office.alice.using(Outlook("Alice Moreau", "alice@example.com", "nl", ALICE_CARD))
    sanne.writes("Goedemorgen,\n\nhoe verbind ik mijn laptop met de nieuwe printer?", "Printer")
    alice.answers_formatted(PLAIN, PAGE, "request", pictures={"image001.png@01DC": PICTURE})
    office.secrets += ["nieuw hier"]
    answer = sanne.newest("answer")
    page = page_of(answer)
    assert re.search(r"<ol [^>]*><li [^>]*>Open <strong>Instellingen</strong></li>", page)
    assert re.search(r'<a href="https://print.example.org/lijst" [^>]*>de lijst</a>', page)
    assert re.search(r"<td [^>]*><strong>Printer</strong></td>", page)
    assert re.search(r'Klik hier:<br><img src="cid:[^"]+" alt="\[image001.png\]" width="240"[^>]*><br>Lukt het\?', page)
    assert "1. Open Instellingen\n2. Kies de printer in de lijst <https://print.example.org/lijst>\n" in answer.text
    assert "Verdieping | Printer\n2          | PR-21\n" in answer.text
    assert "Klik hier:\n[image001.png]\nLukt het?" in answer.text
    assert [p.get_content() for p in answer.message.walk() if p.get_content_maintype() == "image"] == [PICTURE]

    # She answers above it in Outlook, which marks nothing of what it quotes; then below it in Gmail.
    sanne.answers("Stap 2 lukt niet: PR-21 staat niet in de lijst.", "answer")
    said = alice.newest("message").text
    assert "PR-21 staat niet in de lijst" in said
    assert "Klik hier" not in said
    gmail = sanne.using(Gmail("Sanne de Vries", "sanne@example.nl"))
    gmail.answers_below({"Kies de printer": "Die staat er niet.", "Lukt het?": "Bij mijn collega ook niet."}, "answer")
    said = " ".join(alice.newest("message").text.split())
    places = [said.index(words) for words in ("Kies de", "Die staat er niet.", "Lukt het?", "Bij mijn collega")]
    assert places == sorted(places)

    alice.answers("#resolve Ik heb PR-21 toegevoegd. Wilt u het nog eens proberen?", "message")
    sanne.answers("opgelost", "confirm")
    assert office.state() == "finalizing"
    assert kinds(sanne) == ["receipt", "answer", "confirm", "final"]
    assert kinds(alice) == ["request", "copy", "message", "message"]


def test_5_orders_for_many_and_a_duplicate(office: OfficeDesk) -> None:
    alice = office.alice.using(AppleMail("Alice Moreau", "alice@example.com", signature=ALICE_CARD))
    office.anna.writes("Word does not start any more.", "Word")
    office.ben.writes("My mouse is slow.", "Mouse")
    office.zoe.writes("Bonjour,\n\nl'écran du bureau 12 reste noir ce matin.\n\nZoé", "Écran")
    office.anna.writes("Word still does not start, what now?", "Word")
    office.ben.writes("I need a new headset, please.", "Headset")

    # Alice sees the duplicate and sends its ready line back; Anna gets one mail.
    repeated = alice.newest("request", 4).text
    assert "This may be the same as SUP-1: Word." in repeated
    (line,) = re.findall(r"^ +(#merge .+)$", repeated, re.MULTILINE)
    alice.answers(line, "request", 4)
    assert (
        "is about the same issue as SUP-1, so we’re handling both as SUP-1. You don’t need to do anything."
        in office.anna.newest("merged").text
    )
    assert not alice.has("transcript")

    # Bob asks for the list in mutt, and answers it with orders.
    office.bob.writes("#list", "Work")
    listed = office.bob.newest("reply").text
    assert re.findall(r"SUP-\d", listed) == ["SUP-1", "SUP-2", "SUP-3", "SUP-5"]
    office.bob.answers("#take SUP-2\n#assign alice SUP-3 SUP-5\n#tag SUP-2 SUP-5 hardware", "reply")
    done = office.bob.newest("reply").text
    assert "- SUP-2 Mouse · #take: the ticket is now yours · #tag: the tags are now: hardware\n" in done
    assert "    #undo SUP-2\n" in done
    assert [office.get(number).assignee.partition("@")[0] for number in (1, 2, 3, 5)] == ["", "bob", "alice", "alice"]
    assert "Bob Keller assigned this ticket to you." in alice.newest("assigned", 5).text

    office.bob.answers("#close SUP-2 SUP-5 no answer", "reply")
    assert "- SUP-5 Headset · #close: the ticket will be closed (we" in office.bob.newest("reply").text
    office.bob.answers("#resolve SUP-1\n\nPlease start Word again.", "reply")
    assert "- SUP-1 Word · #resolve: the solution was sent" in office.bob.newest("reply").text
    assert "Please start Word again." in office.anna.newest("confirm", 1).text
    alice.answers("#resolve\n\nLe câble était débranché.", "assigned", 3)
    office.anna.answers("It works, thanks", "confirm")
    office.zoe.answers("résolu", "confirm")
    assert [office.state(number) for number in (1, 2, 3, 5)] == ["finalizing"] * 4
    assert kinds(office.anna) == ["receipt", "receipt", "merged", "confirm", "final"]
    assert kinds(office.ben) == ["receipt", "receipt", "final", "final"]
    assert kinds(office.zoe) == ["receipt", "confirm", "final"]
    assert kinds(office.bob) == [*["request"] * 5, "reply", "reply", "reply", "copy", "reply", "copy"]
    assert kinds(alice) == [*["request"] * 5, "assigned", "assigned", "copy", "copy", "copy"]


def test_6_an_agent_writes_first_in_german(office: OfficeDesk) -> None:
    helga = helga_of(office)
    office.bob.writes(
        "#to Helga Braun <helga@example.de>\n#type service\n#note she is back from leave\n\n"
        "Guten Tag Frau Braun,\n\nIhr Notebook ist sieben Jahre alt. Wann dürfen wir es tauschen?\n\nViele Grüße\nBob",
        "Ihr Notebook",
    )
    office.secrets += ["back from leave"]
    asked = helga.newest("question")
    assert str(asked.message["Subject"]) == "Ihr Notebook [SUP-1]"
    assert "Wann dürfen wir es tauschen?" in asked.text
    assert "Antworten Sie einfach auf diese E-Mail." in asked.text
    assert "We’ve opened SUP-1: Ihr Notebook" in office.bob.newest("reply").text
    assert office.get(1).waiting_since is not None

    phone = helga.using(OutlookPhone("Helga Braun", "helga@example.de"))
    phone.answers("Am Donnerstag ab zehn Uhr bitte.", "question")
    assert office.get(1).waiting_since is None
    assert office.bob.newest("message").recipient == "bob@example.com"
    office.bob.answers("#later Thursday\n\nGut, dann komme ich am Donnerstag um zehn.", "message")
    assert "> Am Donnerstag ab zehn Uhr bitte." in helga.newest("answer").text
    office.at(26, "9:30")
    assert "It’s now back in the lists." in office.bob.newest("back").text
    office.bob.answers("#lösen Das neue Notebook steht auf Ihrem Tisch, die Daten sind übertragen.", "back")
    helga.clicks("confirm", 1, 0)
    helga.clicks("final", 1, 4, "Das ging schnell.")
    ticket = office.get(1)
    assert (ticket.state, ticket.rating, ticket.rating_words) == ("finalizing", 5, "Das ging schnell.")
    assert kinds(helga) == ["question", "answer", "confirm", "final"]
    assert kinds(office.bob) == ["copy", "reply", "message", "back"]
    assert kinds(office.alice) == ["copy"]


def test_7_an_agent_sorts_and_puts_off_from_a_phone(office: OfficeDesk) -> None:
    phone = office.alice.using(OutlookPhone("Alice Moreau", "alice@example.com"))
    office.ben.writes("My VPN token expires at the end of the week.", "Token")
    office.anna.writes("The VPN client wants an update, may I?", "Update")
    phone.answers("#take\n#later Friday\n#tag vpn", "request", 1)
    phone.answers("#tag vpn, client\n\nYes, please install it.", "request", 2)
    phone.writes("#find tag:vpn", "Which ones")
    found = phone.newest("reply").text
    assert "Tickets (2)" in found
    assert "postponed until Friday 27 November, 09:00" in found
    phone.writes("#list", "My work")
    assert re.findall(r"SUP-\d", phone.newest("reply").text) == ["SUP-2"]
    office.anna.answers("Thank you, it works.", "answer")
    office.at(27, "9:30")
    phone.answers("#used token-renew.ps1\n#resolve\n\nI renewed your token; it is good for a year.", "back")
    office.secrets += ["token-renew"]
    office.ben.answers("It works", "confirm")
    assert (office.state(1), office.state(2)) == ("finalizing", "closed")
    phone.writes("#show SUP-1", "What was it")
    shown = phone.newest("shown").text
    assert "recorded a tool: token-renew.ps1" in shown
    assert "Tags: vpn" in shown
    assert kinds(office.ben) == ["receipt", "confirm", "final"]
    assert kinds(office.anna) == ["receipt", "answer", "final"]
    assert kinds(phone) == [
        "request", "request", "copy", "reply", "reply", "early_yes", "closed", "back", "copy", "shown"
    ]  # fmt: skip


def test_8_people_in_copy_leave_in_italian(office: OfficeDesk) -> None:
    luca = Person(office, Gmail("Luca Bianchi", "luca@example.it", "it"))
    giulia = Person(office, Gmail("Giulia Conti", "giulia@example.it", "it", "Giulia"))
    marco = Person(office, Gmail("Marco Rossi", "marco@example.it", "it"))
    piero = Person(office, Gmail("Piero Neri", "piero@example.it", "it"))
    luca.writes(
        "Buongiorno,\n\nlo scanner del primo piano non salva più i documenti nella cartella comune.\n\nLuca",
        "Scanner",
        cc="giulia@example.it, marco@example.it, piero@example.it",
    )
    office.bob.answers("Buongiorno,\n\nstiamo controllando il server; vi scriviamo oggi stesso.", "request")
    giulia.answers("Mi tolga dalla copia, per favore.", "answer")
    assert "non le invieremo più messaggi sulla richiesta SUP-1" in giulia.newest("left").text
    link = urlsplit(str(marco.newest("answer").message["List-Unsubscribe"]).strip("<> "))
    marco.opens((unquote(link.path), parse_qs(link.query)["subject"][0], ""))
    assert "di cui era in copia" in marco.newest("left").text

    luca.writes("", "Stato?")
    stands = luca.newest("requester_status").text
    assert "Ci stiamo lavorando." in stands
    office.bob.answers("#resolve La cartella era piena; ora lo scanner salva di nuovo.", "request")
    piero.answers("Avete finito?", "answer")
    asked = luca.newest("clarify").text
    assert "piero@example.it ci ha scritto sulla sua richiesta SUP-1." in asked
    luca.answers("Risolto, grazie!", "clarify")
    assert office.state() == "finalizing"
    assert kinds(luca) == ["receipt", "answer", "requester_status", "confirm", "clarify", "final"]
    assert kinds(giulia) == kinds(marco) == ["answer", "left"]
    assert kinds(piero) == ["answer", "final"]
    assert kinds(office.bob) == ["request", "copy", "unclear"]


def test_9_a_dead_address_is_set_aside_and_comes_back(office: OfficeDesk) -> None:
    office.anna.writes("Word does not start.", "Word")
    office.alice.answers("Please restart Word.", "request")
    failed = office.anna.newest("answer")
    office.receive(bounce_of(failed), None, [failed.return_path])
    assert "From now on, we send nothing to anna@example.org." in office.alice.newest("failed").text

    office.bob.answers("#resolve It is repaired.", "failed")
    assert office.anna.has("confirm") == 0
    assert "It didn’t go to anna@example.org" in office.alice.newest("copy").text
    assert "the requester wasn’t asked" in office.bob.newest("transcript").text
    assert "#unblock" in office.bob.newest("decision").text
    office.bob.writes("#blocked", "Who gets nothing")
    assert "- anna@example.org · since 23/11/2026 09:00 · the address doesn’t exist (5.1.1)" in (
        office.bob.newest("reply").text
    )
    office.bob.answers("#unblock", "decision")
    unblocked = office.bob.newest("reply").text
    assert "write to it again. Emails that we didn’t send in the meantime aren’t sent later." in unblocked
    office.bob.answers("#resolve It is repaired: please start it again.", "decision")
    assert "please start it again" in office.anna.newest("confirm").text

    # It is dead once more; this time she writes herself, from another device, and that ends it.
    failed = office.anna.newest("confirm")
    office.receive(bounce_of(failed), None, [failed.return_path])
    laptop = office.anna.using(AppleMail("Anna Martin", "anna@example.org"))
    laptop.answers("My mailbox was full, I am back. Word starts, it is resolved!", "confirm")
    assert office.state() == "finalizing"
    assert "SUP-1" in office.anna.newest("final").text
    assert kinds(office.anna) == ["receipt", "answer", "confirm", "final"]


def test_10_thanks_wait_for_the_mail_of_the_day_and_one_line_decides_all(office: OfficeDesk) -> None:
    helga, pablo = helga_of(office), pablo_of(office)
    office.ben.writes("My mouse is slow.", "Mouse")
    helga.writes("Guten Tag,\n\nder Drucker im dritten Stock druckt nur leere Seiten.", "Drucker")
    pablo.writes("Hola:\n\nno puedo entrar en el portal desde ayer.", "Portal")
    office.zoe.writes("Bonjour,\n\nmon écran reste noir ce matin.\n\nZoé", "Écran")
    office.alice.answers("#resolve\n\nPlease change its battery.", "request", 1)
    office.bob.answers("#lösen Die Trommel ist getauscht.", "request", 2)
    office.alice.answers("#resolve\n\nSu cuenta está desbloqueada.", "request", 3)
    office.bob.answers("#attente\n\nLe voyant est-il vert ?", "request", 4)
    before = kinds(office.alice), kinds(office.bob)
    helga.answers("Vielen Dank!", "confirm")
    office.at(2, "18:00", month=12)
    assert (kinds(office.alice), kinds(office.bob)) == before, "thanks and reminders are no matter of the staff"
    office.at(3, "9:30", month=12)
    asked = office.bob.newest("decisions")
    assert str(asked.message["Subject"]) == "Please decide: 4 requesters haven’t answered"
    assert "Helga Braun thanked us on Monday 23 November at 09:00 (Paris time), but hasn’t said" in asked.text
    assert asked.text.count("- Assigned to: Alice Moreau") == asked.text.count("- Assigned to: Bob Keller") == 2
    lines = re.findall(r"^    (#close .+)$", asked.text, re.MULTILINE)
    assert lines[-1] == "#close SUP-1 SUP-2 SUP-3 SUP-4 no answer"
    assert lines[:-1] == [f"#close SUP-{number} no answer" for number in (1, 2, 3, 4)]
    office.bob.answers(lines[-1], "decisions")
    assert "- SUP-4 Écran · #close: the ticket will be closed (we" in office.bob.newest("reply").text
    assert [office.state(number) for number in (1, 2, 3, 4)] == ["finalizing"] * 4
    for person, words in (
        (office.ben, "is complete, so we’re closing it"), (helga, "ist erledigt"), (pablo, "se ha completado"),
        (office.zoe, "Nous clôturons votre demande"),
    ):  # fmt: skip
        assert words in person.newest("final").text
        assert kinds(person)[-3:-1] in (["reminder", "reminder"], ["waiting_reminder", "waiting_reminder"])
    office.pass_time("2 weeks")
    assert [office.state(number) for number in (1, 2, 3, 4)] == ["closed"] * 4
    after = kinds(office.bob)[len(before[1]) :]
    assert after[:2] == ["decisions", "reply"]
