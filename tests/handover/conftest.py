"""What tests of exports share."""

from collections.abc import Iterator

import pytest

from nas.hardware.latency import Latency


@pytest.fixture(autouse=True, scope="module")
def untimed() -> Iterator[None]:
    """Nothing is timed: cards of one network are equal, and models that are compared take 2 and 1 milliseconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nas.handover.speed.measure_latency", lambda *_: Latency((0.5, 0.25, 0.75), 10, True))
        patch.setattr("nas.hardware.latency.measure_in_turn", lambda steps: [2.0, 1.0])
        yield
