"""The main facts of a table, as data and as text."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nas.errors import ArchwrightError
from nas.tabular.lookup import Tabular
from nas.tabular.table import Table

SAMPLES = 200
"""The number of sampled mutations."""


def lone_mutations(table: Table) -> float | None:
    """The fraction of mutations of random rows that change a single decision; None if the table covers the space.

    With `Space.keep`, every walk ends at a row. If the rows are a small part of the space, a mutation has to change
    further decisions in order to arrive at a row, which then has little in common with the original.
    """
    if table.space.kept is None:
        return None
    rng, alone = np.random.default_rng(0), 0
    for row in rng.integers(len(table), size=SAMPLES):
        arch = table.architecture(int(row))
        old = dict(arch.choices)
        changed = [name for name, value in table.space.mutate(arch, rng).choices if old.get(name, value) != value]
        alone += len(changed) == 1
    return alone / SAMPLES


def facts(table: Table) -> dict[str, Any]:
    """The main facts of a table. Accuracies are fractions at the full budget, averaged over the recorded runs."""
    best, tests = table.best, table.tests
    seconds = None if table.seconds is None else table.seconds[:, :, -1]
    test = None if tests is None or np.isnan(tests[best]) else float(tests[best])
    return {
        "name": table.name,
        "space": table.space.name,
        "rows": len(table),
        "runs": [int(table.runs.min()), int(table.runs.max())],
        "epochs": list(table.epochs),
        "best": table.optimum,
        "best_test_acc": test,
        "mean": float(table.truths.mean()),
        "spread": float(np.nanmean(np.nanstd(table.val_acc[:, :, -1], axis=1))),
        "mean_seconds": None if seconds is None or np.isnan(seconds).all() else float(np.nanmean(seconds)),
        "best_choices": dict(table.members.choices(best)),
        "metrics": list(Tabular(table).metrics),
        "lone_mutations": lone_mutations(table),
        "source": table.source,
    }


def show_table(found: Mapping[str, Any]) -> str:
    """The facts as text."""
    epochs = found["epochs"]
    shown = f"1 to {epochs[-1]}" if len(epochs) > 4 else ", ".join(map(str, epochs))
    low, high = found["runs"]
    lines = [
        ("table", found["name"]),
        ("space", found["space"]),
        ("rows", f"{found['rows']:,}"),
        ("runs", f"{low}" if low == high else f"{low} to {high}"),
        ("epochs", shown),
        ("val_acc", f"best {100 * found['best']:.2f} %, mean {100 * found['mean']:.2f} %"),
        ("between runs", f"± {100 * found['spread']:.2f} points" if high > 1 else "one run each"),
    ]
    if found["best_test_acc"] is not None:
        lines.append(("test_acc", f"{100 * found['best_test_acc']:.2f} % of the best"))
    if found["mean_seconds"] is not None:
        lines.append(("seconds", f"{found['mean_seconds']:,.0f} on average"))
    if found["lone_mutations"] is not None:
        lines.append(("neighbours", f"{100 * found['lone_mutations']:.0f} % of mutations change a single decision"))
    lines += [
        ("best", ", ".join(f"{name}={value}" for name, value in found["best_choices"].items())),
        ("metrics", ", ".join(found["metrics"])),
        ("source", found["source"]),
    ]
    return "\n".join(f"{label:<13} {text}" for label, text in lines)


def list_tables(tables: Mapping[str, Callable[..., Table]]) -> list[dict[str, Any]]:
    """The facts of each table that can be read, and the errors of the others."""
    found: list[dict[str, Any]] = []
    for name, load in tables.items():
        try:
            found.append(facts(load()))
        except ArchwrightError as error:
            found.append({"name": name, "error": str(error)})
    return found
