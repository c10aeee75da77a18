"""What is asked of a cluster, in words and as a pickle."""

import pickle

import pytest

from nas.driver.executors.ray_setup import Setup
from nas.driver.executors.resources import Resources
from nas.driver.executors.wire import Sources


@pytest.mark.parametrize(
    ("cpus", "gpus", "words"), [(1, 0, "num_cpus: 1"), (0.5, 0.25, "num_cpus: 0.5, num_gpus: 0.25")]
)
def test_what_a_worker_needs(cpus: float, gpus: float, words: str) -> None:
    setup = Setup("auto", cpus, gpus, Resources("auto", 8), Sources())
    assert setup.needs == words
    assert pickle.loads(pickle.dumps(setup)) == setup  # noqa: S301  it is sent to the bridge
