"""Networks run step by step with weights drawn at random, to tell what they compute and by nothing else.

Layers do the same if they give the same with the same weights, values are equal if their numbers are, and parameters
are live if the output has a gradient. Nothing of what ids are made of is used.
"""

from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from nas.model.build import Network
from nas.ops import Add, Merge, Multiply, Shape
from nas.ops.conv_modules import Residual, SqueezeExcitation, Zero
from nas.ops.masked_modules import MaskedEmbedding
from nas.ops.sequence_modules import TokenEmbedding
from nas.ops.spectrogram_modules import SpectrogramMasks
from nas.space import Architecture

SAMPLES = 3
RANDOM = (nn.Dropout, SpectrogramMasks)
"""Layers without weights that draw at random."""
CLOSE = 1e-8
"""How far equal numbers may be from each other, as a share of the largest one of a value."""


class Step(NamedTuple):
    """A layer that is made of no others, or a merge. Value 0 is the input, value k what step k - 1 gives."""

    act: nn.Module | Merge
    reads: tuple[int, ...]


class Kind(NamedTuple):
    """What a layer does to values of one shape: equal for layers that do the same with the same weights.

    Attributes:
        number: of the kind.
        own: whether it has weights, or draws at random.
        nothing: whether it gives back what it reads.
        alike: whether it treats all channels alike, with no weights.
    """

    number: int
    own: bool
    nothing: bool
    alike: bool


def steps_of(network: Network) -> list[Step]:
    """The steps that the output is made of; the last one gives it."""
    steps: list[Step] = []

    def put(act: nn.Module | Merge, *reads: int) -> int:
        steps.append(Step(act, reads))
        return len(steps)

    def opened(module: nn.Module, read: int) -> int:
        if isinstance(module, nn.Sequential):
            for part in module:
                read = opened(part, read)
            return read
        if isinstance(module, Residual):
            return put(Add(), opened(module.shortcut, read), opened(module.body, read))
        if isinstance(module, SqueezeExcitation):
            return put(Multiply(), read, opened(module.gate, read))
        return read if isinstance(module, nn.Identity) else put(module, read)

    values = [0]
    for name, (op, inputs, *_) in zip(network.arch.names, network.arch.layers, strict=True):
        reads = [values[index] for index in inputs]
        values.append(put(op, *reads) if isinstance(op, Merge) else opened(network.get_submodule(name), *reads))
    needed = {0, values[-1]}
    for value in range(values[-1], 0, -1):
        if value in needed:
            needed.update(steps[value - 1].reads)
    place = {old: new for new, old in enumerate(sorted(needed))}
    return [Step(steps[old - 1].act, tuple(place[read] for read in steps[old - 1].reads)) for old in place if old]


@cache
def noise(shape: Shape, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def samples(shape: Shape, tokens: int | None) -> Tensor:
    """Inputs of a network, or of a layer."""
    if tokens is None:
        return noise((SAMPLES, *shape))
    return torch.randint(tokens, (SAMPLES, *shape), generator=torch.Generator().manual_seed(0)).double()


def equal(one: Tensor, other: Tensor) -> bool:
    if one.shape != other.shape:
        return False
    with torch.no_grad():
        return bool((one - other).abs().max() <= CLOSE * torch.maximum(one.abs().max(), other.abs().max()))


def go_back(y: Tensor) -> None:
    """Puts the gradients of a random sum of all that a network gives into its parameters, if it has any."""
    if y.requires_grad:
        torch.autograd.backward((y * noise(tuple(y.shape), 1)).sum())


def live_places(module: nn.Module, x: Tensor) -> list[Tensor]:
    """Of each parameter where what a module makes of `x` depends on it."""
    module.zero_grad()
    go_back(module(x))
    gradients = [torch.zeros_like(one) if one.grad is None else one.grad.abs() for one in module.parameters()]
    return [one > 1e-9 * one.max() for one in gradients]


def read_by(module: nn.Module, shape: Shape) -> Tensor:
    """Inputs of this shape for a layer, of both signs."""
    if isinstance(module, TokenEmbedding | MaskedEmbedding):
        return samples(shape, module.table.num_embeddings)
    return torch.cat((samples(shape, None), -samples(shape, None)))


def draws(module: nn.Module) -> bool:
    """Whether a module draws at random in training."""
    parts = list(module.modules())
    return (
        any(isinstance(part, nn.Dropout) and part.p for part in parts)
        or any(isinstance(part, nn.RNNBase) and part.dropout for part in parts)
        or any(isinstance(part, SpectrogramMasks) for part in parts)
    )


class Kinds:
    """The kinds of layers, found by running them. Those that draw at random are told by what they are made with."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Shape], Kind] = {}
        self._seen: list[tuple[object, Tensor]] = []

    def of(self, module: nn.Module, shape: Shape) -> Kind:
        """The kind of a layer that reads values of this shape."""
        text = f"{module!r} {getattr(module, 'arguments', '')}"
        if (text, shape) not in self._known:
            self._known[text, shape] = self._find(module, shape, text)
        return self._known[text, shape]

    def _find(self, module: nn.Module, shape: Shape, text: str) -> Kind:
        module = deepcopy(module).double().eval()
        x = read_by(module, shape)
        weights = list(module.parameters())
        with torch.no_grad():
            for weight in weights:
                weight.copy_(noise(tuple(weight.shape), 4))
        live = live_places(module, x)
        with torch.no_grad():
            for weight, places in zip(weights, live, strict=True):
                weight.zero_()
                weight[places] = noise((int(places.sum()),), 2)
            y = module(x)
        counts = [int(places.sum()) for places in live]
        told = shape, [count for count in counts if count], text if draws(module) else ""
        kinds = (number for number, (known, given) in enumerate(self._seen) if known == told and equal(given, y))
        number = next(kinds, len(self._seen))
        if number == len(self._seen):
            self._seen.append((told, y))
        own = bool(weights) or isinstance(module, RANDOM)
        order = torch.randperm(shape[0], generator=torch.Generator().manual_seed(3))
        alike = not own and y.shape[1] == shape[0] and equal(module(x[:, order]), y[:, order])
        return Kind(number, own, not own and equal(x, y), alike)


class Values:
    """Tensors by number; equal ones have one number."""

    def __init__(self) -> None:
        self.tensors: list[Tensor] = []
        self._by_look: dict[tuple[Shape, int], list[int]] = {}

    def number(self, tensor: Tensor) -> int:
        tensor = tensor.detach()
        flat = tensor.flatten()
        look = float(flat @ noise(tuple(flat.shape), 3)) / (float(flat.norm()) or 1.0)
        shape, cell = tuple(tensor.shape), round(look * 1e6)
        for near in (cell - 1, cell, cell + 1):
            for known in self._by_look.get((shape, near), ()):
                if equal(self.tensors[known], tensor):
                    return known
        self.tensors.append(tensor)
        self._by_look.setdefault((shape, cell), []).append(len(self.tensors) - 1)
        return len(self.tensors) - 1


def freed(x: Tensor, y: Tensor, number: int) -> Tensor:
    """What a function of a kind, which makes `y` of `x`, gives in place of it.

    It is zero where both are, and no other equations hold of it; it is flat nowhere, so that no gradient ends there.
    """
    mean = y.abs().mean(dim=tuple(range(1, y.dim())), keepdim=True)
    y = y * (1 + 0.3 * torch.sin((1 + number % 7 / 5) * y + (1 + number / 9) * mean))
    return y + 0.1 * x if x.shape == y.shape else y


class Drawn:
    """A network with weights drawn at random, run on some samples, its functions without weights freed.

    What draws at random multiplies by a mask that is its own.

    Attributes:
        network: with these weights, in float64, to be evaluated.
        steps: its steps.
        kinds: of each step its kind; None of merges.
        numbers: of each value its number in `values`.
        live: the steps with weights, or something random, that the output depends on.
    """

    def __init__(self, arch: Architecture, kinds: Kinds, seed: int) -> None:
        self.network = Network(arch).double().eval()
        self.steps = steps_of(self.network)
        self.values = Values()
        self.kinds: list[Kind | None] = []
        self.input = samples(arch.input, arch.tokens)
        self._generator = torch.Generator().manual_seed(seed)
        self._masks: dict[int, nn.Parameter] = {}
        tensors = [self.input]
        for place, (act, reads) in enumerate(self.steps):
            read = tensors[reads[0]]
            kind = None if isinstance(act, Merge) else kinds.of(act, tuple(read.shape[1:]))
            self.kinds.append(kind)
            if kind is not None and kind.own:
                self._draw(place, read)
            tensors.append(self.gives(place, [tensors[read] for read in reads]))
        self.numbers = [self.values.number(tensor) for tensor in tensors]
        go_back(tensors[-1])
        self.live = [place for place in range(len(self.steps)) if self._is_live(place)]

    def gives(self, place: int, tensors: Sequence[Tensor]) -> Tensor:
        """What a step makes of values."""
        act, kind = self.steps[place].act, self.kinds[place]
        if isinstance(act, Merge):
            return act.combine(tensors)
        (x,) = tensors
        assert kind is not None
        if kind.nothing:
            return x
        if place in self._masks:
            return x * self._masks[place]
        y: Tensor = act(x)
        return y if kind.own or isinstance(act, Zero) else freed(x, y, kind.number)

    def _draw(self, place: int, read: Tensor) -> None:
        act, draw = self.steps[place].act, self._generator
        assert isinstance(act, nn.Module)
        if isinstance(act, RANDOM):
            mask = torch.rand(read.shape[1:], generator=draw, dtype=torch.float64) + 0.5
            self._masks[place] = nn.Parameter(mask)
        with torch.no_grad():
            for name, weight in act.named_parameters():
                if weight.dim() > 1:
                    weight.normal_(0, 1.5 * weight[0].numel() ** -0.5, generator=draw)
                elif "bias" in name:
                    weight.normal_(0, 0.3, generator=draw)
                else:
                    weight.uniform_(0.5, 1.5, generator=draw)
            if isinstance(act, nn.BatchNorm1d | nn.BatchNorm2d):
                mean, variance = act.running_mean, act.running_var
                assert mean is not None
                assert variance is not None
                over = [dim for dim in range(read.dim()) if dim != 1]
                mean.normal_(generator=draw).add_(read.mean(over))
                variance.uniform_(0.5, 1.5, generator=draw).mul_(read.var(over) + 0.1)

    def _is_live(self, place: int) -> bool:
        act = self.steps[place].act
        weights = [*act.parameters()] if isinstance(act, nn.Module) else []
        if place in self._masks:
            weights.append(self._masks[place])
        return any(weight.grad is not None and bool(weight.grad.any()) for weight in weights)

    def kind(self, place: int) -> int:
        """The number of the kind of a layer."""
        kind = self.kinds[place]
        assert kind is not None
        return kind.number
