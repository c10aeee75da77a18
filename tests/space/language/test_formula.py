"""Arithmetic: what is read, what comes out, and what is refused."""

import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nas.document import MAX_INTEGER
from nas.errors import ShapeError
from nas.space.language.formula import FUNCTIONS, MAX_DEPTH, OPERATIONS, TEXT, Formula, read_formula, words_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n - 1", 4),
        ("2*w", 16),
        ("w // 3 + n % 3", 4),
        ("w / 2", 4.0),
        ("-w + 10", 2),
        ("--w", 8),
        ("10 - 3 - 2", 5),
        ("2 * (n + 1) * w", 96),
        ("max(w // 4, 3, n)", 5),
        ("min(w, 2.5)", 2.5),
        ("max(w)", 8),
        ("1.5e1 + .5", 15.5),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
    ],
)
def test_values(text: str, value: float) -> None:
    found = Formula(text).value({"n": 5, "w": 8, "unused": "x"})
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "n", "3", "-3", "+ 3", "", " n - 1", "n - 1 ", "n -", "* n", "n n", "2n", "n ** 2", "n ^ 2", "n.real", "n[0]",
        "f(n)", "max()", "max(n", "(n", "n)", "n, 1", "n - 1; m", "lambda: n", "n if n else 1", "n == 1", "not n",
        "__import__('os')", "'a' + 'b'", "n - 1\nm", "n − 1", "٣ + n", "conv(width=3)", "1_000 + n", "0x10 + n",
        "(" * (MAX_DEPTH + 1) + "n" + ")" * (MAX_DEPTH + 1), "n + " * 70 + "n",
    ],
)  # fmt: skip
def test_what_is_no_arithmetic(text: str) -> None:
    assert read_formula(text) is None
    assert words_of(text) == ()


def test_words() -> None:
    assert words_of("b + max(a, b) * max - 1") == ("b", "a", "max")
    assert Formula("outputs * n", (("outputs", 7),)).words == ("n",)
    assert Formula("outputs * n", (("outputs", 7),)).value({"n": 2}) == 14


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("w // (n - 5)", "w // (n - 5) where w is 8 and n is 5: division by zero"),
        ("w % 0", "w % 0 where w is 8: division by zero"),
        ("w / 0.0", "w / 0.0 where w is 8: division by zero"),
        ("s - 1", "s - 1 where s is same: s is not a number"),
        ("2 * flag", "2 * flag where flag is True: flag is not a number"),
        ("none + 1", "none + 1 where none is None: none is not a number"),
        (f"w * {MAX_INTEGER}", f"w * {MAX_INTEGER} where w is 8: a number is too large"),
        ("1e200 * 1e200 * w", "1e200 * 1e200 * w where w is 8: a number is too large"),
        ("9" * 150 + " * w", "9" * 150 + " * w where w is 8: a number is too large"),
    ],
)
def test_what_has_no_value(text: str, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        Formula(text).value({"n": 5, "w": 8, "s": "same", "flag": True, "none": None})
    assert str(caught.value) == message


def test_equal_text_is_one_formula() -> None:
    assert len({Formula("n - 1"), Formula("n - 1"), Formula("n-1")}) == 2
    assert Formula("2 * outputs", (("outputs", 3),)) != Formula("2 * outputs", (("outputs", 4),))


TEXTS = st.recursive(
    st.sampled_from(["a", "b", "1", "2", "3.5", "0", "1e3"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([*OPERATIONS]), inner).map(lambda part: f"({part[0]} {part[1]} {part[2]})"),
        st.tuples(inner, st.sampled_from([*OPERATIONS]), inner).map(lambda part: f"{part[0]}{part[1]}{part[2]}"),
        st.tuples(st.sampled_from([*FUNCTIONS]), inner, inner).map(lambda part: f"{part[0]}({part[1]}, {part[2]})"),
        inner.map(lambda part: f"-{part}"),
    ),
    max_leaves=8,
)


@settings(deadline=None, derandomize=True, max_examples=300, database=None)
@given(text=TEXTS, a=st.integers(-9, 9), b=st.integers(-9, 9))
@example(text="-a%b", a=7, b=3)
def test_the_value_is_that_of_python(text: str, a: int, b: int) -> None:
    words: dict[str, Any] = {"a": a, "b": b}
    if read_formula(text) is None:
        return
    try:
        expected = eval(text, {"__builtins__": {}}, {**words, **FUNCTIONS})  # noqa: S307  the judge of a test
    except ArithmeticError:
        expected = math.inf
    try:
        assert Formula(text).value(words) == pytest.approx(expected, rel=1e-12)
    except ShapeError:
        assert "//" in text or "%" in text or "/" in text or abs(expected) > MAX_INTEGER


@settings(deadline=None, derandomize=True, max_examples=500, database=None)
@given(text=st.text(st.sampled_from("ab01.()+-*/%, eE_maxin\n'[]"), max_size=30))
def test_any_text_is_read_or_not(text: str) -> None:
    import re

    if read_formula(text) is not None:
        assert re.fullmatch(TEXT, text), "editors must not refuse what is read"
        assert set(words_of(text)) <= set(re.findall(r"[A-Za-z_]\w*", text))
