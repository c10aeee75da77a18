"""What the runs of applications in configs/ find, beside classical methods and a network written by hand.

    python benchmarks/applications.py [NAME ...] [--seeds 3] [--workers auto] [--again]
    python benchmarks/applications.py --table

Each run file is run from several seeds. Where the data have no official test part, the seed is also that of the split;
of the spoken digits, each speaker is held out once. On the same split follow

* classical methods (`application_baselines.py`), fitted to the training samples;
* a network written by hand (standard_networks/), of the width at which its parameters are closest in number to those of
  the network that was found, trained with the recipe of the final stage.

Results go into benchmarks/results/applications.json after each seed; what is there is not measured again, unless
`--again` is given. Differences are paired by seed, with 95 % intervals of Student's t. `--table` writes the table of
docs/applications.md. The data are read from data/ (docs/applications.md, `application_data.py`).
"""

import argparse
import csv
import json
import resource
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from application_baselines import measured, methods_for
from nas import Dataset, load_config, load_space, run
from nas.evaluate.evaluation import make_data
from nas.final.finalist import final_seed
from nas.progress import make_display
from nas.runs.config import RunConfig
from nas.statistics.effect import mean_difference
from nas.training.fit import fit
from nas.training.workbench import Workbench
from record import RESULTS, write_result

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "runs" / "applications"
CLASSES, VALUES = ("acc", "balanced_acc", "f1"), ("rmse", "mae", "r2")


@dataclass(frozen=True)
class Application:
    """How a run file is measured.

    Attributes:
        title: of its data.
        standard: the network written by hand.
        metric: what the table shows, on the test data.
        split: the key of the seed of the split; empty: the test part is given.
        speakers: whether each group is held out once.
        plainly: values of the run file that classical methods do without.
    """

    title: str
    standard: str
    metric: str = "acc"
    split: str = ""
    speakers: bool = False
    plainly: tuple[str, ...] = ()


APPLICATIONS: Mapping[str, Application] = {
    "digits": Application("scikit-learn's digits", "image", split="data.digits.split_seed"),
    "mnist": Application("MNIST", "image"),
    "fashion_mnist": Application("Fashion-MNIST", "image"),
    "cifar10_cpu": Application("CIFAR-10, on a CPU", "image"),
    "pneumonia_mnist": Application("PneumoniaMNIST", "image", metric="balanced_acc"),
    "spoken_digits": Application("spoken digits, new speakers", "sound", speakers=True),
    "sst2": Application("SST-2", "text"),
    "trec": Application("TREC", "text"),
    "sms_spam": Application("SMS spam", "text", metric="f1", split="data.texts.split_seed"),
    "adult": Application("Adult", "table", plainly=("data.table.kinds={}",)),
    "letter": Application("Letter", "table", split="data.table.split_seed"),
    "players": Application("players of a game (synthetic)", "table", split="data.players.split_seed"),
    "california_housing": Application("California housing", "table", metric="rmse", split="data.table.split_seed"),
}
"""By the names of run files. `configs/cifar10.yaml` is for a GPU and not among them."""


def speakers_of(table: Path) -> list[str]:
    """The speakers of a table of recordings, sorted."""
    with table.open(encoding="utf-8", newline="") as file:
        return sorted({row["speaker"] for row in csv.DictReader(file)})


def held_out(table: Path, speaker: str) -> Path:
    """Writes the table with a part of each recording: that of one speaker is `test`."""
    path = FOLDER / "tables" / f"{speaker}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with table.open(encoding="utf-8", newline="") as file, path.open("w", encoding="utf-8", newline="") as out:
        rows = list(csv.DictReader(file))
        writer = csv.DictWriter(out, [*rows[0], "part"])
        writer.writeheader()
        writer.writerows({**row, "part": "test" if row["speaker"] == speaker else "train"} for row in rows)
    return path


def splits_of(name: str, seeds: int) -> Mapping[str, tuple[int, Sequence[str]]]:
    """Names of what is measured: the seed, and the values that are replaced in the run file."""
    application = APPLICATIONS[name]
    if application.speakers:
        table = ROOT / "data" / "free_spoken_digits" / "recordings.csv"
        paths = {speaker: held_out(table, speaker) for speaker in speakers_of(table)}
        settings = f"data.sounds.folder={table.parent}", "data.sounds.part=part"
        return {
            speaker: (place, (f"data.sounds.path={path}", *settings))
            for place, (speaker, path) in enumerate(paths.items())
        }
    split = application.split
    return {f"seed {seed}": (seed, (f"{split}={seed}",) if split else ()) for seed in range(seeds)}


def processor_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def found_network(config: RunConfig, data: Dataset, folder: Path, metrics: tuple[str, ...]) -> dict[str, Any]:
    """Runs the search, and measures the network that it selects."""
    shutil.rmtree(folder, ignore_errors=True)
    begin, used = time.perf_counter(), processor_seconds()
    with make_display() as display:
        result = run(config, out=folder, on_event=display)
    spent = {"minutes": (time.perf_counter() - begin) / 60, "processor_minutes": (processor_seconds() - used) / 60}
    final = result.final
    bench = Workbench(data, device="cpu", metrics=metrics)
    if data.test is None:
        raise RuntimeError(f"{data.name} has no test part")
    figures = bench.score_samples(final.chosen.network, data.test, "test")
    return {
        **{metric: figures[f"test_{metric}"] for metric in metrics},
        "params": final.chosen.architecture.params,
        "architecture": final.chosen.architecture.id,
        "trials": result.trials,
        "failed": result.failed,
        **spent,
    }


def standard_network(
    config: RunConfig, data: Dataset, name: str, params: int, metrics: tuple[str, ...]
) -> dict[str, Any]:
    """Trains the network written by hand, of about as many parameters."""
    space = load_space(Path(__file__).parent / "standard_networks" / f"{name}.yaml", data=data)
    arch = min(space, key=lambda one: abs(one.params - params))
    bench = Workbench(data, device="cpu", metrics=metrics)
    begin = time.perf_counter()
    network = fit(bench, arch, config.final.recipe, seed=final_seed(config.seed, 0)).network
    if data.test is None:
        raise RuntimeError(f"{data.name} has no test part")
    figures = bench.score_samples(network, data.test, "test")
    found = {metric: figures[f"test_{metric}"] for metric in metrics}
    return {**found, "params": arch.params, "seconds": time.perf_counter() - begin}


def classical(name: str, data: Dataset, overrides: Sequence[str], metrics: tuple[str, ...]) -> dict[str, Any]:
    """The figures of each classical method on one split."""
    plainly = APPLICATIONS[name].plainly
    plain = make_data(load_config(ROOT / "configs" / f"{name}.yaml", [*overrides, *plainly])) if plainly else data
    found = {}
    for title, method in methods_for(plain).items():
        found[title] = measured(method, plain, metrics)
        print(f"{name}: {title} {shown(found[title])}", flush=True)
    return found


def measure(
    name: str, label: str, seed: int, overrides: Sequence[str], baselines: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Everything on one split; `baselines` are the figures of the classical methods if these are known."""
    path = ROOT / "configs" / f"{name}.yaml"
    config = load_config(path, [f"seed={seed}", "baseline=none", *overrides])
    data = make_data(config)
    metrics = VALUES if data.task.name == "regression" else CLASSES
    record: dict[str, Any] = {"split": label, "seed": seed, "train": len(data.train)}
    record["baselines"] = baselines or classical(name, data, overrides, metrics)
    record["found"] = found_network(config, data, FOLDER / f"{name}-{label.replace(' ', '-')}", metrics)
    print(f"{name} {label}: found {shown(record['found'])}", flush=True)
    standard = APPLICATIONS[name].standard
    record["standard"] = standard_network(config, data, standard, record["found"]["params"], metrics)
    print(f"{name} {label}: standard {shown(record['standard'])}", flush=True)
    return record


def shown(figures: Mapping[str, Any]) -> str:
    """Figures in a line."""
    return ", ".join(f"{key} {value:.4g}" for key, value in figures.items() if isinstance(value, float | int))


def kept() -> dict[str, list[dict[str, Any]]]:
    """The runs of each application that are recorded."""
    path = RESULTS / "applications.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))["runs"]) if path.exists() else {}


def values(runs: Sequence[Mapping[str, Any]], metric: str, *place: str) -> list[float]:
    """A metric of a method in all runs."""
    return [one[place[0]][metric] if len(place) == 1 else one[place[0]][place[1]][metric] for one in runs]


def compared(name: str, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Means over the splits, and the advantage of the network that was found: positive where it is better.

    With two splits or more, an advantage is a list of the mean and the ends of its interval, else of the value alone.
    """
    metric = APPLICATIONS[name].metric
    sign = -1.0 if metric in ("rmse", "mae") else 1.0
    titles = list(runs[0]["baselines"])
    means = {title: float(np.mean(values(runs, metric, "baselines", title))) for title in titles}
    best = max(titles, key=lambda title: sign * means[title])
    found, standard = values(runs, metric, "found"), values(runs, metric, "standard")
    record: dict[str, Any] = {
        "metric": metric,
        "splits": len(runs),
        "found": float(np.mean(found)),
        "standard": float(np.mean(standard)),
        "best_baseline": best,
        "baselines": means,
    }
    for key, other in (("best_baseline", values(runs, metric, "baselines", best)), ("standard", standard)):
        ours, theirs = sign * np.array(found), sign * np.array(other)
        record[f"advantage_over_{key}"] = [float(np.mean(ours - theirs))]
        if len(runs) > 1:
            advantage = mean_difference(ours, theirs)
            record[f"advantage_over_{key}"] = [advantage.value, advantage.low, advantage.high]
    return record


def quantity(metric: str, value: float, *, signed: bool = False) -> str:
    """A value of a metric as the table shows it: fractions in percent."""
    number, digits = (value, 0) if metric in ("rmse", "mae") else (100 * value, 1)
    return f"{number:{'+' if signed else ''},.{digits}f}"


def table(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The table of docs/applications.md."""
    head = (
        "| data | metric | splits | found | network by hand | best classical method | advantage over it | "
        "over the network by hand | parameters | processor minutes |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    )
    lines = []
    for name, application in APPLICATIONS.items():
        if not runs.get(name):
            continue
        here, metric = compared(name, runs[name]), application.metric
        best = here["best_baseline"]
        gains = []
        for key in ("best_baseline", "standard"):
            mean, *ends = [quantity(metric, one, signed=True) for one in here[f"advantage_over_{key}"]]
            gains.append(f"{mean} ({' to '.join(ends)})" if ends else mean)
        params = np.mean([one["found"]["params"] for one in runs[name]])
        minutes = np.mean([one["found"]["processor_minutes"] for one in runs[name]])
        cells = (
            f"{application.title} (`{name}`)",
            f"`{metric}`",
            str(here["splits"]),
            quantity(metric, here["found"]),
            quantity(metric, here["standard"]),
            f"{quantity(metric, here['baselines'][best])}, {best}",
            *gains,
            f"{params:,.0f}",
            f"{minutes:.1f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*head, *lines])


def with_table(text: str, content: str) -> str:
    """The text of docs/applications.md with this table."""
    before, begin, rest = text.partition("<!-- applications -->\n")
    _, end, after = rest.partition("<!-- end -->")
    return f"{before}{begin}{content}\n{end}{after}"


def main() -> None:
    """Measures, and writes after each split; or writes the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(APPLICATIONS)}; default: all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", default="auto", help="worker processes of a search")
    parser.add_argument("--again", action="store_true", help="measure again what is recorded")
    parser.add_argument("--table", action="store_true", help="write the table of docs/applications.md")
    options = parser.parse_args()
    if options.table:
        document = ROOT / "docs" / "applications.md"
        document.write_text(with_table(document.read_text(encoding="utf-8"), table(kept())), encoding="utf-8")
        return
    if unknown := set(options.names) - set(APPLICATIONS):
        parser.error(f"no application is named {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    for name in options.names or APPLICATIONS:
        baselines: Mapping[str, Any] | None = None
        for label, (seed, overrides) in splits_of(name, options.seeds).items():
            there = [one for one in kept().get(name, ()) if one["split"] != label or not options.again]
            if found := [one for one in there if one["split"] == label]:
                baselines = None if overrides else found[0]["baselines"]  # equal for all seeds of one split
                continue
            record = measure(name, label, seed, [*overrides, f"workers={options.workers}"], baselines)
            baselines = None if overrides else record["baselines"]
            there.append(record)
            runs = {**kept(), name: sorted(there, key=lambda one: int(one["seed"]))}
            write_result(
                "applications",
                {"compared": {one: compared(one, found) for one, found in runs.items()}, "runs": runs},
            )


if __name__ == "__main__":
    main()
