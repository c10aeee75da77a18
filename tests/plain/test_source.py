"""There is a script for each preparation, which needs what it says and nothing else."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nas.data.preparation import PREPARATIONS
from nas.manifest import Manifest
from nas.plain import predict_source, required
from nas.plain.source import SCRIPTS
from nas.prediction import predict
from nas.prediction.predictor import load_predictor
from tests.prediction.exported import Exported

# One process for all: in each folder, the script as the command runs it, and as a module.
CODE = """
import contextlib, io, json, runpy, sys
kept = {**sys.modules}
def main(*arguments):
    said, out = io.StringIO(), io.StringIO()
    sys.argv = ["predict.py", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        try:
            runpy.run_path("predict.py", run_name="__main__")
        except SystemExit as end:
            return end.code, out.getvalue(), said.getvalue()
found = {}
for name, (folder, inputs, blocked) in json.loads(sys.argv[1]).items():
    sys.path[0] = folder
    contextlib.chdir(folder).__enter__()
    for module in ("model", "predict"):
        sys.modules.pop(module, None)
    hidden = {module: sys.modules.pop(module, None) for module in blocked}
    sys.modules.update(dict.fromkeys(blocked))  # any import of one fails
    from predict import prepare, predict
    labels, numbers = answer if isinstance(answer := predict(inputs), tuple) else (None, answer)
    found[name] = main(inputs), main(inputs, inputs), main("none"), prepare(inputs).shape, labels, numbers.tolist()
    for module in blocked:
        del sys.modules[module]
    sys.modules.update({module: one for module, one in hidden.items() if one is not None})
print(json.dumps(found))
"""

NEVER = ("nas", "pydantic", "yaml", "safetensors", "sklearn", "pandas", "pyarrow", "matplotlib", "optuna", "rich")
PACKAGES = {"pillow": "PIL", "scipy": "scipy", "soundfile": "soundfile", "tokenizers": "tokenizers"}
"""What some scripts need, and the modules that they import of it."""


@pytest.fixture(scope="module")
def alone(exported: Mapping[str, Exported]) -> Mapping[str, Any]:
    """What the scripts answer where nothing else can be imported, by the names of preparations."""
    pytest.importorskip("soundfile")
    given = {}
    for name, one in exported.items():
        needed = required(load_predictor(one.folder).intake)
        blocked = [module for package, module in PACKAGES.items() if package not in needed]
        given[name] = str(one.folder), str(one.inputs), [*NEVER, *blocked]
    command = [sys.executable, "-W", "error", "-c", CODE, json.dumps(given)]
    found = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1200)
    assert found.stderr == ""
    answers: Mapping[str, Any] = json.loads(found.stdout)
    return answers


def test_every_preparation_has_a_script(exported: Mapping[str, Exported]) -> None:
    assert set(SCRIPTS) == set(PREPARATIONS) == set(exported)


@pytest.mark.parametrize("kind", PREPARATIONS)
def test_the_answers_are_those_of_nas_predict(
    kind: str, exported: Mapping[str, Exported], alone: Mapping[str, Any]
) -> None:
    one = exported[kind]
    expected = predict(one.folder, one.inputs, device="cpu")
    (code, table, said), twice, missing, shape, labels, numbers = alone[kind]
    assert (code, said) == (0, "")
    header, *rows = [line.split(",") for line in table.splitlines()]
    known = [line.split(",") for line in expected.to_csv().splitlines()]
    answers = 1 if expected.values is not None else 2
    assert header == known[0]
    assert [row[:answers] for row in rows] == [row[:answers] for row in known[1:]]
    written = np.array([row[answers:] for row in rows], float)
    stored = expected.probabilities if expected.values is None else expected.values
    assert stored is not None
    assert np.allclose(written, stored, rtol=0, atol=1e-6)
    assert np.allclose(numbers, stored, rtol=0, atol=1e-6)
    assert tuple(shape) == (len(expected), *one.data.input.shape)
    assert (labels is None) == (expected.labels is None)
    if labels is not None:
        assert [label if isinstance(label, str) else "; ".join(label) for label in labels] == [*expected.answers]
    names = [row[0] for row in csv.reader(twice[1].splitlines()[1:])]
    assert names == 2 * [*predict(one.folder, [one.inputs], device="cpu").names]
    assert missing == [2, "", "error: none: there is no such file or folder\n"]


def test_scripts_are_formatted_and_without_faults(exported: Mapping[str, Exported], tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parents[2] / "pyproject.toml", tmp_path)
    for kind, one in exported.items():
        source = predict_source(load_predictor(one.folder).intake)
        assert Manifest(one.folder).read("predict.py").decode() == source
        (tmp_path / f"{kind}.py").write_text(source, encoding="utf-8")
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        found = subprocess.run([sys.executable, "-m", "ruff", *command, "."], cwd=tmp_path, capture_output=True)
        assert (found.returncode, found.stdout) == (0, b"")
