"""Predictions for new samples are those of the run's own test, for every kind of data."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import nas
from nas.data import from_images, from_sounds, from_table, from_texts
from nas.data.inputs import READERS
from nas.data.preparation import PREPARATIONS
from nas.errors import UsageError
from nas.final.outputs import Outputs
from nas.final.predicted import predicted
from nas.prediction import predict
from nas.prediction.predictor import load_predictor
from tests.prediction.exported import KINDS, Exported, bench_of, export_of


def test_every_preparation_is_read() -> None:
    assert set(KINDS) == set(READERS) == set(PREPARATIONS)


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_those_of_the_test(kind: str, exported: Mapping[str, Exported]) -> None:
    one = exported[kind]
    found = predict(one.folder, one.inputs, device="cpu")
    bench = bench_of(one)
    tested = predicted(Outputs(bench, load_predictor(one.folder).network, "test"), bench.task)
    numbers = found.probabilities if found.values is None else found.values
    assert numbers is not None
    assert numbers.dtype == np.float32
    assert np.array_equal(numbers, tested.predictions)
    assert found.outputs == one.data.outputs
    assert len(found) == len(one.data.test or ()) == len(set(found.names))
    assert [*found.notes] == []
    if found.labels is not None:
        answers = one.data.task.decode(torch.from_numpy(tested.predictions).logit(), "labels").numpy()
        names = np.array(found.outputs)[answers] if answers.ndim == 1 else answers
        assert np.array_equal(found.labels, names)


def test_samples_in_memory(exported: Mapping[str, Exported], tmp_path: Path) -> None:
    """They are predicted as those of files are."""

    def numbers(kind: str, inputs: object) -> list[list[float]]:
        found = nas.predict(exported[kind].folder, inputs, device="cpu")
        values = found.probabilities if found.values is None else found.values
        assert values is not None
        return [[float(value) for value in row] for row in values]

    assert numbers("arrays", np.load(exported["arrays"].inputs)) == numbers("arrays", exported["arrays"].inputs)
    files = sorted(exported["images"].inputs.rglob("*.png"))
    held = [Image.open(files[0]), np.asarray(Image.open(files[1])), files[2].read_bytes(), *map(str, files[3:])]
    assert numbers("images", held) == numbers("images", exported["images"].inputs)
    files = sorted(exported["sounds"].inputs.rglob("*.wav"))
    assert numbers("sounds", files) == numbers("sounds", exported["sounds"].inputs)
    texts = exported["texts"].inputs.read_text(encoding="utf-16").splitlines()
    (tmp_path / "texts.txt").write_text("\n\n".join(line[2:] for line in texts[1:]), encoding="utf-16")
    wanted = numbers("texts", exported["texts"].inputs)
    assert numbers("texts", [line[2:] for line in texts[1:]]) == wanted
    assert numbers("texts", tmp_path / "texts.txt") == wanted
    lines = [line.split(",") for line in exported["tables"].inputs.read_text().splitlines()]
    columns = {name: [row[place] or None for row in lines[1:]] for place, name in enumerate(lines[0])}
    columns["size"] = [None if cell == "NA" else float(cell or 0) for cell in columns["size"]]  # type: ignore[misc]
    columns["sold"] = np.array(columns["sold"], "datetime64[D]")  # type: ignore[assignment]
    assert numbers("tables", columns) == numbers("tables", exported["tables"].inputs)


def test_data_in_memory_are_predicted_too(tmp_path: Path) -> None:
    """Networks of data sets that were made in Python."""
    rng = np.random.default_rng(0)
    labels = ["a", "b"] * 10
    clips = [rng.normal(size=40 + place) for place in range(20)]
    pixels = [rng.integers(0, 256, (4, 4)).astype(np.uint8) for _ in range(20)]
    made = {
        "images": (from_images(pixels, labels), pixels[:2]),
        "sounds": (from_sounds(clips, labels, rate=100), clips[:2]),
        "texts": (from_texts(["one two", "two three"] * 10, labels), ["one two", "unheard of"]),
        "table": (from_table({"x": [1.5, 2] * 10, "y": labels}, test_share=None), {"x": [1, None]}),
    }
    for name, (data, inputs) in made.items():
        one = export_of(data, tmp_path / name, tmp_path)
        assert len(predict(one.folder, inputs)) == 2, name


def test_batches_and_what_cannot_be_read(
    exported: Mapping[str, Exported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = exported["images"]
    whole = predict(one.folder, one.inputs)
    monkeypatch.setattr("nas.prediction.predicting.CHUNK", 2 * 4 * int(np.prod(one.data.shape)))
    for file in one.inputs.rglob("*.png"):
        (tmp_path / f"{file.parent.name}{file.name}").write_bytes(file.read_bytes())
    (tmp_path / "cat1.jpg").write_bytes(b"no image")
    (tmp_path / "readme").write_text("")
    with pytest.raises(UsageError, match=r"cat1\.jpg: this is not an image"):
        predict(one.folder, tmp_path)
    found = predict(one.folder, tmp_path, on_error="skip")
    assert whole.probabilities is not None
    assert found.probabilities is not None
    np.testing.assert_allclose(found.probabilities, whole.probabilities, atol=1e-6)
    assert found.names == ("cat0.png", "cat1.png", "cat2.png", "dog0.png", "dog1.png", "dog2.png")
    assert found.notes[0].startswith(f"1 other file is ignored in {tmp_path}")
    assert found.notes[1].startswith("1 of 7 samples cannot be read and are left out: ")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"no sample is left: 1 of 1 samples cannot be read"):
        predict(one.folder, tmp_path / "other", on_error="skip")


def test_arrays_of_token_numbers(tmp_path: Path) -> None:
    """A number without a vector is an error, not a crash."""
    texts = from_texts(["one two three", "two one one"] * 10, ["a", "b"] * 10)
    data = nas.from_arrays(texts.train.inputs, texts.train.targets)
    layers = "[{embedding: {vocabulary: 5, width: 3}}, flatten, {linear: {units: outputs}}]"
    one = export_of(data, tmp_path / "network", tmp_path, layers)
    assert len(predict(one.folder, np.full((2, 3), 4))) == 2
    with pytest.raises(UsageError, match="integers from 0 to 4, but sample 1 of the inputs part contains 5"):
        predict(one.folder, [[0, 1, 2], [5, 1, 2]])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ("missing.npy", "missing.npy: there is no such file or folder"),
        (np.zeros((0, 3)), "inputs: there are no samples"),
        (np.zeros((2, 4)), r"inputs: expected shape \(N, 3\) as in training, got \(2, 4\)"),
        (np.zeros(3), r"got \(3,\); this is one sample: take inputs\[None\]"),
        ([[0, 1, np.nan]], "inputs: sample 0 has a value that is not finite"),
        (7, "inputs: expected a path, or samples in memory, got 7"),
    ],
)
def test_what_cannot_be_predicted(inputs: object, message: str, exported: Mapping[str, Exported]) -> None:
    with pytest.raises(UsageError, match=message):
        predict(exported["arrays"].folder, inputs)
