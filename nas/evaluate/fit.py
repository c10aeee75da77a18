"""Training one network: the only place where torch's global generator is seeded, and it is put back after.

Everything runs on batches of tensors that are on the device from the start; there is no Python work per sample. On the
CPU the same arguments give the same weights, bit for bit, as long as torch uses the same number of threads.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from nas.data import Dataset, Samples
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.evaluate.recipe import Device, Precision, Recipe
from nas.evaluate.tokens import check_tokens
from nas.model import Network
from nas.space import Architecture

SCORING_BATCH = 2048


@dataclass(frozen=True)
class Fitted:
    """A trained network, on its device and ready to predict.

    Attributes:
        network: with the weights of the last epoch.
        curves: `train_loss`, `val_loss` and `val_acc` after each epoch.
        seconds: duration of the training.
    """

    network: Network
    curves: Mapping[str, tuple[float, ...]]
    seconds: float


class Workbench:
    """A data set on a device, and the precision to train in there.

    Args:
        data: what to train on.
        device: `auto` takes CUDA where there is a device.
        precision: of the forward pass; `auto` is bfloat16 on CUDA (float16 where the GPU has none), float32 elsewhere.

    Raises:
        UsageError: CUDA is asked for and there is none.
    """

    def __init__(self, data: Dataset, *, device: Device = "auto", precision: Precision = "auto") -> None:
        self.data = data
        self.device = pick_device(device)
        if precision == "auto":
            precision = "float32" if self.device.type == "cpu" else "bfloat16"
            if precision == "bfloat16" and not torch.cuda.is_bf16_supported():
                precision = "float16"
        self.dtype: torch.dtype = getattr(torch, precision)
        # The first optimizer of a process imports torch's compiler: time that no network should be charged with.
        torch.optim.SGD([nn.Parameter(torch.zeros(1))])
        self.train = self._move(data.train)
        self.val = self._move(data.val)

    def _move(self, samples: Samples) -> tuple[Tensor, Tensor]:
        inputs, labels = (torch.from_numpy(array).to(self.device) for array in samples)
        return (inputs.to(memory_format=torch.channels_last) if self._channels_last(inputs) else inputs), labels

    def _channels_last(self, inputs: Tensor) -> bool:
        return self.device.type == "cuda" and inputs.ndim == 4

    def build(self, arch: Architecture) -> Network:
        """A new network on the device, initialised from torch's global generator."""
        network = Network(arch, mean=self.data.mean, std=self.data.std).to(self.device)
        if self._channels_last(self.train[0]):
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return network

    def empty(self, arch: Architecture) -> Network:
        """A network on the CPU, to load weights into; its own begin anywhere, and no generator is touched."""
        with torch.device("meta"):
            network = Network(arch, mean=self.data.mean, std=self.data.std)
        return network.to_empty(device="cpu")

    def autocast(self) -> torch.autocast:
        """The context that forward passes run in."""
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=self.dtype != torch.float32)

    def fit(
        self,
        arch: Architecture,
        recipe: Recipe,
        *,
        seed: int,
        epochs: int | None = None,
        on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
    ) -> Fitted:
        """Builds and trains the network of an architecture.

        Args:
            arch: what to train.
            recipe: how.
            seed: of initial weights, order of samples, dropout and augmentation.
            epochs: instead of the recipe's.
            on_epoch: called with the epoch, from 1, and its `train_loss`, `val_loss` and `val_acc`.

        Raises:
            EvaluationFailed: BUILD_ERROR, NONFINITE, OOM_HOST, OOM_CUDA or CRASH.
            UsageError: there are fewer than 1 epoch or 2 training samples, or as `check_tokens` raises it.
        """
        if epochs is not None:
            recipe = replace(recipe, epochs=epochs)
        if recipe.epochs < 1:
            raise UsageError(f"training takes 1 epoch or more, got {recipe.epochs}")
        for part, samples in (("train", self.data.train), ("val", self.data.val)):
            check_tokens(arch, samples, part)
        begin = time.perf_counter()
        curves: dict[str, list[float]] = {}
        with seeded(seed, self.device):
            with survivable(FailureKind.BUILD_ERROR):
                network = self.build(arch)
            training = self._train(network, recipe)
            for epoch in range(1, recipe.epochs + 1):
                with survivable(FailureKind.CRASH):
                    measured = next(training)
                for name, value in measured.items():
                    if not math.isfinite(value):
                        raise EvaluationFailed(FailureKind.NONFINITE, f"{name} is {value} after epoch {epoch}")
                    curves.setdefault(name, []).append(value)
                if on_epoch is not None:
                    on_epoch(epoch, measured)
        finished = {name: tuple(values) for name, values in curves.items()}
        return Fitted(network.eval(), finished, time.perf_counter() - begin)

    def _train(self, network: Network, recipe: Recipe) -> Iterator[Mapping[str, float]]:
        """Trains for an epoch each time it is asked, and gives its `train_loss`, `val_loss` and `val_acc`."""
        inputs, labels = self.train
        if len(labels) < 2:
            raise UsageError(f"training needs 2 samples or more, got {len(labels)}")
        optimizer = make_optimizer(network, recipe)
        scaler = torch.amp.GradScaler(self.device.type, enabled=self.dtype == torch.float16)
        weights = decayed(network)
        batch_size = min(recipe.batch_size, len(labels))
        # A batch of one sample has no variance for batch norm, so the last batch is left out where it would be one.
        starts = [start for start in range(0, len(labels), batch_size) if len(labels) - start > 1]
        seen = min(starts[-1] + batch_size, len(labels))
        total = recipe.epochs * len(starts)
        generator = torch.Generator(self.device).manual_seed(torch.initial_seed())
        step = 0
        while True:
            network.train()
            order = torch.randperm(len(labels), device=self.device, generator=generator)
            summed = torch.zeros((), device=self.device)
            for start in starts:
                chosen = order[start : start + batch_size]
                batch = recipe.augment(inputs[chosen], generator)
                for group in optimizer.param_groups:
                    group["lr"] = recipe.lr * learning_rate(step / total, recipe.warmup)
                with self.autocast():
                    logits = network(batch)
                    loss = functional.cross_entropy(
                        logits.float(), labels[chosen], label_smoothing=recipe.label_smoothing
                    )
                summed += loss.detach() * len(chosen)
                if recipe.l1:
                    loss = loss + recipe.l1 * torch.stack([weight.abs().sum() for weight in weights]).sum()
                optimizer.zero_grad(set_to_none=True)
                torch.autograd.backward([scaler.scale(loss)])
                if recipe.clip_norm is not None:
                    scaler.unscale_(optimizer)
                    nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
                scaler.step(optimizer)
                scaler.update()
                step += 1
            yield {"train_loss": summed.item() / seen, **self.score(network, *self.val)}

    def score(self, network: Network, inputs: Tensor, labels: Tensor, part: str = "val") -> dict[str, float]:
        """Mean cross-entropy `{part}_loss` and accuracy `{part}_acc` in [0, 1] of a network."""
        network.eval()
        loss = torch.zeros((), device=self.device)
        right = torch.zeros((), device=self.device, dtype=torch.int64)
        with torch.inference_mode(), self.autocast():
            for x, y in zip(torch.split(inputs, SCORING_BATCH), torch.split(labels, SCORING_BATCH), strict=True):
                logits = network(x).float()
                loss += functional.cross_entropy(logits, y, reduction="sum")
                right += (logits.argmax(dim=1) == y).sum()
        return {f"{part}_loss": loss.item() / len(labels), f"{part}_acc": right.item() / len(labels)}

    def score_samples(self, network: Network, samples: Samples, part: str) -> dict[str, float]:
        """`score` for samples that are not on the device yet. Raises UsageError as `check_tokens` does."""
        check_tokens(network.arch, samples, part)
        return self.score(network, *self._move(samples), part)


def pick_device(device: Device) -> torch.device:
    """The device that a name stands for. Raises UsageError if CUDA is asked for and there is none."""
    available = torch.cuda.is_available()
    if device == "cuda" and not available:
        raise UsageError("device 'cuda' was asked for, and torch finds no CUDA device")
    return torch.device("cuda" if device != "cpu" and available else "cpu")


def use_threads(count: int | None) -> None:
    """Sets how many threads torch uses on the CPU, for the whole process; None leaves it as it is.

    Networks of some hundred thousand MACs gain little from a second thread, and lose much where another program wants
    the same cores: torch's threads wait for each other many times a step.
    """
    if count is not None:
        torch.set_num_threads(count)


def device_name(device: torch.device) -> str:
    """`cpu (2 threads)` or `cuda (NVIDIA H100 80GB HBM3)`."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return f"cpu ({torch.get_num_threads()} threads)"


def decayed(network: nn.Module) -> list[nn.Parameter]:
    """The weights of convolutions, linear and recurrent layers: parameters of two or more axes, but for those of layer
    norms and embeddings (of tokens and of positions)."""
    others = [module for module in network.modules() if isinstance(module, nn.LayerNorm | nn.Embedding)]
    left_out = {id(parameter) for module in others for parameter in module.parameters()}
    return [parameter for parameter in network.parameters() if parameter.ndim > 1 and id(parameter) not in left_out]


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimizer, with weight decay on `decayed` alone."""
    weights = decayed(network)
    chosen = set(map(id, weights))
    rest = [parameter for parameter in network.parameters() if id(parameter) not in chosen]
    groups = [{"params": weights, "weight_decay": recipe.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    groups = [group for group in groups if group["params"]]
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=recipe.lr, fused=True)
    return torch.optim.SGD(groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.momentum > 0, fused=True)


def learning_rate(progress: float, warmup: float) -> float:
    """The share of the highest learning rate at `progress` in [0, 1) of all steps."""
    if progress < warmup:
        return (progress + 1e-3) / (warmup + 1e-3)
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Torch's global generators start from `seed`, and are put back at the end."""
    with torch.random.fork_rng(devices=[torch.cuda.current_device()] if device.type == "cuda" else []):
        # torch.manual_seed would seed the generators of all devices, and those of other devices are not put back.
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.manual_seed(seed)
        yield


@contextmanager
def survivable(otherwise: FailureKind) -> Iterator[None]:
    """Turns what a search should survive into EvaluationFailed; torch says most of it with RuntimeError."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        torch.cuda.empty_cache()
        raise EvaluationFailed(FailureKind.OOM_CUDA, _first_line(error)) from error
    except MemoryError as error:
        raise EvaluationFailed(FailureKind.OOM_HOST, _first_line(error) or "out of memory") from error
    except (RuntimeError, ValueError) as error:
        text = str(error).lower()
        memory = "can't allocate memory" in text or "not enough memory" in text
        raise EvaluationFailed(FailureKind.OOM_HOST if memory else otherwise, _first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")
