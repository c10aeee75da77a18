"""The table of proxies."""

import inspect

from nas.data import Dataset
from nas.evaluate import PROXIES, make_proxies, zero_cost
from nas.space import Space


def test_each_name_is_that_of_what_computes_it(space: Space) -> None:
    arch = next(iter(space))
    for name, needs_data in PROXIES.items():
        if name in arch.cost._fields:
            assert not needs_data
        else:
            assert needs_data == (len(inspect.signature(getattr(zero_cost, name)).parameters) > 1)


def test_what_can_be_had(space: Space, corners: Dataset) -> None:
    assert list(make_proxies()) == ["params", "macs", "synflow"]
    proxies = make_proxies(corners, device="cpu")
    assert list(proxies) == list(PROXIES)
    small, large = (arch for arch in space if dict(arch.choices)["activation"] == "relu")
    assert (proxies["params"](small, 0), proxies["macs"](small, 0)) == (small.params, small.macs)
    for name in ("params", "macs", "synflow"):
        assert proxies[name](small, 0) < proxies[name](large, 0), name
    assert make_proxies()["synflow"](small, 3) == proxies["synflow"](small, 3)
