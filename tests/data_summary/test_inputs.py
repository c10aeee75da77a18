"""Facts of inputs."""

import numpy as np
import pytest

import nas
from nas.data_summary import inputs
from nas.data_summary.inputs import summarize_inputs
from tests.data_summary.tiny_data import two_blobs


def test_values_and_constant_entries() -> None:
    data = two_blobs()
    found = summarize_inputs(data)
    train = data.train.inputs.astype(np.float64)
    assert (found.modality, found.shape, found.dtype) == ("image", (1, 1, 3), "float32")
    assert (found.constant, found.entries, found.looked_at) == (1, 3, len(train))
    expected = {"min": train.min(), "mean": train.mean(), "max": train.max(), "std": train.std()}
    assert found.values == pytest.approx(expected)


def test_some_samples_of_large_data_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MOST_VALUES", 30)
    assert summarize_inputs(two_blobs()).looked_at == 10


def test_texts() -> None:
    data = nas.from_texts(["a b c d", "a b", "a", "b a"] * 5, ["x", "y"] * 10, tokenizing=nas.Tokenizing(length=3))
    found = summarize_inputs(data)
    assert found.details["vocabulary"] == f"{data.input.tokens} numbers of tokens"
    assert found.details["tokens of a text"].startswith("1 to 3, median ")
    assert found.details["cut into"] == "words"


def test_sounds() -> None:
    data = nas.from_sounds([np.zeros(100 + 10 * place) for place in range(10)], ["x", "y"] * 5, rate=100)
    details = summarize_inputs(data).details
    assert details["rate"] == "100 samples a second"
    assert details["duration of the files"].endswith(" s")
