"""Serialisation of a training in progress. On the CPU, a resumed training yields bitwise equal weights."""

import json
from collections.abc import Mapping

import torch
from safetensors.torch import load, save
from torch import Tensor

from nas.training.loop import Training


def pause(training: Training) -> bytes:
    """The state of a training as safetensors: weights, optimizer and generators, and the rest as JSON in the header."""
    optimizer: Mapping[int, Mapping[str, Tensor | None]] = training.optimizer.state_dict()["state"]
    tensors = {
        **{f"network.{name}": tensor for name, tensor in training.network.state_dict().items()},
        **{
            f"optimizer.{index}.{name}": tensor
            for index, state in optimizer.items()
            for name, tensor in state.items()
            if tensor is not None
        },
        "random.own": training.generator.get_state(),
        "random.global": torch.get_rng_state(),
    }
    if training.bench.device.type == "cuda":
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    record = {"epoch": training.epoch, "curves": training.curves, "scaler": training.scaler.state_dict()}
    # Weights in channels-last order, which is used on CUDA, cannot be stored.
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(plain, metadata={"training": json.dumps(record)})


def resume(training: Training, content: bytes) -> None:
    """Restores the state of a paused training of the same network and recipe, including torch's global generators."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    record = json.loads(header["__metadata__"]["training"])
    weights: dict[str, Tensor] = {}
    optimizer: dict[int, dict[str, Tensor]] = {}
    tensors = load(content)
    for path, tensor in tensors.items():
        part, _, name = path.partition(".")
        if part == "network":
            weights[name] = tensor
        elif part == "optimizer":
            index, _, name = name.partition(".")
            optimizer.setdefault(int(index), {})[name] = tensor
    training.network.load_state_dict(weights)
    groups = training.optimizer.state_dict()["param_groups"]
    training.optimizer.load_state_dict({"state": optimizer, "param_groups": groups})
    for parameter, state in training.optimizer.state.items():
        for name, tensor in state.items():
            if tensor.shape == parameter.shape:
                # On CUDA, weights may be in channels-last order, and fused optimizers require the same order of states.
                state[name] = torch.empty_like(parameter, requires_grad=False).copy_(tensor)
    training.scaler.load_state_dict(record["scaler"])
    training.epoch, training.curves = record["epoch"], record["curves"]
    training.generator.set_state(tensors["random.own"])
    torch.set_rng_state(tensors["random.global"])
    if training.bench.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"])
