"""What the answer of a network rests on: gradients of the answer with respect to its inputs.

An answer is a number for each sample, a function of the outputs `(N, K)`. Where it is not given, it is the highest
output of the sample, the logit of the class that is predicted.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from nas.arguments import Positive, checked
from nas.data.input_spec import PADDING
from nas.errors import UsageError
from nas.interrupt import stop_if_asked
from nas.knowledge.running import evaluating, inputs_on
from nas.model import Network
from nas.model.differentiable import differentiable
from nas.ops import EmbedCategories

Answer = Sequence[int] | Callable[[Tensor], Tensor] | None
"""The output of each sample that counts, or a function of all outputs `(N, K)` to the answers `(N,)`; None: the highest
output of each sample."""

STEPS = 50


@checked
def input_gradients(module: nn.Module, inputs: ArrayLike | Tensor, *, answer: Answer = None) -> Tensor:
    """The gradient of the answer with respect to each input: by how much it changes with it (Simonyan, Vedaldi &
    Zisserman 2014, Deep Inside Convolutional Networks, §3).

    Codes of categories have the gradient 0.

    Args:
        module: a network, run in evaluation mode; its weights get no gradient.
        inputs: `(N, *shape)`, as in the data set. All run at once.
        answer: whose gradient it is, see `Answer`.

    Returns:
        `(N, *shape)` float32, on the device of the network.

    Raises:
        UsageError: the inputs are token numbers (see `token_gradients`), the network cannot be differentiated, or its
            outputs do not fit the answer.
    """
    x = _numbers(module, inputs)
    with evaluating(module), differentiable(module):
        return _gradients(module, x, _score(module, x, answer))


@checked
def integrated_gradients(
    module: nn.Module,
    inputs: ArrayLike | Tensor,
    *,
    answer: Answer = None,
    baseline: ArrayLike | Tensor | None = None,
    steps: Positive = STEPS,
) -> Tensor:
    """The share of each input in how much the answer F differs from that for a baseline x' (Sundararajan, Taly & Yan
    2017, Axiomatic Attribution for Deep Networks, eq. 1): `(xᵢ - x'ᵢ) · ∫₀¹ ∂F(x' + α(x - x')) / ∂xᵢ dα`.

    The shares of a sample add up to F(x) - F(x') (completeness, ibid. proposition 1), but for the error of the
    integral, which is computed by Gauss-Legendre quadrature.

    Args:
        module: a network, run in evaluation mode; its weights get no gradient.
        inputs: `(N, *shape)`, as in the data set. All run at once.
        answer: what is shared out, see `Answer`.
        baseline: `shape` or `(N, *shape)`. None: the mean of the training inputs for a `Network`, with the categories
            of the sample itself, which get no share; 0 for another module.
        steps: nodes of the quadrature.

    Returns:
        `(N, *shape)` float32, on the device of the network.

    Raises:
        UsageError: as `input_gradients`; or the baseline has another shape.
    """
    x = _numbers(module, inputs)
    from_ = baseline_of(module, x, baseline)
    return (x - from_) * mean_gradients(module, x, from_, answer=answer, steps=steps)


def mean_gradients(module: nn.Module, x: Tensor, baseline: Tensor, *, answer: Answer, steps: int = STEPS) -> Tensor:
    """The integral of `integrated_gradients`: the mean gradient on the way from the baseline to each sample."""
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    total = torch.zeros_like(x)
    with evaluating(module), differentiable(module):
        score = _score(module, x, answer)
        for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
            stop_if_asked()
            total += weight / 2 * _gradients(module, torch.lerp(baseline, x, (node + 1) / 2), score)
    return total


def baseline_of(module: nn.Module, x: Tensor, given: ArrayLike | Tensor | None = None) -> Tensor:
    """The baseline of each sample, `(N, *shape)`, on its device; for `given`, see `integrated_gradients`."""
    if given is not None:
        found = torch.as_tensor(given, dtype=torch.float32, device=x.device)
        if found.shape not in (x.shape, x.shape[1:]):
            raise UsageError(f"expected a baseline of the shape {tuple(x.shape[1:])}, got {tuple(found.shape)}")
        return found.expand_as(x)
    if not isinstance(module, Network):
        return torch.zeros_like(x)
    found = module.mean.expand_as(x).clone()
    ops = [layer.op for layer in module.arch.layers]
    codes = max((len(op.categories) for op in ops if isinstance(op, EmbedCategories)), default=0)
    if codes:
        found[:, -codes:] = x[:, -codes:]
    return found


@checked
def token_gradients(module: nn.Module, inputs: ArrayLike | Tensor, *, answer: Answer = None) -> Tensor:
    """How much the answer changes with the vector of each token: the L2 norm of its gradient with respect to it.

    The vector of an n-gram counts for each of its tokens; the squares of several vectors of a token add up.

    Args:
        module: a network of tokens, with `nn.Embedding`s of them; as in `input_gradients`.
        inputs: token numbers, `(N, L)`.
        answer: whose gradient it is, see `Answer`.

    Returns:
        `(N, L)` float32, 0 or more; 0 for padding, the token 0.

    Raises:
        UsageError: no embedding reads the tokens, or the outputs do not fit the answer.
    """
    x = inputs_on(module, inputs)
    vectors: list[Tensor] = []

    def leaf(_: nn.Module, __: object, output: Tensor) -> Tensor:
        vectors.append(output.detach().requires_grad_())
        return vectors[-1]

    with evaluating(module), differentiable(module), ExitStack() as hooks:
        score = _score(module, x, answer)
        for part in module.modules():
            if isinstance(part, nn.Embedding):
                hooks.callback(part.register_forward_hook(leaf).remove)
        answers = score(module(x))
        if x.ndim != 2 or not vectors:
            raise UsageError(f"expected a network of tokens (N, L) with embeddings, got inputs {tuple(x.shape)}")
        found = torch.autograd.grad(answers.sum(), vectors, allow_unused=True)
    squares = torch.zeros_like(x)
    for gradient in found:
        if gradient is not None:
            each = gradient.square().sum(-1)  # (N, L - n + 1), of n-grams
            for place in range(x.shape[1] - each.shape[1] + 1):
                squares[:, place : place + each.shape[1]] += each
    return squares.sqrt().masked_fill(x == PADDING, 0.0)


def _numbers(module: nn.Module, inputs: ArrayLike | Tensor) -> Tensor:
    if isinstance(module, Network) and module.arch.tokens is not None:
        raise UsageError("token numbers have no gradient: expected other inputs, or a call of token_gradients")
    return inputs_on(module, inputs)


def _gradients(module: nn.Module, x: Tensor, score: Callable[[Tensor], Tensor]) -> Tensor:
    leaf = x.detach().requires_grad_()
    answers = score(module(leaf))
    (found,) = torch.autograd.grad(answers.sum(), [leaf], allow_unused=True) if answers.requires_grad else (None,)
    if found is None:
        raise UsageError("expected a network that can be differentiated by its inputs, got one whose outputs cannot")
    return found


def _score(module: nn.Module, x: Tensor, answer: Answer) -> Callable[[Tensor], Tensor]:
    """The answers `(N,)` as a function of outputs, the same for all inputs on the way to `x`."""
    if callable(answer):
        return answer
    with torch.no_grad():
        outputs = module(x)
    if outputs.ndim != 2:
        raise UsageError(f"expected a network with outputs (N, K), got {tuple(outputs.shape)}")
    chosen = outputs.argmax(1) if answer is None else torch.as_tensor(answer, device=x.device)
    if chosen.shape != outputs.shape[:1] or not ((chosen >= 0) & (chosen < outputs.shape[1])).all():
        raise UsageError(
            f"answer: expected {len(outputs)} places of outputs from 0 to {outputs.shape[1] - 1}, got {answer}"
        )
    return lambda outputs: outputs.gather(1, chosen[:, None])[:, 0]
