"""Formats and verdicts are told by what they have."""

from dataclasses import dataclass

from nas.handover.format import Format, Verdict
from nas.handover.formats import FORMATS


@dataclass(frozen=True)
class Found:
    text: str = "equal outputs"


def test_every_format_of_the_table_follows_the_protocol() -> None:
    assert all(isinstance(one, Format) for one in FORMATS.values())
    assert all(not vars(one) for one in FORMATS.values()), "formats have no state"


def test_what_lacks_a_part_is_none() -> None:
    assert isinstance(Found(), Verdict)
    assert not isinstance("equal outputs", Verdict)
    assert not isinstance(Found(), Format)
