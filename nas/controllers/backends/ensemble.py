"""An ensemble of feed-forward networks that are trained together, for BANANAS.

The networks are so small that NumPy's batched products are several times as fast as the autograd of a framework.

Shapes: M members, N examples, B examples in a step, F features, I and O inputs and outputs of a layer.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.interrupt import stop_if_asked

Array = NDArray[np.float32]

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Of Adam (Kingma & Ba 2015)."""


class Layer(NamedTuple):
    """Weights `(M, I, O)` and biases `(M, 1, O)`."""

    weight: Array
    bias: Array


class Ensemble(NamedTuple):
    """The layers of all members; ReLU between layers, one output."""

    layers: tuple[Layer, ...]

    def predict(self, inputs: Array) -> NDArray[np.float64]:
        """The prediction of each member for inputs `(N, F)`: `(M, N)`."""
        return _forward(self.layers, inputs[None])[-1][:, :, 0].astype(np.float64)


def train_ensemble(
    inputs: Array,
    targets: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    members: int,
    depth: int,
    width: int,
    steps: int,
    batch_size: int,
    lr: float,
) -> Ensemble:
    """Trains every member for `steps` steps of Adam on the mean absolute error.

    Members differ in their initial weights and in the order of the examples, of which each step uses `batch_size`, or
    all if there are fewer. Weights are initialised as by He et al. (2015); otherwise the signal would vanish in so many
    narrow layers.

    Args:
        inputs: `(N, F)`.
        targets: `(N,)`, approximately standardised.
        rng: the source of the initial weights and of the order.
        members: M.
        depth: hidden layers.
        width: of each of them.
        steps: of Adam.
        batch_size: B.
        lr: learning rate of Adam.
    """
    count, features = inputs.shape
    batch_size = min(batch_size, count)
    sizes = [features, *[width] * depth, 1]
    numbers = members * sum((one + 1) * other for one, other in pairwise(sizes))
    values, gradient, mean, square = np.zeros((4, numbers), dtype=np.float32)
    layers, slopes = _layers(values, sizes, members), _layers(gradient, sizes, members)
    for layer in layers:
        deviation = np.sqrt(2 / max(layer.weight.shape[1], 1))
        layer.weight[:] = rng.normal(scale=deviation, size=layer.weight.shape)
    goals = targets.astype(np.float32)
    passes = -(-steps * batch_size // count)
    order = rng.random((members, passes, count)).argsort(axis=2).reshape(members, -1)
    for step in range(steps):
        stop_if_asked()
        rows = order[:, step * batch_size : (step + 1) * batch_size]
        activations = _forward(layers, inputs[rows])
        delta = np.sign(activations[-1] - goals[rows, None]) / np.float32(batch_size)
        _backward(layers, activations, delta, slopes)
        mean += (1 - BETA1) * (gradient - mean)
        square += (1 - BETA2) * (gradient * gradient - square)
        rate = np.float32(lr / (1 - BETA1 ** (step + 1)))
        values -= rate * mean / (np.sqrt(square / np.float32(1 - BETA2 ** (step + 1))) + np.float32(EPSILON))
    return Ensemble(layers)


def _layers(values: Array, sizes: list[int], members: int) -> tuple[Layer, ...]:
    """The layers as views into one vector."""
    layers = []
    place = 0
    for one, other in pairwise(sizes):
        weight = values[place : (place := place + members * one * other)].reshape(members, one, other)
        bias = values[place : (place := place + members * other)].reshape(members, 1, other)
        layers.append(Layer(weight, bias))
    return tuple(layers)


def _forward(layers: tuple[Layer, ...], inputs: Array) -> list[Array]:
    """The inputs `(M, B, F)`, and the output of each layer, `(M, B, O)`."""
    activations = [inputs]
    for layer in layers:
        out = activations[-1] @ layer.weight
        out += layer.bias
        if layer is not layers[-1]:
            np.maximum(out, 0, out=out)
        activations.append(out)
    return activations


def _backward(layers: tuple[Layer, ...], activations: list[Array], delta: Array, slopes: tuple[Layer, ...]) -> None:
    """Writes the gradient into `slopes`; `delta` is the gradient with respect to the output, `(M, B, 1)`."""
    for number in reversed(range(len(layers))):
        read = activations[number]
        np.matmul(read.transpose(0, 2, 1), delta, out=slopes[number].weight)
        np.sum(delta, axis=1, keepdims=True, out=slopes[number].bias)
        if number:
            delta = (delta @ layers[number].weight.transpose(0, 2, 1)) * (read > 0)
