"""`config.toml` and the environment -> one frozen Config. A key that is not known is an error.

The dataclasses below are the table of settings: their names are the keys, their defaults are the
defaults, and a test holds `config.toml` and the documentation against them. Any key can be given
as `DATELINE_SECTION_KEY` in the environment (`DATELINE_WEB_PORT=8123`; lists comma-separated).
Relative paths are relative to the configuration file.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from search.errors import BadConfig

ENVIRONMENT_PREFIX = "DATELINE_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Articles:
    """`[articles]`: which files are read."""

    roots: tuple[Path, ...] = (Path("articles"),)
    include: tuple[str, ...] = ("*.txt", "*.html", "*.htm", "*.jsonl", "*.jsonl.gz")
    exclude: tuple[str, ...] = ()
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    max_file_bytes: int = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """`[cleaning]`: whether page furniture is taken out."""

    enabled: bool = True
    overrides: Path = Path("overrides.toml")
    max_file_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """`[index]`: where the index is kept."""

    dir: Path = Path("index")
    keep_generations: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """`[web]`: how it is served."""

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    workers: int = 3
    page_size: int = 10
    query_budget_ms: int = 2000
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    trusted_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    rate_limit: str = ""
    proxies: int = 0
    log_level: str = "warning"
    log_query_texts: bool = False
    slow_query_ms: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings, checked."""

    articles: Articles = field(default_factory=Articles)
    cleaning: Cleaning = field(default_factory=Cleaning)
    index: Index = field(default_factory=Index)
    web: Web = field(default_factory=Web)


SECTIONS: Mapping[str, type] = {
    "articles": Articles,
    "cleaning": Cleaning,
    "index": Index,
    "web": Web,
}

RANGES: Mapping[tuple[str, str], tuple[float, float]] = {
    ("articles", "max_file_bytes"): (1_000, 2_000_000_000),
    ("cleaning", "max_file_seconds"): (0.1, 3_600),
    ("index", "keep_generations"): (1, 100),
    ("web", "port"): (0, 65_535),
    ("web", "workers"): (1, 64),
    ("web", "page_size"): (1, 100),
    ("web", "query_budget_ms"): (10, 60_000),
    ("web", "proxies"): (0, 10),
    ("web", "slow_query_ms"): (0, 60_000),
}

CHOICES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("web", "log_level"): ("debug", "info", "warning", "error"),
}

# How a text must look, as a whole, or each text of a list; and that in words.
FORMS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("web", "public_url"): (
        r"(https?://[^\s/?#]+(/[^\s?#]*)?)?",
        'an address like "https://news.example.org", or "" for none',
    ),
    ("web", "api_keys"): (r"[!-~]+", "a list of keys: letters, digits and signs without spaces"),
    ("web", "trusted_hosts"): (r"[^\s/*?#@,]+", 'a list of host names, like "news.example.org"'),
    ("web", "cors_origins"): (
        r"\*|https?://[^\s/?#]+",
        'a list of origins, like "https://example.org"; nothing follows the host',
    ),
}


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Config:
    """Read the configuration.

    `path` None means `./config.toml`, which need not exist; a path that was asked for must.
    Raises BadConfig with the file (or variable), the key, what was found and what is wanted.
    """
    file = path if path is not None else Path("config.toml")
    variables = os.environ if environment is None else environment
    given = _from_file(file, required=path is not None)
    overridden = _from_environment(variables)
    base = file.absolute().parent
    sections = {}
    for name, section in SECTIONS.items():
        values: dict[str, Any] = {}
        for key in dataclasses.fields(section):
            if key.name in overridden.get(name, {}):
                where = f"{ENVIRONMENT_PREFIX}{name}_{key.name}".upper()
                raw = _split(overridden[name][key.name], key)
            elif key.name in given.get(name, {}):
                where = f"{file}: [{name}] {key.name}"
                raw = given[name][key.name]
            else:
                raw, where = _default(key), "default"
            values[key.name] = _convert(raw, key=key, section=name, where=where, base=base)
        sections[name] = section(**values)
    return Config(**sections)


def read_toml(file: Path) -> dict[str, Any]:
    """What a TOML file holds. Raises FileNotFoundError, or BadConfig with what is wrong."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{file}: not valid TOML: {error}") from error
    except RecursionError:
        raise BadConfig(f"{file}: not valid TOML: brackets are nested too deeply") from None
    except (OSError, ValueError) as error:  # letters that are no UTF-8, numbers of 5,000 digits
        raise BadConfig(f"{file}: cannot be read: {error}") from error


def _from_file(file: Path, *, required: bool) -> dict[str, dict[str, Any]]:
    try:
        given = read_toml(file)
    except FileNotFoundError:
        if required:
            raise BadConfig(f"{file}: no such file; give an existing one with --config") from None
        return {}
    for name, section in given.items():
        if not isinstance(section, dict):
            raise BadConfig(f"{file}: {name} stands outside of a section{_its_section(name)}")
        if name not in SECTIONS:
            raise BadConfig(f"{file}: [{name}] is not a section: want one of {', '.join(SECTIONS)}")
        known = [key.name for key in dataclasses.fields(SECTIONS[name])]
        for key in section:
            if key not in known:
                raise BadConfig(
                    f"{file}: [{name}] {key} is not a key: want one of {', '.join(known)}"
                )
    return given


def _its_section(name: str) -> str:
    """Where a key that stands outside of all sections belongs."""
    if name in SECTIONS:
        return f": write [{name}] on a line of its own, and its keys below"
    homes = [
        section
        for section, its in SECTIONS.items()
        if name in (key.name for key in dataclasses.fields(its))
    ]
    return f": put it below [{homes[0]}]" if homes else f": want one of {', '.join(SECTIONS)}"


def _from_environment(variables: Mapping[str, str]) -> dict[str, dict[str, str]]:
    known = {
        f"{ENVIRONMENT_PREFIX}{name}_{key.name}".upper(): (name, key.name)
        for name, section in SECTIONS.items()
        for key in dataclasses.fields(section)
    }
    found: dict[str, dict[str, str]] = {}
    for variable, text in variables.items():
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        if variable not in known:
            near = difflib.get_close_matches(variable, known, n=1, cutoff=0)[0]
            raise BadConfig(f"{variable} is not a setting: the nearest one is {near}")
        section, key = known[variable]
        found.setdefault(section, {})[key] = text
    return found


def _default(key: dataclasses.Field[Any]) -> Any:
    if key.default_factory is not dataclasses.MISSING:
        return key.default_factory()
    return key.default


def _split(text: str, key: dataclasses.Field[Any]) -> Any:
    """A variable's text as the value that the same text would have in TOML."""
    if str(key.type).startswith("tuple"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if key.type in {"int", "float", "bool"}:
        try:
            return tomllib.loads(f"value = {text.strip().lower()}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    return text


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a value of one type is read: `accept` gives the value, or None where it does not fit."""

    wanted: str
    accept: Callable[[Any, Path], Any]


def _texts(raw: Any, _base: Path) -> tuple[str, ...] | None:
    fits = isinstance(raw, list | tuple) and all(isinstance(part, str) for part in raw)
    return tuple(raw) if fits else None


def _path(raw: Any, base: Path) -> Path | None:
    is_path = isinstance(raw, str | Path) and str(raw) and "\0" not in str(raw)
    return base / raw if is_path else None


def _paths(raw: Any, base: Path) -> tuple[Path, ...] | None:
    if not isinstance(raw, list | tuple) or not raw:
        return None
    paths = tuple(path for part in raw if (path := _path(part, base)))
    return paths if len(paths) == len(raw) else None


def _zone(raw: Any, _base: Path) -> ZoneInfo | None:
    if not isinstance(raw, str):
        return raw if isinstance(raw, ZoneInfo) else None
    try:
        return ZoneInfo(raw)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _number(raw: Any, _base: Path) -> float | None:
    return raw if isinstance(raw, int | float) and not isinstance(raw, bool) else None


_KINDS: Mapping[str, _Kind] = {
    "tuple[Path, ...]": _Kind("a list of folders", _paths),
    "tuple[str, ...]": _Kind("a list of texts", _texts),
    "Path": _Kind("a path", _path),
    "ZoneInfo": _Kind('the name of a time zone, like "Europe/Paris"', _zone),
    "str": _Kind("a text", lambda raw, _: raw if isinstance(raw, str) else None),
    "bool": _Kind("true or false", lambda raw, _: raw if isinstance(raw, bool) else None),
    "int": _Kind("a whole number", lambda raw, _: raw if type(raw) is int else None),
    "float": _Kind("a number", _number),
}


def _convert(raw: Any, *, key: dataclasses.Field[Any], section: str, where: str, base: Path) -> Any:
    """One value in the type that its key has, or BadConfig."""
    kind = _KINDS[str(key.type)]
    wanted = kind.wanted
    value = kind.accept(raw, base)
    if limits := RANGES.get((section, key.name)):
        wanted += f" from {limits[0]:g} to {limits[1]:.10g}"
        if value is not None and not limits[0] <= value <= limits[1]:
            value = None
    if choices := CHOICES.get((section, key.name)):
        wanted = f"one of {', '.join(choices)}"
        value = value if value in choices else None
    if form := FORMS.get((section, key.name)):
        pattern, wanted = form
        texts = (value,) if isinstance(value, str) else value or ()
        value = value if all(re.fullmatch(pattern, text) for text in texts) else None
    if value is None:
        shown = f'"{raw}"' if isinstance(raw, str) else raw
        if not key.repr:  # a secret, though mistyped, has no place in a log
            shown = "(not shown)"
        raise BadConfig(f"{where} = {shown}: want {wanted}")
    return value
