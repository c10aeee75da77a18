"""Serialisation of a training in progress. On the CPU, a resumed training yields bitwise equal weights."""

import json
from collections.abc import Mapping

import torch
from safetensors.torch import load, save
from torch import Tensor

from nas.training.loop import Training


def pause(training: Training) -> bytes:
    """The state of a training as safetensors: weights, optimizer and generators, and the rest as JSON in the header."""
    tensors = {
        **{f"network.{name}": tensor for name, tensor in training.network.state_dict().items()},
        **{f"optimizer.{name}": tensor for name, tensor in training.optimizer.state().items()},
        "random.own": training.generator.get_state(),
        "random.global": torch.get_rng_state(),
    }
    if training.bench.device.type == "cuda":
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    if training.average is not None:
        tensors |= {f"average.{name}": tensor for name, tensor in training.average.state().items()}
    record = {"epoch": training.epoch, "curves": training.curves, "scaler": training.scaler.state_dict()}
    if training.best is not None:
        tensors |= {f"best.{name}": tensor for name, tensor in training.best.weights.items()}
        record["best"] = training.best.epoch
    # Weights in channels-last order cannot be stored. Resuming copies them into those of a network in its own order.
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(plain, metadata={"training": json.dumps(record)})


def resume(training: Training, content: bytes) -> None:
    """Restores the state of a paused training of the same network and recipe, including torch's global generators."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    record = json.loads(header["__metadata__"]["training"])
    tensors = load(content)
    training.network.load_state_dict(_part(tensors, "network."))
    for name, tensor in training.optimizer.state().items():
        tensor.copy_(tensors[f"optimizer.{name}"])
    if training.average is not None:
        for name, tensor in training.average.state().items():
            tensor.copy_(tensors[f"average.{name}"])
        training.average.begun = True
    if training.best is not None:
        training.best.epoch, training.best.weights = record["best"], _part(tensors, "best.")
    training.scaler.load_state_dict(record["scaler"])
    training.epoch, training.curves = record["epoch"], record["curves"]
    training.generator.set_state(tensors["random.own"])
    torch.set_rng_state(tensors["random.global"])
    if training.bench.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"])


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names have a prefix, without it."""
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
