"""Every error that this project raises on purpose.

DatelineError
├── BadConfig        config.toml or a DATELINE_* variable: which key, what was found, what is wanted
├── BadQuery         an argument that cannot be read at all (an unknown sort, a date that is none)
├── UnknownArticle   no article has that id in this generation
├── IndexMissing     there is no index yet: build it
├── IndexDamaged     a checksum does not match: which file, and what to do
├── IndexOutdated    the index was made by another format or feature version: rebuild it
├── IndexLocked      another process is writing
└── OverBudget       a query used up its time or its expansions

A message says what, where, and what to do. Errors are raised where they are known and caught in
three places only: `web/failures.py`, `indexer/run.py` (per file) and the command lines.
"""


class DatelineError(Exception):
    """The root: whatever is raised on purpose is one of these."""


class BadConfig(DatelineError):
    """A key or a value in the configuration that cannot be used."""


class BadQuery(DatelineError):
    """An argument of a search that cannot be read.

    Words that a person types never raise this: what is no operator is a word. It is for the
    arguments around them: `sort=loudest`, `since=someday`, `page=0`.
    """

    def __init__(self, message: str, *, argument: str) -> None:
        super().__init__(message)
        self.argument = argument


class UnknownArticle(DatelineError):
    """No article has this id in this generation."""


class IndexMissing(DatelineError):
    """The index directory holds no index."""


class IndexDamaged(DatelineError):
    """A file of the index is not what its checksum says."""


class IndexOutdated(DatelineError):
    """The index was written by another format, feature version or analysis."""


class IndexLocked(DatelineError):
    """Another process holds the write lock."""


class OverBudget(DatelineError):
    """A query ran out of its budget in time."""
