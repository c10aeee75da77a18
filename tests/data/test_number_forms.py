"""Numbers as spreadsheets write them."""

import pytest

from nas.data.number_forms import Ambiguous, NumberForm, form_of


@pytest.mark.parametrize(
    ("cells", "form", "values"),
    [
        (["1,234.50", "7"], NumberForm(".", ","), [1234.5, 7]),
        (["1.234,50", "-7"], NumberForm(",", "."), [1234.5, -7]),
        (["0,5", "+12"], NumberForm(",", "."), [0.5, 12]),
        (["1,234", "0,5"], NumberForm(",", "."), [1.234, 0.5]),
        (["1,234,567"], NumberForm(".", ","), [1234567]),
        (["$1,234.50", "-$3", "$-4"], NumberForm(".", ",", "$"), [1234.5, -3, -4]),
        (["5 %", "7%"], NumberForm(".", "", "%"), [5, 7]),
        (["€ 5", "6 €"], NumberForm(".", "", "€"), [5, 6]),
        (["1\u202f234,5", "1\u00a0234"], NumberForm(",", " "), [1234.5, 1234]),
        (["1'234.5", "2\u2019000"], NumberForm(".", "'"), [1234.5, 2000]),
        (["1,5e3", "\u22122,5"], NumberForm(",", "."), [1500, -2.5]),
        ([",5"], NumberForm(",", "."), [0.5]),
    ],
)
def test_numbers_that_are_written_alike(cells: list[str], form: NumberForm, values: list[float]) -> None:
    assert form_of(cells) == form
    assert [form.read(cell) for cell in cells] == values


@pytest.mark.parametrize(
    "cells",
    [["007"], ["12,5", "3.5"], ["a"], ["(5)"], ["1,23,456"], ["$5", "5"], ["$5", "€5"], ["5 m"], ["$"], [""], []],
)
def test_what_is_not(cells: list[str]) -> None:
    assert form_of(cells) is None


@pytest.mark.parametrize(
    ("cells", "values"),
    [(["12", "1,234"], (1234, 1.234)), (["$1.234"], (1.234, 1234)), (["1.234 €", "2 €"], (1.234, 1234))],
)
def test_numbers_of_two_meanings_until_the_separator_is_said(cells: list[str], values: tuple[float, float]) -> None:
    found = form_of(cells)
    assert isinstance(found, Ambiguous)
    assert found.cell in cells
    assert found.values == values
    forms = form_of(cells, "."), form_of(cells, ",")
    assert {form.read(found.cell) for form in forms if isinstance(form, NumberForm)} == set(values)


def test_a_form_reads_nothing_that_is_written_otherwise() -> None:
    form = NumberForm(",", ".", "€")
    assert [form.read(cell) for cell in ("1.234,5 €", "1.5 €", "1,5", "$1,5", "x", "€")] == [1234.5, *[None] * 5]
    assert form.about == "decimal commas, points between thousands, € left out"
