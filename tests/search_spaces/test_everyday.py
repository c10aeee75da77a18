"""The spaces of everyday tasks: how large they are, that known networks are members, and that what they hold learns."""

from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement, pairwise
from math import comb
from pathlib import Path

import numpy as np
import pytest
import torch

from nas.data import Dataset, from_arrays
from nas.evaluate import Train
from nas.model import Network
from nas.ops import Shape
from nas.space import Architecture, load_space
from nas.space.choice import Value
from nas.training import Recipe

SPACES = Path(__file__).parents[2] / "search_spaces"

EVERYDAY = (
    "audio_cnn",
    "image_cnn",
    "mnist_mlp",
    "series_cnn",
    "sound_cnn",
    "tabular_embeddings",
    "tabular_mlp",
    "tabular_resnet",
    "text_bow",
    "text_lstm",
    "text_transformer",
    "textcnn",
    "vit_tiny",
)

SIZES = {
    "audio_cnn": 33_192,
    "darts": 1_037_664_180**2,
    "digits_cnn": 10_521_472_947_021,
    "fbnet": 9**22,
    "image_cnn": 298_151_746_560,
    "metaqnn_cifar10": 282_710_031_500_590_500_768,
    "metaqnn_mnist": 53_501_710_400_880,
    "metaqnn_svhn": 57_869_407_275_936,
    "mnist_mlp": 395_400,
    "mobilenet_like": 522_577_551_262_102_583_841_877_140_000_000_000_000,
    "naap440": 440,
    "nasbench101": 1_293_208,
    "nasbench201": 15_625,
    "nasbench_macro": 6_561,
    "series_cnn": 85_828_608,
    "sound_cnn": 1_832_220,
    "tabular_embeddings": 960,
    "tabular_mlp": 4_650,
    "tabular_resnet": 324,
    "text_bow": 1_170,
    "text_lstm": 7_776,
    "text_transformer": 88_452,
    "textcnn": 768,
    "vit_tiny": 6_863_037_577_056,
}
"""Every file. A size that changes means other networks under the same name: it belongs in the changelog."""


@pytest.mark.parametrize("path", sorted(SPACES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_sizes_are_frozen(path: Path) -> None:
    assert load_space(path).size == SIZES[path.stem]


def test_no_file_is_missing() -> None:
    assert {path.stem for path in SPACES.glob("*.yaml")} == set(SIZES)


# Sizes, counted in another way.


def audio_sizes() -> Iterator[int]:
    """A stem of one of three widths; one to four groups of widths that do not fall, each of one to four units; and a
    pooling layer more or not. Five poolings by 4 leave one place of the 1,981 that the stem gives."""
    for stem in (64, 128, 256):
        widths = [width for width in (64, 128, 256, 512) if width >= stem]
        for groups in range(1, 5):
            yield len(list(combinations_with_replacement(widths, groups))) * 4**groups * 2


def sound_bodies() -> Iterator[int]:
    """A stem of one of three widths; two to four blocks of widths that do not fall, each of three kinds."""
    for stem in (8, 16, 24):
        widths = [width for width in (16, 24, 32, 48, 64) if width >= stem]
        for blocks in (2, 3, 4):
            yield len(list(combinations_with_replacement(widths, blocks))) * 3**blocks


def image_sizes() -> Iterator[int]:
    """Three activations; blocks of widths that do not fall, each with 2 kernels, 2 norms, no second unit or one with 2
    norms, 2 poolings and 3 dropouts; then up to two hidden layers with 3 dropouts, none wider than what it reads."""
    units = (128, 256, 512, 1024)
    for blocks in (2, 3, 4):
        for widths in combinations_with_replacement((32, 64, 128, 256), blocks):
            for features in (widths[-1] * (32 // 2**blocks) ** 2, widths[-1]):
                one = [first for first in units if first <= features]
                two = [(first, second) for first in one for second in units if second <= first]
                yield 3 * (2 * 2 * (1 + 2) * 2 * 3) ** blocks * (1 + 3 * len(one) + 9 * len(two))


COUNTS = {
    "audio_cnn": sum(audio_sizes()),
    "image_cnn": sum(image_sizes()),
    # Four activations; hidden layers of 5 widths that do not rise, with or without norm, of 3 dropouts.
    "mnist_mlp": 4 * sum(comb(5 + layers - 1, layers) * (2 * 3) ** layers for layers in range(1, 5)),
    # Blocks of 4 widths, 4 kernels, a pooling layer or not (the maps before it are 128 to 16 long) and 3 dropouts.
    "series_cnn": sum((4 * 4 * 2 * 3) ** blocks for blocks in (2, 3, 4)),
    # Bands, with their means or not; three masks; stems and blocks; two ways to sum up; three dropouts.
    "sound_cnn": 3 * 2 * 3 * sum(sound_bodies()) * 2 * 3,
    # Numbers as they are, or vectors of three widths, from two numbers of bins or three kinds of frequencies; then one
    # to four equal blocks of 3 widths and 5 rates.
    "tabular_embeddings": (1 + 3 * (2 + 3)) * 4 * 3 * 5,
    # Five rates; the first block of 5 widths, none or up to six equal blocks, perhaps a last one.
    "tabular_mlp": 5 * 5 * (1 + 6 * 5) * (1 + 5),
    # Widths, hidden widths, two dropouts, numbers of blocks.
    "tabular_resnet": 3 * 3 * 3 * 2 * 6,
    # Vectors, their dropout; units, both ways or not, 4 kinds of layers; last state or two ways to sum up; head.
    "text_lstm": 3 * 3 * (4 * 2 * 4 * (1 + 2)) * (1 + 2) * 3,
    # Vectors, their dropout; filters, sets of windows; activations; dropout.
    "textcnn": 4 * 2 * (4 * 4) * 2 * 3,
    # Vectors, their dropout, summaries; up to two hidden layers; dropout.
    "text_bow": 5 * 3 * 2 * (1 + 3 + 3**2) * 3,
    # Vectors, positions, dropout; blocks of 3 numbers of heads and 3 expansions; summaries, dropout.
    "text_transformer": 3 * 3 * 3 * sum((3 * 3) ** blocks for blocks in (1, 2, 3)) * 2 * 2,
    # Widths, patches, dropouts; 6, 8, 10 or 12 blocks of 3 numbers of heads and 3 expansions.
    "vit_tiny": 3 * 4 * 2 * sum((3 * 3) ** blocks for blocks in (6, 8, 10, 12)),
}


@pytest.mark.parametrize("name", EVERYDAY)
def test_the_size_is_what_a_second_count_gives(name: str) -> None:
    assert SIZES[name] == COUNTS[name]


# Known networks.


def member(name: str, choices: Mapping[str, Value]) -> Architecture:
    return load_space(SPACES / f"{name}.yaml").rebuild(choices)


def test_the_network_of_many_tutorials_is_in_image_cnn() -> None:
    choices: dict[str, Value] = {"body.repeat": 2, "activation": "relu", "flat": "flatten", "head.repeat": 1}
    for place, width in enumerate((32, 64)):
        path = f"body.{place}.0.block"
        choices |= {f"{path}.width": width, f"{path}.kernel": 3, f"{path}.pool": "max_pool", f"{path}.3.dropout.p": 0.0}
        choices |= {f"{path}.0.unit.norm": "identity", f"{path}.second": "identity"}
    arch = member("image_cnn", choices | {"head.0.0.linear.units": 1024, "head.0.2.dropout.p": 0.0})
    names = ["conv", "relu", "max_pool"] * 2 + ["flatten", "linear", "relu", "linear"]
    assert [layer.op.name for layer in arch.layers] == names
    assert [layer.cost.params for layer in arch.layers if layer.cost.params] == [896, 18_496, 4_195_328, 10_250]
    assert arch.params == 4_224_970


def test_784_256_10_is_in_mnist_mlp() -> None:
    hidden: dict[str, Value] = {
        "hidden.0.0.linear.units": 256,
        "hidden.0.norm": "identity",
        "hidden.0.3.dropout.p": 0.0,
    }
    arch = member("mnist_mlp", {"hidden.repeat": 1, "activation": "relu", **hidden})
    assert [layer.op.name for layer in arch.layers] == ["flatten", "linear", "relu", "linear"]
    assert arch.params == (784 + 1) * 256 + (256 + 1) * 10 == 203_530


def test_deit_tiny_without_its_class_token_is_in_vit_tiny() -> None:
    blocks: dict[str, Value] = {}
    for place in range(12):
        blocks |= {f"blocks.{place}.0.attention.heads": 3, f"blocks.{place}.1.feed_forward.expansion": 4.0}
    patches: dict[str, Value] = {"0.patch_embedding.width": 192, "0.patch_embedding.patch": 16, "dropout_rate": 0.0}
    arch = member("vit_tiny", {**patches, "blocks.repeat": 12, **blocks})
    # DeiT-Ti has 5,717,416 (timm's deit_tiny_patch16_224), of which a class token and its position are 2 × 192.
    assert arch.params == 5_717_416 - 2 * 192
    norm, attention, perceptron = 2 * 192, 4 * (192 + 1) * 192, (192 + 1) * 768 + (768 + 1) * 192
    patches_and_places = (3 * 16**2 + 1) * 192 + 14**2 * 192
    assert arch.params == patches_and_places + 12 * (2 * norm + attention + perceptron) + norm + (192 + 1) * 1000


def test_cnn_rand_is_in_textcnn() -> None:
    choices: dict[str, Value] = {
        "0.embedding.width": 300,
        "2.windows": "w345",
        "2.windows.filters": 100,
        "activation": "relu",
    }
    arch = member("textcnn", {**choices, "word_dropout.dropout.p": 0.0, "head_dropout.dropout.p": 0.5})
    words, windows, classes = 20_000 * 300, sum((window * 300 + 1) * 100 for window in (3, 4, 5)), (300 + 1) * 2
    assert arch.params == words + windows + classes == 6_360_902
    assert [layer.op.name for layer in arch.layers][-3:] == ["concat", "dropout", "linear"]


@pytest.mark.parametrize(
    ("stem", "groups", "params", "millions"),
    [
        (256, [(256, 1)], 221_194, 0.2),
        (128, [(128, 1), (256, 1), (512, 1)], 559_114, 0.5),
        (64, [(64, 2), (128, 2), (256, 3), (512, 2)], 1_786_442, 1.8),
        (64, [(64, 4), (128, 4), (256, 4), (512, 4)], 3_683_786, 3.7),
    ],
    ids=["M3", "M5", "M11", "M18"],
)
def test_the_networks_for_raw_audio_are_in_audio_cnn(
    stem: int, groups: list[tuple[int, int]], params: int, millions: float
) -> None:
    """Table 1 of the paper gives their parameters in millions."""
    choices: dict[str, Value] = {"stem.0.conv.width": stem, "groups.repeat": len(groups)}
    for place, (width, units) in enumerate(groups):
        choices |= {f"groups.{place}.0.group.width": width, f"groups.{place}.0.group.units.repeat": units}
    arch = member("audio_cnn", {**choices, "last_pool": "identity" if len(groups) == 4 else "max_pool"})
    widths = [stem, *(width for width, units in groups for _ in range(units))]
    convolutions = sum((3 * before + 1) * after for before, after in pairwise(widths))
    assert arch.params == (80 + 1) * stem + convolutions + 2 * sum(widths) + (widths[-1] + 1) * 10 == params
    assert params == pytest.approx(millions * 1e6, rel=0.12)


@pytest.mark.parametrize("layer", ["lstm2", "gru2"])
def test_both_ways_in_two_layers_are_in_text_lstm(layer: str) -> None:
    choices: dict[str, Value] = {"2.recurrent.output": "sequence", "2.recurrent.units": 128, "2.recurrent.both": True}
    rates: dict[str, Value] = {"word_dropout.dropout.p": 0.0, "head_dropout.dropout.p": 0.5}
    rest: dict[str, Value] = {
        "0.embedding.width": 100,
        "2.recurrent": layer,
        "summary": "global_max_pool",
        "head": "none",
    }
    arch = member("text_lstm", {**choices, **rates, **rest})
    kind = torch.nn.LSTM if layer == "lstm2" else torch.nn.GRU
    reference = kind(100, 128, num_layers=2, bidirectional=True)
    weights = sum(parameter.numel() for parameter in reference.parameters())
    assert arch.params == 20_000 * 100 + weights + (256 + 1) * 2


def test_the_tables_have_the_layers_of_the_paper() -> None:
    """Gorishniy et al. 2021, §3.1 and §3.2, on 16 columns: MLP(x) and ResNet(x), written out."""
    middle: dict[str, Value] = {"middle.repeat": 2, "middle.0.block.units": 128}
    arch = member("tabular_mlp", {"first.block.units": 64, "rate": 0.1, **middle, "last": "identity"})
    assert [layer.op.name for layer in arch.layers] == ["linear", "relu", "dropout"] * 3 + ["linear"]
    assert arch.params == 17 * 64 + 65 * 128 + 129 * 128 + 129 * 2
    settings: dict[str, Value] = {"width": 64, "hidden": 128, "hidden_dropout": 0.2, "residual_dropout": 0.2}
    choices = {f"body.resnet.{name}": value for name, value in settings.items()}
    arch = member("tabular_resnet", {**choices, "body.resnet.blocks.repeat": 2})
    block = ["batch_norm", "linear", "relu", "dropout", "linear", "dropout", "add"]
    assert [layer.op.name for layer in arch.layers] == ["linear", *block * 2, "batch_norm", "relu", "linear"]
    assert arch.params == 17 * 64 + 2 * (2 * 64 + 65 * 128 + 129 * 64) + 2 * 64 + 65 * 2


@pytest.mark.parametrize(
    ("numbers", "encoded"),
    [
        ({"numbers": "bins", "numbers.bins.0.embed_numbers.components": 16}, 16 * (16 * 24 + 24)),
        ({"numbers": "waves", "numbers.waves.0.embed_numbers.std": 0.1}, 16 * (16 + 32 * 24 + 24)),
    ],
    ids=["MLP-Q-LR", "MLP-PLR"],
)
def test_the_tables_have_embeddings_of_numbers(numbers: Mapping[str, Value], encoded: int) -> None:
    """Gorishniy et al. 2022, §3, on 16 columns, with two blocks."""
    blocks: dict[str, Value] = {"blocks.repeat": 2, "blocks.0.block.units": 256, "blocks.0.block.rate": 0.1}
    arch = member("tabular_embeddings", {**numbers, "vectors": 24, **blocks})
    assert [layer.op.name for layer in arch.layers] == ["embed_numbers", *["linear", "relu", "dropout"] * 2, "linear"]
    assert arch.params == encoded + (16 * 24 + 1) * 256 + 257 * 256 + 257 * 2


# Networks that are built, and that learn.


def made_up(shape: Shape, *, tokens: int | None, samples: int = 48, seed: int = 0) -> Dataset:
    """Two classes that differ in the values at all places; of token numbers, in how large they are."""
    rng = np.random.default_rng(seed)
    labels = np.arange(samples) % 2
    if tokens is None:
        patterns = rng.standard_normal((2, *shape))
        inputs = patterns[labels] + 0.5 * rng.standard_normal((samples, *shape))
    else:
        inputs = rng.integers(0, tokens // 2, (samples, *shape)).astype(float) + labels[:, None] * (tokens // 2)
    half = samples * 2 // 3
    return from_arrays(inputs[:half], labels[:half], val=(inputs[half:], labels[half:]))


SHAPES: Mapping[str, Shape] = {
    "audio_cnn": (1, 2000),
    "darts": (3, 8, 8),
    "fbnet": (3, 32, 32),
    "image_cnn": (3, 16, 16),
    "mnist_mlp": (1, 28, 28),
    "mobilenet_like": (3, 32, 32),
    "series_cnn": (2, 30),
    "sound_cnn": (1, 4000),
    "tabular_embeddings": (16,),
    "tabular_mlp": (16,),
    "tabular_resnet": (16,),
    "text_bow": (16,),
    "text_lstm": (16,),
    "text_transformer": (16,),
    "textcnn": (16,),
    "vit_tiny": (3, 32, 32),
}
"""Shapes of the made-up samples, smaller than those of the files where these would take long."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SHAPES)
def test_a_network_is_built_and_learns(name: str) -> None:
    """One of the space, drawn with a fixed seed: it has the parameters that it says, and its loss falls."""
    data = made_up(SHAPES[name], tokens=20_000 if name.startswith("text") else None)
    arch = load_space(SPACES / f"{name}.yaml", data=data).sample(np.random.default_rng(0))
    with torch.device("meta"):
        network = Network(arch)
    assert sum(parameter.numel() for parameter in network.parameters()) == arch.params
    recipe = Recipe(epochs=2, batch_size=16, lr=1e-3, warmup=0)
    losses = Train(data, recipe, device="cpu")(arch, epochs=None, seed=0)["train_loss_curve"]
    assert isinstance(losses, tuple)
    assert losses[-1] < losses[0]
