"""Trainings on a CUDA device: whether they equal those on the CPU, and how fast they are. At most 8 minutes.

    python benchmarks/gpu.py [--rehearse]

Checks, of which one that fails makes the script end with exit code 1, after everything is written:

* `one step`: the loss of a batch and the weights after a step from equal weights, against float32 on the CPU, for each
  kind of network and precision.
* `norms`: each norm in half precision against float64.
* `accuracy`: networks trained on digits from several seeds, against the same on the CPU: the mean difference of their
  validation accuracies, with its 95 % confidence interval.
* `captured`: a training whose step is captured against one whose steps run one by one: nothing was refused, and the
  training losses are alike; the largest difference of weights is written.
* `memory`: with too little memory for whole batches, halves are trained and said, and all memory is given back.

Figures, each the median of the ratios of pairs in turns, with all raw values:

* `captured`: images a second, and those of steps that run one by one.
* `channels_last`, `precision`: float32 with contiguous weights, and bfloat16 and float16, against float32.
* `plain loop`: against a DataLoader loop in a warm process (benchmarks/plain_loop.py), in float32.
* `workers`: candidates an hour with 1, 2, 4 and 8 workers that share the device.

Written to benchmarks/results/gpu.json. `--rehearse` runs the script on the CPU, tiny, without what only CUDA has, and
writes nothing.
"""

import argparse
import math
import statistics
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from scipy import stats
from torch import Tensor, nn

import plain_loop
from nas import Architecture, Dataset, Network, Recipe, from_arrays, load_data, parse_space
from nas.descent import Pace
from nas.driver.executors.executor import Failed, Job
from nas.driver.executors.workers import Workers
from nas.errors import ArchwrightError, DeviceWarning
from nas.evaluate import Train
from nas.training import captured
from nas.training.batch import Batch
from nas.training.device import Device, Precision, device_name
from nas.training.fit import Fitted, fit
from nas.training.seeding import seeded
from nas.training.step import Step
from nas.training.workbench import Workbench
from nas.trial import Proposal
from record import write_result

PRECISIONS: Sequence[Precision] = ("float32", "bfloat16", "float16")
CLOSE: Mapping[str, float] = {"float32": 5e-3, "bfloat16": 5e-2, "float16": 1e-2}
"""Largest relative difference of a loss and of an update from float32 on the CPU; convolutions may use tf32."""

ALIKE = 1e-2
"""Largest relative difference of the last training losses of captured and other steps: kernels that add in any order
make even equal trainings differ a little on CUDA."""

POINTS = 0.02
"""Largest mean difference of accuracies."""


def conv(width: int, stride: int = 1) -> str:
    """A convolution with batch norm and ReLU."""
    return f"{{conv: {{width: {width}, kernel: 3, stride: {stride}}}}}, batch_norm, relu"


POOL, HEAD = "{max_pool: {kernel: 2}}", "global_avg_pool, {linear: {units: outputs}}"
BLOCKS = "{basic_block: {width: 16}}, {basic_block: {width: 32, stride: 2}}, {basic_block: {width: 32}}"
LAYERS = {
    "MLP": "flatten, {linear: {units: 64}}, relu, {linear: {units: 64}}, relu, {linear: {units: outputs}}",
    "CNN": f"{conv(16)}, {POOL}, {conv(32)}, {POOL}, {conv(32)}, {HEAD}",
    "ResNet-like": f"{conv(16, 2)}, {BLOCKS}, {HEAD}",
    "wide ResNet-like": f"{conv(64)}, {BLOCKS.replace('16', '64').replace('32', '128')}, {HEAD}",
}
RANDOM = f"{conv(16)}, {{dropout: {{p: 0.2}}}}, {{group_norm: {{groups: 4}}}}, layer_norm, {HEAD}"
"""With dropout and each norm: what a capture could get wrong."""

NORMS: Mapping[str, Callable[[], nn.Module]] = {
    "batch_norm": lambda: nn.BatchNorm2d(16),
    "group_norm": lambda: nn.GroupNorm(4, 16),
    "layer_norm": lambda: nn.LayerNorm((16, 8, 8)),
}


class Contiguous(Workbench):
    """Trains with contiguous weights."""

    def build(self, arch: Architecture) -> Network:
        network = super().build(arch)
        network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        return network


@dataclass
class Report:
    """What was checked and measured.

    Attributes:
        device: what is measured.
        repeats, seeds: of pairs, and of trainings whose accuracies are compared.
        images: of the random data set.
        checks: whether each check passed, with its figures.
        figures: what was measured.
        seconds: what each part took.
    """

    device: Device
    repeats: int
    seeds: int
    images: int
    checks: list[dict[str, object]] = field(default_factory=list)
    figures: dict[str, object] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def check(self, name: str, passed: bool, **found: object) -> None:
        """Notes and prints whether a check passed."""
        self.checks.append({"check": name, "passed": passed, **found})
        print(f"{'ok' if passed else 'FAILED':7} {name}: {found}", flush=True)

    def run(self, name: str, part: Callable[[], None]) -> None:
        """Runs a part. One that raises is a check that failed, and the others are run."""
        begin = time.perf_counter()
        try:
            part()
        except (RuntimeError, ValueError, TypeError, LookupError, AttributeError, ArchwrightError) as error:
            traceback.print_exc()
            self.check(name, passed=False, raised=f"{type(error).__name__}: {error}")
        self.seconds[name] = time.perf_counter() - begin

    def note(self, name: str, found: object) -> None:
        """Notes and prints a figure."""
        self.figures[name] = found
        print(f"{name}: {found}", flush=True)


def arch_of(layers: str, data: Dataset) -> Architecture:
    """The network of some layers for a data set."""
    return parse_space(f"layers: [{layers}]", input=data.shape, outputs=len(data.outputs)).rebuild({})


def random_images(count: int) -> Dataset:
    """Random images of the shape of CIFAR-10."""
    rng = np.random.default_rng(0)
    inputs, labels = rng.integers(0, 256, (count + 512, 3, 32, 32)).astype(np.uint8), np.arange(count + 512) % 10
    return from_arrays(inputs[:count], labels[:count], val=(inputs[count:], labels[count:]))


def apart(one: Tensor, other: Tensor) -> float:
    """‖one - other‖ / ‖other‖."""
    one, other = one.double().cpu(), other.double().cpu()
    return float(((one - other).norm() / other.norm()).item())


def check_one_step(report: Report, data: Dataset) -> None:
    """A step from the same weights, on the same batch."""

    def stepped(layers: str, device: Device, precision: Precision) -> tuple[Tensor, Tensor]:
        bench = Workbench(data, device=device, precision=precision)
        with seeded(0, bench.device):
            network = bench.build(arch_of(layers, data)).train()
        before = torch.cat([one.detach().flatten().double().cpu() for one in network.parameters()])
        step = Step(bench, network, Recipe(optimizer="sgd", momentum=0.0, clip_norm=None))
        rows = torch.arange(256, device=bench.device)
        inputs, targets = (tensor[rows] for tensor in bench.train)
        step(Batch(inputs, targets, rows), 0.0, Pace(0.01))
        after = torch.cat([one.detach().flatten().double().cpu() for one in network.parameters()])
        return step.summed, after - before

    for kind, layers in LAYERS.items():
        loss, update = stepped(layers, "cpu", "float32")
        for precision in PRECISIONS:
            found, moved = stepped(layers, report.device, precision)
            by_loss, by_update = apart(found, loss), apart(moved, update)
            limit = CLOSE[precision]
            passed = by_loss < limit and by_update < 10 * limit
            report.check(f"one step, {kind}, {precision}", passed, loss=by_loss, update=by_update)


def check_norms(report: Report) -> None:
    """Norms in half precision, of values far from 0, against float64."""
    x = torch.randn(32, 16, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + 4
    for name, make in NORMS.items():
        expected = make().double()(x)
        for dtype, limit in ((torch.bfloat16, 2e-2), (torch.float16, 3e-3)):
            half = x.to(report.device, dtype)
            reference = make().double()(half.double().cpu())
            with torch.autocast(report.device, dtype=dtype):
                norm = make().to(report.device)
                found = norm(half)
            kept = {str(one.dtype) for one in norm.state_dict().values() if one.is_floating_point()}
            error = apart(found, reference)
            passed = error < limit and kept == {"torch.float32"}
            report.check(f"norms, {name}, {dtype}", passed, error=error, of_input=apart(reference, expected))


def check_accuracy(report: Report, data: Dataset, epochs: int) -> None:
    """Accuracies over seeds, against those on the CPU."""
    for kind in ("MLP", "CNN", "ResNet-like"):
        arch, recipe = arch_of(LAYERS[kind], data), Recipe(epochs=epochs)

        def accuracies(device: Device, precision: Precision, arch: Architecture, recipe: Recipe) -> list[float]:
            bench = Workbench(data, device=device, precision=precision)
            return [fit(bench, arch, recipe, seed=seed).curves["val_acc"][-1] for seed in range(report.seeds)]

        on_cpu = accuracies("cpu", "float32", arch, recipe)
        for precision in PRECISIONS:
            found = accuracies(report.device, precision, arch, recipe)
            differences = [one - other for one, other in zip(found, on_cpu, strict=True)]
            mean, half = statistics.mean(differences), math.inf
            if len(differences) > 1:
                spread = statistics.stdev(differences) / math.sqrt(len(differences))
                half = float(stats.t.ppf(0.975, len(differences) - 1)) * spread
            values = {"accuracies": found, "on_cpu": on_cpu}
            report.check(f"accuracy, {kind}, {precision}", abs(mean) <= POINTS, mean=mean, half_width=half, **values)


@contextmanager
def one_by_one() -> Iterator[None]:
    """Nothing is captured within this block."""
    fewest, captured.FEWEST = captured.FEWEST, sys.maxsize
    try:
        yield
    finally:
        captured.FEWEST = fewest


def timed(bench: Workbench, arch: Architecture, recipe: Recipe) -> tuple[Fitted, dict[str, float]]:
    """A training, with its seconds as a whole and its images a second after the first epoch."""
    ends: list[float] = []
    begin = time.perf_counter()
    fitted = fit(bench, arch, recipe, seed=0, on_epoch=lambda *_: ends.append(time.perf_counter()))
    steady = bench.samples * (len(ends) - 1) / (ends[-1] - ends[0])
    return fitted, {"seconds": ends[-1] - begin, "images_a_second": steady}


def pace(bench: Workbench, arch: Architecture, recipe: Recipe) -> dict[str, float]:
    """The figures of a training alone."""
    return timed(bench, arch, recipe)[1]


def against(report: Report, name: str, ways: Mapping[str, Callable[[], dict[str, float]]], base: str) -> None:
    """Runs ways in turns, the first turn uncounted, and notes the ratios to one of them."""
    raw: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for turn in range(report.repeats + 1):
        for way, run in ways.items():
            measured = run()
            if turn:
                raw[way].append(measured)
    times = {
        way: statistics.median(
            one["images_a_second"] / other["images_a_second"] for one, other in zip(found, raw[base], strict=True)
        )
        for way, found in raw.items()
    }
    report.note(name, {f"times_{base}": times, "raw": raw})


def measure_captured(report: Report, data: Dataset, recipe: Recipe) -> None:
    """Captured steps against steps one by one: whether they are alike, and how fast, by precision."""
    for kind, layers in {**LAYERS, "with dropout": RANDOM}.items():
        for precision in PRECISIONS:
            bench = Workbench(data, device=report.device, precision=precision)
            compare_captured(report, f"captured, {kind}, {precision}", bench, arch_of(layers, data), recipe)


def compare_captured(report: Report, name: str, bench: Workbench, arch: Architecture, recipe: Recipe) -> None:
    """Captured steps of one network against its steps one by one."""
    last: dict[str, Fitted] = {}

    def replayed() -> dict[str, float]:
        last["replayed"], found = timed(bench, arch, recipe)
        return found

    def eager() -> dict[str, float]:
        with one_by_one():
            last["one_by_one"], found = timed(bench, arch, recipe)
        return found

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DeviceWarning)
        against(report, name, {"replayed": replayed, "one_by_one": eager}, "one_by_one")
    told = [str(one.message) for one in caught if issubclass(one.category, DeviceWarning)]
    one, other = (fitted.network.state_dict() for fitted in last.values())
    difference = max((one[key].double() - other[key].double()).abs().max().item() for key in one)
    losses = [fitted.curves["train_loss"][-1] for fitted in last.values()]
    passed = not told and abs(losses[0] - losses[1]) <= ALIKE * losses[1]
    report.check(name, passed, told=told, losses=losses, largest_difference=difference)


def measure_formats(report: Report, data: Dataset, recipe: Recipe) -> None:
    """Orders of channels and precisions, against float32 in the network's own order."""
    for kind, layers in list(LAYERS.items())[1:]:
        arch = arch_of(layers, data)
        benches: dict[str, Workbench] = {
            precision: Workbench(data, device=report.device, precision=precision) for precision in PRECISIONS
        }
        benches["contiguous"] = Contiguous(data, device=report.device, precision="float32")
        benches["contiguous_bfloat16"] = Contiguous(data, device=report.device, precision="bfloat16")
        ways = {way: partial(pace, bench, arch, recipe) for way, bench in benches.items()}
        against(report, f"formats, {kind}", ways, "float32")


def measure_plain_loop(report: Report, data: Dataset, recipe: Recipe) -> None:
    """Against a DataLoader loop in this process."""
    parts = []
    for samples in (data.train, data.val):
        inputs = ((samples.inputs.astype(np.float32) - data.mean) / data.std).astype(np.float32)
        parts.append(plain_loop.Samples(torch.from_numpy(inputs), torch.from_numpy(samples.targets)))
    for kind in ("MLP", "CNN", "ResNet-like"):
        compare_plain_loop(report, kind, data, parts, recipe)


def compare_plain_loop(
    report: Report, kind: str, data: Dataset, parts: Sequence[plain_loop.Samples], recipe: Recipe
) -> None:
    """Trainings of one kind of network against the DataLoader loop, as a whole."""
    bench = Workbench(data, device=report.device, precision="float32")
    images = recipe.epochs * bench.samples

    def plain() -> dict[str, float]:
        network = plain_loop.made(kind, data.shape, 0).to(report.device)
        begin = time.perf_counter()
        plain_loop.train(network, *parts, epochs=recipe.epochs, batch_size=recipe.batch_size, seed=0)
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "images_a_second": images / seconds}

    def ours() -> dict[str, float]:
        found = pace(bench, arch_of(LAYERS[kind], data), recipe)
        return {**found, "images_a_second": images / found["seconds"]}

    against(report, f"plain loop, {kind}", {"ours": ours, "plain_loop": plain}, "plain_loop")


def measure_workers(report: Report, data: Dataset, recipe: Recipe, counts: Sequence[int], jobs: int) -> None:
    """Candidates an hour by the number of workers that share the device."""
    arch = arch_of(LAYERS["CNN"], data)
    found: dict[int, float] = {}
    for count in counts:
        with Workers(Train(data, recipe, device=report.device), count) as workers:
            evaluate(report, workers, arch, range(count))  # each starts CUDA
            found[count] = 3600 * jobs / evaluate(report, workers, arch, range(count, count + jobs))
    report.note("workers, candidates an hour", found)


def evaluate(report: Report, workers: Workers, arch: Architecture, numbers: range) -> float:
    """The seconds that workers take for so many evaluations of a network; one that fails is a check that failed."""
    begin = time.perf_counter()
    for number in numbers:
        workers.submit(Job(number, Proposal(arch), number))
    done = 0
    while done < len(numbers):
        for one in workers.next():
            done += 1
            if isinstance(one.outcome, Failed):
                report.check(f"workers, {workers.slots}", passed=False, why=str(one.outcome))
    return time.perf_counter() - begin


def check_memory(report: Report) -> None:
    """Too little memory for whole batches: halves are trained; far too little: OOM_CUDA. Memory is given back."""
    data = random_images(2048)
    bench = Workbench(data, device="cuda", precision="float32")
    arch, recipe = arch_of(f"{conv(64)}, {conv(64)}, {HEAD}", data), Recipe(epochs=1, batch_size=1024)
    torch.cuda.reset_peak_memory_stats()
    fit(bench, arch, recipe, seed=0)
    torch.cuda.synchronize()
    before, needed = torch.cuda.memory_allocated(), torch.cuda.max_memory_allocated()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(0.75 * needed / total)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DeviceWarning)
            parts = fit(bench, arch, recipe, seed=0).batch_parts
        torch.cuda.synchronize()
        after = torch.cuda.memory_allocated()
        passed = parts == 2 and len(caught) == 1 and after <= before + 2**20
        report.check("memory", passed, batch_parts=parts, before=before, after=after, needed=needed)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def main() -> None:
    """Checks, measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rehearse", action="store_true", help="run on the CPU, tiny, and write nothing")
    options = parser.parse_args()
    if not options.rehearse and not torch.cuda.is_available():
        raise SystemExit(f"benchmarks/gpu.py needs a CUDA device, and torch {torch.__version__} finds none")
    begin, digits = time.perf_counter(), load_data("digits")
    if options.rehearse:
        report, recipe = Report("cpu", repeats=1, seeds=1, images=256), Recipe(epochs=2, batch_size=128)
        del LAYERS["wide ResNet-like"]
    else:
        report, recipe = Report("cuda", repeats=3, seeds=5, images=8192), Recipe(epochs=4, batch_size=128)
    # Workers come first: a process that has touched CUDA holds memory on the device for as long as it lives.
    data = random_images(report.images)
    counts, jobs, epochs = ((1, 2), 2, 1) if options.rehearse else ((1, 2, 4, 8), 16, 10)
    report.run("workers", lambda: measure_workers(report, data, recipe, counts, jobs))
    report.run("one step", lambda: check_one_step(report, digits))
    report.run("norms", lambda: check_norms(report))
    report.run("accuracy", lambda: check_accuracy(report, digits, epochs))
    if not options.rehearse:
        report.run("memory", lambda: check_memory(report))
    report.run("captured", lambda: measure_captured(report, data, recipe))
    report.run("formats", lambda: measure_formats(report, data, recipe))
    report.run("plain loop", lambda: measure_plain_loop(report, data, recipe))
    failed = [one["check"] for one in report.checks if not one["passed"]]
    if not options.rehearse:
        properties = torch.cuda.get_device_properties(0)
        result = {
            "device": {
                "name": device_name(torch.device("cuda")),
                "memory": properties.total_memory,
                "cuda": torch.version.cuda,
                "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]
            },
            "settings": {"repeats": report.repeats, "seeds": report.seeds, "images": report.images},
            "minutes": (time.perf_counter() - begin) / 60,
            "seconds": report.seconds,
            "failed": failed,
            "checks": report.checks,
            "figures": report.figures,
        }
        print(write_result("gpu", result))
    if failed:
        raise SystemExit(f"{len(failed)} checks failed: {', '.join(map(str, failed))}")


if __name__ == "__main__":
    main()
