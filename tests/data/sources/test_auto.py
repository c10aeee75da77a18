"""Data at a path."""

import re
from pathlib import Path

import numpy as np
import pytest

from nas.data import load_data
from nas.data.sources import DATASETS
from nas.document import parse_document
from nas.errors import SpecError, UsageError
from nas.evaluate.evaluation import PARTS, Evaluation, make_data
from nas.settings import read_file
from nas.settings.signature import keys_of


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "some.npz"
    np.savez(path, train_inputs=np.arange(20.0)[:, None], train_labels=np.arange(20) % 2)
    return path


def test_it_says_what_it_took_a_path_for_and_why(archive: Path) -> None:
    data = load_data("auto", path=archive, val_share=0.5)
    assert data.notes == ("some.npz is read as `npz`, because its name ends in .npz",)
    assert data.fingerprint == load_data("npz", path=archive, val_share=0.5).fingerprint


def test_a_setting_that_the_source_lacks(archive: Path) -> None:
    message = "is read as npz, because its name ends in .npz; npz has no setting 'target', which is one of .*, table: "
    with pytest.raises(UsageError, match=message + r"`data: {huggingface: {path: some.npz, target: \.\.\.}}`$"):
        load_data("auto", path=archive, target="price")
    with pytest.raises(UsageError, match="channels: expected 'first' or 'last', got 'auto'"):
        load_data("auto", path=archive, channels="auto")


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    rows = [f"{place % 7},{place % 3},{place * 1.5}" for place in range(40)]
    (tmp_path / "houses.csv").write_text("\n".join(["zip,rooms,price", *rows]), "utf-8")
    return tmp_path / "houses.csv"


def test_settings_of_the_source_that_recognises_a_path(houses: Path) -> None:
    data = load_data("auto", path=houses, kinds={"zip": "category"}, scaling="quantile", test_share=None)
    assert data.test is None
    assert data.input.categories == (8,)
    again = load_data("table", path=houses, kinds={"zip": "category"}, scaling="quantile", test_share=None)
    assert data.fingerprint == again.fingerprint


def test_what_is_no_setting_is_held_against_those_of_the_source(houses: Path, archive: Path) -> None:
    """Not against those of all sources: a table has no `size`, and an archive no `target`."""
    others = set(keys_of(DATASETS["auto"])) - set(keys_of(DATASETS["table"]))
    assert {"size", "path_column"} <= others
    with pytest.raises(UsageError, match=r"data set 'auto': no such setting: 'targte'.*did you mean 'target'") as told:
        load_data(str(houses), targte="price")
    texts = [str(told.value)]
    with pytest.raises(UsageError, match=r"no such setting: 'targte'; its settings are path, [a-z_, ]*$"):
        load_data("auto", path=archive, targte="price")
    for data in ("houses.csv: {targte: price}", "auto: {path: houses.csv, targte: price}"):
        file = parse_document(f"space: auto\ndata: {{{data}}}", "run.yaml")
        with pytest.raises(SpecError) as caught:
            read_file(Evaluation, file, houses.parent / "run.yaml", PARTS).whole()
        (problem,) = caught.value.problems
        assert problem.path == "data.auto"
        assert problem.suggestion == "target"
        texts.append(problem.expected)
    for text in texts:
        words = set(re.findall(r"\w+", text))
        assert words >= {"target", "kinds", "scaling"}
        assert not words & others
    with pytest.raises(UsageError, match=r"no such setting: 'path_colum'; its settings are .*mean 'path_column'"):
        load_data("auto", path=houses.parent / "none", path_colum=3)


def test_settings_in_a_file_are_those_of_all_sources_of_paths(houses: Path) -> None:
    """Paths are relative to the file, and a record has what was given alone."""
    text = "space: auto\ndata: {houses.csv: {kinds: {zip: category}, folder: photos}}"
    read = read_file(Evaluation, parse_document(text, "run.yaml"), houses.parent / "run.yaml", PARTS).whole()
    assert read.data.full == {"path": houses, "kinds": {"zip": "category"}, "folder": houses.parent / "photos"}
    with pytest.raises(UsageError, match="table has no setting 'folder', which is one of images, sounds"):
        make_data(read)
    wrong = text.replace("category", "colour").replace("folder", "pad")
    with pytest.raises(SpecError) as caught:
        read_file(Evaluation, parse_document(wrong, "run.yaml"), houses.parent / "run.yaml", PARTS).whole()
    assert [one.path for one in caught.value.problems] == ["data.auto.kinds.zip", "data.auto.pad"]


@pytest.mark.parametrize("beside", ["3", "price", "[price]"])
def test_what_stands_beside_a_path_is_a_mapping(beside: str, houses: Path) -> None:
    file = parse_document(f"space: auto\ndata: {{houses.csv: {beside}}}", "run.yaml")
    with pytest.raises(SpecError, match="expected a mapping with path, "):
        read_file(Evaluation, file, houses.parent / "run.yaml", PARTS).whole()


def test_records_of_earlier_runs_have_null_for_what_was_not_given(houses: Path) -> None:
    recorded = {"target": None, "group": None, "classes": None, "val_share": None, "test_share": None}
    data = load_data("auto", path=houses, split_seed=None, **recorded)
    assert data.test is not None
    assert data.fingerprint == load_data("table", path=houses).fingerprint


def test_paths_that_nothing_recognises(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no file or folder .*none"):
        load_data("auto", path=tmp_path / "none")
    (tmp_path / "some.xyz").write_bytes(b"")
    with pytest.raises(UsageError, match=r"some\.xyz: no source recognises it; name one of .*npz"):
        load_data("auto", path=tmp_path / "some.xyz")
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / "a.png").write_bytes(b"")
    with pytest.raises(UsageError, match="flat: no source recognises it; a folder of images, sounds"):
        load_data("auto", path=tmp_path / "flat")
