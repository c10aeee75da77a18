"""What a search asks of a Ray cluster."""

from dataclasses import dataclass

from nas.driver.executors.resources import Resources
from nas.driver.executors.wire import Sources

AUTO, LOCAL = "auto", "local"
"""The address of the cluster that this machine is a node of, and that of one that is started here for the search."""


@dataclass(frozen=True)
class Setup:
    """What the driver asks for.

    Attributes:
        address: of the cluster: `host:port`, `auto` or `local`.
        num_cpus, num_gpus: of each worker.
        resources: what evaluations may use; with `workers: auto`, there are as many as the cluster has room for.
        sources: where the user's own code is.
    """

    address: str
    num_cpus: float
    num_gpus: float
    resources: Resources
    sources: Sources

    @property
    def needs(self) -> str:
        """What a worker needs, in words."""
        cpus = f"num_cpus: {self.num_cpus:g}"
        return f"{cpus}, num_gpus: {self.num_gpus:g}" if self.num_gpus else cpus
