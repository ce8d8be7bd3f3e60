"""Terms of a field by their letters: their numbers, and where their postings lie."""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, U1, U4, compiled, int64, void, writable
from search.loops.lists import sought
from search.loops.patterns import place_of

END = 0xFF
"""Stands behind each term that is looked up: a byte that UTF-8 does not have."""

NUMBER, BEGIN, BEHIND, LIVE = range(4)
"""What is known of a term: its number or -1, its postings, and how many of them are of live documents."""

Ints = NDArray[np.int64]
Docs = NDArray[np.uint32]
Octets = NDArray[np.uint8]

_table = writable(int64, 2)


@compiled()
def _among(docs: Docs, begin: int, behind: int, gone: Docs) -> int:
    """How many of the documents between two places are gone: the fewer are sought in the others."""
    count = 0
    if len(gone) < behind - begin:
        at = begin
        for doc in gone:
            at = sought(docs, at, behind, doc)
            if at == behind:
                break
            count += docs[at] == doc
        return count
    at = 0
    for place in range(begin, behind):
        at = sought(gone, at, len(gone), docs[place])
        if at == len(gone):
            break
        count += gone[at] == docs[place]
    return count


@compiled()
def _fill(known: Ints, number: int, starts: Ints, docs: Docs, gone: Docs) -> None:
    begin, behind = starts[number], starts[number + 1]
    if not 0 <= begin <= behind <= len(docs):
        raise IndexError("a term's postings lie outside of its field's")
    known[NUMBER], known[BEGIN], known[BEHIND] = number, begin, behind
    known[LIVE] = behind - begin - _among(docs, begin, behind, gone)


@compiled(void(U1, I8, I8, U4, U4, U1, _table))
def look_up(
    letters: Octets, begins: Ints, starts: Ints, docs: Docs, gone: Docs, wanted: Octets, table: Ints
) -> None:
    """Put what is known of each of the wanted terms, END behind each of them, into a row of the table.

    `letters` and `begins` are the sorted terms, `starts` and `docs` their postings, `gone` the
    deleted documents, ascending.
    """
    first, row = 0, 0
    for at in range(len(wanted)):
        if wanted[at] == END:
            number = place_of(letters, begins, wanted[first:at])
            if number < 0:
                table[row, NUMBER] = -1
                table[row, BEGIN] = table[row, BEHIND] = table[row, LIVE] = 0
            else:
                _fill(table[row], number, starts, docs, gone)
            first, row = at + 1, row + 1


@compiled(_table(I8, I8, U4, U4))
def known_of(numbers: Ints, starts: Ints, docs: Docs, gone: Docs) -> NDArray[np.int64]:
    """The same of terms by their numbers."""
    table = np.empty((len(numbers), 4), np.int64)
    for row in range(len(numbers)):
        _fill(table[row], numbers[row], starts, docs, gone)
    return table
