"""What a typed word, phrase or pattern stands for in an index: the terms that it counts."""

from __future__ import annotations

from search.model import Fuzzy, Node, Phrase, Prefix, QueryWarning, Wildcard, Word
from search.text import MAX_FORM, fold, tokens
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.queries import expand
from search.whoosh_engine.queries.row import TEXT, Place
from search.whoosh_engine.queries.typed import Languages, compounds_joined, place, remembered, terms
from search.whoosh_engine.schema import STEMMED_FIELDS
from search.whoosh_engine.views.view import View


class Leaves:
    """The leaves of one query."""

    def __init__(self, view: View, check: expand.Check) -> None:
        self.view = view
        self.check = check
        self.languages: Languages = view.snapshot.languages or (None,)
        self.warnings: list[QueryWarning] = []
        """Expansions that did not fit."""

    def of(self, node: Node) -> Counted | None:
        """What a typed word, phrase or pattern counts; None if it is all signs."""
        match node:
            case Word():
                found = self.place(node.text, node.field or TEXT)
                return found and found.leaf
            case Phrase(text, within, field_name):
                return self._phrase(text, within, field_name or TEXT)
            case Prefix(text, field_name):
                return self._prefix(text, field_name or TEXT)
            case Wildcard(pattern, field_name):
                return self._wildcard(pattern, field_name or TEXT)
            case Fuzzy(text, edits, field_name):
                return self._fuzzy(text, edits, field_name or TEXT)
            case _:
                raise TypeError(f"{node!r} is no leaf of a query")

    def place(self, text: str, field_name: str) -> Place | None:
        """A word in its row."""
        languages = self._languages_of(field_name)
        if len(text) <= MAX_FORM:
            return place(text, field_name, languages)
        found: Place | None = remembered(place, text, field_name, languages)
        return found

    def _phrase(self, text: str, within: int | None, field_name: str) -> Counted | None:
        """Words in a row; as a second way, with its compounds written as one word."""
        plain = self._plain(text, field_name)
        if plain:
            return Counted(field_name, (plain,), within=within if len(plain) > 1 else None)
        row = tokens(text)
        split = [(token.position, token.form) for token in row if not token.extra]
        if not split:
            return None
        ways = [tuple(self._terms(form, field_name) for _, form in split)]
        together = compounds_joined(row)
        if within is None and len(together) < len(split):
            ways.append(tuple(self._terms(form, field_name) for form in together))
        if len(split) == 1:
            within = None
        return Counted(field_name, tuple(ways), within=within)

    def _plain(self, text: str, field_name: str) -> Slots | None:
        """The terms of words that are remembered one by one; None where one is more than a word."""
        slots = []
        for word in text.split():
            each = self.place(word, field_name) if word.isalnum() else None
            if each is None or each.slot is None:
                return None
            slots.append(each.slot)
        return tuple(slots)

    def _terms(self, form: str, field_name: str) -> tuple[str, ...]:
        return terms(form, self._languages_of(field_name))

    def _languages_of(self, field_name: str) -> Languages:
        """The languages that a field's words are stemmed in; none where it has them as they are."""
        return self.languages if field_name in STEMMED_FIELDS else ()

    def _prefix(self, text: str, field_name: str) -> Counted | None:
        """Words that begin so; of a compound (`al-Nus*`) the last part does."""
        forms = [token.form for token in tokens(text) if not token.extra]
        if not forms:
            return None
        *before, last = forms
        found = self._expanded(
            expand.by_prefix(self.view, field_name, last, self.check), f"{text}*"
        )
        ways: list[Slots] = [(*(self._terms(form, field_name) for form in before), found)]
        if before:
            joined = expand.by_prefix(self.view, field_name, "".join(forms), self.check)
            ways.append((self._expanded(joined, f"{text}*"),))
        return Counted(field_name, tuple(ways))

    def _wildcard(self, pattern: str, field_name: str) -> Counted | None:
        """Words that fit; signs in the pattern are left out, as in the joined form of compounds."""
        letters = "".join(letter for letter in fold(pattern) if letter in "?*" or letter.isalnum())
        if not letters.strip("?*"):
            return None
        found = expand.by_pattern(self.view, field_name, letters, self.check)
        return Counted(field_name, ((self._expanded(found, pattern),),))

    def _fuzzy(self, text: str, edits: int, field_name: str) -> Counted | None:
        form = "".join(token.form for token in tokens(text) if not token.extra)
        if not form:
            return None
        found = expand.by_spelling(self.view, field_name, form, edits, self.check)
        return Counted(field_name, ((self._expanded(found, f"{text}~"),),))

    def _expanded(self, found: expand.Expansion, typed: str) -> tuple[str, ...]:
        if found.found_count > len(found.terms):
            self.warnings.append(
                QueryWarning(
                    f"{typed} stands for {found.found_count:,} words; "
                    f"the {len(found.terms):,} most frequent were searched for"
                )
            )
        return found.terms
