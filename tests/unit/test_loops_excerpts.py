"""The windows that a loop cuts from a text are those of the reference."""

from __future__ import annotations

import excerpt_windows
from hypothesis import example, given
from hypothesis import strategies as st

from search.highlight import MAX_ANCHORS, excerpts
from search.marking import Span

pieces = st.sampled_from(
    ["war", "U.S.", " ", " ", "\n", "\n\n", ". ", ".", '." ', "! ", "?) ", "… ", "。", "؟", "،", "é", "\u3000", "\x1c", "x" * 30]
)  # fmt: skip
texts = st.lists(pieces, max_size=120).map("".join)


@st.composite
def marked_texts(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(texts)
    starts = st.integers(0, len(text))
    found = draw(
        st.lists(
            st.tuples(starts, st.integers(1, 40), st.integers(0, 70)), max_size=MAX_ANCHORS + 9
        )
    )
    spans = [Span(a, min(a + size, len(text)), n) for a, size, n in found]
    words = [
        span for span in spans if (word := text[span.start : span.end]) and word == word.strip()
    ]
    return text, sorted(words)


@given(marked_texts(), st.integers(1, 3), st.sampled_from([10, 40, 240]), st.integers(0, 400))
@example((" " * 300 + "x", []), 2, 240, 400)
@example(("a. " * 100, [Span(3 * n, 3 * n + 1, n % 2) for n in range(100)]), 2, 40, 400)
def test_windows_are_those_of_the_reference(
    given_: tuple[str, list[Span]], count: int, length: int, until: int
) -> None:
    text, spans = given_
    wanted = excerpt_windows.excerpts(text, spans, until=until, count=count, length=length)
    assert excerpts(text, spans, until=until, count=count, length=length) == wanted
