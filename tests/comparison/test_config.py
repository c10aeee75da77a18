"""Comparison files: what is read, and every problem in exact words."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nas.comparison.config import TableProblem, load_comparison
from nas.comparison.prepare import make_controller, prepare_comparison
from nas.controllers import CONTROLLERS, RandomSearch
from nas.data import DATASETS
from nas.document import parse_document
from nas.driver.budget import Budget
from nas.errors import SpecError, UsageError
from nas.evaluate import EVALUATORS
from nas.settings.signature import keys_of

ROOT = Path(__file__).parents[2]

GOOD = """
controllers: {one: random, two: {regularized_evolution: {population: 4}}}
problems: {small: {table: small.npz}}
budget: {evaluations: 12}
seeds: 8
"""


def problems(text: str, folder: Path) -> list[str]:
    """What is wrong with a comparison, without the folder."""
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        prepare_comparison(load_comparison(path))
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_what_is_read(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    config = load_comparison(comparison_file())
    assert (config.name, list(config.controllers), list(config.problems)) == ("two", ["random", "evolution"], ["small"])
    assert config.controllers["evolution"].full == {"population": 4, "tournament": 2}
    assert config.problems["small"] == TableProblem(table=config.problems["small"].table)  # type: ignore[union-attr]
    assert config.budget == Budget("evaluations", 12)
    assert config.seeds == tuple(range(8))
    assert (config.workers, config.charge_controller, config.cache, config.delta, config.jobs) == (
        1,
        False,
        False,
        0.5,
        1,
    )
    problems = prepare_comparison(config)
    assert problems["small"].facts.source == "made by hand"
    assert isinstance(make_controller(config, "random", problems["small"]), RandomSearch)


def test_everything_that_can_be_said(comparison: Mapping[str, Any], comparison_file: Callable[..., Path]) -> None:
    changes = {
        "seeds": [3, 1, 4, 15, 9, 2], "workers": 3, "charge_controller": True, "cache": True, "delta": 1,
        "budget": {"seconds": 99.5},
    }  # fmt: skip
    config = load_comparison(comparison_file(**changes), ["jobs=4"])
    assert config.seeds == (3, 1, 4, 15, 9, 2)
    assert (config.workers, config.charge_controller, config.cache, config.delta, config.jobs) == (3, True, True, 1, 4)
    assert config.budget == Budget("seconds", 99.5)


def test_problems_inside_a_controller(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    comparison_file()
    text = GOOD.replace("one: random", "one: {distinct: {controller: {q_learning: {alhpa: 1}}}}")
    assert problems(text, tmp_path) == [
        "file.yaml:2:58: controllers.one.distinct.controller.q_learning: no such key: 'alhpa' (expected alpha, "
        "gamma, initial_q, replay, memory, td_lambda, n_step, double, repeats, schedule; did you mean 'alpha'?)"
    ]
    snip = GOOD.replace("one: random", "one: {distinct: {controller: {warm_start: {controller: random, proxy: snip}}}}")
    assert problems(snip, tmp_path) == [
        "file.yaml:2:45: controllers.one.distinct.controller.warm_start: the proxy 'snip' needs a data set (expected "
        "params, macs, synflow)"
    ]
    assert problems(text.replace("alhpa: 1", "n_step: 2, td_lambda: 1"), tmp_path) == [
        "file.yaml:2:45: controllers.one.distinct.controller.q_learning: n_step must be 1 where td_lambda is "
        "above 0, got 2 and 1.0"
    ]


def test_all_problems_at_once(comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    comparison_file()
    text = """name: a/b
controllers:
  one: randm
  two: {regularized_evolution: {poplation: 4, tournament: x}}
  thr/ee: random
problems:
  small: {table: nasbench201-cifar10-20}
  other: {table: small.npz, space: x.yaml}
  third: {spce: x.yaml}
  fourth: {space: x.yaml, data: digts, evaluator: {train: {epocs: 2}}}
budget: {evaluation: 12}
seed: 8
seeds: [1, 2, 1, -1, x]
workers: 0
delta: 101
epochs: 7
"""
    assert problems(text, tmp_path) == [
        "file.yaml:1:7: name: the name is invalid (expected no slashes, colons or quotes, at most 200 bytes, got "
        "'a/b')",
        f"file.yaml:3:8: controllers.one: no controller is named 'randm' (expected {', '.join(CONTROLLERS)}; did you "
        "mean 'random'?)",
        "file.yaml:4:33: controllers.two.regularized_evolution: no such key: 'poplation' (expected population, "
        "tournament; did you mean 'population'?)",
        "file.yaml:4:59: controllers.two.regularized_evolution.tournament: a value does not fit (expected a valid "
        "integer, got the text 'x')",
        "file.yaml:5:3: controllers: the label is invalid (expected no slashes, colons or quotes, at most "
        "200 bytes, got 'thr/ee')",
        "file.yaml:7:18: problems.small.table: no table is named 'nasbench201-cifar10-20' (expected "
        "nasbench201-cifar10-200, nasbench201-cifar100-200, nasbench201-imagenet16-120-200, nasbench201-cifar10-12, "
        "nasbench201-cifar100-12, nasbench201-imagenet16-120-12, nasbench101-cifar10, nasbench_macro-cifar10, "
        "naap440-cifar10, metaqnn-cifar10, metaqnn-svhn; did you mean 'nasbench201-cifar10-200'?)",
        "file.yaml:8:29: problems.other: no such key: 'space' (expected table)",
        "file.yaml:9:10: problems.third: a value does not fit (expected {table: ...} or {space: ..., data: ...}, got "
        "a mapping with 'spce')",
        "file.yaml:10:19: problems.fourth.space: there is no file x.yaml",
        f"file.yaml:10:33: problems.fourth.data: no data set is named 'digts' (expected {', '.join(DATASETS)}; did you "
        "mean 'digits'?)",
        "file.yaml:10:60: problems.fourth.evaluator.train: no such key: 'epocs' (expected "
        f"{', '.join(keys_of(EVALUATORS['train'], EVALUATORS.supplied))}; did you mean 'epochs'?)",
        "file.yaml:11:10: budget: no such key: 'evaluation' (expected evaluations, epochs, seconds; did you mean "
        "'evaluations'?)",
        "file.yaml:12:1: no such key: 'seed' (expected name, controllers, problems, budget, seeds, workers, "
        "order, charge_controller, cache, delta, jobs; did you mean 'seeds'?)",
        "file.yaml:13:15: seeds: the seed 1 is given twice",
        "file.yaml:13:18: seeds.3: a value does not fit (expected 0 or more, got -1)",
        "file.yaml:13:22: seeds.4: a value does not fit (expected a valid integer, got the text 'x')",
        "file.yaml:14:10: workers: a value does not fit (expected 1 or more, got 0)",
        "file.yaml:15:8: delta: a value does not fit (expected 100 or less, got 101)",
        "file.yaml:16:1: no such key: 'epochs' (expected name, controllers, problems, budget, seeds, workers, "
        "order, charge_controller, cache, delta, jobs; did you mean 'budget.epochs'?)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (GOOD, "[]", "file.yaml:1:1: a comparison file is a mapping (expected a mapping, got a list of 0)"),
        (
            "seeds: 8",
            "",
            "file.yaml:2:1: 'seeds' is missing (got a mapping with 'controllers', 'problems', 'budget')",
        ),
        ("one: random, two", "one: random, one", "file.yaml:2:28: the key 'one' is given twice"),
        (
            "seeds: 8",
            "seeds: 5",
            "file.yaml:5:8: seeds: too few seeds for the tests (expected 6 or more to compare 2 controllers at the "
            "level 0.05, got 5)",
        ),
        (
            "{one: random",
            "{a: random, b: random, one: random",
            "file.yaml:5:8: seeds: too few seeds for the tests (expected 8 or more to compare the 6 pairs of 4 "
            "controllers at the level 0.05, got 7)",
        ),
        ("seeds: 8", "seeds: 0", "file.yaml:5:8: seeds: a value does not fit (expected 1 or more, got 0)"),
        (
            "seeds: 8",
            "seeds: 1000000000",
            "file.yaml:5:8: seeds: a value does not fit (expected 100000 or less, got 1000000000)",
        ),
        (
            "seeds: 8",
            "seeds: 8\njobs: 1000000000",
            "file.yaml:6:7: jobs: a value does not fit (expected 1024 or less, got 1000000000)",
        ),
        (
            "seeds: 8",
            "seeds: 8\nworkers: 1000000000",
            "file.yaml:6:10: workers: a value does not fit (expected 10000 or less, got 1000000000)",
        ),
        (
            "seeds: 8",
            "seeds: true",
            "file.yaml:5:8: seeds: a value does not fit (expected their number, or a list, got true)",
        ),
        (
            "{evaluations: 12}",
            "{evaluations: 12, epochs: 3}",
            "file.yaml:4:9: budget: a value does not fit (expected one of {evaluations: ...}, {epochs: ...}, "
            "{seconds: ...}, got a mapping with 'evaluations', 'epochs')",
        ),
        (
            "{evaluations: 12}",
            "{evaluations: 1.5}",
            "file.yaml:4:23: budget.evaluations: a value does not fit (expected a valid integer, got 1.5)",
        ),
        (
            "{evaluations: 12}",
            "{seconds: 0}",
            "file.yaml:4:19: budget.seconds: a value does not fit (expected more than 0, got 0)",
        ),
        (
            "{small: {table: small.npz}}",
            "[]",
            "file.yaml:3:11: problems: problems need labels (expected a mapping of one or more, {label: ...}, got a "
            "list of 0)",
        ),
        (
            "population: 4",
            "population: 0",
            "file.yaml:2:70: controllers.two.regularized_evolution.population: a value does not fit (expected 1 or "
            "more, got 0)",
        ),
    ],
)
def test_one_problem(old: str, new: str, expected: str, comparison_file: Callable[..., Path], tmp_path: Path) -> None:
    comparison_file()
    text = GOOD.replace(old, new)
    if "one: random, one" in new or old == GOOD:
        assert problems(text, tmp_path)[0] == expected
        return
    if "4 controllers" in expected:
        text = text.replace("seeds: 8", "seeds: 7")
    assert problems(text, tmp_path) == [expected]


def test_no_file() -> None:
    with pytest.raises(UsageError, match=r"^none.yaml: there is no such file$"):
        load_comparison("none.yaml")


@pytest.mark.parametrize("path", sorted((ROOT / "configs" / "comparisons").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_studies_are_read(path: Path) -> None:
    config = load_comparison(path)
    assert config.name == path.stem
    assert parse_document(path.read_text(encoding="utf-8")).value


def test_a_table_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARCHWRIGHT_TABLES", raising=False)
    text = GOOD.replace("small.npz", "naap440-cifar10")
    (found,) = problems(text, tmp_path)
    assert found.startswith("file.yaml:3:27: problems.small: table naap440-cifar10: ")
