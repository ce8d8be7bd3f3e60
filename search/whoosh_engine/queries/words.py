"""The words that occur: for completion, and for repairing those that occur nowhere."""

from __future__ import annotations

from collections import Counter

import numpy as np

from search.model import FieldName
from search.suggest import Near, apart, correction, max_edits, repaired, splits
from search.text import stem, tokens
from search.whoosh_engine.building.living import live_counts
from search.whoosh_engine.nodes import Counted
from search.whoosh_engine.queries import expand
from search.whoosh_engine.queries.row import TEXT
from search.whoosh_engine.schema import STEMMED_FIELDS
from search.whoosh_engine.views.view import View

_REPAIRED_FIELDS = {None: "text", "title": "text", "author": "author", "source": "source"}
MAX_REPAIRED = (
    8  # words that occur nowhere; with more of them the language is another, or it is no text
)
MAX_COMPLETED = 200  # forms of a segment that are looked at: eight are shown


def occurs(view: View, field: str, form: str) -> bool:
    """Whether a folded word finds anything in a field: as it is, or by its stem."""
    if field not in STEMMED_FIELDS:
        return view.term(field, (form,)).size > 0
    return view.term(field, _terms(view, form)).size > 0


def repair(view: View, text: str, field: FieldName | None, check: expand.Check) -> str | None:
    """A typed text with the words that occur nowhere repaired; None if all stand or too many do not."""
    searched = _REPAIRED_FIELDS.get(field)
    if searched is None:
        return None

    missing: dict[str, str | None] = {}
    for token in tokens(text):
        check()
        if not token.extra and token.form not in missing and not occurs(view, searched, token.form):
            missing[token.form] = None
    if len(missing) > MAX_REPAIRED:
        return None
    for form in missing:
        near = near_forms(view, searched, form, check)
        if searched == TEXT:
            near += _apart(view, form, check)
        missing[form] = correction(form, near)
    return repaired(text, missing.get)


def _terms(view: View, form: str) -> tuple[str, ...]:
    languages = view.snapshot.languages or (None,)
    return tuple(dict.fromkeys(stem(form, language) for language in languages))


def _apart(view: View, form: str, check: expand.Check) -> list[Near]:
    """The word in two, where these stand side by side: `alnusra` for al Nusra."""
    found: list[Near] = []
    for pair in splits(form):
        check()
        slots = tuple(_terms(view, part) for part in pair)
        if all(view.term(TEXT, terms).size for terms in slots):
            count = view.counted(Counted(TEXT, (slots,))).size
            found += [apart(*pair, count)] if count else []
    return found


def near_forms(view: View, field: str, form: str, check: expand.Check) -> list[Near]:
    """The forms that are near enough to have been meant."""
    edits = max_edits(form)
    found: Counter[tuple[str, int]] = Counter()
    for segment in view.snapshot.segments if edits else ():
        check()
        arrays = segment.field(field)
        forms = arrays.spelt.forms
        rows, distances = expand.spelt_like(arrays, form, edits)
        counts = live_counts(segment, field, rows, check)
        for row, distance, count in zip(
            rows.tolist(), distances.tolist(), counts.tolist(), strict=True
        ):
            found[forms[row].decode(), distance] += count
    return [Near(near, distance, count) for (near, distance), count in found.items() if count]


def with_prefix(view: View, field: str, prefix: str, check: expand.Check) -> list[tuple[str, int]]:
    """The forms that begin with these folded letters, and how often each occurs."""
    found: Counter[str] = Counter()
    beginning = prefix.encode()
    for segment in view.snapshot.segments:
        forms, _, counts = segment.field(field).spelt
        first, last = forms.range_of(beginning)
        rows = np.arange(first, last)
        if len(rows) > MAX_COMPLETED:
            # Only the most frequent can be offered, and what was typed if it is a word.
            most = np.argpartition(counts[first:last], -MAX_COMPLETED)[-MAX_COMPLETED:]
            rows = np.union1d(most, [0]) + first
        live = live_counts(segment, field, rows, check)
        for row, count in zip(rows.tolist(), live.tolist(), strict=True):
            found[forms[row].decode()] += count
    return [each for each in found.items() if each[1]]
