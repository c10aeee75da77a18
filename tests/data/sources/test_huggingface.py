"""Data sets of Hugging Face, saved in folders."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data import load_data
from nas.errors import IntegrityError, StorageError, UsageError

datasets: Any = pytest.importorskip("datasets")

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (10, 6, 5, 3), dtype=np.uint8)
NUMBERS = [0, 1] * 5
NAMES = ["cat", "dog", "eel"]
WORDS = ["a good film", "a bad film", "one of the best", "it is too long", "see it again"] * 2


@pytest.fixture(scope="module", autouse=True)
def quiet() -> Any:
    """Without the bars that saving shows."""
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


def _photos(labels: Any = tuple(NUMBERS), label: Any = None, **others: Any) -> Any:
    from PIL import Image

    features = {"image": datasets.Image(), "label": label or datasets.ClassLabel(names=NAMES)}
    columns = {"image": [Image.fromarray(pixels) for pixels in PIXELS[: len(labels)]], "label": list(labels)}
    for name, (feature, values) in others.items():
        features[name], columns[name] = feature, values
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def _texts(labels: Any = tuple(NUMBERS)) -> Any:
    return datasets.Dataset.from_dict({"idx": list(range(10)), "sentence": WORDS, "label": list(labels)})


def _saved(folder: Path, **splits: Any) -> Path:
    path = folder / "hub"
    datasets.DatasetDict(splits).save_to_disk(str(path))
    return path


def test_images_of_a_saved_folder(tmp_path: Path) -> None:
    path = _saved(tmp_path, train=_photos(), validation=_photos(NUMBERS[:4]), test=_photos(NUMBERS[:6]))
    data = load_data("auto", path=path)
    assert data.notes == (
        "hub is read as `huggingface`, because it has the file dataset_dict.json",
        "1 of 3 classes have no training sample, and are left out",
    )
    assert data.test is not None
    assert (data.name, data.outputs, data.shape) == ("hub", ("cat", "dog"), (3, 6, 5))
    assert (len(data.train), len(data.val), len(data.test)) == (10, 4, 6)
    assert np.array_equal(data.train.inputs, PIXELS.transpose(0, 3, 1, 2))
    assert data.train.targets.tolist() == NUMBERS
    small = load_data("huggingface", path=path, size=[3, 2], channels=1)
    assert small.shape == (1, 3, 2)


def test_one_split_other_splits_and_secret_labels(tmp_path: Path) -> None:
    _photos().save_to_disk(str(tmp_path / "one"))
    one = load_data("auto", path=tmp_path / "one", val_share=0.2, test_share=0.2)
    assert (len(one.train), len(one.val)) == (6, 2)
    path = _saved(tmp_path, train=_photos(), test=_photos([-1] * 5), unsupervised=_photos([-1] * 5))
    data = load_data("huggingface", path=path, test_share=None)
    assert data.test is None
    assert "The split 'unsupervised' of 5 samples is not a part, and is left out" in data.notes
    assert "The split of the test part has no labels, and is left out" in data.notes
    for place, (labels, count) in enumerate((([-1, *NUMBERS[1:]], 1), ([None, *NUMBERS[1:]], 1), ([-1] * 10, 10))):
        with pytest.raises(UsageError, match=f"train: {count} of 10 labels are missing or unknown"):
            load_data("huggingface", path=_saved(tmp_path / f"b{place}", train=_photos(labels)))
    with pytest.raises(UsageError, match="has no split `train`; it has one, two"):
        load_data("huggingface", path=_saved(tmp_path / "c", one=_photos(), two=_photos()))


def test_several_labels_and_values(tmp_path: Path) -> None:
    sets = [[0], [0, 1], [1], [], [1, 2]] * 2
    several = _photos(sets, datasets.Sequence(datasets.ClassLabel(names=NAMES)))
    data = load_data("huggingface", path=_saved(tmp_path, train=several), test_share=None, val_share=0.5)
    assert (data.task.name, data.outputs) == ("multilabel", ("cat", "dog", "eel"))
    aged = _photos(age=(datasets.Value("float32"), np.linspace(0, 1, 10).tolist()))
    values = load_data("huggingface", path=_saved(tmp_path / "b", train=aged), target="age", test_share=None)
    assert values.task.name == "regression"


def test_texts(tmp_path: Path) -> None:
    data = load_data("huggingface", path=_saved(tmp_path, train=_texts()), test_share=None, length=6)
    assert (data.input.modality, data.shape, data.outputs) == ("text", (6,), ("0", "1"))
    assert (len(data.train), len(data.val)) == (8, 2)


def test_columns_are_named_where_they_are_not_plain(tmp_path: Path) -> None:
    path = _saved(tmp_path, train=_photos(second=(datasets.Image(), [None] * 10)))
    with pytest.raises(UsageError, match="`input` must name one of the columns image, second"):
        load_data("huggingface", path=path)
    assert load_data("huggingface", path=path, input="image").shape == (3, 6, 5)
    with pytest.raises(UsageError, match=r"hub, train: row \d has no image"):
        load_data("huggingface", path=path, input="second")
    with pytest.raises(UsageError, match="has no column 'imag'; did you mean 'image'"):
        load_data("huggingface", path=path, input="imag")
    with pytest.raises(UsageError, match="the column 'label' has neither images nor texts"):
        load_data("huggingface", path=path, input="label", target="second")
    numbers = datasets.Dataset.from_dict({"a": [1.0, 2.0], "b": [1.0, 2.0]})
    with pytest.raises(UsageError, match="`target` must name the column of targets; it has a, b"):
        load_data("huggingface", path=_saved(tmp_path / "b", train=numbers))
    with pytest.raises(UsageError, match="has no column of images or texts; it has a, b; `to_parquet` makes a file"):
        load_data("huggingface", path=tmp_path / "b" / "hub", target="b")


def test_what_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for options in ({}, {"path": tmp_path, "hub": "some"}):
        with pytest.raises(UsageError, match="expected a path, or the name of a data set on the hub"):
            load_data("huggingface", **options)
    with pytest.raises(UsageError, match="expected a folder that `save_to_disk` wrote"):
        load_data("huggingface", path=tmp_path)
    with pytest.raises(UsageError, match="is a folder: config and revision are for data sets"):
        load_data("huggingface", path=tmp_path, config="a")
    path = _saved(tmp_path, train=_photos())
    (arrow,) = path.rglob("*.arrow")
    arrow.write_bytes(arrow.read_bytes()[:300])
    with pytest.raises(IntegrityError, match="hub: the data set is damaged: "):
        load_data("huggingface", path=path)
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UsageError, match=r"pip install 'archwright\[huggingface\]'"):
        load_data("huggingface", path=path)


def test_names_on_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def load(name: str, config: str | None, *, revision: str | None) -> Any:
        asked.append((name, config, revision))
        if name == "gone":
            raise FileNotFoundError("Dataset 'gone' doesn't exist on the Hub\nmore")
        if name == "offline":
            raise ConnectionError("no network")
        return datasets.DatasetDict(train=_photos())

    monkeypatch.setattr("datasets.load_dataset", load)
    data = load_data("huggingface", hub="some/pets", config="small", revision="v1", test_share=None)
    assert (data.name, len(data.train), asked) == ("some/pets", 8, [("some/pets", "small", "v1")])
    with pytest.raises(
        UsageError, match=r"^gone cannot be loaded from the hub: Dataset 'gone' doesn't exist on the Hub$"
    ):
        load_data("huggingface", hub="gone")
    with pytest.raises(StorageError, match="offline cannot be downloaded: no network"):
        load_data("huggingface", hub="offline")
