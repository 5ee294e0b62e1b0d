"""The line above a quote, in every language, date form and wrapping."""

from __future__ import annotations

import time

import pytest

from mailgate.parsers.quoting.attributions import find_attributions
from mailgate.parsers.quoting.quote_lines import is_quoted
from mailgate.parsers.quoting.strip import cut_quotes

# one line for each client and language whose form differs
LINES = """
On Tue, Nov 24, 2026 at 10:00 AM Ann Lee <ann.lee@example.org> wrote:
On Tue, 24 Nov 2026 at 10:00, Ann Lee <ann.lee@example.org> wrote:
On Tue, 24 Nov 2026 10:00:00 +0100, Ann Lee <ann.lee@example.org> wrote:
On Nov 24, 2026, at 10:00 AM, Ann Lee <ann.lee@example.org> wrote:
On 24 Nov 2026, at 10:00, Ann Lee via Desk <ann.lee@example.org> wrote:
On 24/11/2026 10:00, Ann Lee wrote:
On 11/24/26 10:00 AM, Ann Lee wrote:
On 2026-11-24 10:00, Ann Lee wrote:
On 24.11.2026 at 10.00 Ann Lee wrote:
On Tuesday, November 24, 2026, 10:00:00 AM GMT+1, Ann Lee <ann.lee@example.org> wrote:
On Tuesday, November 24th, 2026 at 10:00 AM, Ann Lee <ann.lee@example.org> wrote:
On Tuesday 24 November 2026 10:00:00 Ann Lee wrote:
On Tue, Nov 24, 2026, 10:00 Ann Lee (Desk) <ann.lee@example.org> wrote:
On November 24, 2026 10:00:00 AM GMT+01:00, "Lee, Ann" <ann.lee@example.org> wrote:
On Tue, Nov 24, 2026 at 10:00 AM, Ann O'Lee <[ann.lee@example.org](mailto:ann.lee@example.org)> wrote:
On Tue, Nov 24, 2026 at 10:00 AM Ann Lee <mailto:ann.lee@example.org> wrote:
On Nov 24, 2026, at 10:00 AM, ann.lee@example.org wrote:
At 10:00 AM 11/24/2026, Ann Lee wrote:
At 2026-11-24 10:00:00, "Ann Lee" <ann.lee@example.org> wrote:
Ann Lee <ann.lee@example.org> wrote:
Ann Lee (ann.lee@example.org) wrote:
Ann Lee [mailto:ann.lee@example.org] wrote:
"Lee, Ann" <ann.lee@example.org> writes:
Ann Lee <ann.lee@example.org> wrote on 24/11/2026 10:00:00:
Ann Lee wrote on 11/24/2026 10:00 AM:
In message <a.1@example.org>, Ann Lee writes on 24 Nov 2026:
Quoting Ann Lee <ann.lee@example.org>:
Ann Lee <ann.lee@example.org>, 2026-11-24 10:00 wrote:
2026-11-24 10:00 GMT+01:00 Ann Lee <ann.lee@example.org>:
Le mar. 24 nov. 2026 à 10:00, Ann Lee <ann.lee@example.org> a écrit :
Le 24 nov. 2026 à 10:00, Ann Lee <ann.lee@example.org> a écrit :
Le 24/11/2026 à 10:00, Ann Lee a écrit :
Le mardi 24 novembre 2026 à 10:00:00 UTC+1, Ann Lee <ann.lee@example.org> a écrit :
Le mardi 24 novembre 2026, Ann Lee <ann.lee@example.org> a écrit :
Le 24 novembre 2026 10:00:00 GMT+01:00, Ann Lee <ann.lee@example.org> a écrit :
Le mar. 24 nov. 2026, 10 h 00, Ann Lee <ann.lee@example.org> a écrit :
Ann Lee <ann.lee@example.org> a écrit le 24/11/2026 10:00 :
Le mardi 24 novembre 2026 à 10:00 +0100, Ann Lee a écrit :
2026-11-24 10:00 UTC+01:00, Ann Lee <ann.lee@example.org>:
Am Di., 24. Nov. 2026 um 10:00 Uhr schrieb Ann Lee <ann.lee@example.org>:
Am 24.11.2026 um 10:00 schrieb Ann Lee:
Am 24.11.26 um 10:00 schrieb Ann Lee <ann.lee@example.org>:
Am Dienstag, 24. November 2026, 10:00:00 CET schrieb Ann Lee:
Am Dienstag, den 24.11.2026, 10:00 +0100 schrieb Ann Lee:
Am 24. November 2026 10:00:00 MEZ schrieb Ann Lee <ann.lee@example.org>:
Am 24.11.2026 um 10:00 hat Ann Lee <ann.lee@example.org> geschrieben:
Ann Lee <ann.lee@example.org> schrieb am 24.11.2026 10:00:
Ann Lee <ann.lee@example.org> schrieb am Di., 24. Nov. 2026, 10:00:
Ann Lee schrieb:
Zitat von Ann Lee <ann.lee@example.org>:
El mar, 24 nov 2026 a las 10:00, Ann Lee (<ann.lee@example.org>) escribió:
El mar., 24 nov. 2026 a las 10:00, Ann Lee escribió:
El 24 nov 2026, a las 10:00, Ann Lee <ann.lee@example.org> escribió:
El 24/11/2026 a las 10:00, Ann Lee escribió:
El martes, 24 de noviembre de 2026, 10:00:00 CET, Ann Lee <ann.lee@example.org> escribió:
El mar., 24 de noviembre de 2026 10:00 a. m., Ann Lee <ann.lee@example.org> escribió:
Ann Lee <ann.lee@example.org> escribió:
2026-11-24 10:00 GMT+01:00, Ann Lee <ann.lee@example.org>:
Il giorno mar 24 nov 2026 alle ore 10:00 Ann Lee <ann.lee@example.org> ha scritto:
Il giorno 24 nov 2026, alle ore 10:00, Ann Lee <ann.lee@example.org> ha scritto:
Il 24/11/2026 10:00, Ann Lee ha scritto:
Il mar 24 nov 2026, 10:00 Ann Lee <ann.lee@example.org> ha scritto:
Il martedì 24 novembre 2026, 10:00:00 CET, Ann Lee <ann.lee@example.org> ha scritto:
In data martedì 24 novembre 2026 10:00:00 CET, Ann Lee ha scritto:
Ann Lee <ann.lee@example.org> ha scritto:
Op di 24 nov. 2026 om 10:00 schreef Ann Lee <ann.lee@example.org>:
Op 24 nov. 2026, om 10:00 heeft Ann Lee <ann.lee@example.org> het volgende geschreven:
Op 24-11-2026 om 10:00 schreef Ann Lee:
Op dinsdag 24 november 2026 10:00:00 CET schreef Ann Lee:
Op dinsdag 24 november 2026 heeft Ann Lee <ann.lee@example.org> geschreven:
Ann Lee schreef op 24-11-2026 10:00:
Ann Lee <ann.lee@example.org> schreef op 24 november 2026 10:00:00 CET:
Em ter., 24 de nov. de 2026 às 10:00, Ann Lee <ann.lee@example.org> escreveu:
Em 24/11/2026 10:00, Ann Lee escreveu:
Em 24/11/2026, às 10:00, Ann Lee <ann.lee@example.org> escreveu:
Em terça-feira, 24 de novembro de 2026 10:00:00 GMT-3, Ann Lee <ann.lee@example.org> escreveu:
Ann Lee <ann.lee@example.org> escreveu no dia terça, 24/11/2026 à(s) 10:00:
No dia 24/11/2026, às 10:00, Ann Lee <ann.lee@example.org> escreveu:
Às 10:00 de 24/11/2026, Ann Lee escreveu:
wt., 24 lis 2026 o 10:00 Ann Lee <ann.lee@example.org> napisał(a):
W dniu 24.11.2026 o 10:00, Ann Lee pisze:
W dniu wt., 24.11.2026 o 10:00 Ann Lee <ann.lee@example.org> napisał(a):
Dnia 24 listopada 2026 10:00 Ann Lee <ann.lee@example.org> napisał(a):
Użytkownik Ann Lee <ann.lee@example.org> napisał:
Wiadomość napisana przez Ann Lee <ann.lee@example.org> w dniu 24 lis 2026, o godz. 10:00:
Den tis 24 nov. 2026 kl 10:00 skrev Ann Lee <ann.lee@example.org>:
24 nov. 2026 kl. 10:00 skrev Ann Lee <ann.lee@example.org>:
Den 2026-11-24 kl. 10:00, skrev Ann Lee:
Den 24 november 2026 10:00:00 CET skrev Ann Lee <ann.lee@example.org>:
tisdag 24 november 2026 10:00:00 CET skrev Ann Lee:
Den tirs. 24. nov. 2026 kl. 10.00 skrev Ann Lee <ann.lee@example.org>:
Den 24/11/2026 kl. 10.00 skrev Ann Lee:
Den 24. nov. 2026 kl. 10.00 skrev Ann Lee <ann.lee@example.org>:
Den tirsdag den 24. november 2026 skrev Ann Lee:
tir. 24. nov. 2026 kl. 10:00 skrev Ann Lee <ann.lee@example.org>:
24. nov. 2026 kl. 10:00 skrev Ann Lee <ann.lee@example.org>:
På tir 24. nov 2026 kl. 10:00 skrev Ann Lee:
ti 24. marrask. 2026 klo 10.00 Ann Lee (ann.lee@example.org) kirjoitti:
Ann Lee <ann.lee@example.org> kirjoitti 24.11.2026 kello 10.00:
Ann Lee kirjoitti 24.11.2026 klo 10.00:
út 24. 11. 2026 v 10:00 odesílatel Ann Lee <ann.lee@example.org> napsal:
Dne 24. 11. 2026 v 10:00 Ann Lee napsal(a):
Dne 24. listopadu 2026 10:00:00 SEČ, Ann Lee <ann.lee@example.org> napsal:
Dne úterý 24. listopadu 2026 10:00:00 CET, Ann Lee napsala:
ut 24. 11. 2026 o 10:00 Ann Lee <ann.lee@example.org> napísal(a):
Dňa 24. 11. 2026 o 10:00 Ann Lee napísal(a):
вт, 24 нояб. 2026 г. в 10:00, Ann Lee <ann.lee@example.org>:
Вторник, 24 ноября 2026, 10:00 +03:00 от Ann Lee <ann.lee@example.org>:
24.11.2026, 10:00, "Ann Lee" <ann.lee@example.org>:
24.11.2026 10:00, Ann Lee пишет:
24 нояб. 2026 г., в 10:00, Ann Lee <ann.lee@example.org> написал(а):
Здравствуйте, Ann. Вы писали 24 ноября 2026 г., 10:00:
вт, 24 лист. 2026 р. о 10:00 Ann Lee <ann.lee@example.org> пише:
24.11.26 10:00, Ann Lee пише:
На вт, 24.11.2026 г. в 10:00 Ann Lee <ann.lee@example.org> написа:
Ann Lee <ann.lee@example.org>, 24 Kas 2026 Sal, 10:00 tarihinde şunu yazdı:
24.11.2026 10:00 tarihinde Ann Lee yazdı:
24 Kas 2026 tarihinde, saat 10:00'da Ann Lee <ann.lee@example.org> şunları yazdı:
24 Kasım 2026 Salı 10:00:00 GMT+3 tarihinde Ann Lee <ann.lee@example.org> şunu yazdı:
2026年11月24日(火) 10:00 Ann Lee <ann.lee@example.org>:
2026/11/24 10:00、Ann Lee <ann.lee@example.org>のメール:
On 2026/11/24 10:00, Ann Lee wrote:
2026年11月24日 10:00、Ann Lee <ann.lee@example.org>のメール:
Ann Lee さんは書きました:
2026/11/24 10:00、Ann Leeさんは書きました:
在 2026年11月24日,上午10:00,Ann Lee <ann.lee@example.org> 写道：
Ann Lee <ann.lee@example.org> 于2026年11月24日周二 10:00写道：
Ann Lee <ann.lee@example.org> 於 2026年11月24日 週二 上午10:00寫道：
在 2026/11/24 10:00, Ann Lee 写道:
在2026年11月24日 10:00，Ann Lee<ann.lee@example.org> 写道：
2026년 11월 24일 (화) 오전 10:00, Ann Lee <ann.lee@example.org>님이 작성:
2026. 11. 24. 오전 10:00, Ann Lee <ann.lee@example.org> 작성:
2026-11-24 오전 10:00에 Ann Lee 이(가) 쓴 글:
Ann Lee <ann.lee@example.org> ezt írta (időpont: 2026. nov. 24., K, 10:00):
2026. 11. 24. 10:00 keltezéssel, Ann Lee írta:
În mar., 24 nov. 2026 la 10:00, Ann Lee <ann.lee@example.org> a scris:
Pe 24.11.2026 10:00, Ann Lee a scris:
În data de 24 nov. 2026, la 10:00, Ann Lee a scris:
Missatge de Ann Lee <ann.lee@example.org> del dia dt., 24 de nov. 2026 a les 10:00:
El 24/11/26 a les 10:00, Ann Lee ha escrit:
uto, 24. stu 2026. u 10:00 Ann Lee <ann.lee@example.org> napisao je:
Dana 24. 11. 2026. u 10:00, Ann Lee je napisao/la:
V V tor., 24. nov. 2026 ob 10:00 je oseba Ann Lee <ann.lee@example.org> napisala:
Dne 24. 11. 26 ob 10:00 je Ann Lee napisal:
Στις Τρί 24 Νοε 2026 στις 10:00 π.μ., ο χρήστης Ann Lee <ann.lee@example.org> έγραψε:
Στις 24/11/2026 10:00 π.μ., ο Ann Lee έγραψε:
‫בתאריך יום ג׳, 24 בנוב׳ 2026 ב-10:00 מאת ‪Ann Lee‬‏ <‪ann.lee@example.org‬‏>:‬
في الثلاثاء، 24 نوفمبر 2026 في 10:00 ص تمت كتابة ما يلي بواسطة Ann Lee <ann.lee@example.org>:
Vào Th 3, 24 thg 11, 2026 vào lúc 10:00 Ann Lee <ann.lee@example.org> đã viết:
Pada tanggal Sel, 24 Nov 2026 pukul 10.00 Ann Lee <ann.lee@example.org> menulis:
ในวันที่ อ. 24 พ.ย. 2026 เวลา 10:00 Ann Lee <ann.lee@example.org> เขียนว่า:
Kontakt Ann Lee (<ann.lee@example.org>) kirjutas kuupäeval T, 24. november 2026 kell 10:00:
2026-11-24, an, 10:00 Ann Lee <ann.lee@example.org> rašė:
otrd., 2026. g. 24. nov., plkst. 10:00 — lietotājs Ann Lee (<ann.lee@example.org>) rakstīja:
þri., 24. nóv. 2026 kl. 10:00 skrifaði Ann Lee <ann.lee@example.org>:
""".strip().split("\n")
# these say too little to be one where no quote follows
WEAK = """
Ann Lee schrieb:
Ann Lee wrote:
Ann Lee a écrit :
Ann Lee さんは書きました:
On Monday, Support wrote:
On 24 Nov, Ann Lee wrote:
Le lundi, le support a écrit :
On Tue, 24 Nov 2026, you wrote:
24/11/2026 10:00, Ann Lee:
Ann Lee <ann.lee@example.org>:
2026/11/24 Ann Lee <ann.lee@example.org>
On Tue, 24 Nov 2026 at 10:00, Ann Lee wrote
""".strip().split("\n")
# what people write
WORDS = """
On Monday I wrote:
On Monday I wrote: the printer is off
On 24 November 2026 I wrote:
On 24 November 2026 at 10:00 you wrote:
Le 24/11/2026 à 10:00 j'ai écrit :
Am 24.11.2026 um 10:00 schrieb ich:
He said on day 1:
On 24/11/2026 at 10:00 the log said:
2026-11-24 10:00:01 error while sending to ann.lee@example.org:
The following was printed on 24/11/2026 at 10:00:
Le 24/11/2026 à 10:00 le serveur affiche :
Contact: ann.lee@example.org
Our address is ann.lee@example.org:
Please note:
At 10:00 we saw this error:
From: the printer room
Sent: never
""".strip().split("\n")
WRAPS = (78, 60, 40)


def wrap(line: str, width: int) -> str:
    """The line broken at spaces, and inside a word that is longer than a line."""
    out, rest = [], line
    while len(rest) > width:
        at = rest.rfind(" ", 1, width + 1)
        out.append(rest[:at] if at > 0 else rest[:width])
        rest = rest[at + 1 :] if at > 0 else rest[width:]
    return "\n".join([*out, rest])


CASES = sorted({wrap(line, width) for line in LINES for width in (999, *WRAPS)})


@pytest.mark.parametrize("line", CASES)
def test_an_attribution_goes_with_its_quote(line: str) -> None:
    for quote in ("\n> resolved?", "\n\n> resolved?\n>\n> Ann"):
        assert cut_quotes(f"Still broken.\n\n{line}{quote}\n", is_answer=True) == "Still broken."


@pytest.mark.parametrize("line", [case for case in CASES if "@" in case or "20" in case])
def test_an_attribution_ends_an_answer_without_quote_marks(line: str) -> None:
    assert cut_quotes(f"Still broken.\n\n{line}\n\nresolved?\n\nAnn", is_answer=True) == "Still broken."


@pytest.mark.parametrize("line", WEAK)
def test_a_weak_attribution_needs_a_quote(line: str) -> None:
    assert cut_quotes(f"No.\n\n{line}\n\n> resolved?", is_answer=True) == "No."
    text = f"No.\n\n{line}\n\nresolved?"
    assert cut_quotes(text, is_answer=False) == text


@pytest.mark.parametrize("line", WORDS)
def test_what_people_write_is_no_attribution(line: str) -> None:
    text = f"No.\n\n{line}\n\nit is off"
    assert cut_quotes(text, is_answer=True) == text
    assert cut_quotes(text, is_answer=False) == text


@pytest.mark.parametrize(
    "shape",
    [
        "On \n",
        "On 24 Nov 2026 10:00 a@b\n",
        "a wrote:\n",
        "x <a@b>\n",
        "On 1, a wrote\n",
        "2026-11-24 10:00 a@b.c:\n> a\n",
    ],
)
def test_hostile_lines_take_linear_time(shape: str) -> None:
    lines = (shape * 20_000).split("\n")
    start = time.process_time()
    find_attributions(lines, [is_quoted(line) for line in lines])
    find_attributions([shape.strip() * 20_000], [False])
    assert time.process_time() - start < 4
