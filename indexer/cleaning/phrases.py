"""Families of set phrases around articles, and the words a journalist would call them by.

They name the reason of a removal, and they are a few bits among many for the classifier; no
phrase decides alone unless it is in `ALWAYS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.lines.lines import Line

MAX_CHARACTERS = 300
"""Longer lines are prose as far as set phrases go."""
MAX_WORDS = 35

FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(pattern, re.IGNORECASE))
    for reason, pattern in (
        (
            "comment form",
            (
                r"^(leave|post|add|write|submit|send|join|view|read|show|hide|load|see|sort|your|no|all|be the first to|\d[\d,.]*)\b"
                r".{0,24}\b(comments?|reply|replies|discussion|conversation)\b.{0,20}$"
                r"|^(comments?|\d+ comments?|facebookcomments|discussion|reply|responses?)\W*(\d+\W*)?$|comments? (are|is|section) (closed|disabled|off)"
                r"|your e-?mail address will not be published|required fields are marked|log ?in to (comment|reply|post)"
                r"|save my name, e-?mail|your comment as a visitor|notify me of (new|follow)|commenting (guidelines|policy)|^(reply|report abuse|name \*|e-?mail \*|website)$"
            ),
        ),
        (
            "other stories",
            (
                r"^(related|recommended|trending|popular|latest|most (read|popular|viewed|shared|commented|recent)|top (stories|news|posts)"
                r"|more (from|on|stories|news|in|articles|to|like|about)|also (read|see|in|on|from|of)|read (more|next|also|full|the full|on)|see (also|more)|next up|up next|don.?t miss"
                r"|you (may|might|could|will) (also )?(like|be interested|enjoy|love)|in (other|this) (news|section|story|article)|editor.?s? pick|must.(read|watch|see)"
                r"|what to read next|keep reading|continue reading|previous (post|article|story)|next (post|article|story)|older posts?|newer posts?|popular posts?|recent (posts?|articles|news|stories|comments)"
                r"|featured|similar|suggested|further reading|explore more|elsewhere|around the web|from the web|watch(:| now| live| more)|also:)\b.{0,70}$"
                r"|\brelated (articles?|stories|posts?|news|content|topics|links?|coverage|items?|reading|video)\b.{0,30}$"
            ),
        ),
        (
            "copyright",
            r"\bcopyright\b|©|\(c\) ?(19|20)\d\d|\ball rights reserved\b|reproduced? .{0,40}(permission|consent)|may not be (published|reproduced|broadcast|copied)",
        ),
        (
            "site footer",
            (
                r"^(terms|privacy|cookie|contact|about|advertis|disclaimer|site ?map|accessibility|careers|jobs|help|faqs?|legal|imprint|impressum|feedback|corrections|ethics|do not sell|manage (cookies|consent))"
                r"\b.{0,45}$|terms (of (use|service)|and conditions|& conditions)|privacy (policy|statement|notice|rights)|maintained and developed by|powered by|designed by|editorial (standards|guidelines|policy)"
            ),
        ),
        (
            "navigation",
            (
                r"^(skip to|back to|go to|jump to|scroll|return to|to) .{0,25}\b(top|content|main|menu|navigation|home|navigation)\b.{0,12}$|^(home|menu|search|close|open|toggle|next|previous|prev|sections?|main menu|sign in|log ?in|log ?out|register|my account|account|"
                r"loading|expand|collapse|show (more|less)|view (all|more|gallery)|see all|load more|top|news|world|sports?|business|opinion|politics|entertainment|lifestyle|technology|tech|health|science|video|videos|photos|weather|×|x)\W*$"
            ),
        ),
        (
            "sharing and following",
            (
                r"^(share|tweet|print|e-?mail|save|pin|follow|like|bookmark|copy( link)?|whatsapp|facebook|twitter|linkedin|reddit|pinterest|instagram|youtube|telegram|flipboard|messenger|rss|tumblr|threads|bluesky|tiktok|x)"
                r"( (this|us|on|via|with|the|article|story|link|page|facebook|twitter|to)\b.{0,60})?\W*$|\b(share|follow|like|tweet|join) (this|us|our|me|on|via)\b.{0,60}(facebook|twitter|instagram|whatsapp|telegram|google|channel|linkedin|article|story)"
                r"|(opens in new window)|click to (share|email|print|tweet)|text size|font size|add (us )?as (a )?preferred"
            ),
        ),
        (
            "newsletter or subscription",
            (
                r"newsletter|^(subscribe|sign ?up|register|donate|become a (member|subscriber)|support)\b.{0,90}$|\bsubscrib(e|er|ers|ing)\b.{0,60}\b(now|today|to|for|already|our|only|digital)\b|\binbox\b|already a (subscriber|member)|free trial|get the (latest|best|app)|"
                r"download (the|our) .{0,20}app|unsubscribe|push notifications|by (signing|clicking|submitting|providing|entering)\b.{0,60}\b(agree|consent|accept|confirm)|create (an|your)( free)? account"
            ),
        ),
        (
            "advertisement",
            r"^\W*(ad|ads|advert|advertisement|advertising|sponsored|sponsor|promoted|promotion|partner content|paid (content|post)|story continues|article continues|continue reading|remove ads?)\b.{0,45}$|ads? by|affiliate (links?|commission)|may (earn|receive) (a|an) .{0,25}commission",
        ),
        (
            "caption or picture credit",
            (
                r"(photo(graph)?|image|picture|file( photo)?|video|illustration|cartoon|getty|reuters|shutterstock|istock|alamy|wikimedia)\b ?(by|credit|images?|photo|courtesy|/|:|via)"
                r"|(pic|afp|ap|epa)\b ?(by|credit|images?|photo|courtesy|/|:|via)|^(photo|image|picture|pic|video|credit|credits|source|watch|gallery|slideshow|illustration|caption)\b ?[:/].{0,120}$"
                r"|\((photo|image|picture|file|credit|source|getty|reuters|afp|ap|epa|courtesy)\b.{0,60}\)$|^(getty|getty images|reuters|afp|associated press|shutterstock|courtesy)\b.{0,30}$|/(getty|afp|ap|reuters|epa|shutterstock)\b.{0,20}$"
            ),
        ),
        (
            "byline or date line",
            (
                r"^(by|written by|reported by|reporting by|posted by|published by|edited by|from|author|authors|posted|published|updated|last (updated|modified|edited)|modified|filed|first published|created|date|story by|words by)\b.{0,90}$|^\W*\d+ ?(min|minute)s?\b.{0,12}$"
                r"|^\d+ (hours?|mins?|minutes?|days?|weeks?|months?) ago\W*$|\b(staff|contributing|senior|special) (writer|reporter|correspondent|editor)\W*$|^(editor.?s? note)"
            ),
        ),
        ("source line", r"^(source|sources|via|credit|agency|agencies)\b ?: ?.{1,60}$"),
        (
            "section or tags",
            r"^(tags?|topics?|categor(y|ies)|filed under|keywords?|sections?|posted in|labels?|more on this story|kicker)\b\W.{0,120}$",
        ),
        (
            "masthead",
            r"^(editor.in.chief|managing editor|publisher|vol(ume)?\.? \d|issue (no\.?|number)? ?\d|chief editor|today is|established)\b.{0,90}$",
        ),
    )
)
IMAGE_NAME = re.compile(
    r"^(?=[\w.%-]*\d)(?:[\w%-]*\d{6,}[\w.%-]*|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{10,}|(?:img|dsc|image|photo)[_-]?\d+[\w.-]*)$"
    r"|^\S+\.(?:jpe?g|png|gif|webp|svg)$",
    re.IGNORECASE,
)
GLUED = re.compile(r"[a-z]{2}[A-Z][a-z]{2}")
"""Two words without a space between: menu entries pasted together (`EastOthersWorld`)."""
CODE = re.compile(r"<\w+[^>]*=|[{};]\s*$|^\W*(?:var|function|window)\b.*[=({]|/>\s*$")
CODE_MARKS = ("<", "{", "=", ";", "/>", "}")

CLOCK = re.compile(r"\d{1,2}[:.]\d\d\b|\b\d+ \w+ ago\b")
_DOMAIN = r"\.(?:com|org|net|info|co\.uk|gov|edu|io|tv|news)\b"
DOMAIN = re.compile(_DOMAIN, re.IGNORECASE)
ADDRESS = re.compile(rf"https?:|www\.|\w@\w|\b[a-z0-9-]+{_DOMAIN}", re.IGNORECASE)
ADDRESS_MARKS = ("http", "www.", "@")
CREDIT_AT_END = re.compile(r"\s*\([^()]{2,40}\)\W*$")
WEAK = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "at",
        "be",
        "for",
        "in",
        "is",
        "it",
        "me",
        "my",
        "not",
        "of",
        "on",
        "or",
        "our",
        "that",
        "the",
        "this",
        "to",
        "us",
        "was",
        "we",
        "will",
        "with",
        "you",
        "your",
    ]
)
"""Words that no set phrase consists of alone."""


def _triggers(pattern: str) -> frozenset[str]:
    """The words of a pattern, with and without letters that may be missing, and their plurals."""
    plain = re.sub(r"\\[a-zA-Z]|\?[:!=<]", " ", pattern)
    found = {"login", "logout", "signup", "signin", "faq", "sitemap"}
    for word in re.findall(r"[a-z]+\??", plain):
        found |= {word, f"{word}s"} if word[-1] != "?" else {word[:-1], word[:-2]}
    return frozenset(found) - WEAK


def _families_by_trigger() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for number, (_, pattern) in enumerate(FAMILIES):
        for word in _triggers(pattern.pattern):
            found[word] = (*found.get(word, ()), number)
    return found


@dataclass(frozen=True, slots=True)
class Finders:
    """What looks for one family: its alternatives, each only where it may find something."""

    begins: Callable[[str], object] | None
    """Those for the beginning of a line, together; they are for short lines."""
    inside: tuple[tuple[str, Callable[[str], object]], ...]
    """Each other one beside letters that stand in whatever it finds."""


def _finders(pattern: str) -> Finders:
    depth, alternatives = 0, [""]
    for piece in re.findall(r"\\.|\[[^]]*\]|.", pattern):
        depth += (piece == "(") - (piece == ")")
        if piece == "|" and not depth:
            alternatives.append("")
        else:
            alternatives[-1] += piece
    first = "|".join(each for each in alternatives if each[0] == "^")
    return Finders(
        re.compile(first, re.IGNORECASE).match if first else None,
        tuple(
            (letters, re.compile(each, re.IGNORECASE).search)
            for each in alternatives
            if each[0] != "^"
            for letters in _needed(each)
        ),
    )


GAP, OPEN, CLOSE = "\0", "\1", "\2"
MAY_MISS = re.compile(r"(?:\([^()]*\)|[^()|])(?:[?*]|\{[^}]*\})")


def _needed(alternative: str) -> list[str]:
    """Letters of which some stand in whatever the alternative finds: long ones, and few.

    Groups stand side by side in it; only one that may be missing stands inside another.
    """
    plain = alternative.replace(r"\b", "").replace(r"\(", OPEN).replace(r"\)", CLOSE)
    plain = re.sub(r"\\.|\[[^]]*\]", GAP, plain)
    while MAY_MISS.search(plain):
        plain = MAY_MISS.sub(GAP, plain)
    groups = [
        [max(re.split(r"[\0.^$+]", each), key=len) for each in group.split("|")]
        for group in re.split(r"[()]", plain)
    ]
    best = max(groups, key=lambda group: min(len(each.strip()) for each in group) / len(group))
    return [letters.replace(OPEN, "(").replace(CLOSE, ")") for letters in best]


FINDERS = tuple(_finders(pattern.pattern) for _, pattern in FAMILIES)
LONGEST_BEGINNING = 170
"""Characters of the words of a line that an alternative for its beginning takes in, at most."""

TRIGGERS = _families_by_trigger()
"""Word -> the families whose patterns hold it: a line without any of them needs no closer look."""

ALWAYS = re.compile(
    r"^\W*(?:back to top(?: button)?|(?:leave a|post a|add a) (?:reply|comment)s?|no comments?|send your comments?"
    r"|your comment as a visitor|related (?:articles?|posts?|stories|news)|advertisement|skip to (?:main )?content)\W*$"
    r"|^\W*(?:©|\(c\))\W*(?:19|20)\d\d\b.{0,60}$"
    r"|^.{0,70}\ball rights reserved\b.{0,70}$|^editor.in.chief\b.{0,90}$",
    re.IGNORECASE,
)
"""Whole lines that are furniture wherever they stand."""
LONGEST_ALWAYS = 160
"""Characters of the words of such a line, at most."""

NEVER_WORDS = frozenset(
    [
        "back",
        "reply",
        "comment",
        "comments",
        "related",
        "advertisement",
        "skip",
        "reserved",
        "editor",
    ]
)


def is_always_furniture(line: Line) -> bool:
    """Whether the whole line is a set phrase that is furniture wherever it stands."""
    if len(line.text) > MAX_CHARACTERS or len(line.same) > LONGEST_ALWAYS:
        return False
    if NEVER_WORDS.isdisjoint(line.words) and "©" not in line.text and "c" not in line.words:
        return False
    return ALWAYS.search(line.text) is not None


def is_image_name(text: str) -> bool:
    """`13950827000687_photoi`, a UUID, `DSC_0041.jpg`: the name of a picture, not a sentence."""
    return " " not in text and len(text) < MAX_CHARACTERS and IMAGE_NAME.search(text) is not None


def glued_count(text: str) -> int:
    """How many words stand glued to the one before."""
    return len(GLUED.findall(text)) if len(text) <= MAX_CHARACTERS else 0


def family_of(line: Line, numbers: Sequence[int] | None = None) -> int:
    """The number of the first family that the line belongs to, or -1.

    `numbers` are the families that one of its words leads to, in order, where they are known.
    """
    text = line.text
    if len(line.words) > MAX_WORDS or len(text) > MAX_CHARACTERS:
        return -1
    if "©" in text or "×" in text:
        numbers = range(len(FAMILIES))
    elif numbers is None:
        numbers = sorted({n for word in TRIGGERS.keys() & line.words for n in TRIGGERS[word]})
    folded = text.lower() if text.isascii() else _folded(text)
    is_short = len(line.same) <= LONGEST_BEGINNING
    for number in numbers:
        finders = FINDERS[number]
        if is_short and finders.begins and finders.begins(text):
            return number
        for letters, find in finders.inside:
            if letters in folded and find(text):
                return number
    return -1


def _folded(text: str) -> str:
    """The text with every letter that patterns take for one of ASCII as that one."""
    return text.replace("İ", "i").replace("ı", "i").casefold()


def has_address(text: str) -> bool:
    """Whether a web or mail address stands in the line."""
    lowered = text[:MAX_CHARACTERS].lower()
    if not any(map(lowered.__contains__, ADDRESS_MARKS)) and DOMAIN.search(lowered) is None:
        return False
    return ADDRESS.search(lowered) is not None


def is_code(text: str) -> bool:
    """Left-over markup or script."""
    return any(map(text.__contains__, CODE_MARKS)) and CODE.search(text) is not None


def credit_start(text: str) -> int:
    """Where the agency or the photographer in brackets behind a text begins, or the text ends."""
    if text.rstrip(".!?").endswith(")"):
        found = CREDIT_AT_END.search(text, max(0, len(text) - 120))
        if found:
            return found.start()
    return len(text)
