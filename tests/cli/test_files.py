"""Commands on files: describe, validate and schema."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from nas.file_kinds import KINDS
from nas.space import load_space
from tests.cli.conftest import Command
from tests.tiny_run import contents

DESCRIBE_KEYS = ["name", "input", "output", "size", "size_note", "choices", "unreached", "samples", "params", "macs"]


ARCHITECTURE_KEYS = ["id", "params", "macs", "input", "choices", "layers"]


QUANTILES = ["min", "q25", "median", "q75", "max"]


VALIDATE_KEYS = ["valid", "files", "problems", "errors"]


FILE_KEYS = ["file", "kind", "name", "valid", "task", "outputs", "notes"]


PROBLEM_KEYS = ["file", "line", "column", "path", "message", "expected", "got", "suggestion"]


DIGITS = "classification, 10 classes: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"


def test_validate_reports_everything_that_is_wrong(tmp_path: Path, nas: Command) -> None:
    (tmp_path / "bad.yaml").write_text(
        "name: a/b\n"
        "space: none.yaml\n"
        "data: digit\n"
        "controller: {q_learnin: {}}\n"
        "evaluator: {train: {epochs: many, lr: -1, wramup: 0.1}}\n"
        "objectives: {test_acc: maximize}\n"
        "budget: {trial: 4}\n"
        "seed: no\n"
    )
    before = contents(tmp_path)
    for command in ("validate", "search"):
        done = nas(command, tmp_path / "bad.yaml")
        assert (done.code, done.out) == (2, "")
        places = [line.removeprefix(f"{tmp_path}/bad.yaml:").split(": ")[0] for line in done.err.splitlines()]
        assert places == ["1:7", "2:8", "3:7", "4:14", "5:29", "5:39", "5:43", "6:14", "7:10", "8:7"]
        for word in ("did you mean 'digits'?", "did you mean 'q_learning'?", "did you mean 'warmup'?"):
            assert word in done.err
    assert contents(tmp_path) == before


def test_validate_reports_everything_that_is_wrong_with_a_space(tmp_path: Path, nas: Command) -> None:
    (tmp_path / "bad.yaml").write_text(
        "input: [1, 8, 8]\nlayers:\n  - con: {width: 8}\n  - max_pool: {kernel: two}\n  - choice: []\n"
    )
    done = nas("validate", tmp_path / "bad.yaml")
    assert (done.code, done.out) == (2, "")
    places = [line.removeprefix(f"{tmp_path}/bad.yaml:").split(":")[0] for line in done.err.splitlines()]
    assert places == ["3", "4", "5"]


def test_validate(small: Path, tmp_path: Path, nas: Command) -> None:
    before = contents(tmp_path)
    done = nas("validate", small)
    assert (done.code, done.out, done.err) == (0, f"{small}: a valid run file (tiny); {DIGITS}\n", "")
    done = nas("validate", tmp_path / "space.yaml")
    assert (done.code, done.out, done.err) == (0, f"{tmp_path}/space.yaml: a valid space file (tiny)\n", "")
    assert contents(tmp_path) == before


def test_validate_says_how_data_are_read_and_which_space_is_chosen(tmp_path: Path, nas: Command) -> None:
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "d.npz", train_inputs=rng.random((8, 1, 9, 9)), train_labels=np.arange(8) % 2)
    (tmp_path / "r.yaml").write_text("space: auto\ndata: d.npz\ncontroller: random\n")
    done = nas("validate", tmp_path / "r.yaml")
    assert (done.code, done.err, done.out.splitlines()[1:]) == (
        0,
        "",
        [
            "  d.npz is read as `npz`, because its name ends in .npz",
            "  The space is digits_cnn, because the data are images of 1×9×9",
        ],
    )


def test_validate_several_files(small: Path, tmp_path: Path, nas: Command) -> None:
    """All mistakes at once: of the files given, of the space that a run file names, each one once."""
    space, bad, broken = tmp_path / "space.yaml", tmp_path / "bad.yaml", tmp_path / "broken.yaml"
    bad.write_text("space: broken.yaml\ndata: digits\nseed: -1\n")
    broken.write_text("input: [1, 8, 8]\nlayers: [rleu, {linear: {units: 0}}]\n")
    done = nas("validate", small, bad, broken, "none.yaml", space)
    assert done.code == 2
    assert done.out == f"{small}: a valid run file (tiny); {DIGITS}\n{space}: a valid space file (tiny)\n"
    assert done.err.splitlines() == [
        f"{bad}:3:7: seed: a value does not fit (expected 0 or more, got -1)",
        f"{broken}:2:10: 0: no op is named 'rleu' (did you mean 'relu'?)",
        f"{broken}:2:33: 1.linear.units: a value does not fit (expected greater than or equal to 1, got 0)",
        "nas: none.yaml: there is no such file",
    ]
    done = nas("search", bad)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 3


def test_validate_json(small: Path, tmp_path: Path, nas: Command) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("input: [1, 8, 8]\nlayers: [rleu]\n")
    done = nas("validate", small, broken, "none.yaml", "--json")
    assert (done.code, done.err) == (2, "")
    found = json.loads(done.out)
    assert list(found) == VALIDATE_KEYS
    assert found["valid"] is False
    assert [list(file) for file in found["files"]] == [FILE_KEYS] * 3
    digits = {"task": "classification", "outputs": list("0123456789"), "notes": []}
    assert found["files"][:2] == [
        {**digits, "file": str(small), "kind": "run", "name": "tiny", "valid": True},
        {"file": str(broken), "kind": "space", "name": "", "valid": False, "task": "", "outputs": [], "notes": []},
    ]
    assert found["errors"] == ["none.yaml: there is no such file"]
    (problem,) = found["problems"]
    assert list(problem) == PROBLEM_KEYS
    assert (problem["file"], problem["line"], problem["column"], problem["path"]) == (str(broken), 2, 10, "0")
    assert (problem["message"], problem["suggestion"]) == ("no op is named 'rleu'", "relu")
    done = nas("validate", small, "--json")
    assert (done.code, json.loads(done.out)["valid"]) == (0, True)


def test_schema(nas: Command) -> None:
    for kind in [kind for kind, one in KINDS.items() if one.schema]:
        done = nas("schema", kind)
        assert (done.code, done.err) == (0, "")
        assert done.out == (Path(__file__).parents[2] / "schemas" / f"{kind}.json").read_text(encoding="utf-8")


def test_describe(small: Path, nas: Command) -> None:
    done = nas("describe", small.parent / "space.yaml", "--samples", 50)
    assert (done.code, done.err) == (0, "")
    assert "6 architectures, 2 choices" in done.out
    assert "params of 50 uniform samples" in done.out


def test_describe_json(small: Path, nas: Command) -> None:
    done = nas("describe", small.parent / "space.yaml", "--samples", 50, "--seed", 1, "--json")
    assert (done.code, done.err) == (0, "")
    facts = json.loads(done.out)
    assert list(facts) == DESCRIBE_KEYS
    assert (facts["name"], facts["size"], facts["samples"]) == ("tiny", 6, 50)
    assert facts["choices"] == {"pool": ["identity", "avg_pool"], "2.linear.units": [4, 8, 16]}
    assert list(facts["params"]) == list(facts["macs"]) == QUANTILES
    again = nas("describe", small.parent / "space.yaml", "--samples", 50, "--seed", 1, "--json")
    assert again == done


def test_describe_draws_what_it_shows(small: Path, tmp_path: Path, nas: Command) -> None:
    space, drawing = small.parent / "space.yaml", tmp_path / "drawing.svg"
    done = nas("describe", space, "--samples", 5, "--seed", 3, "--draw", drawing)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"\nThe drawing is in {drawing}.\n")
    drawn = drawing.read_text()
    shown = re.search(r"one of them \(([0-9a-f]{16})\)", done.out)
    assert shown is not None
    assert f"<title>Architecture {shown[1]}</title>" in drawn
    done = nas("describe", space, "--samples", 5, "--seed", 3, "--draw", drawing, "--json")
    assert list(json.loads(done.out)) == DESCRIBE_KEYS
    assert drawing.read_text() == drawn


@pytest.mark.parametrize(
    "text",
    ["{pool: avg_pool, 2.linear.units: 8}", '{"choices": {"pool": "avg_pool", "2.linear.units": 8}}', "to_dict"],
)
def test_describe_one_architecture(text: str, small: Path, tmp_path: Path, nas: Command) -> None:
    space = load_space(small.parent / "space.yaml")
    arch = space.rebuild({"pool": "avg_pool", "2.linear.units": 8})
    file, drawing = tmp_path / "arch.yaml", tmp_path / "drawing.svg"
    file.write_text(json.dumps(arch.to_dict()) if text == "to_dict" else text)
    done = nas("describe", small.parent / "space.yaml", "--arch", file, "--draw", drawing)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"tiny  1×8×8 → 10  ({arch.id})\n")
    assert "samples" not in done.out
    assert all(name in done.out for name in arch.names)
    assert arch.id in drawing.read_text()
    done = nas("describe", small.parent / "space.yaml", "--arch", file, "--json")
    assert list(json.loads(done.out)) == ARCHITECTURE_KEYS
    assert json.loads(done.out) == arch.to_dict()


def test_describe_the_network_of_a_run(finished: Path, nas: Command) -> None:
    done = nas("describe", finished / "space.yaml", "--arch", finished / "final/architecture.yaml")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("tiny  1×8×8 → 10")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{pool: avg_pool}", ": not in the space tiny: 2.linear.units: this decision is missing"),
        ("{pool: none, 2.linear.units: 8}", ": not in the space tiny: pool: 'none' is not an option here"),
        ("{pool: avg_pool, 2.linear.units: 8, x: 1}", ": not in the space tiny: no such decision is reached: x"),
        (
            "id: abc\nchoices: {pool: avg_pool, 2.linear.units: 8}",
            ":1:5: id: the id differs from that in the space tiny",
        ),
        ("choices: [avg_pool]", ":1:10: not the decisions of an architecture"),
        ("choices: {pool: [avg_pool]}", ":1:10: not the decisions of an architecture"),
        ("- 1", ":1:1: not the decisions of an architecture"),
        ("{", ": this is not YAML"),
    ],
)
def test_describe_what_is_not_in_the_space(text: str, message: str, small: Path, tmp_path: Path, nas: Command) -> None:
    file, drawing = tmp_path / "arch.yaml", tmp_path / "drawing.svg"
    file.write_text(text)
    done = nas("describe", small.parent / "space.yaml", "--arch", file, "--draw", drawing)
    assert (done.code, done.out) == (2, "")
    assert str(file) in done.err
    assert message in done.err
    assert not drawing.exists()


def test_a_drawing_that_cannot_be_written(small: Path, nas: Command) -> None:
    done = nas("describe", small.parent / "space.yaml", "--samples", 5, "--draw", small / "drawing.svg")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"nas: {small}/drawing.svg cannot be written")
