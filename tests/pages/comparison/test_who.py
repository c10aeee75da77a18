"""The look and the names of controllers in plots."""

from nas.pages.comparison.who import short
from tests.pages.comparison.looks import WHO


def test_each_controller_has_its_own_look() -> None:
    assert len({(who.colour, str(who.dash)) for who in WHO}) == len(WHO)
    assert len({who.marker for who in WHO}) == len(WHO)


def test_names_are_cut_in_the_middle() -> None:
    assert short("q_learning") == "q_learning"
    assert short("x" * 30 + "tail") == "x" * 11 + "…" + "x" * 6 + "tail"
    assert short("a\nb") == "a b"
