"""A smaller form is handed over where it wins by all figures."""

from dataclasses import replace

import pytest

from nas.handover.gain import RULE, Change, Gain

WON = Gain(Change(4096, 2048), Change(1.0, 0.9), Change(40.0, 30.0), "val_acc", "maximize", Change(0.9, 0.895))


def test_the_figures_in_a_phrase() -> None:
    assert WON.text.replace("\xa0", " ") == (
        "2 KiB instead of 4 KiB; 0.9 ms instead of 1 ms for one sample and 30 ms instead of 40 ms for 64, on one "
        "thread; validation accuracy 89.50 % instead of 90.00 %"
    )
    assert RULE.replace("\xa0", " ") == (
        "a smaller file, 5 % less time for one sample and for 64, and at most 1 % of the metric lost"
    )


@pytest.mark.parametrize(
    ("lost", "pays"),
    [
        ({}, True),
        ({"size": Change(2048, 2048)}, False),
        ({"single": Change(1.0, 0.96)}, False),
        ({"batch": Change(40.0, 41.0)}, False),
        ({"quality": Change(0.9, 0.88)}, False),
        ({"quality": Change(0.9, 0.95)}, True),
        ({"quality": Change(0.9, float("nan"))}, False),
        ({"direction": "minimize", "quality": Change(0.9, 0.95)}, False),
        ({"direction": "minimize", "quality": Change(0.9, 0.905)}, True),
        ({"direction": "minimize", "quality": Change(0.9, 0.5)}, True),
    ],
)
def test_one_loss_is_enough(lost: dict[str, Change], pays: bool) -> None:
    assert replace(WON, **lost).pays is pays  # type: ignore[arg-type]
