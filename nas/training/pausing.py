"""Serialisation of a training in progress. On the CPU, a resumed training yields bitwise equal weights."""

import json
from collections.abc import Mapping
from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor

from nas.training.loop import Training
from nas.training.packed.training import PackedTraining


def pause(training: Training) -> bytes:
    """The state of a training as safetensors: weights, optimizer and generators, and the rest as JSON in the header."""
    tensors = {
        **_tensors(training),
        "random.own": training.generator.get_state(),
        "random.global": torch.get_rng_state(),
    }
    if training.bench.device.type == "cuda":
        tensors["random.cuda"] = torch.cuda.get_rng_state()
    record = {**_record(training), "scaler": training.scaler.state_dict()}
    if training.mechanism is not None:
        record["mechanism"] = training.mechanism.state
    if training.best is not None:
        tensors |= {f"best.{name}": tensor for name, tensor in training.best.weights.items()}
        record["best"] = training.best.epoch
    return _content(tensors, record)


def resume(training: Training, content: bytes) -> None:
    """Restores the state of a paused training of the same network and recipe, including torch's global generators."""
    tensors, record = _read(content)
    _restore(training, tensors, record)
    if training.best is not None:
        weights = {name.removeprefix("best."): one for name, one in tensors.items() if name.startswith("best.")}
        training.best.epoch, training.best.weights = record["best"], weights
    if training.mechanism is not None:
        training.mechanism.state = record["mechanism"]
    training.scaler.load_state_dict(record["scaler"])
    training.generator.set_state(tensors["random.own"])
    torch.set_rng_state(tensors["random.global"])
    if training.bench.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"])


def pause_packed(training: PackedTraining) -> bytes:
    """The state of a packed training."""
    tensors = {**_tensors(training), **{name: one.get_state() for name, one in training.generators.items()}}
    return _content(tensors, _record(training))


def resume_packed(training: PackedTraining, content: bytes) -> None:
    """Restores the state of a paused packed training of the same networks and recipe."""
    tensors, record = _read(content)
    _restore(training, tensors, record)
    for name, generator in training.generators.items():
        generator.set_state(tensors[name])


def _tensors(training: Training | PackedTraining) -> dict[str, Tensor]:
    """The tensors themselves that a training changes, but for generators."""
    parts = {"network": training.network.state_dict(), "optimizer": training.optimizer.state()}
    if training.average is not None:
        parts["average"] = training.average.state()
    teaching = training.teaching if isinstance(training, Training) else None
    if teaching is not None and teaching.parts is not None:
        parts["beside"] = teaching.parts.state_dict()
        if teaching.optimizer is not None:
            parts["beside_optimizer"] = teaching.optimizer.state()
    return {f"{part}.{name}": tensor for part, tensors in parts.items() for name, tensor in tensors.items()}


def _record(training: Training | PackedTraining) -> dict[str, Any]:
    """What a training changes beside tensors."""
    averaged = 0 if training.average is None else training.average.taken
    return {"epoch": training.epoch, "curves": training.curves, "averaged": averaged}


def _restore(training: Training | PackedTraining, tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> None:
    """Puts back the tensors that a training changes, its curves, and the number of its epochs."""
    for name, tensor in _tensors(training).items():
        tensor.copy_(tensors[name])
    if training.average is not None:
        training.average.taken = record["averaged"]
    training.epoch, training.curves = record["epoch"], record["curves"]


def _content(tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> bytes:
    # Weights in channels-last order cannot be stored. Resuming copies them into those of a network in its own order.
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(plain, metadata={"training": json.dumps(record)})


def _read(content: bytes) -> tuple[Mapping[str, Tensor], Mapping[str, Any]]:
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return load(content), json.loads(header["__metadata__"]["training"])
