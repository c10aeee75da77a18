"""Data sets by name."""

import inspect
from pathlib import Path

import pytest

from nas.data import DATASETS, load_data
from nas.errors import UsageError


def test_table_is_frozen() -> None:
    # These names stand in run files: taking one away breaks them, and belongs in the changelog.
    assert tuple(DATASETS) == (
        "auto",
        "cifar",
        "digits",
        "huggingface",
        "idx",
        "images",
        "medmnist",
        "players",
        "sklearn",
        "sounds",
        "npz",
        "texts",
        "table",
    )
    for loader in DATASETS.values():
        parameters = inspect.signature(loader).parameters.values()
        assert all(one.kind in (one.KEYWORD_ONLY, one.VAR_KEYWORD) for one in parameters)


def test_unknown_names_and_settings() -> None:
    with pytest.raises(
        UsageError, match=rf"^no data set is named 'digit'; there are {', '.join(DATASETS)}; did you mean 'digits'"
    ):
        load_data("digit")
    with pytest.raises(UsageError, match=rf"^no data set is named 'flowers'; there are {', '.join(DATASETS)}$"):
        load_data("flowers")
    settings = "its settings are val_share, test_share, split_seed"
    with pytest.raises(
        UsageError, match=rf"^data set 'digits': no such setting: 'split_sed'; {settings}; did you mean 'split_seed'\?$"
    ):
        load_data("digits", split_sed=1)
    with pytest.raises(UsageError, match=r"^no data set is named 'absent\.csv'; there are "):
        load_data("absent.csv")
    with pytest.raises(UsageError, match=r"^data set 'npz': 'path' is missing; its settings are path, "):
        load_data("npz")


def test_a_path_is_read_as_in_a_run_file(tmp_path: Path) -> None:
    rows = "".join(f"{place},{place // 2 % 2},{'xy'[place % 2]}\n" for place in range(20))
    (tmp_path / "some.csv").write_text(f"a,b,c\n{rows}", encoding="utf-8")
    data = load_data(str(tmp_path / "some.csv"), target="b", test_share=0.3)
    assert (data.outputs, data.notes[0]) == (
        ("0", "1"),
        "some.csv is read as `table`, because its name ends in .csv",
    )
