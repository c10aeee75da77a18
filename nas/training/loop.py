"""Training one network: the only place where torch's global generator is seeded, and it is put back after.

Everything runs on batches of tensors that are on the device from the start; there is no Python work per sample. On the
CPU the same arguments give the same weights, bit for bit, as long as torch uses the same number of threads.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.nn import functional

from nas.containment import contained, survivable
from nas.data import Dataset, Samples
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.files import sha256
from nas.interrupt import stop_if_asked
from nas.model import Network
from nas.space import Architecture
from nas.training.checkpoints import Checkpoints
from nas.training.precision import check_precision, pick_precision
from nas.training.recipe import Device, Precision, Recipe
from nas.training.tokens import check_tokens

SCORING_BATCH = 2048


@dataclass(frozen=True)
class Fitted:
    """A trained network, on its device and ready to predict.

    Attributes:
        network: with the weights of the last epoch.
        curves: `train_loss`, `val_loss` and `val_acc` after each epoch.
        seconds: duration of the training, from where it went on.
    """

    network: Network
    curves: Mapping[str, tuple[float, ...]]
    seconds: float


class Workbench:
    """A data set on a device, and the precision to train in there.

    Args:
        data: what to train on.
        device: `auto` takes CUDA where there is a device.
        precision: of the forward pass, see `pick_precision`.

    Raises:
        UsageError: CUDA is asked for and there is none.
    """

    def __init__(self, data: Dataset, *, device: Device = "auto", precision: Precision = "auto") -> None:
        self.data = data
        self.device = pick_device(device)
        self.dtype = pick_precision(precision, self.device)
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
        checkpoints: Checkpoints | None = None,
        on_epoch: Callable[[int, Mapping[str, float]], None] | None = None,
    ) -> Fitted:
        """Builds and trains the network of an architecture.

        Args:
            arch: what to train.
            recipe: how.
            seed: of initial weights, order of samples, dropout and augmentation.
            epochs: after how many of the recipe's to pause; the learning rate is that of the whole recipe. None: all.
            checkpoints: where a training that was paused earlier goes on from, and one that is paused now is kept.
            on_epoch: called with the epoch, from 1, and its `train_loss`, `val_loss` and `val_acc`; only for epochs
                that are trained here.

        Raises:
            EvaluationFailed: BUILD_ERROR, NONFINITE, OOM_HOST, OOM_CUDA or CRASH.
            UsageError: there are fewer than 1 epoch or 2 training samples, or more epochs than the recipe's, or as
                `check_tokens` and `check_precision` raise it.
            StorageError: checkpoints cannot be read or written.
        """
        last = recipe.epochs if epochs is None else epochs
        if last < 1:
            raise UsageError(f"training takes 1 epoch or more, got {last}")
        if last > recipe.epochs:
            raise UsageError(f"the full training has {recipe.epochs} epochs, and {last} were asked for")
        for part, samples in (("train", self.data.train), ("val", self.data.val)):
            check_tokens(arch, samples, part)
        check_precision(arch, self.device, self.dtype)
        key = self._key(arch, recipe, seed) if checkpoints is not None else ""
        begin = time.perf_counter()
        with seeded(seed, self.device):
            with survivable(FailureKind.BUILD_ERROR):
                network = self.build(arch)
            with survivable(FailureKind.CRASH):
                training = Training(self, network, recipe, seed=seed)
            saved = checkpoints.load(key, last) if checkpoints is not None else None
            if saved is not None:
                resume(training, saved)
            resumed = training.epoch
            while training.epoch < last:
                with survivable(FailureKind.CRASH):
                    measured = training.advance()
                for name, value in measured.items():
                    if not math.isfinite(value):
                        raise EvaluationFailed(FailureKind.NONFINITE, f"{name} is {value} after epoch {training.epoch}")
                if on_epoch is not None:
                    on_epoch(training.epoch, measured)
            seconds = time.perf_counter() - begin
            if checkpoints is not None and resumed < last < recipe.epochs:
                checkpoints.save(key, last, pause(training))
        if checkpoints is not None and last == recipe.epochs:
            checkpoints.drop(key)
        finished = {name: tuple(values) for name, values in training.curves.items()}
        return Fitted(network.eval(), finished, seconds)

    def _key(self, arch: Architecture, recipe: Recipe, seed: int) -> str:
        """What tells a training from others. (Networks of one id may differ in layers that nothing reads.)"""
        network = arch.to_dict()
        frame = [asdict(recipe), self.data.fingerprint, seed, self.device.type, str(self.dtype), torch.__version__]
        return sha256(json.dumps([network["input"], network["layers"], *frame]).encode())[:32]

    def score(self, network: Network, inputs: Tensor, labels: Tensor, part: str = "val") -> dict[str, float]:
        """Mean cross-entropy `{part}_loss` and accuracy `{part}_acc` in [0, 1] of a network."""
        network.eval()
        loss = torch.zeros((), device=self.device)
        right = torch.zeros((), device=self.device, dtype=torch.int64)
        with torch.inference_mode(), self.autocast():
            for x, y in zip(torch.split(inputs, SCORING_BATCH), torch.split(labels, SCORING_BATCH), strict=True):
                stop_if_asked()
                logits = network(x).float()
                loss += functional.cross_entropy(logits, y, reduction="sum")
                right += (logits.argmax(dim=1) == y).sum()
        return {f"{part}_loss": loss.item() / len(labels), f"{part}_acc": right.item() / len(labels)}

    def score_samples(self, network: Network, samples: Samples, part: str) -> dict[str, float]:
        """`score` for samples that are not on the device yet. Raises UsageError as `check_tokens` does."""
        check_tokens(network.arch, samples, part)
        return self.score(network, *self._move(samples), part)


class Training:
    """A network on its way. Dropout draws from torch's global generators, which are seeded where it is trained.

    Attributes:
        network: what is trained.
        optimizer, scaler: of its weights.
        generator: of the order of samples and of augmentation, independent of the one that weights are drawn from.
        epoch: how many are done.
        curves: `train_loss`, `val_loss` and `val_acc` after each.
    """

    def __init__(self, bench: Workbench, network: Network, recipe: Recipe, *, seed: int) -> None:
        self.bench, self.network, self.recipe = bench, network, recipe
        samples = len(bench.data.train)
        if samples < 2:
            raise UsageError(f"training needs 2 samples or more, got {samples}")
        self.optimizer = make_optimizer(network, recipe)
        self.scaler = torch.amp.GradScaler(bench.device.type, enabled=bench.dtype == torch.float16)
        self.generator = torch.Generator(bench.device).manual_seed(order_seed(seed))
        self.epoch = 0
        self.curves: dict[str, list[float]] = {}
        self._weights = decayed(network)
        self._batch_size = min(recipe.batch_size, samples)
        # A batch of one sample has no variance for batch norm, so the last batch is left out where it would be one.
        self._starts = [start for start in range(0, samples, self._batch_size) if samples - start > 1]
        self._seen = min(self._starts[-1] + self._batch_size, samples)

    def advance(self) -> Mapping[str, float]:
        """Trains for an epoch, and gives its `train_loss`, `val_loss` and `val_acc`."""
        bench, recipe, network = self.bench, self.recipe, self.network
        inputs, labels = bench.train
        step, total = self.epoch * len(self._starts), recipe.epochs * len(self._starts)
        network.train()
        order = torch.randperm(len(labels), device=bench.device, generator=self.generator)
        summed = torch.zeros((), device=bench.device)
        for start in self._starts:
            stop_if_asked()
            chosen = order[start : start + self._batch_size]
            batch = recipe.augment(inputs[chosen], self.generator)
            for group in self.optimizer.param_groups:
                group["lr"] = recipe.lr * learning_rate(step / total, recipe.warmup)
            with bench.autocast():
                logits = network(batch)
                loss = functional.cross_entropy(logits.float(), labels[chosen], label_smoothing=recipe.label_smoothing)
            summed += loss.detach() * len(chosen)
            if recipe.l1:
                loss = loss + recipe.l1 * torch.stack([weight.abs().sum() for weight in self._weights]).sum()
            self.optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward([self.scaler.scale(loss)])
            if recipe.clip_norm is not None:
                self.scaler.unscale_(self.optimizer)
                nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
            self.scaler.step(self.optimizer)
            self.scaler.update()
            step += 1
        measured = {"train_loss": summed.item() / self._seen, **bench.score(network, *bench.val)}
        for name, value in measured.items():
            self.curves.setdefault(name, []).append(value)
        self.epoch += 1
        return measured


def order_seed(seed: int) -> int:
    """The seed of the order of samples: of a stream other than that of initial weights and dropout, 32 bits."""
    return int(np.random.SeedSequence([seed, 3]).generate_state(1)[0])


def pause(training: Training) -> bytes:
    """A training as it stands, as safetensors: weights, optimizer and generators; the rest as JSON in their header."""
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
    # Weights in channels-last order, as they are on CUDA, cannot be stored as they are.
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return save(plain, metadata={"training": json.dumps(record)})


def resume(training: Training, content: bytes) -> None:
    """Puts a new training where the paused one of the same network and recipe stood, torch's generators too."""
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
                # On CUDA weights may be in channels-last order, and fused optimizers want all of them in one.
                state[name] = torch.empty_like(parameter, requires_grad=False).copy_(tensor)
    training.scaler.load_state_dict(record["scaler"])
    training.epoch, training.curves = record["epoch"], record["curves"]
    training.generator.set_state(tensors["random.own"])
    torch.set_rng_state(tensors["random.global"])
    if training.bench.device.type == "cuda":
        torch.cuda.set_rng_state(tensors["random.cuda"])


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
    threads = torch.get_num_threads()
    return f"cpu ({threads} thread{'s' if threads > 1 else ''})"


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
    """Torch's global generators start from `seed`; they and all else that is `contained` are put back at the end."""
    if device.type == "cuda":
        torch.cuda.current_device()  # before that, its generators have no state that can be put back
    with contained():
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.manual_seed(seed)
        yield
