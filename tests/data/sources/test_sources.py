"""Data sets by name."""

import inspect

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
        assert all(p.kind is p.KEYWORD_ONLY for p in inspect.signature(loader).parameters.values())


def test_unknown_names_and_settings() -> None:
    with pytest.raises(
        UsageError, match=rf"^no data set is named 'digit'; there are {', '.join(DATASETS)}; did you mean 'digits'"
    ):
        load_data("digit")
    with pytest.raises(UsageError, match=rf"^no data set is named 'flowers'; there are {', '.join(DATASETS)}$"):
        load_data("flowers")
    settings = "its settings are val_share, test_share, split_seed$"
    with pytest.raises(UsageError, match=f"^data set 'digits': got an unexpected keyword argument 'seed'; {settings}"):
        load_data("digits", seed=1)
    with pytest.raises(
        UsageError, match=r"^data set 'npz': missing a required argument: 'path'; its settings are path, "
    ):
        load_data("npz")
