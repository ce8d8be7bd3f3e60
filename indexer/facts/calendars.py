"""What the languages we read call months, weekdays and time zones, and the Persian calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MONTH_NAMES = (
    "january januar jänner janvier enero gennaio janeiro januari ocak stycznia styczeń январь января января січня януари يناير جانفي ژانویه جنوری ינואר ιανουαρίου",
    "february februar février fevrier febrero febbraio fevereiro februari şubat lutego luty февраля февраль лютого февруари فبراير شباط فيفري فوریه فروری פברואר φεβρουαρίου",
    "march märz maerz mars marzo março maart marts maret mart marca marzec марта март березня مارس آذار مارچ מרץ μαρτίου",
    "april avril abril aprile nisan kwietnia kwiecień апреля апрель квітня април أبريل ابريل نيسان أفريل آوریل اپریل אפריל απριλίου",
    "may mai mayo maggio maio mei mayıs maja maj мая май травня مايو أيار ايار ماي مه مئی מאי μαΐου μαϊου",
    "june juni juin junio giugno junho haziran czerwca czerwiec июня июнь червня юни يونيو حزيران جوان ژوئن جون יוני ιουνίου",
    "july juli juillet julio luglio julho temmuz lipca lipiec июля июль липня юли يوليو تموز جويلية ژوئیه جولای جولائی יולי ιουλίου",
    "august août aout agosto augustus augusti agustus ağustos sierpnia sierpień августа август серпня أغسطس اغسطس آب أوت اوت اگست אוגוסט αυγούστου",
    "september septembre septiembre setiembre settembre setembro eylül września wrzesień сентября сентябрь вересня септември سبتمبر أيلول ايلول سپتامبر ستمبر ספטמבר σεπτεμβρίου",
    "october oktober octobre octubre ottobre outubro ekim października październik октября октябрь жовтня октомври أكتوبر اكتوبر اکتبر اکتوبر אוקטובר οκτωβρίου",
    "november novembre noviembre novembro kasım listopada listopad ноября ноябрь листопада ноември نوفمبر نوامبر نومبر נובמבר νοεμβρίου",
    "december dezember décembre diciembre dicembre dezembro desember aralık grudnia grudzień декабря декабрь грудня декември ديسمبر دسامبر دسمبر דצמבר δεκεμβρίου",
)
SHORT_MONTH_NAMES = (
    "jan janv ene gen oca янв sty",
    "feb févr fév fev şub фев lut",
    "mar mär mrz mrt мар",
    "apr avr abr nis апр kwi",
    "mag may",
    "jun giu haz июн cze",
    "jul juil lug tem июл lip",
    "aug ago ağu авг agu sie",
    "sep sept set eyl сен сент wrz",
    "oct okt ott out eki окт paź",
    "nov kas ноя нояб lis",
    "dec dez dic déc ara дек des gru",
)
TWO_WORDS = {
    ("كانون", "الثاني"): 1,
    ("كانون", "الأول"): 12,
    ("كانون", "الاول"): 12,
    ("تشرين", "الأول"): 10,
    ("تشرين", "الاول"): 10,
    ("تشرين", "الثاني"): 11,
}
"""Months of the Levant that are written as two words."""


def _numbers(names: tuple[str, ...]) -> dict[str, int]:
    return {name: number for number, own in enumerate(names, 1) for name in own.split()}


MONTHS = _numbers(MONTH_NAMES) | _numbers(
    ("jan", "feb", "mar", "apr", "", "jun", "jul", "aug", "sep sept", "oct okt", "nov", "dec")
)
"""Names that mean a month wherever they stand beside a number."""
IN_DATES = MONTHS | _numbers(SHORT_MONTH_NAMES)
"""Those that are read as one between a day and a year."""
PERSIAN_MONTHS = _numbers(
    ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد امرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
)  # fmt: skip

WEEKDAY_NAMES = (
    "monday mon montag lundi lunes lunedì lunedi segunda maandag pazartesi понедельник понеділок понеделник poniedziałek måndag mandag senin الاثنين الإثنين دوشنبه پیر",
    "tuesday tue tues dienstag mardi martes martedì martedi terça dinsdag salı вторник вівторок wtorek tisdag tirsdag selasa الثلاثاء سهشنبه منگل",
    "wednesday wed weds mittwoch mercredi miércoles mercoledì mercoledi quarta woensdag çarşamba среда середа сряда środa onsdag rabu الأربعاء الاربعاء چهارشنبه بدھ",
    "thursday thu thur thurs donnerstag jeudi jueves giovedì giovedi quinta donderdag perşembe четверг четвер четвъртък czwartek torsdag kamis الخميس پنجشنبه جمعرات",
    "friday fri freitag vendredi viernes venerdì venerdi sexta vrijdag cuma пятница п’ятниця петък piątek fredag jumat jum'at الجمعة جمعه جمعہ",
    "saturday sat samstag sonnabend samedi sábado sabado sabato zaterdag cumartesi суббота субота събота sobota lördag lørdag sabtu السبت شنبه ہفتہ",
    "sunday sun sonntag dimanche domingo domenica zondag pazar воскресенье неділя неделя niedziela söndag søndag minggu الأحد الاحد یکشنبه اتوار",
)
WEEKDAYS = {name: number - 1 for name, number in _numbers(WEEKDAY_NAMES).items()} | {"feira": -1}
"""0 is Monday, as in `date.weekday`; -1 belongs to a weekday and is none."""

FIXED_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 60, "cest": 120, "mez": 60, "mesz": 120, "eet": 120, "eest": 180, "msk": 180,
    "мск": 180, "trt": 180, "tsi": 180, "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480,
    "pdt": -420, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "pkt": 300, "wib": 420, "wita": 480, "wit": 540, "aest": 600,
    "aedt": 660, "nzst": 720, "nzdt": 780, "sast": 120, "eat": 180, "wat": 60, "irst": 210, "北京时间": 480,
}  # fmt: skip
"""Minutes ahead of UTC. Abbreviations that mean several zones are in no table of offsets."""
SHARED_ZONES = ("bst", "ist", "cst", "ast")
PLACE_ZONES = {"et": "America/New_York", "pt": "America/Los_Angeles", "ct": "America/Chicago"}
"""Zones whose offset the day decides."""


@lru_cache(maxsize=4_096)
def offset_minutes(zone: str, day: str, clock: str) -> int | None:
    """How far ahead of UTC a zone is at a moment; None for one that is not known."""
    fixed = FIXED_ZONES.get(zone.lower())
    if fixed is not None:
        return fixed
    try:
        place = ZoneInfo(PLACE_ZONES[zone.lower()])
    except (KeyError, ZoneInfoNotFoundError):
        return None
    ahead = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=place).utcoffset()
    return None if ahead is None else int(ahead.total_seconds() // 60)


NEW_YEARS_EVE = date(1979, 3, 20)
"""The day before 1 Farvardin 1358."""
FIRST_PERSIAN_YEAR, LAST_PERSIAN_YEAR = 1358, 1479


def persian_day(year: int, month: int, day: int) -> date | None:
    """A day of the Persian (Solar Hijri) calendar, by its 33-year cycle of leap years.

    That cycle agrees with the astronomical calendar for the years 1178 to 1633.
    """
    if not (FIRST_PERSIAN_YEAR <= year <= LAST_PERSIAN_YEAR and 1 <= month <= 12):
        return None
    length = 31 if month < 7 else 30 if month < 12 or _is_persian_leap(year) else 29
    if not 1 <= day <= length:
        return None
    years = range(FIRST_PERSIAN_YEAR, year)
    before = sum(366 if _is_persian_leap(each) else 365 for each in years)
    return NEW_YEARS_EVE + timedelta(
        days=before + 31 * min(month - 1, 6) + 30 * max(0, month - 7) + day
    )


def _is_persian_leap(year: int) -> bool:
    return year % 33 in {1, 5, 9, 13, 17, 22, 26, 30}
