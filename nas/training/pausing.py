"""Serialisation of a training in progress. On the CPU, a resumed training yields bitwise equal weights."""

import json

import torch
from safetensors.torch import load, save

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
    record = {"epoch": training.epoch, "curves": training.curves, "scaler": training.scaler.state_dict()}
    # Weights in channels-last order cannot be stored. Resuming copies them into those of a network in its own order.
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(plain, metadata={"training": json.dumps(record)})


def resume(training: Training, content: bytes) -> None:
    """Restores the state of a paused training of the same network and recipe, including torch's global generators."""
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    record = json.loads(header["__metadata__"]["training"])
    tensors = load(content)
    weights = {name.removeprefix("network."): one for name, one in tensors.items() if name.startswith("network.")}
    training.network.load_state_dict(weights)
    for name, tensor in training.optimizer.state().items():
        tensor.copy_(tensors[f"optimizer.{name}"])
    training.scaler.load_state_dict(record["scaler"])
    training.epoch, training.curves = record["epoch"], record["curves"]
    training.generator.set_state(tensors["random.own"])
    torch.set_rng_state(tensors["random.global"])
    if training.bench.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"])
