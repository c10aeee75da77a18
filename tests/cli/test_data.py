"""The command `nas data`."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Command

TABLE = "size,kind,price\n" + "".join(f"{place},{'ab'[place % 2]},{place}.5\n" for place in range(2, 42))


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "houses.csv").write_text(TABLE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("houses")
def test_a_table(nas: Command) -> None:
    done = nas("data", "houses.csv", "target=kind", "--no-suspects")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "houses: classification, 2 classes"
    assert lines[1] == "  houses.csv is read as `table`, because its name ends in .csv"
    assert any(line.startswith("Columns  kind    missing  distinct") for line in lines)
    assert "Samples of the training part" in lines
    assert "may be wrong" not in done.out


@pytest.mark.usefixtures("houses")
def test_a_source_with_its_settings_and_a_task(nas: Command) -> None:
    done = nas("data", "table", "path=houses.csv", "kinds.size=category", "task=regression", "--no-suspects", "--json")
    found = json.loads(done.out)
    assert found["task"] == "regression"
    assert [(one["name"], one["kind"]) for one in found["inputs"]["columns"]] == [
        ("size", "category"),
        ("kind", "category"),
    ]


@pytest.mark.usefixtures("houses")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["house.csv"], "no data set is named 'house.csv'"),
        (["houses.csv", "targt=kind"], "no such key: 'targt'"),
        (["houses.csv", "target=kinds"], "did you mean 'kind'?"),
        (["houses.csv", "kind"], "this is not an override"),
        (["missing.yaml"], "missing.yaml"),
    ],
)
def test_what_cannot_be_shown(nas: Command, arguments: list[str], expected: str) -> None:
    done = nas("data", *arguments)
    assert (done.code, done.out) == (2, "")
    assert expected in done.err


def test_a_run_file_with_its_augmentation(nas: Command, tmp_path: Path) -> None:
    for place in range(20):
        folder = tmp_path / "pets" / ("cat" if place % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), 20 + 10 * place, np.uint8)).save(folder / f"{place}.png")
    run = tmp_path / "run.yaml"
    run.write_text("space: image_cnn\ndata: pets\nevaluator: {train: {augment: {cutout: 4}}}\n", encoding="utf-8")
    plain, out = tmp_path / "plain", tmp_path / "out"
    done = nas("data", str(run), "--no-suspects", "--out", str(out))
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"The summary and the samples are in {out}.\n")
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["samples"] == {
        "train": 12,
        "val": 4,
        "test": 4,
    }
    nas("data", str(tmp_path / "pets"), "--no-suspects", "--out", str(plain))
    assert _height(plain) < _height(out), "rows of augmented images"


def _height(folder: Path) -> int:
    with Image.open(folder / "samples.png") as picture:
        return picture.height
