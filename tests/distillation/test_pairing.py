"""Layers are paired by name, by depth, or as the last features."""

from collections.abc import Mapping

import pytest
from torch import Tensor, nn

from nas.distillation import Attention, Contrastive, Hints, Relational
from nas.distillation.answering import anatomy_of
from nas.distillation.kind import Anatomy, Kind
from nas.distillation.pairing import by_depth
from nas.errors import UsageError
from tests.distillation.lessons import IMAGES, SEQUENCES, Pair, drawn
from tests.training.networks import arch_of


def _anatomies(pair: Pair) -> tuple[Anatomy, Anatomy]:
    archs = [arch_of(layers, pair.data) for layers in (pair.student, pair.teacher)]
    student, teacher = (anatomy_of(pair.bench.build(arch), drawn(2, *pair.shape)) for arch in archs)
    return student, teacher


OF_IMAGES, OF_SEQUENCES = _anatomies(IMAGES), _anatomies(SEQUENCES)
LINEAR = Anatomy({"linear1:input": (5,), "linear1": (3,)}, ("linear1",), ("linear1",))


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.drop = nn.Conv2d(1, 2, 3, padding=1), nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.drop(self.conv(x))
        return found


def test_outer_layers_are_those_that_the_network_is_written_as() -> None:
    student, teacher = OF_IMAGES
    assert student.outer == ("conv1", "relu1", "max_pool1", "conv2", "relu2", "flatten1", "linear1")
    assert student.heads == ("linear1",)
    assert teacher.heads == ("linear2",)
    assert OF_SEQUENCES[1].outer == ("lstm1", "lstm2", "linear1")
    assert len(OF_SEQUENCES[1]) > 4, "it also has their parts"


def test_parts_of_blocks_of_other_modules_are_layers() -> None:
    body = nn.Sequential(Block(), nn.Flatten(), nn.Linear(128, 4))
    module = nn.Sequential(body, nn.Dropout(0.1), nn.Linear(4, 3))
    found = anatomy_of(module, drawn(2, 1, 8, 8))
    assert found.outer == ("0.0.conv", "0.0", "0.1", "0.2", "2")
    assert found["0"] == (4,)
    attending = anatomy_of(nn.Sequential(nn.TransformerEncoderLayer(4, 2, 8, batch_first=True)), drawn(2, 6, 4))
    assert attending.outer == ("0",)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Hints(), [("max_pool1", "relu1")]),
        (Hints(at=(0.2, 1)), [("conv1", "batch_norm1"), ("relu2", "relu2")]),
        (Attention(), [("relu1", "relu1"), ("relu2", "relu2")]),
        (Attention(at=(0.1,)), [("conv1", "conv1")]),
        (Relational(), [("linear1:input", "linear2:input")]),
        (Contrastive(), [("linear1:input", "linear2:input")]),
        (Relational(layers={"conv2": "batch_norm1"}), [("conv2", "batch_norm1")]),
        (Attention(layers={"conv2": "conv1", "conv1": "conv2"}), [("conv2", "conv1"), ("conv1", "conv2")]),
    ],
)
def test_pairs_of_images(kind: Kind, expected: list[tuple[str, str]]) -> None:
    assert list(kind.pairs(*OF_IMAGES)) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(Hints(), [("conv1", "lstm1")]), (Attention(), [("relu1", "lstm1")])],
)
def test_pairs_of_sequences(kind: Kind, expected: list[tuple[str, str]]) -> None:
    assert list(kind.pairs(*OF_SEQUENCES)) == expected


def test_sizes_that_no_layers_share_are_paired_at_the_end() -> None:
    student = Anatomy({"a": (2, 9), "b": (2, 5), "c": (3, 1)}, ("a", "b", "c"))
    teacher = Anatomy({"d": (2, 8), "e": (2, 4)}, ("d", "e"))
    assert list(Attention().pairs(student, teacher)) == [("b", "e")]


def test_every_depth_is_a_layer() -> None:
    for count in (1, 2, 7):
        names = [f"layer{place}" for place in range(count)]
        one = Anatomy(dict.fromkeys(names, (2, 3)), tuple(names))
        found = by_depth([place / 20 for place in range(1, 21)], one, one)
        assert list(dict.fromkeys(name for name, _ in found)) == names


WRONG: Mapping[str, tuple[Kind, Anatomy, Anatomy, str]] = {
    "misspelled": (
        Hints(layers={"comv1": "conv1"}),
        *OF_IMAGES,
        "hints.layers: the student has no features 'comv1'; did you mean 'conv1'?",
    ),
    "unknown": (
        Attention(layers={"conv1": "x"}),
        *OF_IMAGES,
        "attention.layers: the teacher has no features 'x', expected one of conv1, batch_norm1, ",
    ),
    "dimensions": (
        Hints(layers={"conv1": "linear1"}),
        *OF_IMAGES,
        "hints.layers: expected features with as many dimensions, got (4, 8, 8) of 'conv1' of the student and (8,) of "
        "'linear1' of the teacher",
    ),
    "vectors": (
        Attention(layers={"flatten1": "linear1"}),
        *OF_IMAGES,
        "attention.layers: expected features with positions, such as (C, H, W), got (64,) of 'flatten1'",
    ),
    "no positions": (Attention(), LINEAR, LINEAR, "attention.layers: the networks have no layers with features at"),
    "nothing alike": (
        Hints(),
        LINEAR,
        Anatomy({"conv1": (2, 3)}, ("conv1",)),
        "hints.layers: the networks have no layers with features of as many dimensions",
    ),
    "a program": (Relational(), LINEAR, Anatomy({}), "relational.layers: the teacher has no layers whose features"),
    "no linear layer": (
        Relational(),
        LINEAR,
        Anatomy({"conv1": (2, 3)}, ("conv1",)),
        "relational.layers: expected networks that end in one linear layer, but the teacher has none; name the layers",
    ),
    "an ensemble": (
        Relational(),
        Anatomy({"linear1:input": (5,), "linear2:input": (5,)}, (), ("linear1", "linear2")),
        LINEAR,
        "relational.layers: expected networks that end in one linear layer, but the student ends in 2 of them",
    ),
    "two pairs": (
        Contrastive(layers={"conv1": "conv1", "conv2": "conv2"}),
        *OF_IMAGES,
        "contrastive.layers: expected one pair of layers, got 2",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_pairs_that_do_not_suit_are_refused(case: str) -> None:
    kind, student, teacher, message = WRONG[case]
    with pytest.raises(UsageError) as caught:
        kind.pairs(student, teacher)
    assert str(caught.value).startswith(f"distill.by.{message}")
