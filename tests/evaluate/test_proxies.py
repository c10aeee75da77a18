"""The table of proxies."""

from typing import get_args, get_type_hints

from nas.controllers import WarmStart
from nas.data import Dataset
from nas.evaluate import PROXIES, make_proxies
from nas.evaluate.zero_cost import BY_INPUTS, BY_TARGETS, BY_WEIGHTS
from nas.space import Space


def test_the_tables_agree() -> None:
    assert get_args(get_type_hints(WarmStart.__init__)["proxy"]) == tuple(PROXIES)
    assert {*BY_WEIGHTS, *BY_INPUTS, *BY_TARGETS, "params", "macs"} == set(PROXIES)
    assert {name for name, needs_data in PROXIES.items() if needs_data} == {*BY_INPUTS, *BY_TARGETS}


def test_what_can_be_had(space: Space, corners: Dataset) -> None:
    assert list(make_proxies()) == ["params", "macs", "synflow"]
    proxies = make_proxies(corners, device="cpu")
    assert list(proxies) == list(PROXIES)
    small, large = (arch for arch in space if dict(arch.choices)["activation"] == "relu")
    assert (proxies["params"](small, 0), proxies["macs"](small, 0)) == (small.params, small.macs)
    for name in ("params", "macs", "synflow"):
        assert proxies[name](small, 0) < proxies[name](large, 0), name
    assert make_proxies()["synflow"](small, 3) == proxies["synflow"](small, 3)
