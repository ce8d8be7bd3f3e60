"""Workers know who of them has fewest connections."""

from __future__ import annotations

from web.loads import WORKERS, Loads


def test_a_worker_alone_never_has_more_than_another() -> None:
    loads = Loads()
    assert loads.surplus(9) == 0
    loads.tell(1, 9)
    assert loads.surplus(9) == 0


def test_what_others_hold_counts_until_they_take_no_more() -> None:
    loads = Loads()
    loads.tell(1, 5)
    loads.tell(WORKERS + 2, 3)
    assert loads.surplus(5) == 2
    assert loads.surplus(3) == 0
    loads.forget(WORKERS + 2)
    assert loads.surplus(5) == 0
