"""Damaged and hostile space files, run files and comparison files: read, or refused with a place."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nas.comparison.config import load_comparison
from nas.comparison.prepare import prepare_comparison
from nas.runs.prepare import load_run, prepare
from nas.space import Space, load_space
from nas.tabular import Table, write_table
from nas.tabular.members import members_of
from tests.fuzz.harness import Target, fuzz, mutate_words

SPACES = Path(__file__).parents[2] / "search_spaces"
SPACE = """
name: small
input: [4]
outputs: 2
layers:
  - name: act
    choice: [relu, gelu, tanh]
  - {name: fc, linear: {units: {choice: [4, 8]}}}
  - {linear: {units: outputs}}
"""
RUN = """
name: small
space: small.yaml
data: {npz: {path: data.npz}}
controller: {portfolio: {controllers: [random, {distinct: {controller: {q_learning: {alpha: 0.1, n_step: 2}}}}]}}
evaluator: {train: {epochs: 3, lr: 0.01, batch_size: 4, weight_decay: 0.0, label_smoothing: 0.1}}
objectives: {val_acc: {direction: maximize, limit: 0.1}, params: minimize}
budget: {trials: 20}
winner: repeat
final: {top: 2, epochs: 4}
seed: 3
device: cpu
precision: float32
threads: 1
"""
COMPARISON = """
name: two
controllers:
  random: random
  evolution: {regularized_evolution: {population: 4, tournament: 2}}
  tpe: {optuna: {sampler: TPESampler}}
problems:
  small: {table: small.npz}
  digits: {space: small.yaml, data: {npz: {path: data.npz}}, evaluator: {train: {epochs: 5}}}
budget: {evaluations: 12}
seeds: [1, 2, 3, 4, 5, 6, 7, 9]
delta: 0.5
workers: 2
jobs: 1
cache: true
charge_controller: false
"""
WORDS = (
    *(
        "9" * 300,
        "x" * 300,
        "[" * 70,
        "{a: " * 70,
        '"\\0"',
        '"\\ud800"',
        "\ufeff",
        "\u2028",
        "\t",
        "\n",
        "\n  ",
        ": ",
        ", ",
    ),
    *"""-9223372036854775809
1e999
.inf
.nan
-1
0
1
4096
1000000
1_000
0x1F
3.5
null
true
''
é
*a
&a x
!!python/name:os.system
[]
{}
[1, 2]
#
|
>
---
../..
/etc/passwd
choice: [1, 2, 3]
{choice: {one: 1, two: 2}}
{range: [1, 9]}
repeat: 1000
repeat: {choice: [0, 1, 9]}
of: [relu]
when: {act: relu}
when: {nothing: 1}
share: act
residual: [relu]
parallel: [[relu], [gelu]]
merge: concat
define: {block: [relu]}
limits: {params: 100}
limits: {params: 1, macs: 2}
outputs
conv: {width: 8, kernel: 3}
linear: {units: 8}
layer_norm
lstm: {units: 4}
flatten
embedding: {width: 4}
random
grid
nsga2
hyperband: {controller: random}
optuna: {sampler: TPESampler}
seeds: 1000000000
{from: 0, to: 100000000}
evaluations: 100000000
trials: 100000000000
threads: 100000
batch_size: 1""".splitlines(),
)


def _parsed(words: Iterable[str]) -> Iterator[Any]:
    for word in words:
        with suppress(yaml.YAMLError, ValueError):
            yield yaml.safe_load(word)


VALUES = tuple(_parsed(WORDS))


def _texts_of_spaces() -> list[bytes]:
    """All spaces under `make fuzz`, in the suite those that are read fastest."""
    quick = ("digits_cnn", "image_cnn", "nasbench201", "tabular_resnet", "text_lstm", "vit_tiny")
    paths = [SPACES / f"{name}.yaml" for name in quick]
    if "ARCHWRIGHT_FUZZ_SECONDS" in os.environ:
        paths = sorted(SPACES.glob("*.yaml"))
    return [SPACE.encode(), *(path.read_bytes() for path in paths)]


def _read_space(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "space.yaml")
        path.write_bytes(data)
        space = load_space(path)
        space.check()
        space.describe(samples=3, seed=0)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """What the files name: a space, a data set and a table."""
    folder = tempfile.TemporaryDirectory()
    Path(folder.name, "small.yaml").write_text(SPACE)
    rng = np.random.default_rng(0)
    np.savez(
        Path(folder.name, "data.npz"), train_inputs=rng.random((20, 4), np.float32), train_labels=np.arange(20) % 2
    )
    write_table(_table(load_space(Path(folder.name, "small.yaml"))), Path(folder.name, "small.npz"))
    return folder


def _table(space: Space) -> Table:
    rows = [arch.choices for arch in space]
    quality = np.random.default_rng(0).uniform(0.5, 0.9, (len(rows), 2, 2)).astype(np.float32)
    return Table(
        name="small",
        space=space,
        members=members_of(rows),
        epochs=(1, 4),
        val_acc=quality,
        test_acc=quality,
        seconds=np.ones_like(quality),
        curves=False,
        source="made by hand",
    )


def _read_beside(read: Callable[[Path], object], data: bytes) -> None:
    path = Path(_folder().name, "fuzzed.yaml")
    path.write_bytes(data)
    read(path)


def _read_run(data: bytes) -> None:
    _read_beside(lambda path: prepare(load_run(path)), data)


def _read_comparison(data: bytes) -> None:
    _read_beside(lambda path: prepare_comparison(load_comparison(path)), data)


def _mutate(data: bytes, others: Sequence[bytes], rng: np.random.Generator) -> bytes:
    """Half of the files are still YAML: there, values are exchanged for others, taken out and put in."""
    if rng.random() < 0.5:
        return mutate_words(WORDS)(data, others, rng)
    tree = yaml.safe_load(data)
    for _ in range(int(rng.choice([1, 1, 2, 4]))):
        places = list(_places(tree))
        holder, key = places[int(rng.integers(len(places)))]
        if rng.random() < 0.2:
            del holder[key]
        else:
            known = [other[name] for other, name in places] + list(VALUES)
            if rng.random() < 0.7:  # of the same kind, so that more is read than refused for its type
                known = [value for value in known if type(value) is type(holder[key])]
            holder[key] = deepcopy(known[int(rng.integers(len(known)))])
        if not tree:
            break
    return yaml.safe_dump(tree, sort_keys=False, allow_unicode=True).encode()


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Each value of a tree, as what holds it and its key."""
    for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)


SPACE_FILES = Target(_texts_of_spaces, _read_space, _mutate)
RUN_FILES = Target(lambda: [RUN.encode()], _read_run, _mutate)
COMPARISON_FILES = Target(lambda: [COMPARISON.encode()], _read_comparison, _mutate)


@pytest.mark.slow
def test_documents() -> None:
    fuzz(*(f"{__name__}:{name}" for name in ("SPACE_FILES", "RUN_FILES", "COMPARISON_FILES")), cases=60)
