"""What networks answer to batches: outputs, features of layers, and gradients."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from types import MappingProxyType

import torch
from torch import Tensor, nn

from nas.distillation.kind import INPUT, OVER_TIME, Anatomy
from nas.distillation.over_time import readable, states_of
from nas.errors import UsageError
from nas.model import Network
from nas.model.features import heads, layer_inputs, layer_outputs

Forward = Callable[[Tensor], Tensor]


@contextmanager
def features_of(network: nn.Module, names: Sequence[str]) -> Iterator[Callable[[], Mapping[str, Tensor]]]:
    """Collects the features of names, as `Anatomy` has them, while the network runs within the block.

    Yields:
        What returns the features of the last run, in float32.
    """
    found: dict[str, Mapping[str, Tensor]] = {}
    with ExitStack() as stack:
        for suffix, collect in COLLECTED.items():  # states first: what other hooks see is then as it would be
            own = [name.removesuffix(suffix) for name in names if _suffix(name) == suffix]
            found[suffix] = stack.enter_context(collect(network, own)) if own else {}
        yield lambda: {name: found[_suffix(name)][name.removesuffix(_suffix(name))].float() for name in names}


COLLECTED: Mapping[str, Callable[[nn.Module, Sequence[str]], AbstractContextManager[Mapping[str, Tensor]]]] = (
    MappingProxyType({OVER_TIME: states_of, INPUT: layer_inputs, "": layer_outputs})
)
"""What collects features, by the suffixes of their names."""


def _suffix(name: str) -> str:
    return next(suffix for suffix in COLLECTED if name.endswith(suffix))


def gradients_along(outputs: Tensor, inputs: Tensor, directions: Tensor, unit: Tensor, *, keep: bool) -> Tensor:
    """Vector-Jacobian products `(N, P, *shape)`: for each direction v, the gradient of v · outputs with respect to the
    inputs; 0, where the outputs do not depend on them.

    Args:
        outputs: `(N, K)`; each row depends on the same row of the inputs alone.
        inputs: `(N, *shape)`, which require gradients.
        directions: `(P, N, K)`.
        unit: of the inputs, for one sample.
        keep: whether the gradients are differentiated again.
    """
    found = [
        torch.autograd.grad(
            (outputs * direction).sum(), inputs, create_graph=keep, retain_graph=True, materialize_grads=True
        )[0]
        for direction in directions
    ]
    return torch.stack(found, dim=1) * unit


def anatomy_of(network: nn.Module, inputs: Tensor) -> Anatomy:
    """The anatomy of a network, by running it on a few samples in evaluation mode.

    Layers are submodules whose output is a tensor with a row for each sample, in the order in which they end; before
    each linear layer stands its input, with the suffix `INPUT`.
    """
    found: dict[str, tuple[int, ...]] = {}
    outer = set(_outer(network))

    def note(name: str, module: nn.Module, given: tuple[object, ...], output: object) -> None:
        if isinstance(output, tuple):
            output = output[0]
        tensors = {name: output, **({name + INPUT: given[0]} if isinstance(module, nn.Linear) else {})}
        for key, one in reversed(tensors.items()):
            if isinstance(one, Tensor) and one.ndim > 1 and len(one) == len(inputs):
                found[key] = tuple(one.shape[1:])

    with ExitStack() as hooks:
        for name, module in network.named_modules():
            if name:
                hooks.callback(module.register_forward_hook(partial(note, name)).remove)
        _run_once(network, inputs)
    return Anatomy(found, tuple(name for name in found if name in outer), heads(network))


def anatomy_over_time(network: nn.Module, inputs: Tensor) -> Anatomy:
    """The features over time, likewise: of the layers that are `readable`, those that are `(C, L)`."""
    layers = readable(network)
    with states_of(network, list(layers)) as found:
        _run_once(network, inputs)
    shapes = {name: tuple(one.shape[1:]) for name, one in found.items() if one.ndim == 3 and len(one) == len(inputs)}
    return Anatomy(shapes, tuple(shapes), recurrent=tuple(name for name in shapes if layers[name].recurrent))


def _run_once(network: nn.Module, inputs: Tensor) -> None:
    """Runs a network in evaluation mode, without gradients; a program, which has no modes, as it was traced."""
    training = network.training and not isinstance(network, torch.fx.GraphModule)
    if training:
        network.eval()
    with torch.no_grad():
        network(inputs)
    if training:
        network.train()


def _outer(module: nn.Module, prefix: str = "") -> Iterator[str]:
    """The names of layers that are no parts of layers of `Network` or of torch; what holds others is none."""
    for name, part in module.named_children():
        if isinstance(part, nn.Dropout | nn.Dropout1d | nn.Dropout2d | nn.Dropout3d | nn.Identity):
            continue
        of_network = isinstance(module, Network)
        holds = isinstance(part, nn.Sequential | nn.ModuleList | nn.ModuleDict) and not of_network
        if not holds:
            yield prefix + name
        if holds or not (of_network or type(part).__module__.startswith("torch.nn.")):
            yield from _outer(part, f"{prefix}{name}.")


def check_outputs(network: nn.Module, inputs: Tensor, outputs: int, dtype: torch.dtype = torch.float32) -> None:
    """Raises UsageError if a teacher does not map a few inputs `(N, *shape)` to `(N, outputs)`, finite ones, or if its
    device does not support its layers in a precision."""
    found = _answered(network, inputs, torch.float32, f"inputs of the shape {tuple(inputs.shape[1:])}")
    if dtype != torch.float32:
        lower = str(dtype).removeprefix("torch.")
        _answered(network, inputs, dtype, f"the precision {lower} on this {inputs.device.type} device, only float32")
    expected = (len(inputs), outputs)
    if not isinstance(found, Tensor) or tuple(found.shape) != expected:
        got = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
        raise UsageError(
            f"distill.teacher: expected outputs of the shape {expected} for {len(inputs)} samples, got {got}"
        )
    if len(wrong := found[~found.isfinite()]):
        raise UsageError(f"distill.teacher: expected finite outputs, got {wrong[0].item()}")


def _answered(network: nn.Module, inputs: Tensor, dtype: torch.dtype, what: str) -> object:
    """What a teacher puts out in a precision. Raises UsageError if it fails, as it cannot take `what`."""
    try:
        with torch.no_grad(), torch.autocast(inputs.device.type, dtype=dtype, enabled=dtype != torch.float32):
            return network(inputs)
    except Exception as error:
        said = str(error).strip().partition("\n")[0]
        raise UsageError(f"distill.teacher cannot take {what}: {type(error).__name__}: {said}") from error
