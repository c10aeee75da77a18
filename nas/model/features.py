"""What the layers of a network put out and read while it runs: its features."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from torch import Tensor, nn

from nas.arguments import checked
from nas.errors import UsageError, few, nearest
from nas.model.build import Network
from nas.ops import Linear
from nas.space import Architecture


@contextmanager
@checked
def layer_outputs(module: nn.Module, names: Sequence[str]) -> Iterator[Mapping[str, Tensor]]:
    """Collects what named layers put out, as long as the context lasts.

        with layer_outputs(network, ["conv1"]) as outputs:
            network(inputs)
        outputs["conv1"]  # (N, C, H, W)

    Each run replaces the outputs of the last one. Of a layer that runs several times in one run, the last output stays;
    of one with several outputs, such as `nn.LSTM`, the first. Gradients reach what is collected.

    Args:
        module: that runs.
        names: of the layers, as `nn.Module.named_modules` says them.

    Raises:
        UsageError: the module has no layer of a name.
    """
    found: dict[str, Tensor] = {}

    def keep(name: str, _: nn.Module, __: Any, output: Any) -> None:
        found[name] = output[0] if isinstance(output, tuple) else output

    with ExitStack() as hooks:
        for name, layer in _layers(module, names).items():
            hooks.callback(layer.register_forward_hook(partial(keep, name)).remove)
        yield found


@contextmanager
@checked
def layer_inputs(module: nn.Module, names: Sequence[str]) -> Iterator[Mapping[str, Tensor]]:
    """Collects what named layers read, the first argument of each, as `layer_outputs` does what they put out."""
    found: dict[str, Tensor] = {}

    def keep(name: str, _: nn.Module, inputs: Any) -> None:
        found[name] = inputs[0]

    with ExitStack() as hooks:
        for name, layer in _layers(module, names).items():
            hooks.callback(layer.register_forward_pre_hook(partial(keep, name)).remove)
        yield found


@checked
def heads(module: nn.Module) -> tuple[str, ...]:
    """The names of the linear layers from which the output is computed without another one in between: one for each
    branch that ends in one, such as a member of an ensemble.

    Args:
        module: a network. Of one that is no `Network`, the layer that was registered last counts as the last one.
    """
    if isinstance(module, Network):
        return heads_of(module.arch)
    named = [name for name, part in module.named_modules() if type(part) is nn.Linear]
    return tuple(named[-1:])


def heads_of(arch: Architecture) -> tuple[str, ...]:
    """`heads` of the network of an architecture."""
    layers, names = arch.layers, arch.names
    reached, found = {len(layers)}, list[str]()
    for place in range(len(layers), 0, -1):
        if place in reached and isinstance(layers[place - 1].op, Linear):
            found.append(names[place - 1])
        elif place in reached:
            reached.update(layers[place - 1].inputs)
    return tuple(reversed(found))


def _layers(module: nn.Module, names: Sequence[str]) -> Mapping[str, nn.Module]:
    """The layers of names."""
    named = dict(module.named_modules())
    for name in names:
        if name not in named:
            raise no_such_layer(name, named)
    return {name: named[name] for name in names}


def no_such_layer(name: str, names: Iterable[str]) -> UsageError:
    """The error that a network has no layer of a name, but some of others."""
    known = [*filter(None, names)]
    meant = nearest(name, known)
    hint = f"; did you mean {meant!r}?" if meant else f", expected one of {few(known)}"
    return UsageError(f"the network has no layer {name!r}{hint}")
