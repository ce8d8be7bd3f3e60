"""Paragraphs that were broken into lines of one width (mail, old archives) -> one line each.

A file is taken for one only where nearly every line is as full as its width allows: the next word
would not have fitted. Lines keep their numbers: a paragraph stands on the first one it had.
"""

from __future__ import annotations

import re
from itertools import pairwise

from indexer.lines.lines import bare_lines

NARROWEST, WIDEST = 45, 100
"""Characters in the longest line of a file that was wrapped."""
WIDER_SHARE = 0.02
"""So many lines may be longer than any file is wrapped: addresses, tables."""
FULL_LINES = 5
FULL_SHARE = 0.5
"""Of all lines that another one follows; titles, bylines and menus are the rest."""
RUNNING_SHARE = 0.5
"""Of the full lines go on in lower case on the next one; headlines and menus do not."""
LEAST_WORDS = 4
INNER_END = re.compile(r"[.!?؟۔،,؛;] ")
"""In scripts without letter case, what tells lines of prose from lines of a list."""
BROKEN_WORD, SOFT_BREAK = re.compile(r"([^\W\d_]-)\n(?=[a-zß-ÿ])"), re.compile("\u00ad\n")
ENDS = (".", "!", "?", ":", "…", "”", '"', "»", "؟", "۔")


def unwrapped(text: str) -> str:
    """The text with wrapped paragraphs on one line each, or as it is."""
    if "\n" not in text and "\r" not in text:
        return text
    lines = bare_lines(text)
    lengths = [len(line) for line in lines if line]
    width = max((length for length in lengths if length <= WIDEST), default=0)
    wider = sum(length > WIDEST for length in lengths)
    if width < NARROWEST or wider > max(1, WIDER_SHARE * len(lengths)):
        return text
    full = [_is_full(line, behind, width) for line, behind in pairwise(lines)]
    if not _is_wrapped(lines, full):
        return text
    paragraph, at = [lines[0]], 0
    for i, is_full in enumerate(full, start=1):
        if is_full:
            paragraph.append(lines[i])
            lines[i] = ""
        else:
            lines[at], paragraph, at = _joined(paragraph), [lines[i]], i
    lines[at] = _joined(paragraph)
    return "\n".join(lines)


def _is_full(line: str, behind: str, width: int) -> bool:
    """Whether the first word of the next line would not have fitted behind this one."""
    if not line or not behind or line.count(" ") < LEAST_WORDS - 1:
        return False
    return len(line) <= width < len(line) + 1 + len(behind.split(maxsplit=1)[0])


def _is_wrapped(lines: list[str], full: list[bool]) -> bool:
    """Whether enough lines are full, and run on in the middle of sentences as prose does."""
    at = [i for i, is_full in enumerate(full) if is_full]
    followed = sum(bool(line and behind) for line, behind in pairwise(lines))
    if len(at) < FULL_LINES or len(at) < FULL_SHARE * followed:
        return False
    running = sum(_runs_on(lines[i], lines[i + 1]) for i in at)
    return running >= RUNNING_SHARE * len(at)


def _runs_on(line: str, behind: str) -> bool:
    first = behind[0]
    if line.endswith(ENDS) or first.isupper() or not first.isalpha():
        return False
    return first.islower() or INNER_END.search(line) is not None


def _joined(parts: list[str]) -> str:
    """Lines as one: a word broken by a hyphen keeps it, one broken by a soft hyphen does not."""
    if len(parts) == 1:
        return parts[0]
    return SOFT_BREAK.sub("", BROKEN_WORD.sub(r"\1", "\n".join(parts))).replace("\n", " ")
