"""Predictions for new samples are those of the run's own test, for every kind of data."""

import io
import tracemalloc
from collections.abc import Mapping
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

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
from nas.prediction import Predictions, predict, predict_batches
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
    assert predict_batches(one.folder, one.inputs).batch == 2
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
    with pytest.raises(UsageError, match=r"^sample 1: the network reads token .* from 0 to 4, but one is 5$"):
        predict(one.folder, [[0, 1, 2], [5, 1, 2]])


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ("missing.npy", "missing.npy: there is no such file or folder"),
        (np.zeros((0, 3)), "inputs: there are no samples"),
        (np.zeros((2, 4)), r"inputs: expected shape \(N, 3\) as in training, got \(2, 4\)"),
        (np.zeros(3), r"got \(3,\); this is one sample: take inputs\[None\]"),
        ([[0, 1, np.nan]], "^sample 0: it has a value that is not finite$"),
        (7, "inputs: expected a path, or samples in memory, got 7"),
    ],
)
def test_what_cannot_be_predicted(inputs: object, message: str, exported: Mapping[str, Exported]) -> None:
    with pytest.raises(UsageError, match=message):
        predict(exported["arrays"].folder, inputs)


class _Pipe(io.RawIOBase):
    """A pipe of a header and equal lines: as many as are said, or without an end."""

    def __init__(self, header: bytes, line: bytes, count: int | None = None) -> None:
        lines = repeat(line) if count is None else repeat(line, count)
        self._lines, self._rest, self.given = chain([header], lines), b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or b"".join(islice(self._lines, 64))
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        self.given += len(part)
        return len(part)


ROWS = {
    "texts": ("\ufeff".encode("utf-16-le"), "good bad\n".encode("utf-16-le")),
    "tables": (b"code,extra,sold,size\n", b"007,x,2024-02-11,1.5\n"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_answers_come_before_the_input_ends(kind: str, exported: Mapping[str, Exported]) -> None:
    pipe = _Pipe(*ROWS[kind])
    stream = predict_batches(exported[kind].folder, pipe, batch=3)
    first, second = islice(stream, 2)
    header = kind == "tables"
    assert first.names == tuple(f"line {number}" for number in range(1 + header, 4 + header))
    assert second.names == tuple(f"line {number}" for number in range(4 + header, 7 + header))
    assert pipe.given < 2**15
    assert stream.notes == ()


def test_memory_does_not_grow_with_the_samples(exported: Mapping[str, Exported]) -> None:
    def peak(count: int) -> int:
        stream = predict_batches(exported["tables"].folder, _Pipe(*ROWS["tables"], count))
        tracemalloc.start()
        try:
            assert sum(map(len, stream)) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is loaded once
    assert peak(20_000) < 1.5 * peak(2_000)


@pytest.mark.parametrize("kind", KINDS)
def test_batches_are_the_whole(kind: str, exported: Mapping[str, Exported]) -> None:
    one = exported[kind]
    whole = predict(one.folder, one.inputs)
    batches = [*predict_batches(one.folder, one.inputs, batch=2)]
    assert max(map(len, batches)) == 2
    joined = Predictions.joined(batches)
    assert (joined.names, joined.outputs, joined.answers if whole.values is None else ()) == (
        whole.names,
        whole.outputs,
        whole.answers if whole.values is None else (),
    )
    for ours, wanted in ((joined.probabilities, whole.probabilities), (joined.values, whole.values)):
        assert (ours is None) == (wanted is None)
        if ours is not None and wanted is not None:
            np.testing.assert_allclose(ours, wanted, rtol=1e-5, atol=1e-6)


def test_samples_are_named_in_every_batch(exported: Mapping[str, Exported]) -> None:
    inputs = np.zeros((7, 3))
    inputs[5, 1] = np.inf
    stream = predict_batches(exported["arrays"].folder, inputs, batch=2)
    assert len([*islice(stream, 2)]) == 2
    with pytest.raises(UsageError, match=r"^sample 5: it has a value that is not finite$"):
        next(iter(stream))
    found = predict(exported["arrays"].folder, inputs, on_error="skip")
    assert found.names == tuple(f"sample {place}" for place in (0, 1, 2, 3, 4, 6))
    assert found.notes == (
        "1 of 7 samples cannot be read and are left out: sample 5: it has a value that is not finite",
    )


def test_several_files(exported: Mapping[str, Exported], tmp_path: Path) -> None:
    one = exported["tables"]
    whole = predict(one.folder, one.inputs)
    header, *rows = one.inputs.read_text().splitlines()
    columns = [2, 0, 3, 1]  # in another order
    for name, some in (("a.csv", rows[:3]), ("b.csv", rows[3:])):
        lines = [",".join(line.split(",")[place] for place in columns) for line in (header, *some)]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    found = predict(one.folder, [tmp_path / "a.csv", tmp_path / "b.csv"])
    assert found.answers == whole.answers
    assert found.names[:4:3] == (f"{tmp_path}/a.csv, line 2", f"{tmp_path}/b.csv, line 2")
    (tmp_path / "b.csv").write_text("size\n1\n")
    with pytest.raises(UsageError, match=r"b\.csv lacks the columns 'sold', 'code', which the network reads"):
        predict(one.folder, [tmp_path / "a.csv", tmp_path / "b.csv"])
