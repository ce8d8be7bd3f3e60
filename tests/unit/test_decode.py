"""Bytes -> text: every encoding that scraped files come in, and what is no text at all."""

from __future__ import annotations

import codecs
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.folder.files import Unreadable
from indexer.lines.decode import Decoded, clean_characters, decode, unescape, ungarbled

# Own sentences, two of each language, long enough to tell an encoding by.
SENTENCES = {
    "de": "Die Brücke über den Fluß wurde am Dienstag für den Verkehr geöffnet. Künftig müssen "
    "schwere Lastwagen eine Umleitung fahren, erklärte die Behörde.",
    "fr": "Le préfet a annoncé que la fermeture de l’école serait différée. Les élèves reçoivent "
    "dès lundi un goûter offert par la mairie, à côté du théâtre.",
    "es": "El alcalde prometió más árboles en las plazas. «Mañana será otro día», dijo una señora "
    "que vendía piñas en la estación.",
    "pl": "Mieszkańcy małego miasteczka protestują przeciwko zamknięciu szkoły. Żądają spotkania z "
    "burmistrzem, który wyjechał na urlop.",
    "cs": "Obyvatelé příměstské čtvrti žádají nové hřiště. Úřad slíbil, že začne s výstavbou už v "
    "květnu příštího roku.",
    "tr": "Belediye başkanı yeni köprünün gelecek yıl açılacağını söyledi. Şehirdeki öğrenciler "
    "için ücretsiz otobüs seferleri başlıyor.",
    "ru": "Жители посёлка попросили власти отремонтировать дорогу к школе. Глава района пообещал "
    "начать работы до конца месяца.",
    "uk": "Мешканці селища попросили владу відремонтувати дорогу до школи. Її обіцяють відкрити "
    "наприкінці місяця.",
    "el": "Οι κάτοικοι του χωριού ζήτησαν να ανοίξει ξανά το σχολείο. Ο δήμαρχος υποσχέθηκε ότι τα "
    "έργα θα αρχίσουν σύντομα.",
    "he": "תושבי השכונה ביקשו מהעירייה לפתוח מחדש את הספרייה. ראש העיר הבטיח שהעבודות יתחילו "
    "בקרוב מאוד ויסתיימו עד הקיץ.",
    "ar": "طالب سكان الحي البلدية بإعادة فتح المكتبة العامة. ووعد رئيس البلدية ببدء الأعمال "
    "قريبا، وقال إن المدرسة ستفتح أبوابها في الخريف.",
    "fa": "ساکنان محله از شهرداری خواستند کتابخانه را دوباره باز کند. شهردار گفت کارها پیش از "
    "پاییز آغاز می‌شود و گزارش آن منتشر خواهد شد.".replace("\u200c", " "),
    "ja": "市は来年の春に新しい図書館を開くと発表した。住民は駅の近くに作るよう求めている。",
    "ko": "시는 내년 봄에 새 도서관을 열겠다고 발표했다. 주민들은 역 근처에 지어 달라고 요구하고 있다.",
    "zh": "市政府宣布明年春天将开放新的图书馆。居民希望图书馆建在车站附近，方便学生使用。",
    "zh-tw": "市政府宣布明年春天將開放新的圖書館。居民希望圖書館建在車站附近，方便學生使用。",
}
LEGACY = [
    *[("cp1252", language) for language in ("de", "fr", "es")],
    *[("cp1250", language) for language in ("pl", "cs")],
    ("iso8859-2", "pl"),
    ("cp1254", "tr"),
    ("cp1251", "ru"),
    ("koi8-r", "ru"),
    ("cp1251", "uk"),
    ("cp1253", "el"),
    ("cp1255", "he"),
    ("cp1256", "ar"),
    ("shift_jis", "ja"),
    ("euc_jp", "ja"),
    ("euc_kr", "ko"),
    ("gb18030", "zh"),
    ("big5", "zh-tw"),
]


def text_of(data: bytes, *, is_html: bool = False) -> str:
    return decode(data, is_html=is_html).text


@pytest.mark.parametrize("language", SENTENCES)
def test_utf8_is_read_as_it_is(language: str) -> None:
    sentence = SENTENCES[language]
    assert decode(sentence.encode(), is_html=False) == Decoded(
        text=sentence, encoding="utf-8", how="utf-8"
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("language", SENTENCES)
def test_wide_encodings_are_read_with_their_mark(encoding: str, language: str) -> None:
    mark = getattr(codecs, "BOM_" + encoding.replace("-", "").replace("utf", "UTF")[:5] + "_LE")
    if encoding.endswith("be"):
        mark = getattr(codecs, "BOM_" + encoding.replace("-", "").replace("utf", "UTF")[:5] + "_BE")
    found = decode(mark + SENTENCES[language].encode(encoding), is_html=False)
    assert (found.text, found.how) == (SENTENCES[language], "bom")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "language", [name for name in SENTENCES if name not in {"ja", "zh", "zh-tw"}]
)
def test_wide_encodings_are_read_without_a_mark(encoding: str, language: str) -> None:
    """Told by the zero bytes of spaces and line ends, which Chinese and Japanese do not have."""
    found = decode(SENTENCES[language].encode(encoding), is_html=False)
    assert (found.text, found.encoding, found.how) == (SENTENCES[language], encoding, "nulls")


@pytest.mark.parametrize(("encoding", "language"), LEGACY)
def test_legacy_encodings_are_guessed(encoding: str, language: str) -> None:
    assert text_of(SENTENCES[language].encode(encoding)) == SENTENCES[language]


@pytest.mark.parametrize(("encoding", "language"), LEGACY)
def test_a_page_is_guessed_by_its_text_not_its_markup(encoding: str, language: str) -> None:
    page = f"<html><style>{'p {{ color: red }} ' * 60}</style><p>{SENTENCES[language]}</p></html>"
    assert SENTENCES[language] in text_of(page.encode(encoding), is_html=True)


@pytest.mark.parametrize(
    ("declaration", "encoding", "language"),
    [
        ('<meta charset="windows-1256">', "cp1256", "ar"),
        (
            '<META http-equiv="Content-Type" content="text/html; charset=ISO-8859-9">',
            "cp1254",
            "tr",
        ),
        ('<?xml version="1.0" encoding="koi8-r"?>', "koi8-r", "ru"),
        ("<meta charset='gb2312'>", "gb18030", "zh"),
        ("<meta charset=latin1>", "cp1252", "fr"),
    ],
)
def test_a_declared_encoding_is_believed(declaration: str, encoding: str, language: str) -> None:
    page = f"{declaration}<p>{SENTENCES[language]}"
    found = decode(page.encode(encoding), is_html=True)
    assert (found.text, found.encoding, found.how) == (page, encoding, "declared")


@pytest.mark.parametrize(
    "name", ["utf-8", "utf-16", "rot13", "zip", "nonsense", "unicode_escape", "idna", "punycode"]
)
def test_a_false_or_dangerous_declaration_is_passed_over(name: str) -> None:
    page = f'<meta charset="{name}"><p>{SENTENCES["de"]}'
    found = decode(page.encode("cp1252"), is_html=True)
    assert (found.text, found.how) == (page, "guessed")


def test_utf8_cut_inside_a_character_loses_only_that() -> None:
    found = decode("schön é".encode()[:-1], is_html=False)
    assert (found.text, found.how) == ("schön ", "cut")


def test_utf8_with_some_wrong_bytes_keeps_the_rest() -> None:
    data = SENTENCES["fr"].encode() + b" \x93quoted\x94"
    found = decode(data, is_html=False)
    assert (found.text, found.how) == (SENTENCES["fr"] + " “quoted”", "damaged")


def test_characters_written_as_two_halves_are_joined() -> None:
    """CESU-8: some programs write a character above U+FFFF as two surrogates of three bytes."""
    halves = "\ud83d\ude00".encode("utf-8", "surrogatepass")
    assert text_of(SENTENCES["de"].encode() + halves) == SENTENCES["de"] + "\N{GRINNING FACE}"
    alone = "\ud83d".encode("utf-8", "surrogatepass")
    assert text_of(SENTENCES["de"].encode() + alone + b"x") == SENTENCES["de"] + "\ufffdx"


@pytest.mark.parametrize("language", SENTENCES)
def test_garbled_text_is_put_right(language: str) -> None:
    sentence = SENTENCES[language]
    once = sentence.encode().decode("latin-1")
    found = decode(once.encode(), is_html=False)
    assert (found.text, found.repaired) == (sentence, True)
    twice = once.encode().decode("latin-1")
    assert text_of(twice.encode()) == sentence


@pytest.mark.parametrize("text", [*SENTENCES.values(), "CAFÉ» and «Â la carte»", "São Ãngelo"])
def test_text_that_is_not_garbled_is_left_alone(text: str) -> None:
    assert ungarbled(text) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t\0\0", "holds nothing but white space"),
        (b"\xef\xbb\xbf \n", "holds nothing but white space"),
        (b"\x89PNG\r\n\x1a\n123", "is a PNG image, not text"),
        (b"%PDF-1.7 some text", "is a PDF, not text"),
        (b"\x1f\x8b\x08\0\0\0", "is gzip-compressed, not text"),
        (random.Random(1).randbytes(4_000), "is binary, not text"),
        (b"\x01\x02\x03\x04" * 10, "is binary, not text"),
    ],
    ids=["empty", "nothing", "mark", "png", "pdf", "gzip", "random", "controls"],
)
def test_what_is_no_text_has_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=f"^{reason}$"):
        decode(data, is_html=False)


def test_a_mark_over_other_bytes_has_a_reason() -> None:
    with pytest.raises(Unreadable, match="says that it is UTF-16-LE, but is not"):
        decode(codecs.BOM_UTF16_LE + b"\x00\xd8" * 50, is_html=False)


def test_control_characters_go_and_lines_keep_their_numbers() -> None:
    assert text_of(b"one\0\x07 two\x0c\nthree\r\nfour\x7f") == "one  two \nthree\r\nfour "
    assert clean_characters("It\x92s \x93so\x94\x85") == "It’s “so”…"


def test_entities_in_plain_text_are_resolved() -> None:
    assert unescape("AT&amp;T caf&eacute; &#39;x&#x27; &amp;quot; a&b &nosuch; R&D;") == (
        "AT&T café 'x' \" a&b &nosuch; R&D;"
    )
    assert text_of(b"<p>a &amp; b</p>", is_html=True) == "<p>a &amp; b</p>"


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_give_a_text_or_a_reason(data: bytes, is_html: bool) -> None:  # noqa: FBT001
    try:
        found = decode(data, is_html=is_html)
    except Unreadable:
        return
    found.text.encode("utf-8")
    assert found.text == clean_characters(found.text)
    assert found.text.strip()


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_utf8_text_is_left_alone_unless_it_is_garbled_or_escaped(text: str) -> None:
    line = f"Headline: {text}"
    assert text_of(line.encode()) == unescape(ungarbled(line))
