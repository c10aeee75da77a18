"""An evaluator whose networks are also measured on this machine."""

from collections.abc import Sequence
from typing import Any

from nas.arguments import checked
from nas.data import Dataset
from nas.errors import UsageError
from nas.evaluate.evaluator import Evaluator, known_to
from nas.hardware import Hardware, asked_of_hardware
from nas.hardware.operators import read_operators
from nas.hardware.settings import DEFAULT_HARDWARE
from nas.space import Architecture
from nas.training.device import Device
from nas.trial import Metrics, Objective


@checked
class OnHardware:
    """Measures each network on this machine, and evaluates those that are within the limits of the objectives.

    A network is measured first, since that takes less than a second: one that is over a limit is not trained. In worker
    processes, nothing else of the search runs while a network is timed (`nas.stillness`). Measured times vary, so that
    unlike other metrics they do not follow from the seed. A metric that `evaluator` reports itself is not replaced.

    Args:
        evaluator: gives the other metrics.
        data: its training part provides the inputs.
        hardware: how networks are measured.
        objectives: the objectives of the search; those that are metrics of hardware are measured.
        device: where networks compute; `auto`: CUDA, if it is available.

    Raises:
        UsageError: the settings do not fit together, or the table of operator latencies cannot be used.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        data: Dataset,
        *,
        hardware: Hardware = DEFAULT_HARDWARE,
        objectives: Sequence[Objective] = (),
        device: Device = "auto",
    ) -> None:
        self.evaluator, self.data, self.hardware = evaluator, data, hardware
        self.objectives = tuple(objectives)
        self.device: Device = device
        self.measures = asked_of_hardware(objectives, hardware, tuple(known_to(evaluator, "metrics") or ()))
        self._operators = None if hardware.operators is None else read_operators(hardware.operators)
        self._states = known_to(evaluator, "metrics") is not None

    @property
    def metrics(self) -> Sequence[str]:
        """What may be reported as one number; empty if the evaluator does not say what it reports."""
        return (*known_to(self.evaluator, "metrics"), *self.measures) if self._states else ()

    def check(self, networks: Sequence[Architecture]) -> None:
        """Raises UsageError if one of some networks cannot be measured here, or cannot be evaluated."""
        check = known_to(self.evaluator, "check")
        if check is not None:
            check(networks)
        lacking = [text for arch in networks for text in self._operators.lacking(arch)] if self._operators else []
        if lacking and "latency_ms" in self.measures:
            raise UsageError(f"{self.hardware.operators} lacks layers of the space, such as {lacking[0]}")
        if "energy_mj" in self.measures:
            from nas.hardware.energy import meter_of
            from nas.training.device import pick_device

            meter_of(pick_device(self.device))

    def warm(self) -> None:
        """Imports what measurements need, so that processes that are forked from this one need not."""
        import nas.hardware.measure  # noqa: F401

        warm = known_to(self.evaluator, "warm")
        if warm is not None:
            warm()

    def __call__(self, arch: Architecture, *, epochs: int | None = None, seed: int) -> Metrics:
        """The metrics of the evaluator and those of hardware.

        An evaluator that does not say what it reports is asked first, and what it leaves out is measured.

        Raises:
            EvaluationFailed: a metric of hardware is worse than its limit (OVER_LIMIT), or the network fails.
        """
        if not self._states:
            reported = self.evaluator(arch, epochs=epochs, seed=seed)
            left = [name for name in self.measures if name not in reported]
            return {**reported, **self._measure(arch, left)}
        measured = self._measure(arch, self.measures)
        for one in self.objectives:
            if one.metric in measured:
                one.score(measured)
        return {**self.evaluator(arch, epochs=epochs, seed=seed), **measured}

    def _measure(self, arch: Architecture, metrics: Sequence[str]) -> dict[str, float]:
        estimated = {}
        if self._operators is not None and "latency_ms" in metrics:
            estimated = {"latency_ms": self._operators.estimate(arch)}
        metrics = [name for name in metrics if name not in estimated]
        if not metrics:
            return estimated
        from nas.hardware.measure import measure_hardware

        return estimated | dict(measure_hardware(arch, self.data, metrics, hardware=self.hardware, device=self.device))


def with_hardware(
    evaluator: Evaluator,
    data: Dataset,
    *,
    hardware: Hardware,
    objectives: Sequence[Objective],
    device: Device,
) -> Evaluator:
    """An evaluator, wrapped if metrics of hardware are asked for that it does not report."""
    made: Any = OnHardware(evaluator, data, hardware=hardware, objectives=objectives, device=device)
    return made if made.measures else evaluator
