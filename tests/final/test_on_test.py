"""What was measured on the test data comes back as it was, also from earlier versions."""

import json

import pytest

from nas.errors import IntegrityError
from nas.final.on_test import OnTest, on_test_of, share_intervals

TESTED = OnTest(
    {"test_acc": 0.75, "test_loss": 0.5}, {"test_acc": (0.7, 0.8), "test_loss": (0.4, 0.6)}, {"test_acc": (0.75, 0.25)}
)


def test_it_comes_back() -> None:
    record = json.loads(json.dumps({**TESTED.to_dict(), "chosen": "id"}))
    assert on_test_of(record, 100) == TESTED
    assert on_test_of({"test": None}, None) is None
    assert on_test_of({}, 100) is None


def test_the_selected_network_is_the_first() -> None:
    assert TESTED.single == {"test_acc": 0.75}
    assert OnTest({"test_acc": 0.5}).single == {"test_acc": 0.5}


def test_earlier_versions_had_no_intervals() -> None:
    found = on_test_of({"test": {"test_acc": 0.75, "test_loss": 0.5}}, 100)
    assert found is not None
    assert found.intervals.keys() == {"test_acc"}
    assert found.intervals["test_acc"] == pytest.approx((0.6569, 0.8245), abs=1e-4)
    unknown = on_test_of({"test": {"test_acc": 0.75}}, None)
    assert unknown == OnTest({"test_acc": 0.75})


@pytest.mark.parametrize("wrong", [{"test": [1]}, {"test": {}, "intervals": {"test_acc": [1]}}, {"test": {"a": "b"}}])
def test_another_form(wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="the test metrics of the selected network have another form"):
        on_test_of(wrong, 10)


def test_only_shares_have_the_interval_of_a_share() -> None:
    found = share_intervals({"test_acc": 1.0, "test_f1": 1.0, "test_loss": 0.0, "test_exact_match": 0.0}, 20)
    assert found.keys() == {"test_acc", "test_exact_match"}
    assert found["test_acc"] == pytest.approx((0.8389, 1.0), abs=1e-4)
