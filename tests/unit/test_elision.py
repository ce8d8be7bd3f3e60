"""What an apostrophe joins to a word, by language."""

import pytest

from search.elision import core, ways


@pytest.mark.parametrize(
    ("word", "language", "meant"),
    [
        ("l'accord", "fr", "accord"),
        ("L’Élysée", "fr", "elysee"),
        ("qu'Idlib", "fr", "idlib"),
        ("dell'Etna", "it", "etna"),
        ("Ankara'da", "tr", "ankara"),
        ("l'accord", "en", None),
        ("O'Brien", "fr", None),
        ("aujourd'hui", "fr", None),
        ("l'a", "fr", None),
        ("accord", "fr", None),
        ("Syria's", None, None),
    ],
)
def test_the_word_that_is_meant(word: str, language: str | None, meant: str | None) -> None:
    assert core(word, language) == meant


def test_each_language_takes_the_word_its_own_way() -> None:
    assert ways("l'accord", ("en", "fr")) == (
        (("l",), ("accord",)),
        (("laccord",),),
        (("accord|fr",),),
    )
    assert ways("l'accord", ("fr",)) == ((("accord|fr",),),)
    assert ways("accord", ("en", "fr")) == ((("accord", "accord|fr"),),)
    assert ways("'", ("fr",)) == ()
