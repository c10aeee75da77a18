"""The selected network, layer by layer."""

from collections.abc import Callable

from nas.pages.run import RunSummary
from nas.pages.run.network_section import network_section
from nas.trial import Trial

MakeRun = Callable[..., RunSummary]
MakeTrial = Callable[..., Trial]


def test_costs_add_up(make_run: MakeRun, trials: list[Trial]) -> None:
    found = network_section(make_run(trials=trials))
    assert found is not None
    for cost in ("params", "macs"):
        layers = (int(layer[cost].replace(",", "") or 0) for layer in found["layers"])
        assert sum(layers) == int(found[cost].replace(",", ""))


def test_before_the_first_trial_there_is_none(make_run: MakeRun) -> None:
    assert network_section(make_run()) is None
