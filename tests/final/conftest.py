from collections.abc import Sequence

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.space import Space, parse_space
from nas.trial import Proposal, Trial

SPACE = """
name: small
input: [1, 4, 4]
outputs: 3
layers:
  - conv: {width: {choice: [2, 4]}}
  - name: norm
    choice: [batch_norm, identity]
  - residual: [{conv: {width: 4}}, relu]
    project: true
  - flatten
  - linear: {units: outputs}
"""


@pytest.fixture(scope="session")
def space() -> Space:
    return parse_space(SPACE)


@pytest.fixture(scope="session")
def stripes() -> Dataset:
    """Images of three kinds of stripes under noise."""
    rng = np.random.default_rng(0)
    labels = np.arange(180) % 3
    rows, columns = np.mgrid[:4, :4]
    patterns = np.stack([rows % 2, columns % 2, (rows + columns) % 2])
    images = (100 * patterns[labels] + rng.integers(0, 156, (180, 4, 4))).astype(np.uint8)[:, None]
    parts = [(images[start : start + 60], labels[start : start + 60]) for start in (0, 60, 120)]
    return from_arrays(*parts[0], val=parts[1], test=parts[2], classes=("rows", "columns", "chess"), name="stripes")


@pytest.fixture
def trials(space: Space) -> Sequence[Trial]:
    """The four networks of the space; the last is the best."""
    return [
        Trial(number, Proposal(arch), number, {"val_acc": number / 10}, (number / 10,), 1.0, None, number)
        for number, arch in enumerate(space)
    ]
