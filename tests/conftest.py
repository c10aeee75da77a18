"""What tests of several packages share."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.space import Space, parse_space
from tests.forked import Server, served, write_run
from tests.run_files import SPACE as DIGITS_SPACE

SPACE = """
name: small
input: [2]
outputs: 4
layers:
  - linear: {units: {choice: [8, 16]}}
  - name: activation
    choice: [relu, tanh]
  - linear: {units: outputs}
"""


@pytest.fixture(scope="session")
def space() -> Space:
    """Four networks of two linear layers."""
    return parse_space(SPACE)


@pytest.fixture(scope="session")
def corners() -> Dataset:
    """400 points about the four corners of a square, far apart; whose corner it is, is the class."""
    rng = np.random.default_rng(0)
    labels = np.arange(400) % 4
    centres = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[labels]
    return from_arrays(centres + 0.2 * rng.normal(size=(400, 2)), labels, name="corners", val_share=0.25)


@pytest.fixture
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File names in messages are relative to where a test runs, and a space is there."""
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(DIGITS_SPACE)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Runs commands in children of one process that has everything imported."""
    with served(write_run(tmp_path_factory.mktemp("server"))) as server:
        yield server
