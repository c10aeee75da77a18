"""What a check demands, it raises with the message."""

import pytest

from nas.testing.requirement import require


def test_a_condition_that_does_not_hold() -> None:
    require(True, "not raised")
    with pytest.raises(AssertionError, match=r"^expected 1, got 2$"):
        require(False, "expected 1, got 2")
