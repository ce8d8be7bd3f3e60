"""Lines -> one row of numbers each, for the classifier. Vectorised: no Python loop over characters.

Rows stand for lines, columns for FEATURES. What only English has (stop words, pronouns, set
phrases) is UNKNOWN in other languages, and letter case is UNKNOWN in scripts without it; the
classifier has been trained with both hidden, so that it can do without them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from indexer import phrases
from indexer.dates import MAYBE, MONTHS
from indexer.lines import Line

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

UNKNOWN = -1.0
ENGLISH_STOP_SHARE = 0.2
"""From this share of stop words among the words of its longer lines on, a text is English."""
LOOKED_AT = 3_000
"""Characters of a line that are counted; shares do not change much behind them."""
SENTENCE_WORDS = 12

NUMERAL = re.compile(r"\d")
STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "against",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "doing",
        "down",
        "during",
        "each",
        "few",
        "for",
        "from",
        "further",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "hers",
        "herself",
        "him",
        "himself",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "me",
        "more",
        "most",
        "my",
        "myself",
        "no",
        "nor",
        "not",
        "now",
        "of",
        "off",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "our",
        "ours",
        "out",
        "over",
        "own",
        "said",
        "same",
        "says",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "theirs",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "too",
        "two",
        "under",
        "until",
        "up",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)
TALE = frozenset(
    [
        "he",
        "she",
        "they",
        "his",
        "her",
        "their",
        "him",
        "them",
        "was",
        "were",
        "had",
        "said",
        "says",
        "told",
        "would",
    ]
)
ADDRESS = frozenset(["you", "your", "yours", "we", "our", "us", "i", "my", "me", "please", "click"])

LETTER, UPPER, DIGIT, WORD, SPACE, WIDE, QUOTE, COMMA, END, PIPE = (1 << i for i in range(10))
QUOTES = "\"“”„«»‘’'「」"
COMMAS = ",;،、，؛"
ENDS = ".!?…؟۔。！？।"
PIPES = "|»›•·→▸/"
CLOSING = QUOTES + ")]』」*"


@cache
def character_classes() -> NDArray[np.uint16]:
    """For each code point below 65,536 the classes it belongs to."""
    table = np.zeros(65_536, np.uint16)
    for point in range(65_536):
        character = chr(point)
        category = unicodedata.category(character)
        if category[0] == "L":
            table[point] |= LETTER | WORD
        elif category[0] in "MN":
            table[point] |= WORD
        if category in {"Lu", "Lt"}:
            table[point] |= UPPER
        elif category == "Nd":
            table[point] |= DIGIT
        if character.isspace():
            table[point] |= SPACE
    table[ord("_")] |= WORD
    for low, high in ((0x2E80, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x0E00, 0x0EFF)):
        table[low:high] |= WIDE * (table[low:high] & LETTER)
    for characters, bit in ((QUOTES, QUOTE), (COMMAS, COMMA), (ENDS, END), (PIPES, PIPE)):
        for character in characters:
            table[ord(character)] |= bit
    return table


LINE_FEATURES = (
    "words", "characters", "word_length", "upper_words", "upper_letters", "digits", "marks",
    "commas", "inner_ends", "quotes", "pipes", "ends", "ends_comma", "ends_colon", "ends_question",
    "starts_lower", "starts_mark", "starts_quote", "stop_words", "tale", "address", "family", "in_family",
    "has_date", "has_address", "image_name", "glued", "code", "blank_before", "blank_after", "name_like",
)  # fmt: skip
CONTEXT_FEATURES = (
    "place", "from_first", "from_last", "words_before", "prose_before", "in_run", "from_run",
    "from_first_prose", "from_last_prose",
    "window_prose", "window_prose_before", "window_prose_after", "window_words", "window_family",
    "copies", "copies_before", "part_of_other", "begins_other", "topic", "lead_topic",
    "since_comments", "since_stories", "until_prose", "words_after_prose_gap",
    "run_lines", "run_words", "run_ends", "run_marked", "run_families", "run_dates", "run_before", "run_after",
    "text_lines", "text_words", "text_prose", "text_blank",
)  # fmt: skip
NEIGHBOUR_FEATURES = (
    "words",
    "prose",
    "ends",
    "stop_words",
    "upper_words",
    "in_family",
    "has_date",
)
NEIGHBOUR_STEPS = (-3, -2, -1, 1, 2, 3)
FEATURES: tuple[str, ...] = (
    *LINE_FEATURES,
    "prose",
    *CONTEXT_FEATURES,
    *(f"{name}{step:+d}" for step in NEIGHBOUR_STEPS for name in NEIGHBOUR_FEATURES),
)
COLUMN = {name: i for i, name in enumerate(FEATURES)}
COMMENT_FAMILY, STORIES_FAMILY = 0, 1


def is_english(lines: Sequence[Line]) -> bool:
    """Whether the longer lines (all, if there are none) are full of English stop words."""
    long = [line.words for line in lines if len(line.words) >= SENTENCE_WORDS]
    words = [word for one in (long or [line.words for line in lines])[:200] for word in one[:200]]
    return bool(words) and sum(map(STOP_WORDS.__contains__, words)) >= ENGLISH_STOP_SHARE * len(
        words
    )


def table(lines: Sequence[Line], *, english: bool | None = None, cased: bool = True) -> Floats:
    """The features of all lines of one text: float32, one row a line, columns as FEATURES.

    `english` None finds out; `cased` False hides letter case, as for scripts without it.
    """
    count = len(lines)
    rows = np.zeros((count, len(FEATURES)), np.float32)
    if not count:
        return rows
    knows_english = is_english(lines) if english is None else english
    _characters(lines, rows, cased=cased)
    _phrases(lines, rows, english=knows_english)
    _context(lines, rows, english=knows_english)
    _neighbours(rows)
    return rows


def _set(rows: Floats, name: str, values: ArrayLike) -> None:
    rows[:, COLUMN[name]] = values


def _characters(lines: Sequence[Line], rows: Floats, *, cased: bool) -> None:
    texts = [line.text[:LOOKED_AT] for line in lines]
    joined = "\n".join(texts)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = character_classes()[np.minimum(points, 65_535)]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.cumsum(lengths + 1) - (lengths + 1)

    def per_line(hits: NDArray[np.bool_]) -> Ints:
        return np.add.reduceat(hits, starts, dtype=np.int64)

    def has(bit: int) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (classes & bit) != 0
        return found

    word = has(WORD)
    word_start = word.copy()
    word_start[1:] &= ~word[:-1]
    upper = has(UPPER)
    end = has(END)
    letters = per_line(has(LETTER))
    wide = per_line(has(WIDE))
    word_characters = per_line(word)
    words = per_line(word_start)
    words = np.where(wide > 2, np.maximum(words, words + wide // 2), words)
    inner = end.copy()
    inner[:-1] &= has(SPACE)[1:] | has(WIDE)[1:]
    safe_characters, safe_words = np.maximum(1, lengths), np.maximum(1, words)
    upper_count = per_line(upper)
    known_case = (upper_count.sum() > 0) and cased
    _set(rows, "words", np.log1p(words))
    _set(rows, "characters", np.log1p(lengths))
    _set(rows, "word_length", np.minimum(20, word_characters / safe_words))
    _set(rows, "upper_words", per_line(word_start & upper) / safe_words if known_case else UNKNOWN)
    _set(rows, "upper_letters", upper_count / np.maximum(1, letters) if known_case else UNKNOWN)
    _set(rows, "digits", per_line(has(DIGIT)) / safe_characters)
    _set(rows, "marks", per_line(~(word | has(SPACE))) / safe_characters)
    _set(rows, "commas", np.minimum(8, per_line(has(COMMA))))
    _set(rows, "inner_ends", np.minimum(12, per_line(inner)))
    _set(rows, "quotes", np.minimum(6, per_line(has(QUOTE))))
    _set(rows, "pipes", np.minimum(6, per_line(has(PIPE))))
    last = [phrases.without_credit(text).rstrip(CLOSING)[-1:] for text in texts]
    _set(rows, "ends", [mark in ENDS and bool(mark) for mark in last])
    _set(rows, "ends_comma", [mark in ",;،؛-–—" and bool(mark) for mark in last])
    _set(rows, "ends_colon", [mark in ":：" and bool(mark) for mark in last])
    _set(rows, "ends_question", [mark in "?؟？" and bool(mark) for mark in last])
    first = classes[starts]
    lower_start = (first & (LETTER | UPPER | WIDE)) == LETTER
    _set(rows, "starts_lower", lower_start if known_case else UNKNOWN)
    _set(rows, "starts_mark", (first & (WORD | QUOTE)) == 0)
    _set(rows, "starts_quote", (first & QUOTE) != 0)
    prose = (words >= SENTENCE_WORDS) & (
        (rows[:, COLUMN["ends"]] > 0) | (words >= 2 * SENTENCE_WORDS)
    )
    _set(rows, "prose", prose)
    name_like = (words >= 1) & (words <= 4) & (rows[:, COLUMN["upper_words"]] == 1)
    _set(rows, "name_like", name_like)


def _phrases(lines: Sequence[Line], rows: Floats, *, english: bool) -> None:
    _set(rows, "blank_before", [line.blank_before for line in lines])
    _set(rows, "blank_after", [line.blank_after for line in lines])
    short = [len(line.text) <= phrases.MAX_CHARACTERS for line in lines]
    _set(rows, "has_date", [s and has_date(line) for s, line in zip(short, lines, strict=True)])
    _set(rows, "has_address", [phrases.has_address(line.text) for line in lines])
    _set(rows, "image_name", [phrases.is_image_name(line.text) for line in lines])
    _set(rows, "glued", [phrases.glued_count(line.text) for line in lines])
    _set(rows, "code", [phrases.is_code(line.text) for line in lines])
    if not english:
        for name in ("stop_words", "tale", "address", "family", "in_family"):
            _set(rows, name, UNKNOWN)
        return
    sizes = np.maximum(1, np.fromiter((len(line.words) for line in lines), np.int64, len(lines)))
    for name, wanted in (("stop_words", STOP_WORDS), ("tale", TALE), ("address", ADDRESS)):
        _set(rows, name, [sum(map(wanted.__contains__, line.words)) for line in lines] / sizes)
    families = [phrases.family_of(line) for line in lines]
    _set(rows, "family", families)
    _set(rows, "in_family", [family >= 0 for family in families])


def has_date(line: Line) -> bool:
    """Whether a date or a clock stands in the line (quick and a little too generous)."""
    text = line.text
    if "ago" in line.words or ":" in text:
        return phrases.CLOCK.search(text) is not None or MAYBE.search(text) is not None
    if NUMERAL.search(text) is None:
        return False
    return MAYBE.search(text) is not None or not MONTHS.keys().isdisjoint(line.words)


def best_run(words: Floats, prose: NDArray[np.bool_]) -> tuple[int, int]:
    """Where prose outweighs the rest most: first and last row, both included; (0, -1) if none.

    Maximum subarray (Kadane): a sentence weighs its words, anything else counts against the run.
    """
    weights = np.where(prose, words, -(5 + 0.4 * words))
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    gains = sums - np.minimum.accumulate(sums)
    last = int(np.argmax(gains))
    if gains[last] <= 0:
        return 0, -1
    lowest = int(np.argmin(sums[:last])) if last else 0
    first = last - 1 - int(np.argmin(sums[:last][::-1]))
    return max(first, lowest), last - 1


def _context(lines: Sequence[Line], rows: Floats, *, english: bool) -> None:
    count = len(lines)
    at = np.arange(count)
    words: Floats = np.expm1(rows[:, COLUMN["words"]])
    prose = rows[:, COLUMN["prose"]] > 0
    prose_words = words * prose
    total, total_prose = max(1.0, float(words.sum())), max(1.0, float(prose_words.sum()))
    first_run, last_run = best_run(words, prose)
    prose_at = np.flatnonzero(prose)
    first_prose, last_prose = (
        (int(prose_at[0]), int(prose_at[-1])) if len(prose_at) else (0, count - 1)
    )
    _set(rows, "place", at / max(1, count - 1))
    _set(rows, "from_first", np.minimum(at, 30))
    _set(rows, "from_last", np.minimum(count - 1 - at, 30))
    _set(rows, "words_before", (np.cumsum(words) - words) / total)
    _set(rows, "prose_before", (np.cumsum(prose_words) - prose_words) / total_prose)
    in_run = (at >= first_run) & (at <= last_run)
    _set(rows, "in_run", in_run)
    away = np.where(at < first_run, at - first_run, np.maximum(0, at - last_run))
    _set(rows, "from_run", np.clip(away, -20, 20))
    _set(rows, "from_first_prose", np.clip(at - first_prose, -15, 15))
    _set(rows, "from_last_prose", np.clip(at - last_prose, -15, 15))
    _windows(rows, words, prose)
    _runs(rows, words, prose)
    _copies(lines, rows)
    _topic(lines, rows, in_run & prose, english=english)
    _since(rows, words, prose)
    _set(rows, "text_lines", np.log1p(count))
    _set(rows, "text_words", np.log1p(total))
    _set(rows, "text_prose", prose_words.sum() / total)
    _set(rows, "text_blank", rows[:, COLUMN["blank_before"]].mean())


def _windows(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    count = len(rows)
    at = np.arange(count)
    low, high = np.maximum(0, at - 5), np.minimum(count, at + 6)

    def sums(values: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))

    prose_sums, word_sums = sums(prose), sums(words)
    family_sums = sums(rows[:, COLUMN["in_family"]] > 0)
    size = high - low
    _set(rows, "window_prose", (prose_sums[high] - prose_sums[low]) / size)
    _set(rows, "window_prose_before", (prose_sums[at] - prose_sums[low]) / np.maximum(1, at - low))
    after = (prose_sums[high] - prose_sums[at + 1]) / np.maximum(1, high - at - 1)
    _set(rows, "window_prose_after", after)
    _set(rows, "window_words", np.log1p((word_sums[high] - word_sums[low]) / size))
    _set(rows, "window_family", (family_sums[high] - family_sums[low]) / size)


def _runs(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    """What the run of like lines (prose, or not) around a line is, and what stands beside it."""
    changes = np.flatnonzero(prose[1:] != prose[:-1]) + 1
    starts = np.concatenate(([0], changes))
    run = np.zeros(len(rows), np.intp)
    run[changes] = 1
    run = np.cumsum(run)
    lines = np.diff(np.concatenate((starts, [len(rows)])))
    sizes = np.add.reduceat(words, starts)

    def share(name: str) -> Floats:
        hits = np.add.reduceat(rows[:, COLUMN[name]] > 0, starts, dtype=np.float32)
        result: Floats = np.divide(hits, lines, dtype=np.float32)
        return result

    _set(rows, "run_lines", np.minimum(60, lines)[run])
    _set(rows, "run_words", np.log1p(sizes / lines)[run])
    _set(rows, "run_ends", share("ends")[run])
    _set(rows, "run_marked", share("starts_mark")[run])
    _set(rows, "run_families", share("in_family")[run])
    _set(rows, "run_dates", share("has_date")[run])
    logs = np.log1p(sizes)
    _set(rows, "run_before", np.concatenate(([UNKNOWN], logs[:-1]))[run])
    _set(rows, "run_after", np.concatenate((logs[1:], [UNKNOWN]))[run])


def _copies(lines: Sequence[Line], rows: Floats) -> None:
    said = [line.same for line in lines]
    counts = Counter(said)
    _set(rows, "copies", [min(5, counts[one]) for one in said])
    seen: Counter[str] = Counter()
    before = []
    for one in said:
        before.append(min(3, seen[one]))
        seen[one] += 1
    _set(rows, "copies_before", before)
    flat = "\n" + "\n".join(said) + "\n"
    part, begins = [], []
    for line, one in zip(lines, said, strict=True):
        looked_at = 4 <= len(line.words) <= 60 and one
        inside = looked_at and flat.count(one) > counts[one]
        part.append(bool(inside))
        begins.append(bool(inside and flat.count(f"\n{one} ")))
    _set(rows, "part_of_other", part)
    _set(rows, "begins_other", begins)


def _topic(lines: Sequence[Line], rows: Floats, core: NDArray[np.bool_], *, english: bool) -> None:
    """Share of a line's telling words that stand in the core of the text, and in its first lines."""
    minimum = 4 if english else 3
    telling = [
        {word for word in line.words if len(word) >= minimum and word not in STOP_WORDS}
        for line in lines
    ]
    core_at = np.flatnonzero(core)
    counts: Counter[str] = Counter()
    for i in core_at.tolist():
        counts.update(telling[i])
    lead = set().union(*(telling[i] for i in core_at[:3]))
    topic, lead_topic = [], []
    for i, own in enumerate(telling):
        needed = 2 if core[i] else 1
        size = len(own)
        topic.append(sum(counts[word] >= needed for word in own) / size if size else 0.5)
        lead_topic.append(len(own & lead) / size if size and not core[i] else 0.5)
    _set(rows, "topic", topic)
    _set(rows, "lead_topic", lead_topic)


def _since(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    count = len(rows)
    at = np.arange(count)
    families = rows[:, COLUMN["family"]]
    for name, family in (("since_comments", COMMENT_FAMILY), ("since_stories", STORIES_FAMILY)):
        last = np.maximum.accumulate(np.where(families == family, at, -10_000))
        _set(rows, name, np.minimum(at - last, 60))
    following = np.minimum.accumulate(np.where(prose, at, 10_000)[::-1])[::-1]
    _set(rows, "until_prose", np.minimum(following - at, 40))
    # Sentences behind a gap of other lines belong to something else more often than not.
    previous = np.maximum.accumulate(np.where(prose, at, -10_000))
    gap = np.zeros(count)
    gap[1:] = np.minimum(at[1:] - previous[:-1], 40)
    opens = np.maximum.accumulate(np.where(prose & (gap > 4), at, 0))
    sums = np.concatenate(([0.0], np.cumsum(words * prose)))
    _set(rows, "words_after_prose_gap", np.log1p(sums[at + 1] - sums[opens]))


def _neighbours(rows: Floats) -> None:
    count = len(rows)
    own = rows[:, [COLUMN[name] for name in NEIGHBOUR_FEATURES]]
    width = len(NEIGHBOUR_FEATURES)
    start = len(LINE_FEATURES) + 1 + len(CONTEXT_FEATURES)
    for k, step in enumerate(NEIGHBOUR_STEPS):
        target = rows[:, start + k * width : start + (k + 1) * width]
        target[:] = UNKNOWN
        if step < 0 and -step < count:
            target[-step:] = own[:step]
        elif 0 < step < count:
            target[:-step] = own[step:]
