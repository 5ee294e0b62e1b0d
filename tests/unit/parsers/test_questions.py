"""An agent's answer asks something with a question mark, or as a request for words."""

from __future__ import annotations

import pytest

from mailgate.parsers.questions import asks_something, plans_something

QUESTIONS = (
    "Which version do you use?",
    "Is it the printer on the second floor? Then please restart it.",
    "どのプリンターですか。",
    "你用的是哪个版本？",
    "Please tell me the serial number.",
    "Please try another browser and let me know if it works there.",
    "We need your inventory number to go on.",
    "Please send us a screenshot of the message.",
    "Dites-moi si cela fonctionne avec un autre écran.",
    "Merci de nous indiquer le numéro de série.",
    "Pourriez-vous m'envoyer une copie d'écran.",
    "Bitte geben Sie mir Bescheid, ob es im anderen Browser geht.",
    "Teilen Sie uns bitte die Seriennummer mit.",
    "Bitte schicken Sie uns ein Bildschirmfoto.",
    "Por favor, dígame si funciona con otro navegador.",
    "Envíenos el número de serie.",
    "Mi faccia sapere se funziona con un altro browser.",
    "Ci invii il numero di serie.",
    "Laat ons weten of het in een andere browser werkt.",
    "Stuur ons het serienummer.",
    "Por favor, diga-nos se funciona noutro navegador.",
    "Envie-nos o número de série.",
    "Favor informar o número de patrimônio.",
    "Me manda uma foto da tela e me avisa se aparece a mesma mensagem.",
    "Proszę dać znać, czy na innym komputerze drukuje.",
    "Poproszę o numer inwentarzowy drukarki.",
    "Prosze podac wersje programu.",
    "Czy mógłby Pan przesłać zrzut ekranu.",
    "Potrzebujemy numeru seryjnego.",
    "Hör gärna av dig och berätta om det fungerar i en annan webbläsare.",
    "Skicka oss serienumret, så fortsätter vi.",
    "Vi behöver veta vilken skrivare det gäller.",
    "Giv besked, om det virker på en anden computer.",
    "Send os serienummeret, så vender vi tilbage.",
    "Må jeg bede om et skærmbillede.",
    "Tak, działa. Czy można to zrobić też na drugim komputerze?",
    "Ja, det funkar. Kan ni göra samma sak på den andra datorn?",
    "Ja, det virker. Kan I gøre det samme på den anden computer?",
    "Tak, działa. Proszę o informację, jak to ustawić na drugim komputerze.",
    "Ja, det funkar. Jag undrar hur jag gör på den andra datorn.",
    "Ja, det virker. Jeg vil gerne vide, hvordan jeg gør på den anden computer.",
)
STATEMENTS = (
    "I have unlocked your account. Please log in once more.",
    "See https://help.example.com/?topic=portal&page=3 for the steps.",
    "Let me know if you have any questions.",
    "Please tell us if the problem comes back.",
    "> Does it print now?\n\nThe toner was empty; I have changed it.",
    "Votre compte est débloqué. N'hésitez pas à nous dire si le problème persiste.",
    "Das Kennwort ist zurückgesetzt, bitte melden Sie sich neu an. Bei Fragen geben Sie uns gern Bescheid.",
    "Ya está desbloqueada. Si necesita algo más, dígame.",
    "L'account è sbloccato. Se il problema si ripresenta, ce lo dica.",
    "Uw account is vrijgegeven. Laat het ons weten als u nog vragen hebt.",
    "A conta está desbloqueada. Se precisar de mais ajuda, avise-nos.",
    "A conta foi desbloqueada. Qualquer coisa, me avise.",
    "Konto jest odblokowane. Proszę sprawdzić, czy może się Pani zalogować.",
    "Podajemy nowe hasło w osobnej wiadomości. W razie pytań proszę o kontakt.",
    "Jeśli coś jeszcze nie działa, proszę dać znać.",
    "Vi har låst upp kontot. Nu kan du skicka mejl igen.",
    "Vi såg till att skrivaren startades om. Hör av dig om du har frågor.",
    "Säg till om du behöver hjälp med något mer.",
    "Vi har sendt et meddelelse til alle og bekræftet ændringen. Nu kan du printe igen.",
    "Giv os besked, hvis du har spørgsmål.",
    "Brugerne kan henvende sig til receptionen. Sig til, hvis problemet opstår igen.",
    "Tak, działa.",
    "Ja, det fungerar nu, tack!",
    "Ja, det virker, mange tak.",
    "",
)


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_told_in_each_language(text: str) -> None:
    assert asks_something(text)


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_statement_and_an_offer_of_help_ask_nothing(text: str) -> None:
    assert not asks_something(text)


def test_a_long_text_takes_time_in_proportion() -> None:
    assert not asks_something("please log in once more and wait a moment, " * 20_000)
    assert asks_something("please log in once more. " * 20_000 + "Tell me the version.")


@pytest.mark.parametrize(
    "text",
    [
        "I will come on Thursday at 10.",
        "Je passe jeudi à 10h.",
        "Ich komme morgen vorbei.",
        "Vengo giovedì alle 10.",
        "Paso el martes a las 10.",
        "Ik kom donderdag langs.",
        "Passo na quinta às 10h.",
        "Hoje à tarde ligamos.",
        "Przyjdę w czwartek.",
        "Zadzwonimy po południu.",
        "Jag kommer förbi på torsdag.",
        "Vi ringer imorgon.",
        "Jeg kommer forbi på torsdag.",
        "Vi skal kigge på det i næste uge.",
    ],
)
def test_a_plan_is_told_in_each_language(text: str) -> None:
    assert plans_something(text)


@pytest.mark.parametrize(
    "text",
    [
        "I have unlocked your account. Please log in once more.",
        "J'ai débloqué votre compte, veuillez vous reconnecter.",
        "Ich habe das Kennwort zurückgesetzt. Bitte melden Sie sich neu an.",
        "Konto zostało odblokowane. Proszę zalogować się ponownie.",
        "Vi har bytt skrivarens toner. Telefonen ringer som den ska.",
        "Jeg har låst kontoen op. Log på igen.",
    ],
)
def test_what_is_done_is_no_plan(text: str) -> None:
    assert not plans_something(text)
