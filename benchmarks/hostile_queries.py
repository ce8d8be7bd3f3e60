"""Searches that mean harm: the worst cases that are known, and any number made from the grammar."""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import quote, quote_from_bytes, urlencode

_COMMON = "the of and to in a that for it as with be by on not he from at which but"
COMMON = _COMMON.split()
OPERATORS = (
    "AND",
    "OR",
    "NOT",
    "ANDNOT",
    "ANDMAYBE",
    "NEAR",
    "and",
    "or",
    "&&",
    "||",
    "!",
    "-",
    "+",
)
FIELDS = (
    "title:",
    "body:",
    "source:",
    "author:",
    "date:",
    "after:",
    "before:",
    "path:",
    "lang:",
    "x:",
)
WRAPS = ("({})", '"{}"', '"{}"~{}', "{}*", "*{}", "*{}*", "{}?", "{}~", "{}~9", "/{}/", "[{} TO {}]",
         "{}^9", "{}^1e308", "{}^nan", "-{}", "NOT {}", "'{}'", "{}:", "{{{}}}", "<{}>")  # fmt: skip
ODD = ("\x00", "\u202e", "\ufeff", "\u0301" * 40, "😀", "漢字", "العربية", "ﷺ", "ß", "İ", "\\", "%", "%00",
       "\r\n", "\t", "‘", "”", "…", "--", "0", "-0", "1e308", "9" * 40, "0000", "31 feb", "2016-13",
       "../../etc/passwd", "<script>", "{{7*7}}", "${x}", "'; DROP TABLE articles; --")  # fmt: skip

WORST = (
    "*", "?", "*a*", "*a* *e* *o*", "* " * 30, "s*", "th*", "a* b* c* d* e* f* g* h*", "???*", "t?e*",
    "a~", "a~2", "the~9 " * 40, "word~1 " * 60, "/.*/", "/(.*.*.*.*)*x/", "(a+)+$", "[a TO z]",
    "body:[a TO z]", "date:[1000 TO 9999]", "after:0000", "before:9999-99-99", "date:31-feb",
    "the " * 100, "the OR " * 1_000 + "the", "the AND " * 1_000 + "the", "NOT " * 500 + "the",
    "NOT OR the", "AND", "OR OR OR", "NOT", "-", "- - -", "+", "(" * 1_000, ")" * 1_000, "()" * 500,
    "(" * 300 + "the" + ")" * 300, "a AND (b OR (" * 300, '"', '"' * 999, '""', '" " "', '"the',
    '"' + "the " * 300 + '"', '"' + "the " * 300 + '"~900', '"the of"~99999999999', '"the of"~-1',
    '"* *"', '"the * of"', "the NEAR of", "the NEAR/5 of NEAR/5 and", "title:", "title:title:title:the",
    "title:(", "title:*", "title:(the OR (of AND", "source:*", "source:" + "a" * 3_000, "path:/", "::",
    ":" * 500, "a:b:c:d", "the^", "the^1e308", "the^nan", "the^-1", "a" * 10_000, "the " * 1_500,
    "the,of;and" * 400, "\x00", "\x00" * 500, "\u0301" * 5_000, "😀" * 2_000, "漢字" * 1_000,
    "ﷺ" * 500, "\u202e" * 500, "\ufeff", " ", "\t\n\r", "%", "%%%", "%00", "\\", "\\" * 999, "'" * 999,
    "lang:xx", "lang:" + "e" * 500, "author:~", "said:the", "in:removed", "since:x", "a..b", "..", "2016..",
    "..2016", "2016..2015", "after:tomorrow before:yesterday", "7d", "after:7d", "after:-7d", "after:1e9d",
    "after:" + "9" * 400 + "d",
    " ".join(f"w{n}*" for n in range(400)), " ".join(f"{a}{b}*" for a in "abcdefgh" for b in "aeiou"),
    " OR ".join(f'"{a} {b}"~50' for a in COMMON for b in COMMON[:6]),
    " ".join(f"-{word}" for word in COMMON * 20), " ".join(COMMON * 40),
)  # fmt: skip


def targets(count: int, *, seed: int) -> Iterator[str]:
    """`count` addresses: each of the worst in every place that reads a search, then made ones."""
    places = ("/api/v1/search", "/", "/feed.atom", "/api/v1/suggest")
    given = 0
    for text in WORST:
        for place in places:
            if given < count:
                given += 1
                yield f"{place}?q={quote(text[:2_500], safe='')}"
    chance = random.Random(seed)
    for _ in range(count - given):
        yield made(chance, chance.choices(places, (6, 3, 1, 2))[0])


def made(chance: random.Random, place: str) -> str:
    """An address with a random search, now and then with broken arguments or bytes."""
    text = " ".join(piece(chance) for _ in range(chance.choice((1, 2, 3, 5, 9, 30))))
    kind = chance.random()
    if kind < 0.03:
        return f"{place}?q={quote_from_bytes(chance.randbytes(chance.randrange(1, 60)))}"
    pairs = [("q", text[:1_500])]
    if kind < 0.3:
        name = chance.choice(
            ("page", "size", "sort", "source", "since", "until", "match", "cursor", "format")
        )
        pairs.append(
            (name, chance.choice((*ODD, "1", "2", "100", "newest", "any", "all", "2016", "7d")))
        )
    return f"{place}?{urlencode(pairs)}"


def piece(chance: random.Random) -> str:
    """A word, an operator or something odd, wrapped in other things."""
    text = chance.choice(
        (
            chance.choice(COMMON),
            chance.choice(COMMON)[: chance.randrange(1, 4)],
            "".join(chance.choices("abcdefghijklmnoprstuvwyz", k=chance.randrange(1, 12))),
            chance.choice(ODD),
            chance.choice(OPERATORS),
        )
    )
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4))):
        wrap = chance.choice(WRAPS)
        text = wrap.format(*(text, chance.randrange(-1, 99))[: wrap.count("{}")])
    return chance.choice(("", "", "", chance.choice(FIELDS))) + text
