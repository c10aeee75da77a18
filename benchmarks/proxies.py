"""How well the zero-cost proxies rank the cells of NAS-Bench-201 on CIFAR-10, beside published correlations.

    ARCHWRIGHT_TEST_DATA=... ARCHWRIGHT_TABLES=... python benchmarks/proxies.py [--networks 100] [--study proxies.db]

Each proxy scores the initial weights of a random sample of cells on images of the training half of NAS-Bench-201, and
is correlated with the recorded validation accuracy after 200 epochs (`nas.compare_proxies`). The data sets are not part
of the project: the variables name folders with `vision/cifar10_train_1.npz` to `_5.npz` and `nasbench201/`. With
`--study`, the scores are kept, and a later call goes on with them. Written to benchmarks/results/proxies.json.
"""

import argparse
import os
from pathlib import Path

import numpy as np

from nas import Dataset, OptunaStudy, compare_proxies, from_arrays, load_table
from nas.correlation.proxies import sought
from nas.correlation.text import show_proxies
from nas.events import Event, TrialEnded
from record import write_result

SEED = 0
PUBLISHED = {
    "zico": 0.80,
    "params": 0.75,
    "macs": 0.75,
    "synflow": 0.74,
    "jacob_cov": 0.73,
    "grad_norm": 0.58,
    "snip": 0.58,
}
"""Spearman's correlation on all cells, as Abdelfattah et al. (2021) and Li et al. (2023) report it."""


def cifar10(folder: Path) -> Dataset:
    """The halves of the training images that NAS-Bench-201 trained and validated on."""
    parts, labels = [], []
    for number in range(1, 6):
        with np.load(folder / "vision" / f"cifar10_train_{number}.npz", allow_pickle=False) as archive:
            pixels = np.cumsum(np.cumsum(archive["residual"], axis=3, dtype=np.uint8), axis=2, dtype=np.uint8)
            labels.append(archive["labels"])
        pixels[:, 0] += pixels[:, 1]
        pixels[:, 2] += pixels[:, 1]
        parts.append(pixels)
    images, targets = np.concatenate(parts), np.concatenate(labels).astype(np.int64)
    with np.load(folder / "vision" / "cifar10_nasbench201_split.npz", allow_pickle=False) as archive:
        train, val = archive["train"], archive["valid"]
    return from_arrays(images[train], targets[train], val=(images[val], targets[val]), name="cifar10")


def print_trial(event: Event) -> None:
    """A line for each network."""
    if isinstance(event, TrialEnded):
        print(f"{event.trial.number + 1}: {event.trial.seconds:.1f} s", flush=True)


def main() -> None:
    """Compares, prints and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--study", type=Path, default=Path("proxies.db"))
    options = parser.parse_args()
    data = cifar10(Path(os.environ["ARCHWRIGHT_TEST_DATA"]))
    path = Path(os.environ["ARCHWRIGHT_TABLES"]) / "nasbench201" / "nasbench201.npz"
    table = load_table("nasbench201-cifar10-200", path=path)
    identity = {"table": table.name, "data": data.fingerprint, "seed": SEED}
    opened = OptunaStudy.open(
        options.study, name="proxies", space=table.space, objectives=(sought(table),), identity=identity, alone=True
    )
    with opened as study:
        found = compare_proxies(
            table,
            data,
            trials=options.networks,
            study=study,
            seed=SEED,
            device="cpu",
            workers=options.workers,
            on_event=print_trial,
        )
        raw = [{"id": one.architecture.id, "val_acc": table.truth(one.architecture), **one.metrics} for one in study]
    print(show_proxies(found))
    settings = {"networks": options.networks, "seed": SEED}
    print(write_result("proxies", {"settings": settings, "published": PUBLISHED, **found.to_dict(), "raw": raw}))


if __name__ == "__main__":
    main()
