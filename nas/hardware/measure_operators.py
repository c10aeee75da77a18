"""A table of the latencies of the layers of a space, measured on this machine and held against whole networks."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from nas.arguments import NotNegative, Positive, Seed, checked
from nas.containment import survivable
from nas.errors import UsageError
from nas.events import Notice, OnEvent, unread
from nas.hardware.latency import measure_latency
from nas.hardware.measure import machine
from nas.hardware.operators import Applied, EstimateError, OperatorTable, applied
from nas.hardware.settings import DEFAULT_HARDWARE, Hardware
from nas.model import Network
from nas.ops import Merge, Op
from nas.space import Architecture, Space
from nas.space.cover import cover
from nas.training.device import Device, pick_device, threads
from nas.training.memory_format import memory_format
from nas.training.seeding import seeded


class Normalised(nn.Module):
    """The first step of a network."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(()))
        self.register_buffer("std", torch.ones(()))

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.get_buffer("mean")) / self.get_buffer("std")


@checked
def measure_operators(
    space: Space,
    *,
    networks: NotNegative = 200,
    held_out: Positive = 20,
    hardware: Hardware = DEFAULT_HARDWARE,
    device: Device = "auto",
    seed: Seed = 0,
    on_event: OnEvent | None = None,
) -> OperatorTable:
    """Measures each layer of a space for one sample, on each shape of inputs that it occurs with.

    The layers are those of networks that cover the options of the space, of random networks, and of two groups of
    random networks that are measured as a whole: the overhead of a layer follows from the first, and the error of
    estimates from the second, which is held out.

    Args:
        space: the space.
        networks: the number of random networks whose layers are measured.
        held_out: the number of networks in each of the two groups.
        hardware: its threads.
        device: where they compute; `auto`: CUDA, if it is available.
        seed: of the random networks.
        on_event: called with a notice that says how much there is to measure.

    Raises:
        EvaluationFailed: a layer or a network fails.
        UsageError: there are fewer than 3 networks to hold estimates against.
    """
    if held_out < 3:
        raise UsageError(f"held_out must be at least 3, got {held_out}: a correlation of fewer says nothing")
    place, rng = pick_device(device), np.random.default_rng(seed)
    whole = [space.sample(rng) for _ in range(2 * held_out)]
    sampled = [space.sample(rng) for _ in range(networks)]
    layers = {one.text: one for arch in (*cover(space), *whole, *sampled) for one in applied(arch)}
    (on_event or unread)(Notice(f"{len(layers):,} layers and {len(whole)} networks are measured"))
    with seeded(seed, place), threads(hardware.threads), survivable(), torch.inference_mode():
        order = _order(whole, place)
        milliseconds = {text: _layer(one, place, order) for text, one in layers.items()}
        measured = [_network(arch, place) for arch in whole]
    bare = OperatorTable(milliseconds, 0.0, machine(hardware, device), EstimateError(0, 0.0, 1.0, 0.0))
    rest = [
        (found - bare.estimate(arch)) / len(list(applied(arch)))
        for arch, found in zip(whole[:held_out], measured, strict=False)
    ]
    table = replace(bare, overhead=float(np.median(rest)))
    return replace(table, error=error_of(map(table.estimate, whole[held_out:]), measured[held_out:]))


def error_of(estimates: Iterable[float], measured: Iterable[float]) -> EstimateError:
    """How far estimates are off."""
    from scipy.stats import spearmanr

    first, second = np.array(list(estimates)), np.array(list(measured))
    ratios = first / second
    rho = spearmanr(first, second).statistic if len(set(first)) > 1 and len(set(second)) > 1 else 0.0
    return EstimateError(
        len(ratios), float(np.mean(np.abs(ratios - 1))), float(np.median(ratios)), round(float(rho), 12)
    )


def _order(archs: Iterable[Architecture], device: torch.device) -> Mapping[int, torch.memory_format]:
    """The order in memory of inputs by their rank: for images, the one that most networks of the space have."""
    orders = [memory_format(Network(arch), device) for arch in archs]
    last = sum(one is torch.channels_last for one in orders) * 2 > len(orders)
    return {4: torch.channels_last} if last else {}


def _layer(one: Applied, device: torch.device, order: Mapping[int, torch.memory_format]) -> float:
    inputs = [_input(shape, device, order) for shape in one.inputs]
    if isinstance(one.op, Merge):
        return measure_latency(partial(one.op.combine, inputs), device).median
    if isinstance(one.op, Op):
        if one.op.tokens is not None:
            inputs = [torch.zeros_like(each) for each in inputs]
        module = one.op.module(one.inputs[0])
    else:
        module = Normalised()
    module = module.eval().to(device)
    if order:
        module.to(memory_format=order[4])  # type: ignore[call-overload]
    return measure_latency(partial(module, inputs[0]), device).median


def _input(shape: tuple[int, ...], device: torch.device, order: Mapping[int, torch.memory_format]) -> Tensor:
    made = torch.rand(1, *shape, device=device)
    return made.to(memory_format=order.get(made.ndim, torch.contiguous_format))


def _network(arch: Architecture, device: torch.device) -> float:
    network = Network(arch).eval().to(device)
    network.to(memory_format=memory_format(network, device))  # type: ignore[call-overload]
    inputs = (
        torch.zeros(1, *arch.input, device=device)
        if arch.tokens is not None
        else torch.rand(1, *arch.input, device=device)
    )
    return measure_latency(partial(network, inputs), device).median
