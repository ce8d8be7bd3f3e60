"""`search.config`: the file and the environment -> one Config, or an error that names the key."""

import dataclasses
import tomllib
from pathlib import Path

import pytest

from search import config
from search.errors import BadConfig

ROOT = Path(__file__).parents[2]


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    loaded = config.load(write(tmp_path, ""), {})
    assert loaded.web == config.Web()
    assert loaded.index.dir == tmp_path / "index"


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, '[articles]\nroots = ["news", "/srv/wire"]')
    assert config.load(path, {}).articles.roots == (tmp_path / "news", Path("/srv/wire"))


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, '[web]\nport = 1\nhost = "::1"')
    loaded = config.load(path, {"DATELINE_WEB_PORT": "8123", "PATH": "/bin"})
    assert (loaded.web.port, loaded.web.host) == (8123, "::1")


def test_a_list_in_the_environment_is_comma_separated(tmp_path: Path) -> None:
    environment = {"DATELINE_ARTICLES_EXCLUDE": "drafts/*, *.bak.txt"}
    loaded = config.load(write(tmp_path, ""), environment)
    assert loaded.articles.exclude == ("drafts/*", "*.bak.txt")


def test_a_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="no such file"):
        config.load(tmp_path / "other.toml", {})


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert config.load(environment={}).web.port == 8000


@pytest.mark.parametrize(
    ("text", "named", "wanted"),
    [
        ("[web]\npage_size = 'ten'", '[web] page_size = "ten"', "a whole number from 1 to 100"),
        ("[web]\npage_size = 101", "[web] page_size = 101", "from 1 to 100"),
        ("[web]\npage_size = true", "[web] page_size = True", "a whole number"),
        ("[web]\nport = 8000.0", "[web] port = 8000.0", "a whole number"),
        ("[web]\nprot = 1", "[web] prot", "host, port"),
        ("[wbe]\nport = 1", "[wbe]", "articles, cleaning, index, web"),
        ("port = 1", "port stands outside of a section", "put it below [web]"),
        ("prot = 1", "prot stands outside of a section", "articles, cleaning, index, web"),
        ("web = 1", "web stands outside of a section", "write [web] on a line of its own"),
        ("[articles]\nroots = []", "[articles] roots = []", "a list of folders"),
        ("[articles]\nroots = 'news'", '[articles] roots = "news"', "a list of folders"),
        ("[articles]\ninclude = [1]", "[articles] include = [1]", "a list of texts"),
        ("[articles]\ntimezone = 'Mars'", '[articles] timezone = "Mars"', "time zone"),
        ("[index]\ndir = ''", '[index] dir = ""', "a path"),
        ("[cleaning]\nenabled = 'yes'", '[cleaning] enabled = "yes"', "true or false"),
        ("[cleaning]\nmax_file_seconds = 0", "[cleaning] max_file_seconds = 0", "a number from"),
        ("[web]\npublic_url = 'news.org'", '[web] public_url = "news.org"', "https://news.example"),
        ("[web]\npublic_url = 'ftp://a'", '[web] public_url = "ftp://a"', "an address like"),
        ("[web]\napi_keys = ['']", "[web] api_keys = (not shown)", "a list of keys"),
        ("[web]\ntrusted_hosts = ['http://a']", "[web] trusted_hosts", "a list of host names"),
        ("[web]\ntrusted_hosts = ['*.a.org']", "[web] trusted_hosts", "a list of host names"),
        (
            "[web]\ncors_origins = ['a.org']",
            "[web] cors_origins = ['a.org']",
            "https://example.org",
        ),
        ("[web]\ncors_origins = ['https://a.org/']", "[web] cors_origins", "nothing follows"),
        ("[web]\ncors_origins = [1]", "[web] cors_origins = [1]", "a list of origins"),
        ("[web\n", "not valid TOML", "line 1"),
        (f"a = {'[' * 2_000}", "not valid TOML", "nested too deeply"),
        (f"[web]\nport = {'9' * 5_000}", "cannot be read", "digits"),
        ('[index]\ndir = "a\\u0000b"', "[index] dir", "a path"),
    ],
)
def test_a_bad_file_is_an_error_that_says_where_and_what(
    tmp_path: Path, text: str, named: str, wanted: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(BadConfig) as caught:
        config.load(path, {})
    message = str(caught.value)
    assert message.startswith(str(path))
    assert named in message
    assert wanted in message


@pytest.mark.parametrize(
    "line",
    [
        "public_url = 'https://news.example.org/archive/'",
        "public_url = 'http://127.0.0.1:8000'",
        "trusted_hosts = ['news.example.org', '.example.net', '127.0.0.1', 'localhost:8000', '[::1]']",
        "cors_origins = ['*']",
        "cors_origins = ['https://reader.example', 'http://localhost:3000']",
        "api_keys = ['kR7_-+/=.~']",
    ],
)
def test_what_the_web_understands_is_taken(tmp_path: Path, line: str) -> None:
    name, value = next(iter(tomllib.loads(line).items()))
    taken = getattr(config.load(write(tmp_path, f"[web]\n{line}"), {}).web, name)
    assert taken == (tuple(value) if isinstance(value, list) else value)


def test_a_byte_order_mark_is_no_letter(tmp_path: Path) -> None:
    assert config.load(write(tmp_path, "\ufeff[web]\nport = 8123"), {}).web.port == 8123


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("DATELINE_WEB_PORT", "eight", 'DATELINE_WEB_PORT = "eight": want a whole number'),
        ("DATELINE_WEB_PROT", "1", "the nearest one is DATELINE_WEB_PORT"),
        ("DATELINE_CLEANING_ENABLED", "maybe", "true or false"),
    ],
)
def test_a_bad_variable_is_an_error_that_names_it(
    tmp_path: Path, variable: str, value: str, wanted: str
) -> None:
    with pytest.raises(BadConfig) as caught:
        config.load(write(tmp_path, ""), {variable: value})
    assert variable in str(caught.value)
    assert wanted in str(caught.value)


@pytest.mark.parametrize("section", config.SECTIONS)
def test_config_toml_shows_every_key_with_its_default(section: str) -> None:
    """The file in the repository, uncommented, is the table of settings and changes nothing."""
    lines = (ROOT / "config.toml").read_text(encoding="utf-8").splitlines()
    keys = {key.name for table in config.SECTIONS.values() for key in dataclasses.fields(table)}
    uncommented = [
        line.removeprefix("# ") if line.removeprefix("# ").split(" = ")[0] in keys else line
        for line in lines
    ]
    shown = tomllib.loads("\n".join(uncommented))[section]
    assert set(shown) == {key.name for key in dataclasses.fields(config.SECTIONS[section])}
    defaults = getattr(config.Config(), section)
    for name, value in shown.items():
        default = getattr(defaults, name)
        if isinstance(default, tuple):
            assert [str(part) for part in default] == value
        elif isinstance(default, bool | int | float):
            assert default == value
        else:
            assert str(default) == value


def test_no_key_is_ever_shown(tmp_path: Path) -> None:
    """Neither in the message about a list with one mistyped key, nor where a configuration is."""
    file = write(tmp_path, "[web]\napi_keys = ['hush-one', 'hush two']")
    with pytest.raises(BadConfig) as caught:
        config.load(file, {})
    assert "hush" not in str(caught.value)
    assert "hush" not in repr(config.load(None, {"DATELINE_WEB_API_KEYS": "hush-one"}))
