"""The export of the selected network: files that do not depend on Archwright, and their checksums."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from nas.data import Dataset
from nas.document import parse_document
from nas.errors import IntegrityError, StorageError
from nas.final.export import export, export_files, to_yaml
from nas.final.finalist import Final
from nas.final.fine_tune import fine_tune
from nas.manifest import Manifest
from nas.network_files import NETWORK_FILES, PREPARATION
from nas.space import Space
from nas.tasks import Classification
from nas.training import Recipe
from nas.trial import Proposal, Trial


@pytest.fixture(scope="module")
def final(space: Space, stripes: Dataset) -> Final:
    arch = list(space)[2]
    trials = [Trial(0, Proposal(arch), 0, {"val_acc": 0.5}, (0.5,), 1.0, None, 0)]
    return fine_tune(trials, stripes, top=1, recipe=Recipe(epochs=2), device="cpu")


def test_files_and_manifest(final: Final, tmp_path: Path) -> None:
    folder = export(final, tmp_path / "new" / "network", name="stripes")
    assert folder == tmp_path / "new" / "network"
    assert sorted(path.name for path in folder.iterdir()) == sorted([*NETWORK_FILES, "manifest.json"])
    assert sorted(Manifest(folder)) == sorted(NETWORK_FILES)
    Manifest(folder).verify()
    for name, content in export_files(final, name="stripes").items():
        assert (folder / name).read_bytes() == content
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))
    with pytest.raises(IntegrityError, match=r"model\.safetensors was altered"):
        Manifest(folder).verify()


def test_files_of_a_private_network_say_nothing_of_numbers_of_samples(final: Final) -> None:
    private = replace(final, chosen=replace(final.chosen, privacy={"epsilon": 8.0}))
    plain, untold = (json.loads(export_files(one, name="stripes")[PREPARATION]) for one in (final, private))
    counts = plain["task"]["classification"]["counts"]
    assert sum(counts) == sum(final.task.counts) > 0  # type: ignore[attr-defined]
    assert untold["task"]["classification"]["counts"] == []
    assert untold["preparation"] == plain["preparation"]


def test_architecture_file(final: Final, space: Space, tmp_path: Path) -> None:
    text = (export(final, str(tmp_path)) / "architecture.yaml").read_text(encoding="utf-8")
    arch = final.chosen.architecture
    # Our own reader and any other see the same, which is the architecture.
    assert parse_document(text).plain() == yaml.safe_load(text) == arch.to_dict()
    assert space.rebuild(yaml.safe_load(text)["choices"]).id == arch.id


def test_weights_file(final: Final, tmp_path: Path) -> None:
    folder = export(final, tmp_path)
    expected = final.chosen.network.state_dict()
    with safe_open(folder / "model.safetensors", framework="pt") as file:
        assert file.metadata() == {"format": "pt"}
        assert set(file.keys()) == set(expected)
        assert all(torch.equal(file.get_tensor(name), value) for name, value in expected.items())


PREDICT = """
import sys
sys.modules["nas"] = None
sys.path.insert(0, ".")
import model, torch
network = model.load()
with torch.no_grad():
    logits = network(torch.arange(3 * 16, dtype=torch.uint8).reshape(3, 1, 4, 4))
print(model.CLASSES, logits.view(torch.int32).tolist())
"""


def test_the_network_comes_back_where_there_is_no_archwright(final: Final, tmp_path: Path) -> None:
    folder = export(final, tmp_path, name='a "name" with a backslash\\')
    source = (folder / "model.py").read_text(encoding="utf-8")
    id_ = final.chosen.architecture.id
    assert source.startswith(f'"""a \'name\' with a backslash\\\\ {id_}, found by Archwright.\n')
    command = [sys.executable, "-I", "-c", PREDICT]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=True, cwd=folder)
    with torch.no_grad():
        logits = final.chosen.network(torch.arange(3 * 16, dtype=torch.uint8).reshape(3, 1, 4, 4))
    assert done.stdout.strip() == f"{final.task.outputs} {logits.view(torch.int32).tolist()}"


def test_an_export_replaces_the_one_before(final: Final, tmp_path: Path) -> None:
    other = replace(final, task=Classification(("a", "b", "c")))
    export(other, tmp_path)
    (tmp_path / "mine.txt").write_text("stays")
    export(final, tmp_path)
    Manifest(tmp_path).verify()
    assert 'CLASSES = ("rows", "columns", "chess")' in (tmp_path / "model.py").read_text(encoding="utf-8")
    assert (tmp_path / "mine.txt").read_text() == "stays"


def test_the_same_network_gives_the_same_bytes(final: Final) -> None:
    assert export_files(final, name="x") == export_files(final, name="x")


def test_a_place_that_cannot_be_written(final: Final, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be made"):
        export(final, tmp_path / "file")


WORDS = ["1e3", "1E+3", ".5e3", "0o17", "0x1F", "no", "y", "null", "~", "true", "1.", "-.inf", ".nan", "12:30", "1_0"]
WORDS += [
    "2020-01-01",
    "=",
    "<<",
    "",
    " ",
    "- a",
    "a: b",
    "#",
    "é",
    "'",
    '"',
    "\\",
    "%",
    "@",
    "word",
    "+1",
    "-",
    ".",
    "e3",
]


@pytest.mark.parametrize("word", WORDS)
def test_text_stays_text_for_every_reader(word: str) -> None:
    text = to_yaml({"key": word, word: [word]})
    assert parse_document(text).plain() == yaml.safe_load(text) == {"key": word, word: [word]}


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=30)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False) | PRINTABLE
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4), max_leaves=12
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(value=st.dictionaries(PRINTABLE, VALUES, max_size=5))
def test_plain_data_comes_back_through_our_reader(value: dict[str, Any]) -> None:
    assert parse_document(to_yaml(value)).plain() == value


def test_yaml_is_for_people() -> None:
    value = {"shape": [1, 8, 8], "layers": [{"op": "conv", "inputs": ["input"]}], "name": "one", "lr": 1e-5, "no": []}
    assert to_yaml(value) == (
        "shape: [1, 8, 8]\nlayers:\n- op: conv\n  inputs: [input]\nname: one\nlr: 1.0e-05\n'no': []\n"
    )
