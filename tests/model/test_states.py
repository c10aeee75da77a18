"""Entries of the states of networks."""

import torch

from nas.model.states import renamed


def test_entries_of_some_layers_under_other_names() -> None:
    state = {name: torch.tensor(number) for number, name in enumerate(("mean", "a.weight", "a.0.bias", "b.weight"))}
    found = renamed(state, {"a": "c", "z": "y"})
    assert found == {"c.weight": state["a.weight"], "c.0.bias": state["a.0.bias"]}
