"""What a competent user writes in plain PyTorch: the networks, and a training loop with a DataLoader.

    python benchmarks/plain_loop.py SAMPLES NETWORK EPOCHS BATCH_SIZE SEED

trains one network in a process of its own and prints its validation accuracy. SAMPLES is an archive with the arrays
`train_inputs`, `train_targets`, `val_inputs` and `val_targets`. Imports nothing of Archwright: it is what
benchmarks/throughput.py compares with.
"""

import math
import sys
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

LR, WARMUP, WEIGHT_DECAY, CLIP = 3e-3, 0.2, 1e-2, 1.0


class Samples(NamedTuple):
    """Normalised images `(N, C, H, W)` and labels `(N,)`."""

    inputs: Tensor
    targets: Tensor


class Block(nn.Module):
    """Two 3×3 convolutions beside a shortcut (He et al. 2016)."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        shortcut: nn.Module = nn.Identity()
        if stride > 1 or before != width:
            shortcut = nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))
        self.body = nn.Sequential(
            nn.Conv2d(before, width, 3, stride, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.body(x) + self.shortcut(x))


def conv(before: int, width: int, stride: int = 1) -> list[nn.Module]:
    """A convolution with batch norm and ReLU."""
    return [nn.Conv2d(before, width, 3, stride, 1), nn.BatchNorm2d(width), nn.ReLU()]


def mlp(shape: tuple[int, ...]) -> nn.Sequential:
    """Two hidden layers."""
    layers = [nn.Flatten(), nn.Linear(math.prod(shape), 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)]
    return nn.Sequential(*layers)


def cnn(shape: tuple[int, ...]) -> nn.Sequential:
    """Three convolutions."""
    layers = [*conv(shape[0], 16), nn.MaxPool2d(2), *conv(16, 32), nn.MaxPool2d(2), *conv(32, 32)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))


def resnet(shape: tuple[int, ...]) -> nn.Sequential:
    """A convolution and three blocks."""
    layers = [*conv(shape[0], 16, 2), Block(16, 16, 1), Block(16, 32, 2), Block(32, 32, 1)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))


NETWORKS: Mapping[str, Callable[[tuple[int, ...]], nn.Sequential]] = {"MLP": mlp, "CNN": cnn, "ResNet-like": resnet}


def made(name: str, shape: tuple[int, ...], seed: int) -> nn.Sequential:
    """A network with the initial weights of a seed."""
    torch.manual_seed(seed)
    return NETWORKS[name](shape)


def train(network: nn.Module, train: Samples, val: Samples, *, epochs: int, batch_size: int, seed: int) -> float:
    """Trains a network on its device, and returns its validation accuracy after the last epoch.

    It is validated after each epoch. On CUDA, batches are copied from pinned memory.
    """
    device = next(network.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    pinned = device.type == "cuda"
    loader = DataLoader(TensorDataset(*train), batch_size, shuffle=True, generator=generator, pin_memory=pinned)
    val_loader = DataLoader(TensorDataset(*val), 2048, pin_memory=pinned)
    optimizer, schedule = _optimizer(network, epochs * len(loader))
    accuracy = 0.0
    for _ in range(epochs):
        network.train()
        total = 0.0
        for batch in loader:
            inputs, targets = (tensor.to(device, non_blocking=True) for tensor in batch)
            total += _step(network, optimizer, schedule, inputs, targets) * len(targets)
        accuracy = _accuracy(network, val_loader)
    return accuracy


def train_in_memory(
    network: nn.Module, train: Samples, val: Samples, *, epochs: int, batch_size: int, seed: int
) -> float:
    """`train` with batches taken from the tensors, without a DataLoader."""
    generator = torch.Generator().manual_seed(seed)
    count = len(train.targets)
    optimizer, schedule = _optimizer(network, epochs * math.ceil(count / batch_size))
    accuracy = 0.0
    for _ in range(epochs):
        network.train()
        total = 0.0
        for rows in torch.split(torch.randperm(count, generator=generator), batch_size):
            inputs, targets = train.inputs[rows], train.targets[rows]
            total += _step(network, optimizer, schedule, inputs, targets) * len(targets)
        accuracy = _accuracy(network, [val])
    return accuracy


def _optimizer(network: nn.Module, steps: int) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    """AdamW with weight decay on weights alone, and a schedule: a linear warm-up, then half a cosine."""
    weights = [one for one in network.parameters() if one.ndim > 1]
    rest = [one for one in network.parameters() if one.ndim == 1]
    groups = [{"params": weights, "weight_decay": WEIGHT_DECAY}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LR)

    def rate(step: int) -> float:
        done = step / steps
        if done < WARMUP:
            return (done + 1e-3) / (WARMUP + 1e-3)
        return 0.5 * (1 + math.cos(math.pi * (done - WARMUP) / (1 - WARMUP)))

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rate)


def _step(
    network: nn.Module,
    optimizer: torch.optim.AdamW,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    inputs: Tensor,
    targets: Tensor,
) -> float:
    """A step; returns the loss."""
    optimizer.zero_grad()
    loss = functional.cross_entropy(network(inputs), targets)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), CLIP)
    optimizer.step()
    schedule.step()
    return loss.item()


@torch.inference_mode()
def _accuracy(network: nn.Module, batches: "DataLoader[tuple[Tensor, ...]] | list[Samples]") -> float:
    network.eval()
    right = count = 0
    device = next(network.parameters()).device
    for batch in batches:
        inputs, targets = (tensor.to(device, non_blocking=True) for tensor in batch)
        right += int((network(inputs).argmax(1) == targets).sum().item())
        count += len(targets)
    return right / count


def main(path: str, name: str, epochs: int, batch_size: int, seed: int) -> None:
    """Trains one network of an archive of samples."""
    torch.set_num_threads(1)
    with np.load(path) as archive:
        arrays = {key: torch.from_numpy(archive[key]) for key in archive.files}
    parts = [Samples(arrays[f"{part}_inputs"], arrays[f"{part}_targets"]) for part in ("train", "val")]
    network = made(name, tuple(parts[0].inputs.shape[1:]), seed)
    print(train(network, *parts, epochs=epochs, batch_size=batch_size, seed=seed))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
