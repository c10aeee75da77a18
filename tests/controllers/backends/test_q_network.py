"""The network of DQN: its targets by hand, its target network, and where its weights come from."""

from typing import Any

import numpy as np
import torch

from nas.controllers.backends.q_network import QNetwork, targets


def test_targets_by_hand() -> None:
    """Two decisions of two options: the columns are a0, a1, b0, b1."""
    chosen = torch.tensor([[9.0, 0.0, 0.1, 0.2], [9.0, 0.0, 0.4, 0.3], [9.0, 0.0, 0.1, 0.2]])
    valued = torch.tensor([[5.0, 5.0, 0.7, 0.6], [5.0, 5.0, 0.7, 0.6], [5.0, 5.0, 0.7, 0.6]])
    legal = torch.tensor([[False, False, True, True]] * 3)
    rewards, ends = torch.tensor([-1.0, -1.0, 0.9]), torch.tensor([False, False, True])
    # Double: the legal option that is best by the first network (b1, b0), as the second one values it; then a reward.
    assert torch.equal(targets(rewards, ends, chosen, valued, legal), torch.tensor([0.6, 0.7, 0.9]))
    # One network for both: its greatest legal value.
    assert torch.equal(targets(rewards, ends, valued, valued, legal), torch.tensor([0.7, 0.7, 0.9]))
    # An illegal option is not looked at, however good it seems.
    legal = torch.tensor([[False, False, True, False]] * 3)
    assert torch.equal(targets(rewards, ends, chosen, valued, legal), torch.tensor([0.7, 0.7, 0.9]))


def _batch(**changes: Any) -> dict[str, Any]:
    """After nothing a0 was taken, and after a0 b1, with a reward of 0.5."""
    batch: dict[str, Any] = {
        "states": np.array([[0, 0, 0, 0], [1, 0, 0, 0]], dtype=np.float32),
        "actions": np.array([0, 3]),
        "rewards": np.array([0.5, 0.5]),
        "ends": np.array([False, True]),
        "later": np.array([[1, 0, 0, 0], [1, 0, 0, 0]], dtype=np.float32),
        "legal": np.array([[False, False, True, True]] * 2),
        "weights": np.array([1.0, 1.0]),
    }
    return batch | changes


def _network(**changes: Any) -> QNetwork:
    settings: dict[str, Any] = {"units": 16, "lr": 0.01, "double": True, "sync": 5, "seed": 0, **changes}
    return QNetwork(4, **settings)


def test_everything_begins_at_zero() -> None:
    assert _network().values(np.ones(4, dtype=np.float32)).tolist() == [0.0] * 4
    errors = _network().learn(**_batch())
    assert errors.tolist() == [0.0, 0.5]


def test_the_target_network_is_renewed_now_and_then() -> None:
    network = _network(sync=5)
    nothing, a0 = np.zeros(4, dtype=np.float32), np.array([1, 0, 0, 0], dtype=np.float32)
    for _ in range(5):
        q = network.values(nothing)[0]
        assert np.isclose(network.learn(**_batch())[0], 0.0 - q), "until then the target network says 0"
    # It is now what the network is: the option that is best there, and what that is worth.
    q, best = network.values(nothing)[0], network.values(a0)[2:].max()
    assert best > 0.01
    assert np.isclose(network.learn(**_batch())[0], best - q)


def test_it_learns_a_batch() -> None:
    network = _network()
    for _ in range(200):
        errors = network.learn(**_batch())
    assert np.abs(errors).max() < 0.05
    assert np.isclose(network.values(np.zeros(4, dtype=np.float32))[0], 0.5, atol=0.05)


def test_a_weight_of_zero_teaches_nothing() -> None:
    network = _network()
    network.learn(**_batch(weights=np.array([0.0, 0.0])))
    assert network.values(np.ones(4, dtype=np.float32)).tolist() == [0.0] * 4


def test_weights_follow_from_the_seed_and_not_from_the_global_generator() -> None:
    def learned(seed: int) -> list[float]:
        network = _network(seed=seed)
        network.learn(**_batch())
        values: list[float] = network.values(np.ones(4, dtype=np.float32)).tolist()
        return values

    before = torch.get_rng_state()
    first = learned(3)
    assert torch.equal(torch.get_rng_state(), before)
    assert learned(3) == first
    assert learned(4) != first
