"""How many workers a cluster has room for."""

import pytest

from nas.driver.executors.ray_bridge import capacity
from nas.driver.executors.ray_setup import Setup
from nas.driver.executors.resources import Resources
from nas.driver.executors.wire import Sources
from nas.errors import UsageError

NODES = [{"CPU": 8.0, "GPU": 1.0, "memory": 1e9}, {"CPU": 3.0}, {"memory": 1e9}]


def setup(cpus: float, gpus: float) -> Setup:
    return Setup("auto", cpus, gpus, Resources("auto", 8), Sources())


@pytest.mark.parametrize(
    ("cpus", "gpus", "room"),
    [(1, 0, 11), (2, 0, 5), (4, 0, 2), (0.5, 0, 22), (0.1, 0, 110), (1, 1, 1), (1, 0.25, 4), (4, 0.25, 2)],
)
def test_workers_fit_on_nodes(cpus: float, gpus: float, room: int) -> None:
    """A worker is on one node: two halves of a CPU on two nodes are none."""
    assert capacity(NODES, setup(cpus, gpus)) == room


def test_no_room() -> None:
    expected = r"a worker needs num_cpus: 1, num_gpus: 2, and no node .* has as much \(at most CPU: 8, GPU: 1\)"
    with pytest.raises(UsageError, match=expected):
        capacity(NODES, setup(1, 2))
    with pytest.raises(UsageError, match="at most CPU: 0, GPU: 0"):
        capacity([], setup(1, 0))
