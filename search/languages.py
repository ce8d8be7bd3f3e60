"""Names of languages as people type them <-> ISO 639-1 codes, which is what articles carry."""

from __future__ import annotations

# The English name first, then those that its speakers type.
NAMES = {
    "ar": "arabic العربية عربي", "bg": "bulgarian", "ca": "catalan català catala",
    "cs": "czech čeština cestina", "da": "danish dansk", "de": "german deutsch",
    "el": "greek ελληνικά", "en": "english", "es": "spanish español espanol castellano",
    "et": "estonian", "eu": "basque euskara", "fa": "persian farsi فارسی", "fi": "finnish suomi",
    "fr": "french français francais", "ga": "irish", "he": "hebrew עברית", "hi": "hindi",
    "hr": "croatian hrvatski", "hu": "hungarian magyar", "hy": "armenian", "id": "indonesian",
    "it": "italian italiano", "ja": "japanese 日本語", "ka": "georgian", "ko": "korean 한국어",
    "ku": "kurdish kurdî kurdi", "lt": "lithuanian", "lv": "latvian", "ne": "nepali",
    "nl": "dutch nederlands", "no": "norwegian norsk", "pl": "polish polski",
    "pt": "portuguese português portugues", "ro": "romanian română romana",
    "ru": "russian русский", "sk": "slovak", "sl": "slovenian slovene", "sq": "albanian shqip",
    "sr": "serbian srpski", "sv": "swedish svenska", "sw": "swahili", "ta": "tamil", "th": "thai",
    "tr": "turkish türkçe turkce", "uk": "ukrainian українська", "ur": "urdu اردو",
    "vi": "vietnamese", "zh": "chinese 中文",
}  # fmt: skip
CODES = {name: code for code, names in NAMES.items() for name in names.split()}


def code_of(typed: str) -> str:
    """The code of a language's name; anything else as it was typed, without a region (`fr-CA`)."""
    lowered = typed.lower()
    main, _, region = lowered.partition("-")
    if region and len(main) == 2:
        return main
    return CODES.get(lowered, typed)


def name_of(code: str) -> str:
    """English for `en`; the code itself for a language that is not in the table."""
    return NAMES[code].partition(" ")[0].title() if code in NAMES else code
