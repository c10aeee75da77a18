"""The evaluator that trains nothing."""

import math
from pathlib import Path

import numpy as np
import pytest

import nas
from nas.data import Dataset, from_arrays
from nas.errors import SpecError, UsageError
from nas.evaluate import PROXIES, ZeroCost
from nas.evaluate.proxies import objectives_when_trained
from nas.evaluate.zero_cost import score
from nas.runs.run import run
from nas.runs.summary import read_run
from nas.space import Space, parse_space
from nas.testing import check_evaluator
from nas.trial import Objective
from tests.tiny_run import write_run

WORDS = "input: [5]\nlayers: [{embedding: {vocabulary: 7, width: 4}}, flatten, {linear: {units: 2}}]"


def test_it_is_an_evaluator_that_reports_all_proxies(space: Space, corners: Dataset) -> None:
    arch = next(iter(space))
    evaluator = ZeroCost(corners, proxies=["synflow", "snip", "zico"], device="cpu")
    check_evaluator(evaluator, arch)
    found = evaluator(arch, seed=3)
    assert list(found) == ["params", "macs", "synflow", "snip", "zico", "seconds"]
    assert found["snip"] == score("snip", arch, corners, seed=3, device="cpu")
    assert set(ZeroCost(corners, device="cpu")(arch, seed=0)) <= {*PROXIES, "seconds"} == set(ZeroCost.metrics)


def test_an_objective_is_computed_as_well(corners: Dataset) -> None:
    asked = ZeroCost(corners, proxies=["synflow"], objectives=[Objective("naswot"), Objective("params", "minimize")])
    assert asked.proxies == ("synflow", "naswot")


def test_a_proxy_that_is_undefined_fails_the_trials_that_need_it(space: Space, corners: Dataset) -> None:
    study = nas.search(
        "grid",
        ZeroCost(corners, proxies=["naswot"], device="cpu"),
        space=space,
        trials=4,
        objectives={"naswot": "maximize"},
    )
    for trial in study:
        defined = math.isfinite(score("naswot", trial.architecture, corners, seed=trial.seed, device="cpu"))
        assert (trial.error is None) == defined
        assert defined or trial.error == "NONFINITE: naswot is undefined for this network"
    assert any(trial.error for trial in study)


def test_a_network_that_fails_says_why() -> None:
    space = parse_space("input: [3]\nlayers: [{linear: {units: 4}}, batch_norm, {linear: {units: 2}}]")
    data = from_arrays(np.zeros((2, 3), np.float32), np.arange(2), val=(np.zeros((2, 3), np.float32), np.arange(2)))
    (trial,) = nas.search(
        "random", ZeroCost(data, device="cpu"), space=space, trials=1, objectives={"zico": "maximize"}
    )
    assert trial.error is not None
    assert trial.error.startswith("CRASH: Expected more than 1 value per channel")


def test_token_numbers_have_no_gradient() -> None:
    data = from_arrays(np.arange(200).reshape(40, 5) % 7, np.arange(40) % 2, name="words")
    arch = next(iter(parse_space(WORDS)))
    assert "jacob_cov" not in ZeroCost(data, device="cpu")(arch, seed=0)
    ZeroCost(data, device="cpu").check([arch])
    with pytest.raises(UsageError, match="jacob_cov needs inputs with a gradient"):
        ZeroCost(data, proxies=["jacob_cov"], device="cpu").check([arch])


def test_what_networks_are_compared_by_when_trained() -> None:
    accuracy, synflow, naswot = map(Objective, ("val_acc", "synflow", "naswot"))
    small = Objective("params", "minimize")
    assert objectives_when_trained([small, accuracy], accuracy) == (small, accuracy)
    assert objectives_when_trained([synflow, small, naswot], accuracy) == (accuracy, small)
    assert objectives_when_trained([small, synflow, accuracy], accuracy) == (small, accuracy)


def test_a_whole_search_by_synflow(tmp_path: Path) -> None:
    file = write_run(tmp_path)
    file.write_text(
        file.read_text().replace("{train: {epochs: 1, lr: 0.01}}", "{zero_cost: {proxies: [synflow]}}")
        + "objectives: {synflow: maximize}\n"
    )
    result = run(nas.load_config(file), out=tmp_path / "run")
    assert (result.trials, result.failed) == (6, 0)
    first, second = result.final.finalists
    assert result.final.objectives == (Objective("val_acc"),), "finalists are compared by what their training shows"
    assert result.final.chosen.metrics["val_acc"] == max(first.metrics["val_acc"], second.metrics["val_acc"])
    assert first.searched["synflow"] == result.front[0].score
    assert read_run(tmp_path / "run").compared == (Objective("val_acc"),)
    text = (tmp_path / "run" / "report.html").read_text()
    assert "The one with the highest val_acc after this training is selected" in text
    assert "Measured on the validation data" not in text  # of the headline: there are test data


def test_an_objective_has_to_be_named(tmp_path: Path) -> None:
    file = write_run(tmp_path)
    file.write_text(file.read_text().replace("{train: {epochs: 1, lr: 0.01}}", "zero_cost"))
    with pytest.raises(SpecError, match=r"objectives: the evaluator zero_cost measures no val_acc and no .*val_rmse"):
        nas.load_config(file)
