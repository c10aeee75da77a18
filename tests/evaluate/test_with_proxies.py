"""Proxies beside the metrics of an evaluator."""

from nas.data import Dataset
from nas.evaluate import WithProxies
from nas.evaluate.evaluator import known_to
from nas.space import Architecture
from nas.trial import ACCURACY, Metrics
from tests.training.networks import MLP, arch_of


class Constant:
    objective = ACCURACY
    warmed = False

    def warm(self) -> None:
        self.warmed = True

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        return {"val_acc": 0.5, "macs": 1.0}


def test_scores_are_added_and_none_replaces_a_metric(corners: Dataset) -> None:
    inner = Constant()
    evaluator = WithProxies(inner, corners, proxies=["snip", "naswot"], device="cpu")
    arch = arch_of("{linear: {units: outputs}}", corners)
    found = evaluator(arch, seed=0)
    assert set(found) == {"params", "macs", "snip", "val_acc"}  # without ReLUs, naswot is undefined
    assert (found["val_acc"], found["macs"]) == (0.5, 1.0)
    assert evaluator(arch_of(MLP, corners), seed=0)["snip"] != found["snip"]
    evaluator.warm()
    assert inner.warmed
    assert known_to(evaluator, "objective") == ACCURACY
