"""Each space of the folder: members have one id just where a bijection of their layers makes them compute the same."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations, islice
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from nas.ops import Shape
from nas.space import Architecture, Choice, Space, Value, parse_space
from nas.space.choice import Choices
from tests.search_spaces.bijection import compute_the_same
from tests.search_spaces.drawn import Drawn, Kinds

FOLDER = Path(__file__).parents[2] / "search_spaces"
FILES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
MEMBERS = 200
"""How many members are looked at."""
ONE_ID, TWO_IDS, FAMILY = 3, 5, 4
"""How many pairs with one id are run, and how many with two; of so many of equal layers each with each."""

Pair = tuple[Architecture, Architecture]


class Small(NamedTuple):
    """How a space is made small: its input, and by what the integers of its file are divided, from 20 on.

    `alone` says why no two of its members are equal, and None that some are.
    """

    input: Shape
    divisor: int
    alone: str | None = None


LAYERS = "each decision is a layer, its width, its kernel or its rate, and layers come one after another"
SMALL: Mapping[str, Small] = {
    "audio_cnn": Small((1, 1500), 8, LAYERS),
    "darts": Small((3, 8, 8), 6),
    "digits_cnn": Small((1, 8, 8), 1),
    "fbnet": Small((3, 32, 32), 2),
    "image_cnn": Small((3, 32, 32), 16, LAYERS),
    "metaqnn_cifar10": Small((3, 32, 32), 16, LAYERS),
    "metaqnn_mnist": Small((1, 28, 28), 16, LAYERS),
    "metaqnn_svhn": Small((3, 32, 32), 16, LAYERS),
    "mnist_mlp": Small((1, 6, 6), 8, LAYERS),
    "mobilenet_like": Small(
        (3, 128, 128), 4, "blocks differ in width, kernel, expansion or gate, and none does nothing"
    ),
    "naap440": Small((3, 32, 32), 1, "a residual is offered where it adds its input alone"),
    "nasbench101": Small((3, 8, 8), 8),
    "nasbench201": Small((3, 8, 8), 1),
    "nasbench_macro": Small((3, 8, 8), 8),
    "series_cnn": Small((2, 128), 8, LAYERS),
    "tabular_embeddings": Small((16,), 8, LAYERS),
    "tabular_mlp": Small((16,), 1),
    "sound_cnn": Small((1, 500), 8, LAYERS),
    "tabular_resnet": Small((16,), 4, "all blocks are alike, and none does nothing"),
    "text_bow": Small((12,), 10, LAYERS),
    "text_lstm": Small((12,), 10, LAYERS),
    "text_transformer": Small((12,), 8, LAYERS),
    "textcnn": Small((12,), 10, "the windows side by side have one order"),
    "vit_tiny": Small((3, 56, 56), 1, LAYERS),
}


def small(name: str) -> Space:
    """The space of a file, made small."""

    def divided(number: re.Match[str]) -> str:
        return str(int(number[0]) // SMALL[name].divisor) if int(number[0]) >= 20 else number[0]

    text = re.sub("#.*", "", (FOLDER / f"{name}.yaml").read_text())
    return parse_space(re.sub(r"(?<![\w.])\d+(?![\w.])", divided, text), input=SMALL[name].input, outputs=5)


def followed(space: Space, wanted: Mapping[str, Value]) -> Architecture:
    """The member with these decisions as far as they are legal, and else the first option."""

    def pick(choice: Choice) -> Value:
        value = wanted.get(choice.name)
        return value if value in choice.options else choice.options[0]

    return space.walk(pick)


def exchanged(space: Space, arch: Architecture, rng: np.random.Generator) -> Architecture:
    """With one, two or four decisions in a row exchanged with those next to them."""
    names, values = map(list, zip(*arch.choices, strict=True))
    count = min(int(rng.choice([1, 2, 4])), len(values) // 2)
    at = int(rng.integers(len(values) - 2 * count + 1))
    values[at : at + 2 * count] = values[at + count : at + 2 * count] + values[at : at + count]
    return followed(space, dict(zip(names, values, strict=True)))


def narrow(space: Space, rng: np.random.Generator) -> Architecture:
    """With the first option in most decisions, so that there is much in it that is equal."""

    def pick(choice: Choice) -> Value:
        return choice.options[int(rng.integers(len(choice.options))) if rng.random() < 0.3 else 0]

    return space.walk(pick)


def related(space: Space, rng: np.random.Generator) -> Iterator[Architecture]:
    """Members, of which one is made from the other."""
    while True:
        for base in (space.sample(rng), narrow(space, rng)):
            yield from (base, space.mutate(base, rng), exchanged(space, base, rng))
            if "normal.0-2.operation" in dict(base.choices):
                yield from renumbered(space, base)


def renumbered(space: Space, arch: Architecture) -> Pair:
    """A member of DARTS' space whose nodes 2 and 3 read the two inputs of the cell, and one with them exchanged."""
    sources = {f"{cell}.3": "0,1" for cell in ("normal", "reduction")}
    base = followed(space, {**dict(arch.choices), **sources})

    def other(text: str) -> str:
        return text.translate(str.maketrans("23", "32"))

    wanted: dict[str, Value] = {}
    for name, value in base.choices:
        cell, place, *rest = name.split(".")
        if rest:
            wanted[".".join([cell, other(place), *rest])] = value
        else:
            wanted[name] = ",".join(sorted(other(str(value)).split(",")))
    return base, space.rebuild(wanted)


def found_pairs(space: Space) -> tuple[list[Pair], list[Pair]]:
    """Pairs of members that have one id, the most different first, and pairs of equal layers that have two."""
    members = {arch.choices: arch for arch in islice(related(space, np.random.default_rng(0)), MEMBERS)}
    by_id: dict[str, list[Architecture]] = defaultdict(list)
    for arch in sorted(members.values(), key=attrgetter("params")):
        by_id[arch.id].append(arch)
    one_id = [(same[0], same[-1]) for same in by_id.values() if len(same) > 1]
    one_id.sort(key=lambda pair: pair[0].params - pair[1].params)
    families: dict[tuple[str, ...], list[Architecture]] = defaultdict(list)
    for arch, *_ in by_id.values():
        families[tuple(sorted(layer.op.text for layer in arch.layers if layer.cost.params))].append(arch)
    largest = sorted(families.values(), key=len, reverse=True)
    two_ids = [pair for family in largest for pair in combinations(family[:FAMILY], 2)]
    return one_id[:ONE_ID], two_ids[:TWO_IDS]


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_equal_ids_just_where_a_bijection_is(name: str) -> None:
    one_id, two_ids = found_pairs(small(name))
    assert bool(one_id) is (SMALL[name].alone is None)
    assert two_ids
    kinds = Kinds()
    drawn: dict[Choices, Drawn] = {}
    for one, other in (*one_id, *two_ids):
        for arch in (one, other):
            if arch.choices not in drawn:
                drawn[arch.choices] = Drawn(arch, kinds, seed=len(drawn))
        same = compute_the_same(drawn[one.choices], drawn[other.choices])
        assert same is (one.id == other.id), f"{one.choices} and {other.choices} have ids {one.id} and {other.id}"
