"""Ensembles: several trained networks as one, whose prediction is the mean of theirs.

L. K. Hansen and P. Salamon, "Neural Network Ensembles" (IEEE TPAMI 12(10), 1990); of networks from several seeds: B.
Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles" (NeurIPS 2017),
without adversarial training. An ensemble is one network: its architecture is the union of theirs, so it is stored,
exported and measured as any other.
"""

from collections.abc import Sequence

import torch

from nas.model import Network
from nas.model.states import renamed
from nas.ops import MEANS
from nas.space.union import union_of
from nas.tasks import Task


def ensemble_of(members: Sequence[Network], task: Task) -> Network:
    """The ensemble of trained networks, on the CPU and in evaluation mode.

    Args:
        members: on the CPU, of one data set and with equal normalisation of inputs and scaling of outputs.
        task: says what is averaged.
    """
    first = members[0]
    arch = union_of([member.arch for member in members], MEANS[task.averaged]())
    scaling = None
    if first.output_mean is not None and first.output_std is not None:
        scaling = first.output_mean, first.output_std
    with torch.random.fork_rng(devices=[]):
        network = Network(arch, mean=first.mean, std=first.std, scaling=scaling)
    weights = {name: tensor for name, tensor in first.state_dict().items() if "." not in name}
    place = 0
    for member in members:
        count = len(member.arch.layers)
        names = dict(zip(member.arch.names, arch.names[place : place + count], strict=True))
        weights |= renamed(member.state_dict(), names)
        place += count
    network.load_state_dict(weights)
    return network.eval()
