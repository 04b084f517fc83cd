"""The words, numbers and calendar steps that `datewords` reads dates with, and the moment in parts that it builds.

Tables and arithmetic only; what is looked for in a phrase, and in which order, stands in `datewords`.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from math import floor

from vaultindex.base.text import JS_SPACE
from vaultindex.dates import days

AM, PM = 0, 1

_NUMBER_WORDS = "one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {word: n for n, word in enumerate(_NUMBER_WORDS.split(), start=1)}
_ORDINAL_WORDS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth"
)
ORDINALS = {word: n for n, word in enumerate(_ORDINAL_WORDS.split(), start=1)} | {"thirtieth": 30}
for _tens, _word, _count in ((20, "twenty", 9), (30, "thirty", 1)):
    for _n, _one in enumerate(_ORDINAL_WORDS.split()[:_count], start=1):
        ORDINALS[f"{_word} {_one}"] = ORDINALS[f"{_word}-{_one}"] = _tens + _n
FULL_MONTHS = {month.lower(): n for n, month in enumerate(days.MONTHS, start=1)}
MONTHS = dict(FULL_MONTHS)
for _name, _n in FULL_MONTHS.items():
    if _name != "may":
        MONTHS[_name[:3]] = MONTHS[_name[:3] + "."] = _n
MONTHS["sept"] = MONTHS["sept."] = 9
WEEKDAYS: dict[str, int] = {}
for _n, _words in enumerate(
    (
        "sunday sun",
        "monday mon",
        "tuesday tue",
        "wednesday wed",
        "thursday thurs thur thu",
        "friday fri",
        "saturday sat",
    )
):
    _full, *_shorts = _words.split()
    WEEKDAYS[_full] = _n
    for _short in _shorts:
        WEEKDAYS[_short] = WEEKDAYS[_short + "."] = _n
UNITS = {
    word: unit
    for unit, words in {
        "second": "sec second seconds",
        "minute": "min mins minute minutes",
        "hour": "h hr hrs hour hours",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "quarter": "qtr quarter quarters",
        "year": "y yr year years",
    }.items()
    for word in words.split()
}
# Minutes east of Greenwich for the abbreviations that the library knows.
_ZONE_TABLE = (
    "-660 NUT SST; -600 CKT HAST TAHT; -540 AKST GAMT HADT HNY; -510 MART; -480 AKDT HAY HNP PST PT; -420 HAP HNR "
    "MST PDT; -360 CST EAST GALT HAR HNC MDT; -300 CDT COT EASST ECT EST ET HAC HNE PET; -240 AMT AST BOT CLT EDT "
    "FKT GYT HAE HNA PYT; -210 HLV VET; -180 ADT AMST ART BRT CLST FKST GFT HAA PMST PYST SRT UYT WGT; -150 HNT "
    "NST; -120 BRST FNT PMDT UYST WGST; -90 HAT NDT; -60 AZOT CVT EGT; 0 AZOST EGST GMT UTC WET WEZ WT; 60 BST "
    "CET MEZ WAT WEST WESZ; 120 CAT CEST EET MESZ SAST WAST; 180 EAT EEST IDT; 210 IRST; 240 AZT GET GST KUYT MSD "
    "MSK MUT RET SAMT SCT; 270 AFT IRDT; 300 AQTT AZST MAWT MVT PKT TFT TJT TMT UZT; 330 IST; 345 NPT; 360 ALMT "
    "BTT IOT KGT NOVT YEKST YEKT; 390 CCT MMT; 420 CXT DAVT HOVT ICT NOVST OMSST OMST WIB; 480 AWST BNT CAST HKT "
    "KRAST KRAT MYT PHT SGT ULAT WITA; 540 AWDT IRKST IRKT JST KST PWT TLT WIT; 570 ACST; 600 AEST PGT YAKST YAKT "
    "YAPT; 630 ACDT LHST; 660 AEDT LHDT NCT PONT SBT VLAST VLAT VUT; 690 NFT; 720 ANAST ANAT FJT GILT MAGST MAGT "
    "MHT NZST PETST PETT TVT WFT; 765 CHAST; 780 FJST NZDT PHOT TKT WST; 825 CHADT; 840 LINT"
)
ZONES = {name: int(row.split()[0]) for row in _ZONE_TABLE.split(";") for name in row.split()[1:]}

SPACE = f"[{JS_SPACE}]"


def any_of(words: dict[str, int] | dict[str, str]) -> str:
    return "(?:" + "|".join(w.replace(".", r"\.") for w in sorted(words, key=len, reverse=True)) + ")"


def _compile(source: str) -> re.Pattern[str]:
    return re.compile(source.replace(r"\s", SPACE).replace("$", r"\Z"), re.IGNORECASE | re.ASCII)


NUMBER = (
    "(?:" + any_of(NUMBERS) + r"|[0-9]+|[0-9]+\.[0-9]+|half(?:\s{0,2}an?)?|an?\b(?:\s{0,2}few)?|few|several"
    r"|a?\s{0,2}couple\s{0,2}(?:of)?)"
)
ORDINAL = "(?:" + any_of(ORDINALS) + "|[0-9]{1,2}(?:st|nd|rd|th)?)"
YEAR = r"(?:[1-9][0-9]{0,3}\s{0,2}(?:BE|AD|BC|BCE|CE)|[1-2][0-9]{3}|[5-9][0-9])"
_AMOUNT = rf"{NUMBER}\s{{0,3}}{any_of(UNITS)}"
AMOUNTS = rf"(?:(?:about|around)\s{{0,3}})?{_AMOUNT}\s{{0,5}}(?:,?\s{{0,5}}{_AMOUNT}){{0,10}}"
CLOCK = r"(?P<hour>\d{1,4})(?:(?:\.|:|：)(?P<minute>\d{1,2})(?:(?::|：)(?P<second>\d{2})(?:\.(?P<ms>\d{1,6}))?)?)?"
HALVES = r"(?:\s*(?P<half>a\.m\.|p\.m\.|am?|pm?))?"
CLOCK_END = (
    r"(?P<hour>\d{1,4})(?:(?:\.|:|：)(?P<minute>\d{1,2})(?:(?:\.|:|：)(?P<second>\d{1,2})(?:\.(?P<ms>\d{1,6}))?)?)?"
)

# What a person gave for certain and what was only supposed, per part; joining findings depends on the difference.
NOON = {"hour": 12, "minute": 0, "second": 0, "ms": 0}
TIME = ("hour", "minute", "second", "ms")


class Parts:
    """A moment in parts: `sure` was said, `guess` was supposed."""

    __slots__ = ("guess", "sure")

    def __init__(self, now: datetime) -> None:
        self.sure: dict[str, int] = {}
        self.guess: dict[str, int] = {"day": now.day, "month": now.month, "year": now.year, **NOON}

    def get(self, part: str) -> int | None:
        return self.sure.get(part, self.guess.get(part))

    def value(self, part: str) -> int:
        return self.sure[part] if part in self.sure else self.guess[part]

    def say(self, **parts: int) -> Parts:
        for part, value in parts.items():
            self.sure[part] = value
            self.guess.pop(part, None)
        return self

    def suppose(self, **parts: int) -> Parts:
        for part, value in parts.items():
            if part not in self.sure:
                self.guess[part] = value
        return self

    def say_day(self, when: datetime) -> Parts:
        return self.say(day=when.day, month=when.month, year=when.year)

    def suppose_day(self, when: datetime) -> Parts:
        return self.suppose(day=when.day, month=when.month, year=when.year)

    def suppose_time(self, when: datetime) -> Parts:
        return self.suppose(hour=when.hour, minute=when.minute, second=when.second, ms=when.microsecond // 1000)

    def copy(self) -> Parts:
        new = Parts.__new__(Parts)
        new.sure, new.guess = dict(self.sure), dict(self.guess)
        return new

    @property
    def only_date(self) -> bool:
        return not self.sure.keys() & {"hour", "minute", "second"}

    @property
    def only_time(self) -> bool:
        return not self.sure.keys() & {"weekday", "day", "month"}

    @property
    def only_weekday(self) -> bool:
        return "weekday" in self.sure and not self.sure.keys() & {"day", "month"}

    def local(self) -> datetime:
        """The moment with parts that are too large carried over, the year excepted (as JavaScript's Date sets it)."""
        years, month = divmod(self.value("month") - 1, 12)
        when = datetime(self.value("year") + years, month + 1, 1) + timedelta(
            days=self.value("day") - 1,
            hours=self.value("hour"),
            minutes=self.value("minute"),
            seconds=self.value("second"),
            milliseconds=self.value("ms"),
        )
        if when.year == self.value("year"):
            return when
        return datetime(self.value("year"), when.month, 1, when.hour, when.minute, when.second) + timedelta(
            when.day - 1
        )

    def moment(self) -> datetime:
        return self.local() - timedelta(minutes=self.get("zone") or 0)

    def real(self) -> bool:
        try:
            when = self.local()
        except (ValueError, OverflowError):
            return False
        said = (self.value("year"), self.value("month"), self.value("day"), self.value("hour"), self.value("minute"))
        return said == (when.year, when.month, when.day, when.hour, when.minute)


# ---------------------------------------------------------------- arithmetic of days


def _clamped(when: datetime, year: int, month: int) -> datetime:
    """The same day and time in another month (1-based, may overflow), or that month's last day."""
    years, month0 = divmod(month - 1, 12)
    first = when.replace(year=year + years, month=month0 + 1, day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first.replace(day=min(when.day, (following - timedelta(days=1)).day))


def _moved(when: datetime, amounts: dict[str, float]) -> datetime:
    for unit, n in amounts.items():
        if unit in ("day", "week"):
            when += timedelta(days=floor(n * (7 if unit == "week" else 1) + 0.5))
        elif unit in ("month", "quarter"):
            when = _clamped(when, when.year, int(when.month - 1 + n * (3 if unit == "quarter" else 1)) + 1)
        elif unit == "year":
            when = _clamped(when, int(when.year + n), when.month)
        else:
            when += timedelta(**{unit + "s": n})
    return when


def relative(now: datetime, amounts: dict[str, float]) -> Parts:
    when = _moved(now, amounts)
    parts = Parts(now)
    if any(amounts.get(unit) for unit in ("hour", "minute", "second")):
        parts.say(hour=when.hour, minute=when.minute, second=when.second, ms=when.microsecond // 1000)
        return parts.say(half=AM if when.hour < 12 else PM, zone=0).say_day(when)
    parts.suppose_time(when).suppose(zone=0)
    if amounts.get("day"):
        return parts.say_day(when)
    if amounts.get("week"):
        parts.suppose(weekday=when.isoweekday() % 7)
    parts.suppose_day(when)
    if amounts.get("month"):
        parts.say(month=when.month, year=when.year)
    elif amounts.get("year"):
        parts.say(year=when.year)
    return parts


def nearest_year(now: datetime, day: int, month: int) -> int:
    """The year that puts this day and month closest to now."""
    when = _clamped(now, now.year, month)
    when = when.replace(day=1) + timedelta(days=day - 1)
    when = _clamped(when, now.year, when.month)
    best = when
    for years in (1, -1):
        other = _clamped(when, when.year + years, when.month)
        if abs(other - now) < abs(when - now):
            best = other
            break
    return best.year


def weekday_near(now: datetime, weekday: int, which: str) -> datetime:
    """A weekday (Sunday 0) of this, the last or the next Sunday-Saturday week; without a word, the nearest one."""
    here = now.isoweekday() % 7
    if which:
        ahead = weekday - here + {"this": 0, "next": 7, "last": -7, "past": -7}[which]
    else:
        ahead = weekday - here
        if abs(ahead - 7) < abs(ahead):
            ahead -= 7
        elif abs(ahead + 7) < abs(ahead):
            ahead += 7
    return now + timedelta(days=ahead)


def two_digits(year: int) -> int:
    if year < 100:
        return year + (1900 if year > 50 else 2000)
    return year


def year_in(text: str) -> int:
    digits = int(re.match("[0-9]+", text)[0])  # type: ignore[index]  # the year pattern begins with a digit
    upper = text.upper()
    if "BE" in upper:
        return digits - 543
    if "BC" in upper:
        return -digits
    if "AD" in upper or "CE" in upper:
        return digits
    return two_digits(digits)


def ordinal_in(text: str) -> int:
    word = text.lower()
    return ORDINALS[word] if word in ORDINALS else int(word.rstrip("stndrh"))


def amounts_in(text: str, sign: int = 1) -> dict[str, float]:
    """'2 weeks 3 days' -> {'week': 2, 'day': 3}."""
    found: dict[str, float] = {}
    single = compiled(f"(?P<n>{NUMBER})\\s{{0,3}}(?P<unit>{any_of(UNITS)})")
    while match := single.search(text):
        word = match["n"].lower()
        if word in NUMBERS:
            n: float = NUMBERS[word]
        elif word in ("a", "an"):
            n = 1
        else:
            known = {"few": 3, "half": 0.5, "couple": 2, "several": 7}
            n = next((value for name, value in known.items() if name in word), 0) or float(word)
        found[UNITS[match["unit"].lower()]] = sign * n
        # The library cuts by length from the front even when the amount stood further on; so do we.
        text = text[len(match[0]) :].strip(JS_SPACE)
    return found


_patterns: dict[str, re.Pattern[str]] = {}


def compiled(source: str) -> re.Pattern[str]:
    if source not in _patterns:
        _patterns[source] = _compile(source)
    return _patterns[source]
