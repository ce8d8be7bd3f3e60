"""The words that occur: for completion, and for repairing those that occur nowhere."""

from __future__ import annotations

from collections import Counter

import numpy as np

from search.model import FieldName
from search.suggest import Near, correction, max_edits, repaired
from search.text import stem
from search.whoosh_engine import expand
from search.whoosh_engine.view import View

_REPAIRED_FIELDS = {None: "text", "title": "text", "author": "author", "source": "source"}
MAX_COMPLETED = 2_000  # forms of a segment that are looked at: eight are shown


def occurs(view: View, field: str, form: str) -> bool:
    """Whether a folded word finds anything in a field: as it is, or by its stem."""
    if field not in ("text", "title"):
        return bool(len(view.term(field, (form,))))
    languages = view.snapshot.languages or (None,)
    terms = tuple(dict.fromkeys(stem(form, language) for language in languages))
    return bool(len(view.term(field, terms)))


def repair(view: View, text: str, field: FieldName | None, check: expand.Check) -> str | None:
    """A typed text with the words that occur nowhere repaired; None if all stand."""
    searched = _REPAIRED_FIELDS.get(field)
    if searched is None:
        return None

    def better(form: str) -> str | None:
        if occurs(view, searched, form):
            return None
        return correction(form, near_forms(view, searched, form, check))

    return repaired(text, better)


def near_forms(view: View, field: str, form: str, check: expand.Check) -> list[Near]:
    """The forms that are near enough to have been meant."""
    edits = max_edits(form)
    found: Counter[tuple[str, int]] = Counter()
    for arrays in view.arrays(field) if edits else ():
        check()
        forms, _, counts = expand.forms_of(arrays)
        rows, distances = expand.spelt_like(forms, form, edits, expand.seen(view, arrays))
        for row, distance in zip(rows.tolist(), distances.tolist(), strict=True):
            if distance <= edits:
                found[forms[row].decode(), distance] += int(counts[row])
    return [Near(near, distance, count) for (near, distance), count in found.items()]


def with_prefix(view: View, field: str, prefix: str) -> list[tuple[str, int]]:
    """The forms that begin with these folded letters, and how often each occurs."""
    found: Counter[str] = Counter()
    for arrays in view.arrays(field):
        forms, _, counts = expand.forms_of(arrays)
        first, last = forms.range_of(prefix.encode())
        if last - first > MAX_COMPLETED:
            # Only the most frequent can be offered.
            rows = np.argpartition(counts[first:last], -MAX_COMPLETED)[-MAX_COMPLETED:] + first
        else:
            rows = np.arange(first, last)
        for row, count in zip(rows.tolist(), counts[rows].tolist(), strict=True):
            found[forms[row].decode()] += count
    return list(found.items())
