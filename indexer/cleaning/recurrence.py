"""Lines that stand in several files: what counts as recurring, and when that is evidence."""

from __future__ import annotations

from typing import Protocol

RECURS_IN_FILES = 3
"""From this many files on a line recurs. A file must be read again when one of its lines crosses
this number in either direction; nothing else about the counts shows in a result."""


class Recurring(Protocol):
    """In how many files each line stands, counted over all files before any is cleaned."""

    @property
    def file_count(self) -> int:
        """How many files were counted."""
        ...

    def files_with(self, key: int) -> int:
        """How many files hold the line with this key, the one being cleaned included."""
        ...


class NothingRecurs:
    """No counts: every file is alone."""

    file_count = 0

    def files_with(self, key: int) -> int:  # noqa: ARG002 - the same answer for every line
        """None that is known of."""
        return 0


NOTHING_RECURS: Recurring = NothingRecurs()
