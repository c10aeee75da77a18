"""The nearest training samples, against all cosines at once."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nas.errors import UsageError
from nas.knowledge.neighbours import nearest_neighbours
from nas.knowledge.running import BATCH
from nas.model import Network
from nas.model.features import layer_inputs
from nas.ops.means import MeanSoftmax
from nas.space.union import union_of


@pytest.fixture(scope="module")
def others() -> Tensor:
    return torch.randn(BATCH + 30, 2, 4, 4, generator=torch.Generator().manual_seed(2))


def test_they_are_those_with_the_highest_cosine_over_all_batches(
    network: Network, inputs: Tensor, others: Tensor
) -> None:
    network.eval()
    with torch.no_grad(), layer_inputs(network, ["linear2"]) as read:
        network(inputs)
        given = read["linear2"]
        network(others)
    cosines = nn.functional.cosine_similarity(given[:, None], read["linear2"][None], dim=2)
    expected = cosines.sort(dim=1, descending=True)
    network.train()  # and dropout does not count
    found = nearest_neighbours(network, inputs, others.numpy(), most=4)
    assert found.places.tolist() == expected.indices[:, :4].tolist()
    np.testing.assert_allclose(found.similarities, expected.values[:, :4], atol=1e-5)


def test_a_sample_is_nearest_to_itself_among_the_rows_that_are_looked_at(network: Network, others: Tensor) -> None:
    rows = np.arange(5, BATCH + 30, 7)
    found = nearest_neighbours(network, others[rows[:9]], others.numpy(), rows=rows)
    assert found.places[:, 0].tolist() == rows[:9].tolist()
    np.testing.assert_allclose(found.similarities[:, 0], 1, atol=1e-5)
    assert set(found.places.ravel().tolist()) <= set(rows.tolist())


def test_the_features_of_an_ensemble_are_those_of_its_members(network: Network, inputs: Tensor, others: Tensor) -> None:
    ensemble = Network(union_of([network.arch, network.arch], MeanSoftmax()), mean=network.mean, std=network.std)
    weights = {name: value for name, value in network.state_dict().items() if name in ("mean", "std")}
    for name, value in network.state_dict().items():
        layer, dot, rest = name.partition(".")
        if dot:
            for place in (0, 1):
                number = int(layer[-1]) + place * (2 if layer[:-1] == "linear" else 1)
                weights[f"{layer[:-1]}{number}.{rest}"] = value
    ensemble.load_state_dict(weights)
    single, both = (nearest_neighbours(one, inputs, others.numpy()) for one in (network, ensemble))
    assert single.places.tolist() == both.places.tolist()
    np.testing.assert_allclose(single.similarities, both.similarities, atol=1e-5)


def test_there_are_fewer_than_were_asked_for(network: Network, inputs: Tensor, others: Tensor) -> None:
    assert nearest_neighbours(network, inputs, others[:2].numpy()).places.shape == (6, 2)
    with pytest.raises(UsageError, match="one sample or more to look among"):
        nearest_neighbours(network, inputs, others[:0].numpy())
    with pytest.raises(UsageError, match="ends in a linear layer, got one with none"):
        nearest_neighbours(nn.Flatten(), inputs, others.numpy())
