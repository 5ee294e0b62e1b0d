"""The mails that people write on the day and in the two weeks after it.

The agents are sensible: each reads what comes to their own mailbox and to that of their level, and replies to the
newest mail of a ticket.
"""

from __future__ import annotations

from tests.scenarios.a_day.office import StaffOffice
from tests.support.clients import IPhone

STATES = {
    "SUP-1": "closed", "SUP-2": "closed", "SUP-3": "closed", "SUP-4": "closed", "SUP-5": "closed", "SUP-6": "closed",
    "SUP-7": "finalizing", "SUP-8": "finalizing", "SUP-9": "closed", "SUP-10": "closed", "SUP-11": "finalizing",
    "SUP-12": "finalizing",
}  # fmt: skip
"""The states of the tickets at the end of the two weeks."""
PICTURE = bytes.fromhex("89504e470d0a1a0a") + b"a picture of the display"


def play_the_day(office: StaffOffice) -> None:
    """The twelve tickets come in on Monday, 23 November 2026, and are worked on."""
    _morning(office)
    _noon(office)
    _afternoon(office)
    office.at(23, "18:00")


def play_the_two_weeks(office: StaffOffice) -> None:
    """The rest is done on Tuesday; some requesters do not answer any more, and the desk asks for decisions."""
    alice, bob = office.alice, office.bob
    office.at(24, "9:40")
    office.helga.answers("Ja, jetzt geht es. Danke!", "confirm")
    office.at(24, "10:40")
    office.tom.answers("The technician was here and has left a sheet with the part number 77-B.", "question")
    office.at(24, "11:00")
    alice.answers("#time 10m\n#resolve\n\nThe technician has changed the fuser. The copier is ready again.", ticket=10)
    office.at(24, "11:30")
    office.tom.answers("Works, no smell any more. Thank you!", "confirm")
    # Four people say nothing more: Luca, Marie after her thanks, Giulia, and Sanne, who is away. On Thursday of the
    # next week, once the desk has asked, the agents have reached Luca and Marie by phone, and give Sanne up.
    office.at(3, "10:00", month=12)
    alice.answers("#close Luca says on the phone that it works", ticket=7)
    alice.answers("#close Marie says on the phone that it works", ticket=11)
    office.at(3, "10:20", month=12)
    bob.answers("#close no answer", ticket=8)
    # Giulia is hard to reach: only when the desk asks once more, Bob decides.
    office.at(7, "10:00", month=12)
    bob.answers("#close no answer", ticket=12)
    office.at(7, "18:00", month=12)


def _morning(office: StaffOffice) -> None:
    alice, bob = office.alice, office.bob
    # 1: a request with a picture.
    words = "The scanner on the second floor shows an error and takes no paper since this morning. Picture below."
    office.anna.writes(words, "Scanner", picture=("display.png", PICTURE))
    # 2 and 3: the same person writes twice.
    office.at(23, "9:05")
    office.ben.writes("I cannot log in to the portal any more.", "Portal")
    office.at(23, "9:10")
    office.zoe.writes(
        "Bonjour,\n\nl'imprimante du deuxième étage n'imprime que des pages blanches.\n\nZoé", "Imprimante"
    )
    office.at(23, "9:12")
    office.ben.writes("Hello, I still cannot log in to the portal. Is anybody there?", "Portal again")
    office.at(23, "9:15")
    alice.answers(
        "#time 10m\n#cause paper jam in the feeder\n#resolve\n\nI took a torn sheet out of the scanner; please try.",
        ticket=1,
    )
    office.at(23, "9:20")
    bob.answers("#merge SUP-2", ticket=4)
    bob.answers("Your account was locked. I have unlocked it; your old password is valid again.", ticket=2)
    # 3: a follow-up before anybody has answered.
    office.at(23, "9:25")
    office.zoe.answers("J'oubliais : celle du troisième étage imprime bien.", "receipt")
    office.at(23, "9:30")
    office.helga.writes("Seit heute früh bricht die VPN-Verbindung alle paar Minuten ab.", "VPN bricht ab")  # 5
    office.at(23, "9:35")
    alice.answers("#waiting\n\nBonjour, quel message l'écran de l'imprimante affiche-t-il ?", ticket=3)
    office.at(23, "9:40")
    office.anna.clicks("confirm", 1, 0)
    office.anna.clicks("final", 1, 4)
    office.at(23, "9:45")
    bob.answers("#take\n#type incident\n\nIch sehe mir die Protokolle des VPN-Servers an und melde mich.", ticket=5)
    # 6: an angry VIP.
    office.at(23, "9:50")
    office.vogt.writes(
        "Der Beamer im Vorstandszimmer geht schon wieder nicht! In zwei Stunden kommen Gäste.", "Beamer geht nicht"
    )
    office.at(23, "9:55")
    office.ben.answers("Thanks, I am in again.", "answer")
    office.at(23, "10:00")
    office.zoe.answers("« Remplacer le tambour ».", "question")
    office.at(23, "10:10")
    # 7: a requester phones.
    alice.writes(
        "#requester Luca Bianchi <luca@example.it>\n#type incident\n#time 5m\n\n"
        "Luca ha telefonato: Excel si chiude quando apre il file delle ferie.",
        "Excel si chiude",
    )
    office.at(23, "10:15")
    office.vogt.answers("Seit 25 Minuten höre ich nichts. Das ist unmöglich!", "receipt")
    office.at(23, "10:20")
    alice.answers("#priority urgent\n\nIch bin in fünf Minuten bei Ihnen.", ticket=6)


def _noon(office: StaffOffice) -> None:
    alice, bob, carol = office.alice, office.bob, office.carol
    # 8: the requester goes on holiday.
    office.at(23, "10:30")
    office.sanne.writes("Mijn docking station herkent de monitor niet meer.", "Docking station")
    office.at(23, "10:40")
    bob.answers("#waiting\n\nWelk type docking station is het? Het staat op de onderkant.", ticket=8)
    office.at(23, "10:41")
    office.answer_automatically(
        office.sanne, 8, "Automatisch antwoord", "Ik ben afwezig tot en met 11 december 2026 en lees geen e-mail."
    )
    office.at(23, "10:45")
    alice.answers(
        "#note The lamp is new; the control unit does not boot.\n"
        "#escalate The control unit needs a new firmware, and I have no access to it.",
        ticket=6,
    )
    office.at(23, "10:50")
    alice.answers("#time 20m\n#resolve\n\nJ'ai remplacé le tambour de l'imprimante.", ticket=3)
    # 9: a mail that is not for this desk.
    office.at(23, "10:55")
    office.pablo.writes("En mi nómina de octubre faltan dos días de vacaciones.", "Nómina de octubre")
    office.at(23, "11:00")
    office.zoe.answers("Toujours pas, les pages restent blanches.", "confirm")
    office.at(23, "11:05")
    bob.answers(
        "#close transferred Recursos Humanos, nomina@example.com\n\nSu mensaje es para Recursos Humanos; se lo hemos "
        "enviado.",
        ticket=9,
    )
    # 10: questions to third parties.
    office.at(23, "11:15")
    office.tom.writes("The copier in the warehouse smells of smoke when it is warm.", "Copier smells")
    office.at(23, "11:20")
    alice.answers("#ask service@printers.example\n\nSerial number X-200, smell of smoke. Is that the fuser?", ticket=10)
    alice.answers("Please switch the copier off. I have asked its maker and write to you today.", ticket=10)
    office.at(23, "11:30")
    alice.answers(
        "#time 15m\n#resolve\n\nLe nouveau tambour était défectueux ; j'en ai mis un autre et imprimé dix pages.",
        ticket=3,
    )
    office.at(23, "11:45")
    carol.answers("#time 30m\n#resolve\n\nDie Firmware ist neu, der Beamer zeigt das Bild wieder.", ticket=6)
    office.at(23, "11:50")
    office.zoe.answers("Oui, ça marche, merci !", "confirm")
    # 11: a mail that a colleague got.
    office.at(23, "12:00")
    marie = office.marie.program
    assert isinstance(marie, IPhone)
    mail = marie.write(
        "Bonjour Bob, je ne peux plus ouvrir le classeur des achats.", to=bob.address, subject="Classeur",
        at=office.clock.now(),
    )  # fmt: skip
    bob.forwards(mail, "#requester")
    office.at(23, "12:10")
    office.vogt.answers("Ja, er funktioniert wieder.", "confirm")
    office.vogt.clicks("final", 6, 1, "Das hat viel zu lange gedauert.")
    office.at(23, "12:20")
    bob.answers("#time 1h\n#cause old VPN client\n#resolve\n\nBitte installieren Sie die Version 5.3.", ticket=5)


def _afternoon(office: StaffOffice) -> None:
    alice, bob = office.alice, office.bob
    office.at(23, "13:40")
    office.supplier.answers("Yes, and there is a recall. We can come on Tuesday at nine if somebody opens.", "ask")
    office.at(23, "13:45")
    bob.answers("#time 10m\n#resolve\n\nLe classeur est de nouveau accessible.", ticket=11)
    office.at(23, "13:50")
    alice.answers(
        "#ask facilities@example.org\n\nCan you open the warehouse for a technician on Tuesday at nine?", ticket=10
    )
    office.at(23, "14:00")
    office.marie.answers("Merci !", "confirm")  # thanks alone
    # 12: a request that Bob works on alone.
    office.at(23, "14:05")
    office.giulia.writes(
        "Da venerdì non vedo più la casella condivisa dell'ufficio acquisti in Outlook.", "Casella condivisa"
    )
    office.at(23, "14:10")
    office.facilities.answers("Yes, Paul will be there.", "ask")
    office.at(23, "14:20")
    alice.answers(
        "#waiting\n\nA technician comes on Tuesday at nine; Paul opens the warehouse. Please tell me then how it went.",
        ticket=10,
    )
    alice.answers(
        "#time 10m\n#resolve\n\nHo riparato l'installazione di Excel, il file ora si apre senza errori.", ticket=7
    )
    office.at(23, "14:25")
    bob.answers("#note Her rights were lost with the migration on Friday.\n#time 20m", ticket=12)
    office.at(23, "15:10")
    bob.answers("#resolve\n\nLa casella condivisa è di nuovo visibile; riavvii Outlook, per favore.", ticket=12)
    office.at(23, "16:00")
    alice.writes("#list", "My list")
