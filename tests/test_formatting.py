import math

import pytest

from nas.formatting import (
    counted,
    is_fraction,
    listed,
    lower_fence,
    show_bytes,
    show_count,
    show_duration,
    show_metric,
    show_percent,
    show_short,
    show_spread,
    show_value,
)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_percent_has_two_decimals() -> None:
    assert plain(show_percent(0.98611)) == "98.61 %"
    assert show_percent(math.nan) == "–"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (23050, "23,050"),
        (10**15 - 1, "999,999,999,999,999"),
        (10**15, "1.00 × 10¹⁵"),
        (10**16 - 1, "1.00 × 10¹⁶"),
        (10_521 * 10**12, "1.05 × 10¹⁶"),
    ],
)
def test_count(number: int, text: str) -> None:
    assert show_count(number) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (950, "950"),
        (999.6, "1.0 k"),
        (9960, "10 k"),
        (23_050, "23 k"),
        (999_499, "999 k"),
        (999_500, "1.0 M"),
        (1_234_567, "1.2 M"),
        (5e9, "5.0 G"),
        (7.2e13, "72 T"),
        (7.2e16, "72000 T"),
    ],
)
def test_short(number: float, text: str) -> None:
    assert plain(show_short(number)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.434, "0.43 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (200, "3 min 20 s"),
        (3599.7, "1 h"),
        (12_000, "3 h 20 min"),
        (200_000, "2 d 7 h"),
        (math.nan, "–"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert plain(show_duration(seconds)) == text


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("val_acc", 0.5, "50.00 %"),
        ("val_loss", 0.07123, "0.0712"),
        ("val_loss", 0.0, "0.0000"),
        ("synflow", 1.5e-7, "1.5e-07"),
        ("params", 23050, "23,050"),
        ("params", 23050.0, "23,050"),
        ("macs", 470.0, "470"),
        ("latency_ms", 12345.67, "12,346"),
        ("val_loss", math.inf, "–"),
        ("val_acc", None, "–"),
        ("val_acc_curve", (0.1,), "–"),
    ],
)
def test_metric(name: str, value: object, text: str) -> None:
    assert plain(show_metric(name, value)) == text


def test_fractions_are_what_the_table_of_metrics_says() -> None:
    names = ("val_acc", "acc", "test_f1", "val_roc_auc", "val_loss", "test_accuracy", "jacob_cov", "macs")
    assert [name for name in names if is_fraction(name)] == ["val_acc", "acc", "test_f1"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "null"), (False, "false"), (0.1, "0.1"), (1e-05, "1e-05"), ("x", "x"), ([1, 2.5], "1, 2.5"), ((), "–")],
)
def test_value(value: object, text: str) -> None:
    assert show_value(value) == text


def test_fence_parts_off_what_is_far_below_and_nothing_else() -> None:
    scores = [0.9 + 0.001 * number for number in range(50)]
    assert 0.1 < lower_fence([*scores, 0.1]) < 0.9
    assert lower_fence([0.5]) == 0.5
    assert lower_fence([0.5] * 9) == 0.5


def test_a_count_of_any_length() -> None:
    assert show_count(3 * 10**6000) == "3.00 × 10⁶⁰⁰⁰"


def test_numbers_with_their_noun() -> None:
    assert counted(1, "seed") == "1 seed"
    assert counted(1200, "seed") == "1,200 seeds"


@pytest.mark.parametrize(("names", "text"), [("", ""), ("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")])
def test_lists(names: str, text: str) -> None:
    assert listed(list(names)) == listed(iter(names)) == text


def test_metrics_with_their_standard_deviation() -> None:
    metrics = {
        "val_acc": 0.98611,
        "val_acc_sd": 0.00417,
        "val_loss": 0.25,
        "val_loss_sd": 0.02,
        "val_f1": 0.9,
        "macs": 7,
    }
    shown = [plain(show_spread(name, metrics)) for name in ("val_acc", "val_loss", "val_f1", "macs", "val_rmse")]
    assert shown == ["98.61 ± 0.42 %", "0.2500 ± 0.0200", "90.00 %", "7", "–"]
    assert plain(show_metric("val_acc_sd", 0.00417)) == "0.42 %"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (123456789, "117.7 MiB"), (2**40 * 2048, "2 PiB")],
)
def test_bytes(size: int, text: str) -> None:
    assert plain(show_bytes(size)) == text
