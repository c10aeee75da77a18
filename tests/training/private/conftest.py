"""Points in a plane, and how they are trained on privately."""

import pytest

from nas.data import Dataset
from nas.training.workbench import Workbench


@pytest.fixture(scope="module")
def bench(corners: Dataset) -> Workbench:
    return Workbench(corners, device="cpu")
