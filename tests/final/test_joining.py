"""The training on training and validation samples: it sees all of them, and nothing else changes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from nas.data import Dataset, Samples, from_table
from nas.final.joining import train_joined
from nas.ops import Linear
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench
from nas.trial import Trial
from tests.model.layers import chain

RECIPE = Recipe(epochs=2, lr=0.02, batch_size=20)


def test_it_is_the_training_on_a_data_set_with_all_samples(trials: Sequence[Trial], stripes: Dataset) -> None:
    arch, epochs = trials[3].architecture, list[int]()
    found = train_joined(
        Workbench(stripes, device="cpu"), arch, RECIPE, seed=3, on_epoch=lambda epoch, _: epochs.append(epoch)
    )
    whole = Samples(*(np.concatenate(parts) for parts in zip(stripes.train, stripes.val, strict=True)))
    expected = fit(Workbench(replace(stripes, train=whole), device="cpu"), arch, RECIPE, seed=3)
    assert epochs == [1, 2]
    assert found.curves == expected.curves
    assert all(map(torch.equal, found.network.state_dict().values(), expected.network.state_dict().values()))


def test_the_preparation_stays_that_of_the_training_samples() -> None:
    """Further samples and the test part are prepared by it: the joined ones are as well."""
    rng = np.random.default_rng(0)
    columns = {"x": rng.normal(size=100), "z": rng.normal(size=100) ** 3, "y": rng.normal(size=100)}
    data = from_table(columns, scaling="quantile")
    assert data.pool.refits
    arch = chain(data.shape, Linear(1))
    network = train_joined(Workbench(data, device="cpu"), arch, RECIPE, seed=0).network
    whole = np.concatenate([data.train.inputs, data.val.inputs])
    np.testing.assert_allclose(network.mean.numpy().ravel(), data.input.moments(whole)[0].ravel(), rtol=1e-6)
    assert data.pool.refits
