"""What becomes of plain texts: own-written articles with the furniture that scraping leaves."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning.article import Cleaned, clean_text, line_keys
from indexer.cleaning.overrides import Override, Overrides
from indexer.cleaning.recurrence import RECURS_IN_FILES
from indexer.folder.files import Unreadable
from indexer.lines.lines import MAX_LINES

BODY = [
    (
        "The harbour council voted on Tuesday evening to close the old ferry berth for two winters, after "
        "divers found that the timber piles had lost a third of their strength."
    ),
    (
        "Ferries to the islands will leave from the fish quay instead, the harbour master said, and the "
        "timetable is to be thinned out to four crossings a day until the work is done."
    ),
    (
        '"Nobody likes it, but nobody wants a berth that gives way with a hundred people on it," said '
        "councillor Ada Brennick, who chairs the committee."
    ),
    "Shopkeepers on the east side of the basin fear for their trade and have asked for a shuttle bus.",
    "The work is expected to cost eleven million crowns, two thirds of which the province will pay.",
]
TITLE = "Old ferry berth closes for two winters after divers' find"


def cleaned(*lines: str) -> Cleaned:
    return clean_text("\n".join(lines))


def reasons(article: Cleaned) -> dict[str, str]:
    return {removal.text: removal.reason for removal in article.removed}


def test_the_title_and_the_furniture_go_and_every_sentence_stays() -> None:
    article = cleaned(
        f"{TITLE} - The Quay Courier", "News", TITLE, "By Tomas Reed", *BODY,
        "Related Articles", "Leave a Reply", "Back to top button",
    )  # fmt: skip
    assert article.title == TITLE
    assert article.body == "\n\n".join(BODY)
    assert article.source == "The Quay Courier"
    assert article.author == "Tomas Reed"
    assert reasons(article)["Leave a Reply"] == "comment form"
    assert reasons(article)["Related Articles"] == "other stories"
    assert reasons(article)["Back to top button"] == "navigation"
    assert reasons(article)[TITLE] == "title repeated"


def test_a_body_pasted_twice_is_kept_once() -> None:
    article = cleaned(TITLE, *BODY, *BODY[1:])
    assert article.body == "\n\n".join(BODY)
    assert reasons(article)[BODY[3]] == "repeat of line 5"


def test_a_copy_behind_the_text_is_called_a_repeat_of_the_line_that_stays() -> None:
    article = cleaned(TITLE, "", *BODY, "", *BODY)
    first = range(3, 3 + len(BODY))
    said = {removal.line: removal.reason for removal in article.removed}
    assert [said[line + len(BODY) + 1] for line in first] == [
        f"repeat of line {line}" for line in first
    ]


def test_a_text_of_more_lines_than_an_article_has_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"more than 50,000 lines.*leave it out"):
        clean_text("word\n" * (MAX_LINES + 1))
    assert clean_text(BODY[0] + "\n" * (MAX_LINES + 1)).body == BODY[0], "blank lines are free"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"line {i} of a text that never ends" for i in range(20_000)),
        "\n".join([*BODY, *("many words " * 4_000 for _ in range(200))]),
        "\n".join(f"{i} " + "a sentence of a million. " * 200 for i in range(1_000)),
    ],
    ids=["many lines", "long lines", "many long lines"],
)
@pytest.mark.timeout(60)
def test_a_hostile_text_takes_time_in_proportion(text: str) -> None:
    """Lines were once each looked for in all of the text: a minute and more."""
    article = clean_text(text)
    assert article.body or article.removed


def test_a_short_line_that_comes_again_by_itself_stays() -> None:
    article = cleaned(
        TITLE,
        BODY[0],
        "Councillor Brennick:",
        BODY[1],
        BODY[2],
        "Councillor Brennick:",
        BODY[3],
        BODY[4],
    )
    assert "repeat" not in "".join(reasons(article).values())


def test_a_text_without_a_title_gets_its_first_sentence_and_says_so() -> None:
    article = cleaned(*BODY)
    assert article.title.startswith("The harbour council voted on Tuesday evening")
    assert article.provenance["title"].found_in == "derived"
    assert article.body == "\n\n".join(BODY)


def test_a_masthead_a_copyright_year_and_other_stories_give_no_date() -> None:
    article = cleaned(
        "Editor in Chief: Ida Lund Friday, July 5th, 2024", TITLE, *BODY,
        "GMT 20:04 2017 Tuesday ,10 October", "Storm keeps the fleet in port",
        "GMT 19:07 2017 Sunday ,01 October", "New crane for the yard", "All rights reserved 2021 ©",
    )  # fmt: skip
    assert article.published is None
    assert article.body == "\n\n".join(BODY)


def test_an_agency_in_the_dateline_or_behind_the_last_sentence_is_credited() -> None:
    ahead = cleaned(TITLE, f"HARWICK (Reuters) - {BODY[0]}", *BODY[1:])
    behind = cleaned(TITLE, *BODY[:-1], f"{BODY[-1]} (Xinhua)")
    assert (ahead.agency, behind.agency) == ("Reuters", "Xinhua")
    assert "HARWICK (Reuters) - The harbour council" in ahead.body


def test_a_source_line_is_the_source() -> None:
    article = cleaned(TITLE, *BODY, "Source: Coastal News", "Send your comments")
    assert article.source == "Coastal News"
    assert reasons(article)["Source: Coastal News"] == "source line (kept as source)"


FOREIGN = {
    "ar": [
        "قال مسؤولون في الميناء يوم الثلاثاء إن المرسى القديم سيغلق مدة شتاءين بعد أن وجد الغواصون أن الركائز الخشبية فقدت ثلث قوتها.",
        "وستغادر العبارات من رصيف الصيد بدلا من ذلك، وفق ما أعلنه مدير الميناء، على أن تخفض الرحلات إلى أربع في اليوم حتى انتهاء العمل.",
        "هل تكفي الحافلة التي يطلبها أصحاب المتاجر في الجانب الشرقي من الحوض لإنقاذ تجارتهم في موسم الشتاء المقبل؟",
    ],
    "fa": [
        "شورای بندر عصر سه‌شنبه رأی داد که اسکله قدیمی برای دو زمستان بسته شود، زیرا غواصان دریافتند که پایه‌های چوبی یک سوم مقاومت خود را از دست داده است.",
        "کشتی‌های مسافربری از اسکله ماهیگیری حرکت خواهند کرد و تعداد سفرها تا پایان کار به چهار بار در روز کاهش می‌یابد، رئیس بندر این را گفت.",
        "مغازه‌داران سمت شرقی نگران کسب و کار خود هستند و درخواست کرده‌اند که یک اتوبوس رایگان در این مسیر راه‌اندازی شود.",
    ],
    "tr": [
        "Liman meclisi salı akşamı eski feribot iskelesinin iki kış boyunca kapatılmasına karar verdi, çünkü dalgıçlar ahşap kazıkların gücünün üçte birini yitirdiğini saptadı.",
        "Liman başkanı, feribotların bundan sonra balıkçı rıhtımından kalkacağını ve iş bitene kadar günde dört sefer yapılacağını söyledi.",
        "Havzanın doğusundaki esnaf işlerinin azalmasından korkuyor ve bu süre için ücretsiz bir otobüs konmasını istiyor.",
    ],
    "zh": [
        "港务委员会周二晚间投票决定，将旧渡轮码头关闭两个冬季，因为潜水员发现木桩的强度已经下降了三分之一。",
        "港务长表示，前往各岛的渡轮将改从渔港码头出发，在工程完成之前，每天的班次将减少到四班。",
        "东岸的店主担心生意受到影响，已经要求当局在施工期间开通一条免费的接驳巴士线路。",
    ],
    "ru": [
        "Совет порта во вторник вечером решил закрыть старый паромный причал на две зимы, после того как водолазы обнаружили, что деревянные сваи потеряли треть прочности.",
        "Паромы на острова будут отходить от рыбной пристани, сообщил начальник порта, а число рейсов сократят до четырёх в день, пока не закончатся работы.",
        "Владельцы магазинов на восточной стороне опасаются за свою торговлю и просят пустить бесплатный автобус.",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", FOREIGN)
def test_other_scripts_are_cleaned_without_loss(language: str) -> None:
    body = FOREIGN[language]
    article = cleaned(*body, "Facebook", "© 2021")
    assert article.body == "\n\n".join(body)
    assert article.language == language


def counted(lines: list[str]) -> Counter[str]:
    return Counter(line.strip() for line in lines if line.strip())


PIECES = st.one_of(
    st.sampled_from(
        [*BODY, TITLE, f"{TITLE} - The Quay Courier", "Leave a Reply", "", "  ", "***"]
    ),
    st.sampled_from(
        ["By Tomas Reed", "Published: 21 October 2024", "13950827000687_photoi", "a" * 300]
    ),
    st.text(max_size=80),
)


@given(st.lists(PIECES, max_size=14))
def test_no_line_is_lost_silently(pieces: list[str]) -> None:
    """Body and removals together are the lines of the input, each exactly once and in order."""
    text = "\n".join(pieces)
    article = clean_text(text)
    lines = re.split(r"\r\n|\r|\n", text)
    kept = [part for part in article.body.split("\n\n") if part]
    removed = {removal.line: removal.text for removal in article.removed}
    assert counted([*kept, *removed.values()]) == counted(lines)
    stayed = [
        line.strip() for i, line in enumerate(lines, start=1) if line.strip() and i not in removed
    ]
    assert stayed == kept
    assert all(removal.reason for removal in article.removed)


@given(st.lists(PIECES, max_size=8), st.lists(PIECES, max_size=8))
def test_the_same_text_gives_the_same_article_whatever_ran_before(
    one: list[str], other: list[str]
) -> None:
    first = clean_text("\n".join(one))
    clean_text("\n".join(other))
    assert clean_text("\n".join(one)) == first


class Counts:
    """Every line of these stands in that many files."""

    file_count = 50

    def __init__(self, lines: list[str], files: int) -> None:
        self.keys = line_keys("\n".join(lines))
        self.files = files

    def files_with(self, key: int) -> int:
        return self.files if key in self.keys else 1


STRAY = "Printed on paper from managed forests, delivered by bicycle"


def test_a_line_that_stands_in_other_files_goes() -> None:
    text = "\n".join([TITLE, *BODY[:3], STRAY, *BODY[3:]])
    article = clean_text(text, recurring=Counts([STRAY], RECURS_IN_FILES))
    assert article.body == "\n\n".join(BODY)
    assert reasons(article)[STRAY] == "the same line stands in other files"
    assert clean_text(text, recurring=Counts([STRAY], RECURS_IN_FILES - 1)) == clean_text(text)


def test_copies_of_a_story_keep_their_sentences() -> None:
    text = "\n".join([TITLE, *BODY])
    article = clean_text(text, recurring=Counts([TITLE, *BODY], 40))
    assert article.body == "\n\n".join(BODY)


def test_reports_that_differ_in_numbers_alone_are_articles_all_the_same() -> None:
    quake = "An earthquake of magnitude 4.3 shook the coast on Monday, the observatory said."
    notice = "Please enable scripts in your browser to read this page, the publisher said."
    for line, body in ((quake, quake), (notice, "")):
        assert clean_text(line).body == line
        assert clean_text(line, recurring=Counts([line], 40)).body == body


def test_an_override_keeps_and_drops_against_the_verdict() -> None:
    wishes = Overrides(
        (
            Override(keep=False, words=tuple(re.findall(r"\w+", BODY[3].lower()))),
            Override(keep=True, pattern=re.compile("^Leave a")),
        )
    )
    text = "\n".join([TITLE, *BODY, "Leave a Reply"])
    article = clean_text(text, overrides=wishes)
    assert BODY[3] not in article.body
    assert reasons(article)[BODY[3]] == "your override"
    assert article.body.endswith("Leave a Reply")


@pytest.mark.parametrize(
    "text", ["", "\n\n", "***", "Back to top", "\u2028", "\ud800 lone surrogate"]
)
def test_a_text_without_an_article_gives_an_empty_body_or_the_text(text: str) -> None:
    article = clean_text(text)
    assert isinstance(article.title, str)
    assert len(article.removed) + (1 if article.body else 0) == (1 if text.strip() else 0)
