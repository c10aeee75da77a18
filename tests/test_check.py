"""Files checked as a whole: what is told at once, and what is not told since it may not be so."""

from pathlib import Path

import numpy as np
import pytest

from nas.check import check_files
from nas.controllers import RandomSearch
from nas.errors import IntegrityError, SpecError, UsageError
from nas.runs.config import load_config
from nas.runs.prepare import load_run, prepare

SPACE = "layers: [flatten, {linear: {units: outputs}}]\n"
RUN = "space: s.yaml\ndata: digits\n"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SPACE)


def problems(text: str, *overrides: str) -> list[str]:
    """What `nas search` says before it begins."""
    Path("r.yaml").write_text(text)
    with pytest.raises(SpecError) as caught:
        prepare(load_run("r.yaml", overrides))
    return [line.partition(" (")[0] for line in str(caught.value).splitlines()]


def test_what_a_run_needs() -> None:
    Path("r.yaml").write_text(RUN + "controller: random\n")
    data, space, _, controller, _ = prepare(load_run("r.yaml"))
    assert (data.name, space.output) == ("digits", (10,))
    assert isinstance(controller, RandomSearch)


def test_problems_of_the_run_and_of_its_space() -> None:
    Path("s.yaml").write_text("layers: [rleu]\n")
    assert problems(RUN + "seed: -1\n") == [
        "r.yaml:3:7: seed: a value does not fit",
        "s.yaml:1:10: 0: no op is named 'rleu'",
    ]
    assert problems(RUN, "seed=-1")[1:] == ["s.yaml:1:10: 0: no op is named 'rleu'"]


def test_a_space_without_members_and_a_controller() -> None:
    Path("s.yaml").write_text("layers: [{max_pool: {kernel: 9}}, flatten, {linear: {units: outputs}}]\n")
    found = problems(RUN + "controller: {q_learning: {n_step: 2, td_lambda: 1}}\n")
    assert found[0].startswith("r.yaml:3:35: controller.q_learning: n_step must be 1")
    assert found[1].startswith("s.yaml:1:10: 0: no architecture fits")
    assert len(found) == 2


def test_data_that_are_not_there() -> None:
    """The space is read all the same; that it asks for the number of outputs is no mistake."""
    run = "space: s.yaml\ndata: {npz: {path: none.npz}}\n"
    missing = "r.yaml:2:8: data.npz: none.npz: there is no such file"
    assert problems(run) == [missing]
    assert problems("space: s.yaml\ndata: digit\n") == ["r.yaml:2:7: data: no data set is named 'digit'"]
    assert problems("space: s.yaml\n") == ["r.yaml:1:1: 'data' is missing"]
    Path("s.yaml").write_text(SPACE.replace("units", "unit"))
    assert problems(run)[:1] == [missing]
    assert len(problems(run)) == 3


def test_data_that_are_corrupt() -> None:
    """The exit code says so where nothing else is wrong."""
    Path("bad.npz").write_bytes(b"no archive")
    Path("r.yaml").write_text("space: s.yaml\ndata: {npz: {path: bad.npz}}\n")
    with pytest.raises(IntegrityError):
        prepare(load_config("r.yaml"))
    assert check_files(["r.yaml"]).exit_code == 4
    assert [line[:15] for line in problems("seed: x\n" + Path("r.yaml").read_text())] == [
        "r.yaml:1:7: see",
        "r.yaml:3:8: dat",
    ]


def test_data_that_do_not_fit_the_space() -> None:
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(40, 5)), np.arange(40) % 2
    np.savez("d.npz", train_inputs=inputs, train_labels=labels)
    Path("s.yaml").write_text("layers: [{conv: {width: 3}}, flatten, {linear: {units: outputs}}]\n")
    (found,) = problems("space: s.yaml\ndata: {npz: {path: d.npz}}\n")
    assert found.startswith("s.yaml:1:")


@pytest.mark.parametrize(
    ("layers", "refused"),
    [
        ("flatten, {choice: [relu, batch_norm]}, {linear: {units: outputs}}", True),
        (
            "{conv: {width: 4}}, {max_pool: {kernel: 8}}, {mbconv: {width: 4}}, flatten, {linear: {units: outputs}}",
            True,
        ),
        ("{conv: {width: 4}}, batch_norm, flatten, layer_norm, {linear: {units: outputs}}", False),
    ],
)
def test_batches_of_one_sample(layers: str, refused: bool) -> None:
    Path("s.yaml").write_text(f"layers: [{layers}]\n")
    one = "controller: random\nevaluator: {train: {batch_size: 1}}\nfinal: {batch_size: 1}\n"
    if refused:
        told = [line.partition(": batch_norm")[0].partition(": mbconv")[0] for line in problems(RUN + one)]
        assert told == ["r.yaml:4:33: evaluator.train: batch_size", "r.yaml:5:21: final: batch_size"]
    else:
        Path("r.yaml").write_text(RUN + one)
        prepare(load_run("r.yaml"))


def test_no_file() -> None:
    with pytest.raises(UsageError, match=r"^none\.yaml: there is no such file$"):
        load_run("none.yaml")
    report = check_files(["none.yaml", "r.yaml"])
    assert (len(report.errors), report.exit_code, report.problems) == (2, 2, ())


def test_a_problem_is_told_once() -> None:
    Path("s.yaml").write_text("layers: [rleu]\ninput: [3]\n")
    for name in "ab":
        Path(f"{name}.yaml").write_text(RUN)
    report = check_files(["a.yaml", "b.yaml", "s.yaml"])
    assert [problem.mark.file for problem in report.problems] == ["s.yaml"]
    assert [(file.kind, file.valid) for file in report.files] == [("run", False), ("run", False), ("space", False)]
