"""The ensemble: a forward pass by hand, training against PyTorch, and that it learns."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import relu

from nas.controllers.backends.ensemble import Ensemble, Layer, train_ensemble

COUNT, FEATURES, MEMBERS = 12, 6, 3


def _data() -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    rng = np.random.default_rng(0)
    inputs = rng.integers(0, 2, size=(COUNT, FEATURES)).astype(np.float32)
    return inputs, rng.normal(size=COUNT)


def _train(steps: int, batch_size: int = COUNT, seed: int = 1, depth: int = 3) -> Ensemble:
    return train_ensemble(
        *_data(),
        np.random.default_rng(seed),
        members=MEMBERS,
        depth=depth,
        width=5,
        steps=steps,
        batch_size=batch_size,
        lr=0.01,
    )


def test_a_forward_pass_by_hand() -> None:
    """Two members of one hidden unit: relu(2·1 + 3·1 - 1) · 2 + 1 = 9, and relu(-2·1 + 1) · 5 + 0.5 = 0.5."""
    first = Layer(np.array([[[2], [3]], [[-2], [0]]], np.float32), np.array([[[-1]], [[1]]], np.float32))
    second = Layer(np.array([[[2]], [[5]]], np.float32), np.array([[[1]], [[0.5]]], np.float32))
    assert Ensemble((first, second)).predict(np.ones((1, 2), np.float32)).tolist() == [[9.0], [0.5]]


def test_training_is_adam_on_the_gradient_of_pytorch() -> None:
    """Three steps on all examples, from the same first weights."""
    inputs, targets = map(torch.from_numpy, _data())
    values = [torch.from_numpy(array.copy()).requires_grad_() for layer in _train(steps=0).layers for array in layer]
    means, squares = ([torch.zeros_like(value) for value in values] for _ in range(2))
    for step in range(1, 4):
        x = inputs.expand(MEMBERS, -1, -1)
        for number in range(0, len(values), 2):
            x = x @ values[number] + values[number + 1]
            x = relu(x) if number + 2 < len(values) else x
        loss = (x[:, :, 0] - targets.float()).abs().mean(dim=1).sum()
        for value, slope, mean, square in zip(values, torch.autograd.grad(loss, values), means, squares, strict=True):
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope**2 - square)
            change = mean / (1 - 0.9**step) / ((square / (1 - 0.999**step)).sqrt() + 1e-8)
            value.data -= 0.01 * change
    trained = [array for layer in _train(steps=3).layers for array in layer]
    for array, value in zip(trained, values, strict=True):
        assert np.allclose(array, value.detach().numpy(), atol=1e-4)


def test_it_learns_and_its_members_differ() -> None:
    inputs, targets = _data()
    predicted = _train(steps=300, batch_size=4).predict(inputs)
    assert predicted.shape == (MEMBERS, COUNT)
    assert np.abs(predicted.mean(axis=0) - targets).mean() < np.abs(targets - np.median(targets)).mean() / 2
    assert predicted.std(axis=0).max() > 0


def test_it_follows_from_its_generator() -> None:
    inputs, _ = _data()
    one, again, other = (_train(steps=10, batch_size=5, seed=seed).predict(inputs) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_examples_without_features() -> None:
    """Where there is nothing to decide, what is learned is the one value that there is."""
    ensemble = train_ensemble(
        np.zeros((1, 0), np.float32),
        np.array([0.5]),
        np.random.default_rng(0),
        members=2,
        depth=1,
        width=4,
        steps=300,
        batch_size=32,
        lr=0.01,
    )
    assert np.allclose(ensemble.predict(np.zeros((1, 0), np.float32)), 0.5, atol=0.05)
