import numpy as np
import pytest

from nas.errors import UsageError
from nas.statistics.check import differences, finite, fraction, paired


def test_finite_says_what_and_where() -> None:
    assert finite([[1, 2]], "regrets", 2).dtype == np.float64
    with pytest.raises(UsageError, match=r"regrets: 2 of 4 values are not finite, the first at \(0, 1\)"):
        finite([[1, np.nan], [np.inf, 2]], "regrets", 2)
    with pytest.raises(UsageError, match=r"regrets: expected an array of 1 or 2 dimensions, got shape \(1, 1, 1\)"):
        finite([[[1]]], "regrets", 1, 2)
    with pytest.raises(UsageError, match="there are no values"):
        finite([], "regrets")


def test_pairs_must_have_one_shape() -> None:
    with pytest.raises(UsageError, match=r"do not pair up: first has shape \(2,\), second \(3,\)"):
        paired([1, 2], [1, 2, 3])


@pytest.mark.parametrize("value", [0, 1, -0.1, np.nan])
def test_fractions(value: float) -> None:
    with pytest.raises(UsageError, match="alpha: expected a number between 0 and 1"):
        fraction(value, "alpha")


def test_noise_of_floating_point_is_no_difference_and_breaks_no_tie() -> None:
    first = np.array([0.1 + 0.2, 0.3 - 0.1, 0.4, 5.0])
    second = np.array([0.3, 0.0, 0.2, 4.0])
    assert first[0] != second[0]
    assert first[1] - second[1] != first[2] - second[2]
    delta = differences(first, second)
    assert delta[0] == 0
    assert delta[1] == delta[2]
    assert differences([0, 0], [0, 0]).tolist() == [0, 0]
