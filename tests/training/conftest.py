import pytest

from nas.data import Dataset
from nas.training.workbench import Workbench


@pytest.fixture(scope="module")
def bench(corners: Dataset) -> Workbench:
    return Workbench(corners, device="cpu")
