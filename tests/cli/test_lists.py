"""The command `nas list`."""

import json

import pytest

from nas.cli.lists import Row, show_rows
from nas.data import DATASETS
from nas.distillation import KINDS
from nas.space.reading import listing
from nas.space.reading.suited import purposes
from tests.cli.conftest import Command


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only two spaces."""
    chosen = {name: purposes()[name] for name in ("nasbench_macro", "textcnn")}
    monkeypatch.setattr(listing, "purposes", lambda: chosen)


@pytest.mark.usefixtures("few")
def test_spaces(nas: Command) -> None:
    done = nas("list", "spaces")
    assert (done.code, done.out.splitlines()) == (
        0,
        [
            "name            inputs         architectures  about",
            "nasbench_macro  image from 16          6,561  networks of NAS-Bench-Macro",
            "textcnn         text                     768  convolutions over words",
        ],
    )
    rows = json.loads(nas("list", "spaces", "--json").out)
    assert [list(row) for row in rows] == [["name", "inputs", "architectures", "about"]] * 2
    assert rows[0]["architectures"] == 6561


def test_data(nas: Command) -> None:
    rows = json.loads(nas("list", "data", "--json").out)
    assert [row["name"] for row in rows] == list(DATASETS)
    assert all(row["about"] for row in rows)


def test_what_cannot_be_listed(nas: Command) -> None:
    done = nas("list", "space")
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == "nas: there is no list of 'space', but of spaces, data, formats, distillation; did you mean 'spaces'?\n"
    )


def test_lines() -> None:
    first = {"name": "one", "size": 5, "about": "a line that is too long for it"}
    rows: list[Row] = [first, {"name": "b", "size": None, "about": ""}]
    assert show_rows(rows, 34) == [
        "name     size  about",
        "one         5  a line that is too",
        "               long for it",
        "b     unknown",
    ]
    assert "1.3e13" in show_rows([{"size": 13 * 10**12, "about": ""}])[1]


def test_kinds_of_distillation(nas: Command) -> None:
    rows = json.loads(nas("list", "distillation", "--json").out)
    assert [row["name"] for row in rows] == list(KINDS)
    assert {len(row["about"]) > 20 for row in rows} == {True}
