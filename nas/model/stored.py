"""Networks from the files of an export. Nothing in the files is executed: layers are those of the table of ops."""

import torch
import yaml
from safetensors import SafetensorError
from safetensors.torch import load

from nas.errors import ArchwrightError, IntegrityError
from nas.model.build import Network
from nas.space.stored import stored_architecture


def stored_network(architecture: bytes, weights: bytes) -> Network:
    """The network of an `architecture.yaml` with the weights of a `model.safetensors`, on the CPU and in evaluation
    mode.

    Raises:
        IntegrityError: the files do not describe a network of the ops of Archwright.
    """
    try:
        tensors = load(weights)
        arch = stored_architecture(yaml.load(architecture, _Loader))
        if arch.params > sum(tensor.numel() for tensor in tensors.values()):  # before memory is taken up
            raise ValueError(f"the layers have {arch.params:,} parameters, more than there are weights")
        scaling = (tensors["output_mean"], tensors["output_std"]) if "output_mean" in tensors else None
        with torch.random.fork_rng(devices=[]):
            network = Network(arch, mean=tensors["mean"], std=tensors["std"], scaling=scaling)
        network.load_state_dict(tensors)
    except (
        SafetensorError,
        yaml.YAMLError,
        ArchwrightError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:
        raise IntegrityError(f"these are not the files of a network: {error}") from error
    return network.eval()


class _Loader(yaml.SafeLoader):
    """Plain data without aliases, by which a small file could become a large one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise ValueError("an alias")
        return super().compose_node(parent, index)
