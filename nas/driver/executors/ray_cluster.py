"""A Ray cluster (https://www.ray.io) as the place of evaluations: the extra `archwright[ray]`."""

import importlib.util
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass

from nas.arguments import NotNegativeFloat, PositiveFloat, checked
from nas.driver.executors.executor import Executor
from nas.driver.executors.ray_setup import AUTO, LOCAL, Setup
from nas.driver.executors.ray_workers import RayWorkers
from nas.driver.executors.resources import Resources
from nas.driver.executors.wire import Sent
from nas.errors import UsageError
from nas.evaluate.evaluator import Evaluator
from nas.events import OnEvent

_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):[0-9]{1,5}")


@checked
@dataclass(frozen=True)
class Ray:
    """Workers on the nodes of a Ray cluster.

    Attributes:
        address: of the cluster: `host:port`, or `auto`: the one that this machine is a node of. `local`: one that is
            started on this machine, and ends with the search.
        num_cpus: CPUs of each worker, as Ray counts them.
        num_gpus: GPUs of each worker; several workers share one that is given in fractions, as in 0.25.

    Raises:
        UsageError: the address has another form, or a worker has a fraction of several CPUs or GPUs.
    """

    address: str = AUTO
    num_cpus: PositiveFloat = 1.0
    num_gpus: NotNegativeFloat = 0.0

    def __post_init__(self) -> None:
        if "://" in self.address:
            raise UsageError(
                f"address: expected host:port, {AUTO} or {LOCAL}, got {self.address!r}: the machine of the search must "
                "be a node of the cluster (docs/scaling.md)"
            )
        if self.address not in (AUTO, LOCAL) and not _ADDRESS.fullmatch(self.address):
            raise UsageError(f"address: expected host:port, {AUTO} or {LOCAL}, got {self.address!r}")
        for name, amount in (("num_cpus", self.num_cpus), ("num_gpus", self.num_gpus)):
            if amount > 1 and amount != int(amount):
                raise UsageError(f"{name}: expected a whole number or a fraction below 1, got {amount:g}")

    def open(
        self, evaluator: Evaluator, resources: Resources, *, on_event: OnEvent
    ) -> AbstractContextManager[Executor]:
        """See `nas.driver.executors.executor.Platform`.

        Raises:
            UsageError: Ray is not installed, or the evaluator cannot be pickled.
        """
        if importlib.util.find_spec("ray") is None:
            raise UsageError("executor: ray needs Ray, which is not installed: pip install 'archwright[ray]'")
        sent = Sent.of(evaluator)
        setup = Setup(self.address, self.num_cpus, self.num_gpus, resources, sent.sources)
        return RayWorkers(sent, setup, on_event=on_event)
