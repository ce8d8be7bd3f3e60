"""Where the site is."""

import dataclasses

from search.config import Config
from web.site import public_address


def test_the_public_address_is_the_configured_one_or_where_it_listens() -> None:
    config = Config()
    web = config.web
    assert public_address(config) == "http://127.0.0.1:8000"
    six = dataclasses.replace(config, web=dataclasses.replace(web, host="::1"))
    assert public_address(six) == "http://[::1]:8000"
    named = dataclasses.replace(web, public_url="https://news.example.org/")
    assert public_address(dataclasses.replace(config, web=named)) == "https://news.example.org"
