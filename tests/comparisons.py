"""A small table, in memory and in a file, and a comparison of it; plausible made-up runs of controllers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nas.simulation.results import ProblemFacts, Results, Run
from nas.space import Space, load_space
from nas.tabular import Table, write_table
from nas.tabular.members import members_of

SPACE: Mapping[str, Any] = {
    "name": "small",
    "input": [4],
    "outputs": 2,
    "layers": [
        {"name": "act", "choice": ["relu", "gelu", "tanh", "silu"]},
        {"name": "fc", "linear": {"units": {"choice": [4, 8, 12, 16]}}},
        {"name": "end", "choice": ["relu", "gelu", "tanh", "silu"]},
        {"linear": {"units": "outputs"}},
    ],
}


@pytest.fixture(scope="session")
def space() -> Space:
    """64 networks."""
    return load_space(SPACE)


@pytest.fixture(scope="session")
def table(space: Space) -> Table:
    """The 64 networks, two runs and two budgets each, with seconds."""
    rng = np.random.default_rng(0)
    rows = [arch.choices for arch in space]
    quality = rng.uniform(0.5, 0.9, (len(rows), 1, 1)) + rng.normal(0, 0.01, (len(rows), 2, 2))
    seconds = np.broadcast_to(rng.uniform(1, 9, (len(rows), 1, 1)) * [1, 4], quality.shape)
    return Table(
        name="small",
        space=space,
        members=members_of(rows),
        epochs=(1, 4),
        val_acc=quality.astype(np.float32),
        test_acc=(quality - 0.01).astype(np.float32),
        seconds=seconds.astype(np.float32),
        curves=False,
        source="made by hand",
    )


COMPARISON: Mapping[str, Any] = {
    "name": "two",
    "controllers": {
        "random": "random",
        "evolution": {"regularized_evolution": {"population": 4, "tournament": 2}},
    },
    "problems": {"small": {"table": "small.npz"}},
    "budget": {"evaluations": 12},
    "seeds": 8,
    "jobs": 1,
}
"""Of two controllers on the table, in a file beside it."""


@pytest.fixture
def comparison(table: Table, tmp_path: Path) -> Mapping[str, Any]:
    """The comparison, whose table is there."""
    write_table(table, tmp_path / "small.npz")
    return COMPARISON


@pytest.fixture
def comparison_file(comparison: Mapping[str, Any], tmp_path: Path) -> Callable[..., Path]:
    """Writes the comparison, with some of it replaced."""

    def write(**changes: Any) -> Path:
        return written(tmp_path, {**comparison, **changes})

    return write


def written(folder: Path, comparison: Mapping[str, Any]) -> Path:
    """The file of a comparison in a folder."""
    path = folder / "two.yaml"
    path.write_text(yaml.safe_dump(dict(comparison), sort_keys=False), encoding="utf-8")
    return path


# name: how large a part of the table is worth a look after many evaluations, and milliseconds of own time
MADE_UP = {
    "random": (1.0, 0.02),
    "local search": (0.08, 0.3),
    "evolution": (0.03, 0.5),
    "q_learning": (0.3, 1.2),
    "optuna: TPE": (0.04, 9.0),
    "optuna: GP": (0.015, 120.0),
    "hyperband": (0.5, 0.4),
    "bananas": (0.02, 60.0),
    "reinforce": (0.4, 0.8),
    "regularized evolution with a long name": (0.05, 0.6),
}


def made_up(
    controllers: int = 5,
    problems: int = 3,
    seeds: int = 30,
    evaluations: int = 200,
    *,
    known: bool = True,
    budget: tuple[str, float] | None = None,
) -> Results:
    """Results in which controllers look into ever better parts of a table, as far as each of them is good at it."""
    facts, runs = [], {}
    for t in range(problems):
        rng = np.random.default_rng([7, t])
        table = np.sort(0.9 - 0.03 * t - 0.02 * (t + 1) * rng.gamma(3, 0.5, 15625))[::-1]
        facts.append(
            ProblemFacts(
                f"table-{t + 1}",
                f"made-up table {t + 1}, 15,625 random numbers",
                "val_acc",
                float(table[0]) if known else None,
                15625 if known else None,
                known,
            )
        )
        for name, (aim, cost) in list(MADE_UP.items())[:controllers]:
            for seed in range(seeds):
                runs[facts[-1].name, name, seed] = _run(
                    facts[-1].name, name, seed, table, aim, cost, evaluations, known, t
                )
    settings: dict[str, dict[str, Any]] = {name: {} for name in list(MADE_UP)[:controllers]}
    if "evolution" in settings:
        settings["evolution"] = {"population": 20, "sample": 5, "mutation": {"rate": 0.1}}
    return Results(
        "made up",
        tuple(facts),
        settings,
        tuple(range(seeds)),
        budget or ("evaluations", evaluations),
        1,
        runs,
        {"archwright": "0.1.0", "python": "3.11.9", "hardware": "made-up CPU, 2 cores", "date": "2026-01-02"},
    )


def _run(
    problem: str, name: str, seed: int, table: Any, aim: float, cost: float, count: int, known: bool, t: int
) -> Run:
    rng = np.random.default_rng([seed, t, list(MADE_UP).index(name)])
    part = aim + (1 - aim) * np.exp(-np.arange(count) / 25)
    part *= np.exp(0.3 * rng.normal())
    rows = np.minimum((rng.random(count) * np.minimum(part, 1) * len(table)).astype(int), len(table) - 1)
    truth = table[rows]
    seconds = rng.uniform(40, 160, count)
    own = cost / 1000 * rng.lognormal(0, 0.3, count)
    nothing = np.full(count, np.nan)
    return Run(
        problem,
        name,
        seed,
        tuple(f"a{row:05d}" for row in rows),
        rows.astype(np.float64) if known else nothing,
        truth + rng.normal(0, 0.003, count),
        truth if known else nothing,
        truth if known else nothing,
        truth - 0.01 + rng.normal(0, 0.002, count) if known else nothing,
        np.full(count, 12.0),
        np.full(count, 12.0),
        seconds,
        np.cumsum(seconds + own),
        own,
    )


@pytest.fixture(scope="session")
def make_results() -> Callable[..., Results]:
    return made_up


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
