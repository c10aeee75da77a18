"""Networks of the everyday spaces on real images, texts, recordings and tables: seconds of training beat chance by far.

The data sets are not part of the project. The environment variable ARCHWRIGHT_TEST_DATA names a folder that holds them.
What is reached is stated in each test, for the seeds 0 to 2 on a CPU; the bound is well below.
"""

import csv
import gzip
import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nas.data import Dataset, from_arrays, load_data
from nas.evaluate import Train
from nas.space import load_space
from nas.space.choice import Value
from nas.training import Recipe

VARIABLE = "ARCHWRIGHT_TEST_DATA"
SPACES = Path(__file__).parents[2] / "search_spaces"


def real(name: str) -> Path:
    """The path of a file of the folder; skips the test where there is none."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"the environment variable {VARIABLE} names no folder with data sets")
    path = Path(folder) / name
    if not path.is_file():
        pytest.skip(f"there is no file {path}")
    return path


def accuracy(name: str, data: Dataset, choices: Mapping[str, Value], recipe: Recipe) -> float:
    """On the validation part, of a member of a space."""
    arch = load_space(SPACES / f"{name}.yaml", data=data).rebuild(choices)
    found = Train(data, recipe, device="cpu")(arch, epochs=None, seed=0)["val_acc"]
    assert isinstance(found, float)
    return found


def parts(inputs: NDArray[Any], labels: NDArray[Any], *, train: int, val: int, seed: int = 0) -> Dataset:
    """So many samples to train on and to choose by, drawn at random."""
    order = np.random.default_rng(seed).permutation(len(labels))
    first, second = order[:train], order[train : train + val]
    return from_arrays(inputs[first], labels[first], val=(inputs[second], labels[second]))


@pytest.mark.slow
def test_image_cnn_on_cifar10() -> None:
    """1,500 photographs of 10 classes, two epochs; 27 to 31 %."""
    with np.load(real("vision/cifar10_test.npz"), allow_pickle=False) as archive:
        residual, labels = archive["residual"], archive["labels"]
    pixels = np.cumsum(np.cumsum(residual, axis=3, dtype=np.uint8), axis=2, dtype=np.uint8)
    pixels[:, 0] += pixels[:, 1]
    pixels[:, 2] += pixels[:, 1]
    data = parts(pixels, labels, train=1500, val=500)
    choices: dict[str, Value] = {"body.repeat": 2, "activation": "relu", "flat": "global_avg_pool", "head.repeat": 0}
    for place, width in enumerate((32, 32)):
        path = f"body.{place}.0.block"
        choices |= {f"{path}.width": width, f"{path}.kernel": 3, f"{path}.pool": "max_pool", f"{path}.3.dropout.p": 0.0}
        choices |= {f"{path}.0.unit.norm": "batch_norm", f"{path}.second": "identity"}
    found = accuracy("image_cnn", data, choices, Recipe(epochs=2, lr=1e-2))
    assert found > 0.22


@pytest.mark.slow
def test_textcnn_on_questions() -> None:
    """TREC (Li & Roth 2002): what a question asks for; 6 kinds, the commonest is 23 % of them; 83 to 85 %."""
    data = load_data("texts", path=real("text/trec.tsv.gz"), target="coarse", part="split")
    choices: dict[str, Value] = {"0.embedding.width": 50, "word_dropout.dropout.p": 0.0, "head_dropout.dropout.p": 0.5}
    choices |= {"2.windows": "w345", "2.windows.filters": 50, "activation": "relu"}
    found = accuracy("textcnn", data, choices, Recipe(epochs=2, lr=1e-2))
    assert found > 0.7


@pytest.mark.slow
def test_audio_cnn_on_spoken_digits() -> None:
    """The Free Spoken Digit Dataset, half a second of 600 recordings, speakers known; 57 to 63 %."""
    with np.load(real("audio/fsdd.npz"), allow_pickle=False) as archive:
        sound = archive["audio_bytes"].T.copy().view("<i2").ravel()
        offsets, labels = archive["offsets"], archive["labels"]
    inputs = np.zeros((len(labels), 1, 4000), dtype=np.float32)
    for place, (start, end) in enumerate(pairwise(offsets)):
        clip = sound[start : min(end, start + 4000)]
        inputs[place, 0, : len(clip)] = clip
    data = parts(inputs, labels, train=600, val=300)
    choices: dict[str, Value] = {"stem.0.conv.width": 64, "groups.repeat": 3, "last_pool": "identity"}
    for place, width in enumerate((64, 64, 128)):
        choices |= {f"groups.{place}.0.group.width": width, f"groups.{place}.0.group.units.repeat": 1}
    found = accuracy("audio_cnn", data, choices, Recipe(epochs=4, batch_size=32, lr=1e-2))
    assert found > 0.4


LETTERS: Mapping[str, Mapping[str, Value]] = {
    "tabular_embeddings": {
        "numbers": "waves",
        "vectors": 8,
        "numbers.waves.0.embed_numbers.std": 0.1,
        "blocks.repeat": 2,
        "blocks.0.block.units": 256,
        "blocks.0.block.rate": 0.0,
    },
    "tabular_mlp": {
        "first.block.units": 256,
        "rate": 0.0,
        "middle.repeat": 1,
        "middle.0.block.units": 256,
        "last": "identity",
    },
    "tabular_resnet": {
        "body.resnet.width": 128,
        "body.resnet.hidden": 256,
        "body.resnet.hidden_dropout": 0.0,
        "body.resnet.residual_dropout": 0.0,
        "body.resnet.blocks.repeat": 2,
    },
}


@pytest.mark.parametrize("name", LETTERS)
def test_tables_on_letters(name: str) -> None:
    """16 figures of printed letters, 26 classes (Frey & Slate 1991); 94 %."""
    with gzip.open(real("tabular/letter.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        _, *rows = list(csv.reader(file))
    letters = sorted({row[-1] for row in rows})
    inputs = np.array([row[:-1] for row in rows], dtype=np.float32)
    labels = np.array([letters.index(row[-1]) for row in rows])
    data = parts(inputs, labels, train=10_000, val=2000)
    found = accuracy(name, data, LETTERS[name], Recipe(epochs=4, batch_size=128, lr=1e-2))
    assert found > 0.88
