"""What a space takes from data, and what its file says where data do not."""

from typing import Any

import pytest

from nas.errors import SpecError
from nas.ops.linear import Linear
from nas.space import Space, load_space, parse_space
from nas.space.reading.samples import Sampled, known_of
from tests.space.given import given

TEXT: dict[str, Any] = {
    "input": "from data",
    "layers": [
        {"embedding": {"vocabulary": "tokens", "width": "max(tokens // 10, 2)"}},
        "global_avg_pool",
        {"linear": {"units": "outputs"}},
    ],
}


def first(space: Space) -> Any:
    """The first layer of the only architecture."""
    return next(iter(space)).layers[0].op


def test_words_of_a_text() -> None:
    space = load_space(TEXT, data=given("text", (6,), tokens=50))
    assert (space.input, space.output, space.words) == ((6,), (2,), {"tokens": 50})
    assert (first(space).vocabulary, first(space).width) == (50, 5)


def test_words_of_a_table_and_of_sound() -> None:
    known = known_of(given("table", (5,), categories=(3, 4)), None, None)
    assert known == Sampled((5,), {"outputs": 2, "categories": (3, 4)})
    assert known_of(given("sound", (1, 90), rate=8000), None, None).words == {"outputs": 2, "rate": 8000}
    assert known_of(given("image", (1, 9, 9)), None, 7) == Sampled((1, 9, 9), {"outputs": 7})
    assert known_of(None, None, None).words == {}


def test_categories_are_an_argument() -> None:
    source = {
        "categories": [7, 7],
        "layers": [
            {"embed_categories": {"categories": "categories", "width": {"choice": [2, 3]}}},
            {"linear": {"units": "outputs"}},
        ],
    }
    space = load_space(source, data=given("table", (5,), categories=(3, 4)))
    assert first(space).categories == (3, 4)
    assert [arch.layers[0].output for arch in space] == [(3 + 2 * 2,), (3 + 2 * 3,)]
    assert first(load_space(source, input=(5,), outputs=2)).categories == (7, 7)
    written = {"layers": [{"embed_categories": {"categories": [3, 4], "width": 2}}, {"linear": {"units": 2}}]}
    assert first(load_space(written, input=(5,), outputs=2)).categories == (3, 4)


def test_the_features_follow_from_the_input() -> None:
    layers = [{"linear": {"units": "2 * features"}}, "relu", {"linear": {"units": "outputs"}}]
    assert first(load_space({"input": [7], "outputs": 3, "layers": layers})).units == 14
    assert first(load_space({"layers": layers}, data=given("table", (9,)))).units == 18


def test_data_replace_what_the_file_says() -> None:
    source = {**TEXT, "input": [8], "outputs": 3, "tokens": 30}
    assert first(load_space(source)).vocabulary == 30
    assert first(load_space(source, data=given("text", (6,), tokens=50))).vocabulary == 50
    # Arrays do not say how many tokens there are.
    assert first(load_space(source, data=given("table", (6,)))).vocabulary == 30


def test_the_fingerprint_depends_on_the_words_that_are_read() -> None:
    assert load_space({**TEXT, "tokens": 30}, data=given("text", (6,))).fingerprint != (
        load_space({**TEXT, "tokens": 31}, data=given("text", (6,))).fingerprint
    )
    plain = {"layers": [{"linear": {"units": "outputs"}}]}
    rows = [load_space(plain, data=given("table", (6,), categories=one)) for one in ((), (2, 3))]
    assert [space.words for space in rows] == [{}, {}]
    assert rows[0].fingerprint == rows[1].fingerprint == load_space(plain, input=(6,), outputs=2).fingerprint


def test_definitions_and_parameters_replace_words_of_the_data() -> None:
    text = """
        input: [4]
        outputs: 2
        rate: 8000
        define:
          rate: {choice: [0.1, 0.2]}
          block: {parameters: {features: }, layers: [{linear: {units: features}}]}
        layers: [{dropout: {p: rate}}, {block: {features: 3}}, {linear: {units: outputs}}]
    """
    space = parse_space(text.replace("\n        ", "\n"))
    assert space.universe == {"0.dropout.p": (0.1, 0.2)}
    assert {layer.op.units for layer in next(iter(space)).layers if isinstance(layer.op, Linear)} == {3, 2}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("tokens", 0, "tokens: the size of the vocabulary is not positive (expected 1 or more)"),
        ("tokens", "many", "tokens: a value does not fit (expected a positive number, got the text 'many')"),
        ("rate", -1, "rate: the sampling rate is not positive (expected 1 or more)"),
        ("categories", [3, 0], "categories: a number of categories is not positive (expected 1 or more)"),
        ("categories", 3, "categories: a value does not fit (expected a list of positive numbers, one for each "),
    ],
)
def test_problems(key: str, value: object, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_space({"input": [4], key: value, "layers": ["relu"]})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("tokens", "the size of the vocabulary is unknown (expected `tokens:` in the file, or a data set of texts)"),
        ("rate", "the sampling rate is unknown (expected `rate:` in the file, or a data set of sounds)"),
        ("features", "the number of features is unknown (expected an input of one dimension)"),
        (
            "2 * rate",
            "the sampling rate is unknown (expected `rate:` in the file, or a data set of sounds, got 2 * r",
        ),
        ("2 * categories", "the number of categories of each column is unknown"),
    ],
)
def test_unknown_words(word: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_space({"input": [1, 4, 4], "layers": [{"conv": {"width": word}}]})
    assert message in str(caught.value)


def test_categories_are_not_a_number() -> None:
    with pytest.raises(SpecError, match=r"'categories' is not a number \(expected numbers and parameters, got 2 \* "):
        load_space({"input": [4], "categories": [2], "layers": [{"linear": {"units": "2 * categories"}}]})


def test_a_file_that_needs_data() -> None:
    with pytest.raises(SpecError, match=r"input: the input shape is unknown \(expected a data set\)"):
        load_space({**TEXT, "tokens": 9})
