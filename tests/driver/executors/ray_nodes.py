"""A Ray cluster of two nodes on this machine, in a process of its own, so that the tests need not load Ray.

A line on its input ends a node at once, which it answers with a line. It ends with its input.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HEAD = {"num_cpus": 0, "include_dashboard": False}


class Nodes:
    """The cluster, as tests see it.

    Attributes:
        address: `host:port`.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.address = self._read()

    def kill(self) -> None:
        """Ends a node, as a power failure would."""
        assert self._process.stdin is not None
        self._process.stdin.write("kill\n")
        self._process.stdin.flush()
        assert self._read() == "killed"

    def _read(self) -> str:
        """The next answer; lines of Ray's own are passed over."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("answer: "):
                return line.removeprefix("answer: ").strip()
        raise RuntimeError(f"the cluster has ended with exit code {self._process.wait()}")


@contextmanager
def two_nodes() -> Iterator[Nodes]:
    """A cluster with two nodes of one CPU each, and a head without."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ray gives its workers a niceness of 15, with which they starve beside other tests.
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"},
        start_new_session=True,
    )
    try:
        yield Nodes(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait()
        process.stdout.close()


def main() -> None:
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args=HEAD)
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    print(f"answer: {cluster.address}", flush=True)
    for _ in sys.stdin:
        cluster.remove_node(nodes.pop(), allow_graceful=False)
        print("answer: killed", flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
