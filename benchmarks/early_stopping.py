"""What early stopping by learning curves saves, and how often it loses the best network, on recorded curves.

    python benchmarks/early_stopping.py [--tables FOLDER] [--orders 100] [--networks 100] [--processes 2]

100 networks of a set of recorded learning curves come in a random order, as from a random search, one at a time. Each
rule decides at its checks whether a training goes on. Measured for each order: the share of the epochs of 100 full
trainings that were saved, and the regret, that is, how much worse the best network that was trained in full ends than
the best of the 100. The best was lost where that is above 0. All rules see the same orders.

* `early_stopping P`: the controller, with the threshold P, and its checks after 1/2, 1/4, ... of the full training.
* Rules at the same checks, which begin after as many full trainings as the controller: `last value` stops what is not
  above the best end yet; `median` is the median stopping rule of Golovin et al. (Google Vizier, KDD 2017, section 3.2),
  with the curves that were not stopped; `gain P` takes the end to be the score and a gain, which is distributed as
  those of the finished trainings were; `parametric P` is Domhan et al.'s rule (IJCAI 2015) with a Bayesian ensemble of
  power laws, exponentials and logarithms, fitted to all epochs of each curve by itself; `finished only P` is the
  posterior of the controller from the curves that were not stopped.
* `successive_halving`, `hyperband` and `asha`: the controllers with the same levels (η = 2) and with their own η, as
  many of them as 100 networks suffice for, until these are used up and nothing is to be promoted.

The default threshold was chosen on the curves of MetaQNN on CIFAR-10: the greatest of those tried with which the best
was lost in at most 1 % of the orders. The other sets are the test. Coverage is that of the intervals of the posterior
at every check that the controller makes with its defaults.

TSE, the sum of training losses (Ru et al., NeurIPS 2021), and its ranks: Spearman's correlation of the score after each
of some epochs with the accuracy after all 90, over all networks of NAAP-440, whose training losses are recorded. Beside
it is the last accuracy.

The folder of published tables has metaqnn/*.csv.gz and naap440/naap440.npz. Scores of language models are negated
perplexities; the accuracies of NAAP-440 are those of its test set. Written to benchmarks/results/early_stopping.json
with the values of every order.
"""

import argparse
import csv
import gzip
import inspect
import math
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from scipy.special import stdtr
from scipy.stats import spearmanr

import nas
from nas.controllers.backends.learning_curves import LearningCurves
from nas.controllers.backends.promoting import levels_of
from nas.evaluate.tse import TSE, with_tse
from record import write_result

CHOSEN_ON = "metaqnn cifar10"
THRESHOLDS = (0.1, 0.05, 0.02, 0.01)
DEFAULTS = inspect.signature(nas.EarlyStopping).parameters
THRESHOLD, INITIAL = DEFAULTS["threshold"].default, DEFAULTS["initial"].default
TSE_EPOCHS = (1, 3, 6, 9, 15, 30, 45, 90)
SETS = {
    CHOSEN_ON: "metaqnn_cifar10",
    "metaqnn svhn": "metaqnn_svhn",
    "resnets cifar10": "deep_resnets_cifar10",
    "resnets tinyimagenet": "deep_resnets_tinyimagenet",
    "lstm ptb": "lstm_ptb",
}
Floats = np.ndarray[Any, np.dtype[np.float64]]
Stops = Callable[[Sequence[Floats], float, Floats], bool]
"""Whether a rule stops a training: from the curves so far, of which the finished ones have all epochs, the best end,
and the beginning of a curve."""
Rule = Callable[[Floats, Sequence[nas.Architecture]], tuple[float, float]]
Fall = Callable[[Floats], Floats]
"""A function of the epoch, from 1."""


def read_curves(folder: Path) -> Mapping[str, Floats]:
    """The sets of curves `(networks, epochs)`, higher is better; curves with gaps are left out."""
    found = {}
    for name, file in SETS.items():
        with gzip.open(folder / "metaqnn" / f"{file}.csv.gz", "rt", encoding="utf-8") as opened:
            header, *rows = csv.reader(opened)
        columns = [place for place, column in enumerate(header) if column.startswith(("acc_", "ep_"))]
        curves = np.array([[float(row[place] or "nan") for place in columns] for row in rows])
        curves = curves[np.isfinite(curves).all(axis=1)]
        found[name] = -curves if file == "lstm_ptb" else curves
    with np.load(folder / "naap440" / "naap440.npz", allow_pickle=False) as archive:
        found["naap440"] = archive["test_acc"].astype(np.float64)
    return found


class Exhausted(Exception):
    """There is no further network."""


class InTurn:
    """Proposes networks in order, each once."""

    def __init__(self, networks: Sequence[nas.Architecture]) -> None:
        self.networks, self.told = networks, 0

    def ask(self, rng: np.random.Generator, pending: Sequence[nas.Proposal] = ()) -> nas.Proposal:
        if self.told == len(self.networks):
            raise Exhausted
        return nas.Proposal(self.networks[self.told])

    def tell(self, trial: nas.Trial) -> None:
        self.told += 1


def play(make: Callable[..., Any], curves: Floats, networks: Sequence[nas.Architecture]) -> tuple[float, float]:
    """The share of epochs saved by a controller that wraps another one, and the regret."""
    full, place = curves.shape[1], {arch.id: number for number, arch in enumerate(networks)}
    controller = make(InTurn(networks), full_epochs=full)
    trained: dict[int, int] = {}
    spent, best, number = 0, -np.inf, 0
    while True:
        try:
            proposal = controller.ask(np.random.default_rng(number))
        except Exhausted:
            break
        epochs = proposal.epochs or full
        trained[number] = epochs
        spent += epochs - (0 if proposal.parent is None else trained[proposal.parent])
        score = float(curves[place[proposal.architecture.id], epochs - 1])
        if epochs == full:
            best = max(best, score)
        controller.tell(nas.Trial(number, proposal, number, {"val_acc": score}, (score,), 1.0, None, number))
        number += 1
    return 1 - spent / curves.size, float(curves[:, -1].max() - best)


def apply(stops: Stops, curves: Floats, networks: Sequence[nas.Architecture]) -> tuple[float, float]:
    """The share of epochs saved by a rule, and the regret."""
    full = curves.shape[1]
    seen: list[Floats] = []
    best, done, spent = -np.inf, 0, 0
    for curve in curves:
        for epochs in checks_of(full):
            if done >= INITIAL and stops(seen, best, curve[:epochs]):
                seen.append(curve[:epochs])
                break
        else:
            seen.append(curve)
            best, done = max(best, float(curve[-1])), done + 1
        spent += len(seen[-1])
    return 1 - spent / curves.size, float(curves[:, -1].max() - best)


def checks_of(full: int) -> Sequence[int]:
    """The epochs of the checks of the controller with its defaults."""
    return [epochs for epochs in levels_of(full, 1, 2) if epochs is not None]


def finished(seen: Sequence[Floats]) -> Floats:
    """The curves that were not stopped, `(N, epochs)`."""
    full = max(map(len, seen))
    return np.array([curve for curve in seen if len(curve) == full])


def never(seen: Sequence[Floats], best: float, curve: Floats) -> bool:
    """Stops nothing."""
    return False


def last_value(seen: Sequence[Floats], best: float, curve: Floats) -> bool:
    """Takes the curve to be flat from here."""
    return bool(curve[-1] <= best)


def median(seen: Sequence[Floats], best: float, curve: Floats) -> bool:
    """The median stopping rule: the best score so far is below the median of the running averages."""
    return bool(curve.max() < np.median(finished(seen)[:, : len(curve)].mean(axis=1)))


def gain(seen: Sequence[Floats], best: float, curve: Floats, threshold: float = 0.05) -> bool:
    """The gain to the end has the normal distribution of the gains of the finished trainings, with a prior of two."""
    done = finished(seen)
    gains = done[:, -1] - done[:, len(curve) - 1]
    spread = np.abs(gains).mean() / 2
    squares = 2 * spread**2 + ((gains - gains.mean()) ** 2).sum()
    degrees = 2 + len(gains)
    scale = np.sqrt(squares / degrees * (1 + 1 / len(gains))) or 1e-12
    return bool(1 - stdtr(degrees, (best - curve[-1] - gains.mean()) / scale) < threshold)


def fall_of(exponent: float) -> Fall:
    """A power law."""
    return lambda epoch: epoch**-exponent


def decay_of(epochs: float) -> Fall:
    """An exponential."""
    return lambda epoch: np.exp(-epoch / epochs)


def inverse_logarithm_of(shift: float) -> Fall:
    """A logarithm."""
    return lambda epoch: 1 / np.log(epoch + shift)


FALLS: Sequence[Fall] = (
    *map(fall_of, (0.1, 0.25, 0.5, 1.0, 2.0)),
    *map(decay_of, (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)),
    *map(inverse_logarithm_of, (1.5, 2.0, 4.0)),
)


def parametric(seen: Sequence[Floats], best: float, curve: Floats, threshold: float) -> bool:
    """Bayesian linear regressions on an end and on a part that falls to it, weighted by their evidence.

    In units of the best end, the noise has the prior standard deviation 0.01 with the weight of two epochs, and the
    coefficients have a hundred times that of the noise.
    """
    full = max(map(len, seen))
    epochs = np.arange(1.0, len(curve) + 1)
    unit = abs(best)
    targets = (curve - curve[-1]) / unit
    logs, tails = [], []
    square, degrees = 2 * 0.01**2, 2.0
    before = np.diag([0.01**2, 0.01**2])  # precisions, in units of the variance of the noise
    for fall in FALLS:
        inputs = np.column_stack([np.ones(len(curve)), fall(epochs)])
        end = np.array([1.0, fall(np.array([float(full)]))[0]])
        after = before + inputs.T @ inputs
        found = np.linalg.solve(after, inputs.T @ targets)
        last = degrees + len(curve)
        squares = square + targets @ targets - found @ after @ found
        logs.append(-np.linalg.slogdet(after)[1] / 2 - last / 2 * np.log(squares))
        scale = np.sqrt(squares / last * (1 + end @ np.linalg.solve(after, end)))
        tails.append(1 - stdtr(last, ((best - curve[-1]) / unit - end @ found) / scale))
    weights = np.exp(np.array(logs) - max(logs))
    return bool(weights @ np.array(tails) / weights.sum() < threshold)


def model_of(seen: Sequence[Floats]) -> LearningCurves:
    """The model of the controller, fitted to curves."""
    full = max(map(len, seen))
    epochs = [*checks_of(full), full]
    return LearningCurves(epochs, [at_checks(curve, full) for curve in seen])


def at_checks(curve: Floats, full: int) -> Sequence[float]:
    """What a controller is told of a curve."""
    return [float(curve[epoch - 1]) for epoch in (*checks_of(full), full) if epoch <= len(curve)]


class FromFinished:
    """The posterior of the controller, without the curves that were stopped."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._known: tuple[Floats, LearningCurves] | None = None

    def __call__(self, seen: Sequence[Floats], best: float, curve: Floats) -> bool:
        done = finished(seen)
        if self._known is None or not np.array_equal(self._known[0], done):
            self._known = done, model_of(list(done))
        return self._known[1].end(at_checks(curve, done.shape[1])).above(best) < self.threshold


def coverage(curves: Floats) -> Sequence[float]:
    """The posterior probability of ending above the end that was recorded, at each check that the controller makes."""
    full, found = curves.shape[1], []
    seen: list[Floats] = []
    best, done = -np.inf, 0
    for curve in curves:
        model = model_of(seen) if seen else None
        for epochs in checks_of(full):
            if model is None or done < INITIAL:
                continue
            end = model.end(at_checks(curve[:epochs], full))
            found.append(end.above(float(curve[-1])))
            if end.above(best) < THRESHOLD:
                seen.append(curve[:epochs])
                break
        else:
            seen.append(curve)
            best, done = max(best, float(curve[-1])), done + 1
    return found


def rules(count: int, full: int) -> Mapping[str, Rule]:
    """All rules for so many networks and epochs by name, each a function of curves in order and of the networks."""
    stops: Mapping[str, Stops] = {
        "last value": last_value,
        "median": median,
        "gain 0.05": gain,
        "parametric 0.05": partial(parametric, threshold=0.05),
        **{f"finished only {one:g}": FromFinished(one) for one in (0.02, 0.01)},
    }
    controllers: dict[str, Callable[..., Any]] = {
        f"early_stopping {one:g}": partial(nas.EarlyStopping, threshold=one) for one in THRESHOLDS
    }
    for name, wrapper, eta in (
        ("successive_halving", partial(nas.SuccessiveHalving, networks=count), 3),
        ("hyperband", nas.Hyperband, 3),
        ("asha", nas.ASHA, 4),
    ):
        for one in (2, eta):
            least = math.ceil(full / one ** math.floor(math.log(count, one)))
            controllers[f"{name} η={one}"] = partial(wrapper, eta=one, min_epochs=least)
    return {
        "no stopping": partial(apply, never),
        **{name: partial(apply, rule) for name, rule in stops.items()},
        **{name: partial(play, make) for name, make in controllers.items()},
    }


def tse_of(folder: Path) -> Mapping[str, Any]:
    """How TSE and the last accuracy after some epochs rank the networks of NAAP-440 by their last accuracy."""
    with np.load(folder / "naap440" / "naap440.npz", allow_pickle=False) as archive:
        losses, accuracies = archive["train_loss"].astype(np.float64), archive["test_acc"].astype(np.float64)
    found = {}
    for epochs in TSE_EPOCHS:
        sums = [with_tse({"train_loss_curve": tuple(row[:epochs].tolist())})[TSE] for row in losses]
        found[str(epochs)] = {
            TSE: spearman(-np.array(sums, dtype=np.float64), accuracies[:, -1]),
            "train_loss": spearman(-losses[:, epochs - 1], accuracies[:, -1]),
            "val_acc": spearman(accuracies[:, epochs - 1], accuracies[:, -1]),
        }
    return {"networks": len(losses), "epochs": losses.shape[1], "spearman": found}


def spearman(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation."""
    return round(float(spearmanr(one, other).statistic), 4)


def summary(saved: Sequence[float], regret: Sequence[float]) -> dict[str, float]:
    """The means and shares of a rule over the orders."""
    return {
        "saved": round(mean(saved), 4),
        "lost": round(mean(one > 0 for one in regret), 4),
        "regret": round(mean(regret), 6),
    }


def measure(name: str, curves: Floats, count: int, seeds: int) -> dict[str, Any]:
    """All rules on a set of curves."""
    values = list(range(1, count + 1))
    space = nas.parse_space(f"input: [4]\nlayers: [{{linear: {{units: {{choice: {values}}}}}}}]")
    networks = list(space)
    orders = [np.random.default_rng(seed).permutation(len(curves))[:count] for seed in range(seeds)]
    results: dict[str, Any] = {}
    for rule, function in rules(count, curves.shape[1]).items():
        begin = time.process_time()
        saved, regret = zip(*(function(curves[order], networks) for order in orders), strict=True)
        spent = time.process_time() - begin
        results[rule] = one = {
            **summary(saved, regret),
            "cpu_seconds_of_an_order": round(spent / seeds, 4),
            "saved_raw": [round(value, 4) for value in saved],
            "regret_raw": [round(value, 6) for value in regret],
        }
        figures = f"saved {one['saved']:6.1%}, lost {one['lost']:4.0%}, regret {one['regret']:.4f}"
        print(f"{name:21} {rule:22} {figures}", flush=True)
    above = np.array([value for order in orders for value in coverage(curves[order])])
    covered = {f"{share}%": round(float((abs(above - 0.5) < share / 200).mean()), 4) for share in (50, 80, 95)}
    print(f"{name:21} coverage {covered} of {len(above)} predictions", flush=True)
    facts = {"curves": len(curves), "epochs": curves.shape[1], "checks": list(checks_of(curves.shape[1]))}
    return {**facts, "rules": results, "coverage": covered, "predictions": len(above)}


def main() -> None:
    """Measures, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=Path, default=os.environ.get("ARCHWRIGHT_TABLES"))
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    if options.tables is None:
        parser.error("give --tables FOLDER, or ARCHWRIGHT_TABLES in the environment")
    folder = Path(options.tables)
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # of the processes that are started
    tse = tse_of(folder)
    print("TSE on NAAP-440", tse["spearman"])
    sets = read_curves(folder)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        tasks = [(name, curves, options.networks, options.orders) for name, curves in sets.items()]
        found = dict(zip(sets, pool.starmap(measure, tasks, chunksize=1), strict=True))
    facts = {"orders": options.orders, "networks": options.networks, "threshold": THRESHOLD, "initial": INITIAL}
    print(write_result("early_stopping", {**facts, "chosen_on": CHOSEN_ON, "sets": found, "tse": tse}))


if __name__ == "__main__":
    main()
