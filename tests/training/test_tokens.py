"""Networks that read token numbers: what is refused, and what they learn of the order in texts."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.controllers import RandomSearch
from nas.data import Augment, Dataset, Samples, from_arrays, load_data
from nas.driver.search import search
from nas.errors import UsageError
from nas.evaluate import Train
from nas.final.fine_tune import fine_tune
from nas.space import Architecture, parse_space
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.precision import check_precision
from nas.training.tokens import check_tokens
from nas.training.workbench import Workbench, empty_network

EMBEDDING = "{embedding: {vocabulary: 12, width: 8}}"


def _arch(layers: str, input: tuple[int, ...] = (8,)) -> Architecture:
    return parse_space(f"layers: [{layers}]", input=input).rebuild({})


def _texts(count: int, seed: int) -> tuple[Any, Any]:
    """Texts of 8 tokens, each with one 0 and one 1; the class says which of the two comes first."""
    rng = np.random.default_rng(seed)
    texts, labels = rng.integers(2, 12, (count, 8)), np.arange(count) % 2
    for text, label in zip(texts, labels, strict=True):
        places = np.sort(rng.choice(8, 2, replace=False))
        text[places] = [label, 1 - label]
    return texts, labels


@pytest.fixture(scope="module")
def texts() -> Dataset:
    return from_arrays(*_texts(600, 0), val=_texts(200, 1), test=_texts(200, 2), name="order")


ENCODER = "{transformer_block: {heads: 2, expansion: 2}}, {layer_norm: {over: channels}}, global_avg_pool"
NETWORKS = {
    "learned": "{embedding: {vocabulary: 12, width: 16, position: learned}}, " + ENCODER,
    "sinusoidal": "{embedding: {vocabulary: 12, width: 16, position: sinusoidal}}, " + ENCODER,
    "gru": "{embedding: {vocabulary: 12, width: 16}}, {gru: {units: 16, output: last}}",
    "lstm": "{embedding: {vocabulary: 12, width: 16}}, {lstm: {units: 8, bidirectional: true, output: last}}",
}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_order_of_tokens_is_learned(name: str, precision: Any, texts: Dataset) -> None:
    arch = _arch(f"{NETWORKS[name]}, {{linear: {{units: 2}}}}")
    try:
        check_precision(arch, torch.device("cpu"), getattr(torch, precision))
    except UsageError as error:
        with pytest.raises(UsageError, match=re.escape(str(error))):
            Train(texts, device="cpu", precision=precision)(arch, epochs=None, seed=0)
        return
    metrics = Train(texts, Recipe(epochs=10, lr=0.01), device="cpu", precision=precision)(arch, epochs=None, seed=0)
    accuracy = metrics["val_acc"]
    assert isinstance(accuracy, float)
    assert accuracy > 0.95


def test_attention_without_positions_cannot_learn_it(texts: Dataset) -> None:
    arch = _arch("{embedding: {vocabulary: 12, width: 16}}, " + ENCODER + ", {linear: {units: 2}}")
    metrics = Train(texts, Recipe(epochs=10, lr=0.01), device="cpu")(arch, epochs=None, seed=0)
    accuracy = metrics["val_acc"]
    assert isinstance(accuracy, float)
    assert accuracy < 0.65


def test_a_search_over_texts_to_its_end(texts: Dataset) -> None:
    space = parse_space(
        """
        layers:
          - embedding: {vocabulary: 12, width: 16, position: {choice: [learned, sinusoidal]}}
          - choice:
              attention: [{transformer_block: {heads: {choice: [1, 2]}, expansion: 2}}, global_avg_pool]
              recurrent: {gru: {units: {choice: [8, 16]}, output: last}}
          - linear: {units: outputs}
        """,
        input=texts.shape,
        outputs=2,
    )
    recipe = Recipe(epochs=10, lr=0.01)
    study = search(RandomSearch(space), Train(texts, recipe, device="cpu"), trials=3, seed=0)
    final = fine_tune(study, texts, top=1, recipe=recipe, device="cpu")
    assert final.test is not None
    assert final.test["test_acc"] > 0.95


def test_tokens_are_not_augmented_as_images(texts: Dataset) -> None:
    arch = _arch(f"{EMBEDDING}, flatten, {{linear: {{units: 2}}}}")
    with pytest.raises(UsageError, match=r"^augment\.flip: for images, but the data are tables$"):
        fit(Workbench(texts, device="cpu"), arch, Recipe(epochs=2, augment=Augment(flip=True)), seed=0)


def test_tokens_may_be_augmented_before_they_are_read(texts: Dataset) -> None:
    arch = _arch(f"{{augment: {{swap: 0.1}}}}, {EMBEDDING}, flatten, {{linear: {{units: 2}}}}")
    check_tokens(arch, texts.train, "train")
    assert fit(Workbench(texts, device="cpu"), arch, Recipe(epochs=1), seed=0).curves["train_loss"][0] < 1


def test_pixels_may_be_tokens() -> None:
    digits = load_data("digits")
    layers = "flatten, {embedding: {vocabulary: 17, width: 4, position: learned}}, flatten, {linear: {units: 10}}"
    metrics = Train(digits, Recipe(epochs=2), device="cpu")(_arch(layers, (1, 8, 8)), epochs=None, seed=0)
    accuracy = metrics["val_acc"]
    assert isinstance(accuracy, float)
    assert accuracy > 0.5


def test_how_many_tokens_a_network_reads() -> None:
    assert _arch(EMBEDDING).tokens == 12
    assert _arch("{linear: {units: 3}}").tokens is None


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_whole_numbers_below_the_vocabulary_pass(dtype: Any) -> None:
    samples = Samples(np.arange(12).reshape(3, 4).astype(dtype), np.zeros(3, np.int64))
    check_tokens(_arch(EMBEDDING, (4,)), samples, "train")
    check_tokens(_arch("{linear: {units: 3}}", (4,)), Samples(samples.inputs + dtype(50), samples.targets), "train")


@pytest.mark.parametrize(("value", "shown"), [(12, "12"), (-1, "-1"), (2.5, "2.5"), (1234567, "1234567")])
def test_other_numbers_are_refused(value: float, shown: str) -> None:
    inputs = np.zeros((5, 8), np.float32)
    inputs[3, 2] = value
    with pytest.raises(UsageError) as caught:
        check_tokens(_arch(EMBEDDING), Samples(inputs, np.zeros(5, np.int64)), "val")
    expected = f"the network reads token indices, integers from 0 to 11, but sample 3 of the val part contains {shown}"
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("layers", "maker"),
    [("relu, " + EMBEDDING, "relu1"), ("{linear: {units: 4}}, {embedding: {vocabulary: 12, width: 8}}", "linear1")],
)
def test_what_a_layer_makes_is_no_token(layers: str, maker: str, texts: Dataset) -> None:
    message = rf"^embedding1 reads token indices, but its input is the output of {maker}; it must follow the network's"
    with pytest.raises(UsageError, match=message):
        check_tokens(_arch(layers), texts.train, "train")


def _part(name: str) -> Callable[[Dataset], object]:
    arch = _arch(f"{EMBEDDING}, flatten, {{linear: {{units: 2}}}}")

    def train(data: Dataset) -> object:
        bench = Workbench(data, device="cpu")
        fitted = fit(bench, arch, Recipe(epochs=1), seed=0)
        assert data.test is not None
        return bench.score_samples(fitted.network, data.test, "test") if name == "test" else None

    return train


@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_each_part_is_looked_at_before_it_is_used(part: str, texts: Dataset) -> None:
    samples: Samples = getattr(texts, part)
    parts = {"train": texts.train, "val": texts.val, "test": texts.test}
    parts[part] = Samples(samples.inputs + np.float32(1), samples.targets)
    with pytest.raises(UsageError, match=rf"of the {part} part contains 12$"):
        _part(part)(Dataset("order", **parts, task=texts.task))  # type: ignore[arg-type]


def test_an_empty_network_reads_the_same_tokens(texts: Dataset, tmp_path: Path) -> None:
    # What a run does when it goes on: weights are put into a network that was never initialised.
    bench = Workbench(texts, device="cpu")
    arch = _arch(NETWORKS["sinusoidal"] + ", {linear: {units: 2}}")
    network = fit(bench, arch, Recipe(epochs=1), seed=0).network
    again = empty_network(arch, texts)
    again.load_state_dict(network.state_dict())
    tokens = torch.from_numpy(texts.val.inputs)
    with torch.no_grad():
        assert torch.equal(again.eval()(tokens), network(tokens))
