"""A link is the address of the changed search, however it is put together."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from search.model import Everything, Query
from web import params
from web.links import Links

names = st.lists(st.sampled_from(["BBC News", "Ö&=?", "c"]), max_size=2, unique=True).map(tuple)
fields: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=8),
    "match": st.sampled_from(["auto", "all", "any"]),
    "sort": st.sampled_from(["relevance", "newest", "oldest"]),
    "sources": names,
    "without_sources": names,
    "since": st.none() | st.dates(date(1000, 1, 1)),
    "until": st.none() | st.dates(date(1000, 1, 1)),
    "page": st.integers(1, 99),
    "size": st.integers(1, 100),
}
queries = st.builds(Query, tree=st.just(Everything()), **fields)
changes = st.fixed_dictionaries({}, optional=fields)


@given(
    queries,
    changes,
    st.sampled_from(["/", "/feed.atom", ""]),
    st.sampled_from([(), ("format", "csv")]),
)
def test_a_link_is_the_address_of_the_changed_search(
    query: Query, changed: dict[str, Any], path: str, beside: tuple[str, ...]
) -> None:
    wanted = dataclasses.replace(query, **({"page": 1} | changed))
    pairs = [*params.arguments(wanted, size=10), *([("format", "csv")] if beside else [])]
    found = Links(query, size=10).to(path, beside="=".join(beside), **changed)
    assert found == params.address(path, pairs)


@given(queries, names, names)
def test_many_links_that_change_two_fields_are_what_each_is_alone(
    query: Query, taken: tuple[str, ...], left_out: tuple[str, ...]
) -> None:
    links = Links(query, size=10)
    link = links.changing("sources", "without_sources")
    assert link(taken, left_out) == links.to(sources=taken, without_sources=left_out)
    link = links.changing("since", "until")
    assert link(query.until, None) == links.to(since=query.until, until=None)
