"""By when: a date behind "by", "due", "bis", "期限" ..., in brackets or in a column; digits, month names, weekdays.

A date in words, or one that leaves something open (no year, the order of day and month), is told apart: it is doubted.
"""

import calendar
import datetime
import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from vaultindex.base.lazy_pattern import lazy_pattern
from vaultindex.base.text import fold


class Day(NamedTuple):
    """A day that was read."""

    iso: str
    certain: bool  # False: words, a missing year, or day and month could be the other way round


_MONTHS = """
jan january januar janvier enero janeiro gennaio januari januari januar tammikuu styczen stycznia leden ledna ocak января январь
feb february februar fevrier febrero fevereiro febbraio februari februari februar helmikuu luty lutego unor unora subat февраля февраль
mar march marz mars marzo marco marzo maart mars marts maaliskuu marzec marca brezen brezna mart марта март
apr april april avril abril abril aprile april april april huhtikuu kwiecien kwietnia duben dubna nisan апреля апрель
may may mai mai mayo maio maggio mei maj mai toukokuu maj maja kveten kvetna mayis мая май
jun june juni juin junio junho giugno juni juni juni kesakuu czerwiec czerwca cerven cervna haziran июня июнь
jul july juli juillet julio julho luglio juli juli juli heinakuu lipiec lipca cervenec cervence temmuz июля июль
aug august august aout agosto agosto agosto augustus augusti august elokuu sierpien sierpnia srpen srpna agustos августа август
sep september september septembre septiembre setembro settembre september september september syyskuu wrzesien wrzesnia zari zari eylul сентября сентябрь
oct october oktober octobre octubre outubro ottobre oktober oktober oktober lokakuu pazdziernik pazdziernika rijen rijna ekim октября октябрь
nov november november novembre noviembre novembro novembre november november november marraskuu listopad listopada listopad listopadu kasim ноября ноябрь
dec december dezember decembre diciembre dezembro dicembre december december desember joulukuu grudzien grudnia prosinec prosince aralik декабря декабрь
"""
_MORE_MONTHS = "mrz:3 okt:10 dez:12 sept:9 fev:2 avr:4 juil:7 ene:1 abr:4 ago:8 dic:12 set:9 gen:1 mag:5 giu:6 lug:7 ott:10 mai:5 out:10 mei:5"
_WEEKDAYS = """
monday mon montag lundi lunes segunda segunda-feira lunedi maandag mandag mandag maanantai poniedzialek poniedzialku pondeli pazartesi понедельник понедельника понедельнику 月曜日 月曜 周一 星期一
tuesday tue tues dienstag mardi martes terca terca-feira martedi dinsdag tisdag tirsdag tiistai wtorek wtorku utery sali вторник вторника вторнику 火曜日 火曜 周二 星期二
wednesday wed mittwoch mercredi miercoles quarta quarta-feira mercoledi woensdag onsdag onsdag keskiviikko sroda srody streda carsamba среда среды среде 水曜日 水曜 周三 星期三
thursday thu thur thurs donnerstag jeudi jueves quinta quinta-feira giovedi donderdag torsdag torsdag torstai czwartek czwartku ctvrtek persembe четверг четверга четвергу 木曜日 木曜 周四 星期四
friday fri freitag vendredi viernes sexta sexta-feira venerdi vrijdag fredag fredag perjantai piatek piatku patek cuma пятница пятницы пятнице пятницу 金曜日 金曜 周五 星期五
saturday sat samstag samedi sabado sabado sabato zaterdag lordag lordag lauantai sobota soboty cumartesi суббота субботы субботу 土曜日 土曜 周六 星期六
sunday sun sonntag dimanche domingo domingo domenica zondag sondag sondag sunnuntai niedziela niedzieli nedele pazar воскресенье воскресенья 日曜日 日曜 周日 星期日
"""


def _numbers(table: str) -> dict[str, int]:
    return {fold(word): n for n, line in enumerate(table.strip().split("\n")) for word in line.split()}


@cache
def _month_numbers() -> dict[str, int]:
    found = {word: n + 1 for word, n in _numbers(_MONTHS).items()}
    found.update((word, int(n)) for word, _, n in (pair.partition(":") for pair in _MORE_MONTHS.split()))
    return found


@cache
def _weekday_numbers() -> dict[str, int]:
    return _numbers(_WEEKDAYS)


_NEXT = r"(?:next|this|coming|the|kommenden?|nachsten?|diesen?|prochain|le|el|proximo|este|la|prossimo|volgende|komende|nasta|neste|naeste|przyszly|следующий|来週|次の|下)"
_WORDS: tuple[tuple[str, str], ...] = (
    ("today", r"today|eod|cob|end of (?:the )?day|close of business|tonight|heute|aujourd'hui|hoy|hoje|oggi|vandaag|idag|i dag|dzis|dnes|сегодня|bugun|今日|本日|今日中|今天|오늘"),
    ("tomorrow", r"tomorrow|tomorrow (?:morning|noon|evening|eod)|morgen|demain|manana|amanha|domani|imorgon|i morgon|i morgen|huomenna|jutro|zitra|завтра|yarin|明日|明天|내일"),
    ("week", r"eow|(?:the )?end of (?:the |this )?week|this week|week'?s end|ende der woche|wochenende|ende dieser woche|diese woche|fin de semaine|la fin de (?:la |cette )?semaine|cette semaine|fin de semana|finales de semana|esta semana|fim da semana|fine settimana|einde (?:van de )?week|今週中|今週末|本周末|本周|이번 주"),
    ("nextweek", r"(?:the )?end of next week|next week|ende nachster woche|nachste woche|kommende woche|(?:la )?(?:fin de la )?semaine prochaine|(?:la )?proxima semana|la semana que viene|(?:la )?prossima settimana|volgende week|nasta vecka|neste uke|naeste uge|przyszly tydzien|на следующей неделе|来週中|来週|来週末|下周|다음 주"),
    ("month", r"eom|(?:the )?end of (?:the |this )?month|month[- ]end|this month|monatsende|ende des monats|ende monat|(?:la )?fin du mois|(?:la )?fin de mois|fin(?:al)?(?:es)? de mes|fim do mes|fine (?:del )?mese|einde (?:van de )?maand|manadsskiftet|koniec miesiaca|конца месяца|月末|今月末|月底|이달 말"),
    ("quarter", r"eoq|(?:the )?end of (?:the |this )?quarter|quarter[- ]end|quartalsende|ende des quartals|(?:la )?fin du trimestre|fin(?:al)? del? trimestre|fim do trimestre|fine trimestre|四半期末|季度末"),
    ("year", r"eoy|(?:the )?end of (?:the |this )?year|year[- ]end|jahresende|ende des jahres|(?:la )?fin de l'annee|fin de ano|fim do ano|年末|年底"),
)  # fmt: skip


@cache
def _word_patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(words)) for name, words in _WORDS]


_ISO = lazy_pattern(r"((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})")
_EAST = lazy_pattern(r"(?:((?:19|20)\d\d)\s*[年년]\s*)?(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일号]?")
_DOTTED = lazy_pattern(r"(\d{1,2})\.\s?(\d{1,2})\.?(?:\s?((?:19|20)?\d\d))?")
_SLASHED = lazy_pattern(r"(\d{1,2})[/-](\d{1,2})(?:[/-]((?:19|20)?\d\d))?")
_TIME = lazy_pattern(
    r"(?:\s*,?\s*(?:at|um|a las|alle|om|kl\.?|@)?\s*\d{1,2}(?:[:.h]\d\d)?\s*(?:[ap]\.?m\.?|uhr|h)?(?:\s*[-–]\s*\d{1,2}(?:[:.h]\d\d)?\s*(?:[ap]\.?m\.?|uhr|h)?)?(?:\s+[a-z]{2,4})?|t\d\d:\d\d.*)$"
)
_NAMED = lazy_pattern(
    r"(?:(?P<m1>[^\W\d_]{3,12})\.?\s+(?:the\s+)?(?P<d1>\d{1,2})(?:st|nd|rd|th)?|(?P<d2>\d{1,2})(?:st|nd|rd|th|\.|º|er)?\s+(?:of\s+|de\s+)?(?P<m2>[^\W\d_]{3,12})\.?)"
    r"(?:\s*,?\s*(?:de\s+|del\s+)?(?P<y>(?:19|20)\d\d))?"
)
_WEEKDAY = lazy_pattern(
    rf"(?:{_NEXT}\s+)?(?P<w>[^\W\d_]+(?:-feira)?)(?:\s+(?:the\s+)?(?:morning|noon|evening|eod|cob))?", re.I
)
_LEADING_DAY = lazy_pattern(
    r"(?:on\s+)?(?P<w>[^\W\d_]+(?:-feira)?)\.?\s*,?\s*(?:the\s+|den\s+|le\s+|el\s+)?(?=\d|[a-z]{3,9}\.?\s+\d)"
)
_EAST_DAY = lazy_pattern(r"\s*[(（][月火水木金土日一二三四五六월화수목금토일](?:曜日?)?[)）]\s*$")
_IN = lazy_pattern(
    r"(?:in|within|innerhalb von|dans|en|em|tra|over|om)\s+(?P<n>\d+|a|an|one|two|three|four|ein(?:er|em)?|zwei|drei|une?|deux|trois|una?|dos|tres|uma|dois|due|tre|een|twee)\s+(?P<u>day|week|month|tag|woche|monat|jour|semaine|mois|dia|semana|mes|settiman|giorn|dag|weken|week|maand|veck)\w*"
)
_END_OF_DAY = lazy_pattern(r"^(?:eod|cob|end of (?:the )?day|close of business)\s+(?:on\s+)?(?=\S)")
_WEEK_NUMBER = lazy_pattern(r"(?:kw|cw|calendar week|kalenderwoche|semaine|uge|uke|vecka)\s*(\d{1,2})")
_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "ein": 1, "einer": 1, "einem": 1, "zwei": 2, "drei": 3,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "una": 1, "dos": 2, "tres": 3, "uma": 1, "dois": 2, "due": 2, "tre": 3,
    "een": 1, "twee": 2,
}  # fmt: skip


def read_day(text: str, note_day: str | None, month_first: bool | None = None) -> Day | None:
    """The one day that all of the text means, None when it is none.

    Words and dates without a year count from `note_day` (ISO, the note's own date). `month_first` says how this note
    writes 04/05/2026; None: nobody knows.
    """
    text = text.strip(" \t*_`.,;:()[]{}（）")
    if not text or len(text) > 48:
        return None
    return _read(text, note_day, month_first)


@lru_cache(maxsize=4_096)
def _read(text: str, note_day: str | None, month_first: bool | None) -> Day | None:
    key = _composed(fold(text.removeprefix("[[").removesuffix("]]").lstrip("@"))).strip(" .,")
    key = _END_OF_DAY.sub("", key) or key
    digits = any(c.isdigit() for c in key)
    if digits:
        key = _EAST_DAY.sub("", key)
        found = _in_digits(key, note_day, month_first)
        if found is not None:
            return found
        shorter = _TIME.sub("", key).rstrip(" ,")
        if shorter != key and shorter and (found := _in_digits(shorter, note_day, month_first)) is not None:
            return found
        lead = _LEADING_DAY.match(key)
        if lead and (lead["w"] in _weekday_numbers()):
            rest = key[lead.end() :]
            return _in_digits(rest, note_day, month_first) or _in_digits(_TIME.sub("", rest), note_day, month_first)
    found = _in_words(key, note_day)
    return _in_words(_TIME.sub("", key).rstrip(" ,"), note_day) if found is None and digits else found


def _composed(key: str) -> str:
    """Folded text with Korean syllables put together again, as the words here are written."""
    return key if key.isascii() else unicodedata.normalize("NFC", key)


def _in_digits(key: str, note_day: str | None, month_first: bool | None) -> Day | None:
    match = _ISO.fullmatch(key)
    if match:
        return _day(int(match[1]), int(match[2]), int(match[3]), True)
    match = _EAST.fullmatch(key)
    if match:
        return _with_year(match[1], int(match[2]), int(match[3]), note_day)
    match = _DOTTED.fullmatch(key)
    if match and (match[3] or key.endswith(".") or len(key) > 4 or note_day):
        return _with_year(match[3], int(match[2]), int(match[1]), note_day)
    match = _SLASHED.fullmatch(key)
    if match and (match[3] or "/" in key):
        one, two = int(match[1]), int(match[2])
        if one > 12 or two > 12 or one == two or month_first is not None:
            first = two > 12 if one > 12 or two > 12 else bool(month_first)
            month, day = (one, two) if first else (two, one)
            return _with_year(match[3], month, day, note_day)
        readings = [_with_year(match[3], m, d, note_day) for m, d in ((two, one), (one, two))]
        some = [day.iso for day in readings if day is not None]
        # Nobody knows: the reading that comes sooner behind the note's own date, and a doubt.
        later = [iso for iso in some if note_day is None or iso >= note_day]
        return Day(min(later or some), False) if some else None
    match = _NAMED.fullmatch(key)
    if match:
        named = _month_numbers().get(match["m1"] or match["m2"])
        if named:
            return _with_year(match["y"], named, int(match["d1"] or match["d2"]), note_day)
    return None


def _with_year(year: str | None, month: int, day: int, note_day: str | None) -> Day | None:
    """Without a year: the one that puts the day not long before the note."""
    if year:
        return _day(int(year) + (2000 if len(year) == 2 else 0), month, day, True)
    if note_day is None:
        return None
    now = datetime.date.fromisoformat(note_day)
    found = _day(now.year, month, day, False)
    if found and (now - datetime.date.fromisoformat(found.iso)).days > 120:
        return _day(now.year + 1, month, day, False)
    return found


def _day(year: int, month: int, day: int, certain: bool) -> Day | None:
    try:
        return Day(datetime.date(year, month, day).isoformat(), certain)
    except ValueError:
        return None


def _in_words(key: str, note_day: str | None) -> Day | None:
    """A weekday is the next one behind the note's date; the end of a week is its Friday."""
    if note_day is None or not key:
        return None
    now = datetime.date.fromisoformat(note_day)
    match = _WEEKDAY.fullmatch(key)
    weekday = _weekday_numbers().get(match["w"].casefold()) if match else None
    if weekday is not None:
        ahead = (weekday - now.weekday() - 1) % 7 + 1
        return Day((now + datetime.timedelta(ahead)).isoformat(), False)
    for name, pattern in _word_patterns():
        if pattern.fullmatch(key):
            return Day(_end_of(name, now).isoformat(), False)
    match = _WEEK_NUMBER.fullmatch(key)
    if match and 1 <= int(match[1]) <= 53:
        year = now.year + (int(match[1]) < now.isocalendar().week - 26)
        return Day(datetime.date.fromisocalendar(year, min(int(match[1]), 52), 5).isoformat(), False)
    match = _IN.fullmatch(key)
    if match:
        count = _COUNTS.get(match["n"]) or int(match["n"]) if match["n"] in _COUNTS or match["n"].isdigit() else 0
        unit = match["u"]
        if unit.startswith(("mo", "mes", "maand")):
            ahead = now.month - 1 + count
            year, month = now.year + ahead // 12, ahead % 12 + 1
            last = calendar.monthrange(year, month)[1]
            return Day(datetime.date(year, month, min(now.day, last)).isoformat(), False)
        size = 1 if unit.startswith(("day", "tag", "jour", "dia", "giorn", "dag")) else 7
        return Day((now + datetime.timedelta(size * count)).isoformat(), False)
    return None


def _end_of(name: str, now: datetime.date) -> datetime.date:
    if name == "today":
        return now
    if name == "tomorrow":
        return now + datetime.timedelta(1)
    if name in ("week", "nextweek"):
        friday = now + datetime.timedelta((4 - now.weekday()) % 7)
        return friday + datetime.timedelta(7 * (name == "nextweek"))
    month = {"month": now.month, "quarter": (now.month + 2) // 3 * 3, "year": 12}[name]
    return datetime.date(now.year, month, calendar.monthrange(now.year, month)[1])


# What says that a date is the day by which: in front of it, or behind it.
_BY = (
    r"(?:due(?: date)?(?: by| on)?|by(?: end of)?|until|till|before|no later than|not later than|deadline|target(?: date)?|eta|"
    r"bis(?: zum| spätestens| ende)?|spätestens(?: am| bis)?|fällig(?: am| bis)?|frist|termin|"
    r"avant(?: le| la)?|d['’]ici(?: le| au| à| la)?|pour(?: le| la)?|échéance|date limite|au plus tard(?: le)?|"
    r"hasta(?: el| la)?|antes del?|para(?: el| la)?|fecha límite|plazo|vence(?: el)?|a más tardar(?: el)?|"
    r"até(?: a| o| dia)?|prazo|entro(?: il| la| l['’])?|scadenza|uiterlijk|vóór|tot|voor|senast|innan|före|"
    r"senest|innen|frist|mennessä|do(?: dnia)?|termin|до|срок|к|son tarih|期限|締切|締め切り|納期|期日|截止|截止日期|마감|기한)"
)
_BEHIND = r"(?:\s*(?:まで(?:に)?|迄|締切|前|之前|までに完了|까지|mennessä|’?e kadar))"
BY_LABEL = lazy_pattern(rf"{_BY}\s*[:：]?\s*", re.I)


@cache
def _by_at_end() -> re.Pattern[str]:
    # Greedy to the left of the last such word, so that what follows it is short.
    return re.compile(rf"(?:^|(?<=[\s,;:(（、，。—–-]))({_BY})\s*[:：]?\s*([^\n]{{2,40}})$", re.I)


# What a text ends in that says so, and how a text in ASCII alone may begin to: looked for first, since few texts do.
_BEHIND_ENDS = ("まで", "までに", "迄", "締切", "前", "までに完了", "까지", "mennessä", "e kadar")
_BEHIND_AT_END = lazy_pattern(rf"([^\s、，。,;]{{2,24}}?){_BEHIND}$")
_BY_IN_ASCII = lazy_pattern(
    r"[\s,;:(-](?:due|by|until|till|before|not? later|deadline|target|eta|bis|frist|termin|avant|d'ici|pour|date limite"
    r"|au plus|hasta|antes|para|plazo|vence|prazo|entro|scadenza|uiterlijk|tot|voor|senast|innan|senest|innen|do|son tarih)"
)


def _may_end_in_day(text: str) -> bool:
    """Whether a word that says by when may stand in the text."""
    return not text.isascii() or _BY_IN_ASCII.search(f" {text.lower()}") is not None


def without_by(text: str) -> str:
    """The text in front of a date, without the word at its end that says by when: 'send it by'."""
    match = _by_alone().search(text)
    return text[: match.start()].rstrip(" ,;:(—–-") if match else text


@cache
def _by_alone() -> re.Pattern[str]:
    return re.compile(rf"(?:^|(?<=[\s,;:(—–-])){_BY}\s*[:：]?\s*$", re.I)


def is_weekday(text: str) -> bool:
    """Whether all of a text is a day of the week, written out or with a capital letter."""
    word = text.strip(" .")
    return (len(word) > 4 or word[:1].isupper()) and fold(word) in _weekday_numbers()


def said_day(text: str, note_day: str | None, month_first: bool | None) -> Day | None:
    """The day that all of the text says something is due: 'due 2026-03-10', 'by Friday', 'bis 3.4.', '3月10日まで'."""
    text = text.strip(" \t*_`.,;:()[]（）")
    match = BY_LABEL.match(text)
    if match and match.end() < len(text):
        return read_day(text[match.end() :], note_day, month_first)
    match = _BEHIND_AT_END.fullmatch(text) if text.endswith(_BEHIND_ENDS) else None
    return read_day(match[1], note_day, month_first) if match else None


def due_at_end(text: str, note_day: str | None, month_first: bool | None) -> tuple[str, Day, str] | None:
    """(what stands in front, the day, the characters) when a text ends in 'by DATE', 'due DATE', 'DATEまで'."""
    trimmed = text.rstrip(" \t.;,。*_")
    if _may_end_in_day(trimmed):
        pattern = _by_at_end()
        at = max(len(trimmed) - 70, 0)  # the longest word for it, and the longest day
        while match := pattern.search(trimmed, at):
            day = read_day(match[2], note_day, month_first)
            if day is not None:
                return text[: match.start()].rstrip(" ,;:—–-"), day, match[0]
            at = match.start() + 1
    match = _BEHIND_AT_END.search(trimmed) if trimmed.rstrip("\n").endswith(_BEHIND_ENDS) else None
    if match and (day := read_day(match[1], note_day, month_first)) is not None:
        return text[: match.start()].rstrip(" ,、，:："), day, match[0]
    return None


def day_within(text: str, month_first: bool | None) -> str | None:
    """The one date with its year (ISO) that stands somewhere in a title; None when there is none, or several."""
    if not _YEAR.search(text):
        return None
    found = {
        day.iso for m in _FULL_DATE.finditer(_composed(fold(text))) if (day := _in_digits(m[0], None, month_first))
    }
    return found.pop() if len(found) == 1 else None


_YEAR = lazy_pattern(r"(?:19|20)\d\d")
_FULL_DATE = lazy_pattern(
    r"(?<!\d)(?:(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|(?:19|20)\d\d\s*[年년]\s*\d{1,2}\s*[月월]\s*\d{1,2}\s*[日일号]?"
    r"|\d{1,2}(?:\.\s?\d{1,2}\.\s?|/\d{1,2}/|-\d{1,2}-)(?:19|20)\d\d"
    r"|\d{1,2}(?:st|nd|rd|th|\.|º|er)?\s+(?:of\s+|de\s+)?[^\W\d_]{3,12}\.?\s*,?\s*(?:del?\s+)?(?:19|20)\d\d"
    r"|[^\W\d_]{3,12}\.?\s+\d{1,2}(?:st|nd|rd|th)?\s*,?\s*(?:19|20)\d\d)(?!\d)"
)


def order_in(text: str) -> tuple[bool | None, bool]:
    """(how a text writes 04/05/2026, whether it has a date that could be read both ways).

    True for month first, False for day first; None when its dates do not tell, or say both.
    """
    says, open_ = set[bool](), False
    at = text.find("/")
    while at >= 0 and not (text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()):
        at = text.find("/", at + 1)
    if at < 0:
        return None, False  # most texts: quickly
    for match in _WRITTEN.finditer(text):
        one, two = int(match[1]), int(match[2] or match[4])
        if (one > 12) != (two > 12):
            if match[3] or match[4]:  # without a year it may be a fraction
                says.add(two > 12)
        elif one <= 12 and one != two:
            open_ = True
    return says.pop() if len(says) == 1 else None, open_


_WRITTEN = lazy_pattern(r"(?<!\d)(\d{1,2})(?:/(\d{1,2})(?:/((?:19|20)?\d\d))?|-(\d{1,2})-(?:19|20)\d\d)(?!\d)")
