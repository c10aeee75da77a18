"""Samples that are evaluated and compared."""

import numpy as np
import pytest

import nas
from nas.data import Dataset
from nas.errors import UsageError
from nas.events import Event, StageBegan, TrialEnded
from nas.space import Architecture, Space, parse_space
from nas.tabular.members import members_of
from nas.trial import Metrics, Objective

LAYERS = "[{name: hidden, linear: {units: {choice: [2, 4, 6, 8, 10, 12]}}}, relu, {linear: {units: 4}}]"


class BySize:
    """The fewer parameters, the better; networks of 6 units fail."""

    objective = Objective("val_loss", "minimize")

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if 6 in dict(arch.choices).values():
            raise ValueError("six")
        return {"val_loss": float(arch.params)}


@pytest.fixture(scope="module")
def small() -> Space:
    return parse_space(f"name: small\ninput: [2]\noutputs: 4\nlayers: {LAYERS}")


def test_a_sample_of_a_space(small: Space, corners: Dataset) -> None:
    events: list[Event] = []
    found = nas.compare_proxies(BySize(), corners, space=small, trials=50, on_event=events.append, device="cpu")
    assert (found.space, found.quality, found.source) == ("small", "-val_loss", "trained here")
    assert (found.networks, found.failed) == (5, 1), "all networks of the space, each once"
    worst = found.proxies[-1]
    assert worst.spearman is not None
    assert worst.spearman.value == pytest.approx(-1)
    assert {"params", "macs", "synflow", "zico"} <= {one.name for one in found.proxies}
    assert sum(isinstance(event, StageBegan) for event in events) == 1
    assert sum(isinstance(event, TrialEnded) for event in events) == 6


def test_too_few_networks(small: Space, corners: Dataset) -> None:
    with pytest.raises(UsageError, match="needs at least 4 networks, and of 3 only"):
        nas.compare_proxies(BySize(), corners, space=small, trials=3, device="cpu")
    with pytest.raises(UsageError, match=r"pass space=\.\.\."):
        nas.compare_proxies(BySize(), corners, device="cpu")


def test_a_table_needs_no_data_for_proxies_without(small: Space) -> None:
    networks = list(small)
    accuracies = np.array([arch.params / 1000 for arch in networks], dtype=np.float32)[:, None, None]
    table = nas.Table("sizes", small, members_of([arch.choices for arch in networks]), (3,), accuracies)
    found = nas.compare_proxies(table, trials=6)
    assert (found.quality, found.source, found.networks) == ("val_acc", "table sizes", 6)
    assert {one.name for one in found.proxies} == {"params", "macs", "synflow"}
    assert {one.spearman.value for one in found.proxies[:2] if one.spearman is not None} == {1.0}
    with pytest.raises(UsageError, match="the proxy snip needs a data set"):
        nas.compare_proxies(table, proxies=["snip"])
