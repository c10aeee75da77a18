"""Results that searches share: evaluated once, whatever depends on them, and never another result."""

import io
import json
import math
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from nas.data import load_data
from nas.driver.executors.wire import Sources, Unpickled, pickled, read_pickle
from nas.errors import EvaluationFailed, FailureKind, UsageError
from nas.evaluate import CrossValidation, Train
from nas.evaluate.cached import Cached, Stating, cached
from nas.evaluate.evaluator import known_to
from nas.events import Event, Events, Notice, Notices
from nas.space import Architecture, parse_space
from nas.testing import MatchEvaluator
from nas.trial import Metrics

SPACE = parse_space("{input: [4], layers: [{name: act, choice: [relu, gelu]}, {linear: {units: 2}}]}")
FIRST, SECOND = SPACE


class Counting:
    """Counts its evaluations; fails for the seed 13."""

    full_epochs = 3

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.count = 0

    def depends_on(self) -> Mapping[str, Any]:
        return {"settings": self.settings}

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        self.count += 1
        if seed == 13:
            raise EvaluationFailed(FailureKind.NONFINITE, "train_loss is nan")
        parts = {"batch_parts": 2} if seed == 14 else {}
        return {"val_acc": 0.1 + 0.2, "params": 7, "gap": math.inf, "val_acc_curve": (0.1, 0.1 + 0.2), **parts}


def test_an_evaluation_is_made_once(tmp_path: Path) -> None:
    evaluator, notices = Counting(), list[str]()
    for folder in (tmp_path / "a/b", tmp_path / "a/b", tmp_path / "other"):
        own = Cached(evaluator, folder, on_notice=notices.append)
        found = [own(FIRST, epochs=None, seed=1) for _ in range(2)]
        assert found[0] == found[1] == evaluator(FIRST, epochs=None, seed=1)
        assert [type(value) for value in found[1].values()] == [float, int, float, tuple]
    assert evaluator.count - 3 == 2, "once for each folder"
    assert known_to(own, "full_epochs") == 3
    assert notices == []


def test_what_differs_is_evaluated(tmp_path: Path) -> None:
    evaluator = Counting()
    own = Cached(evaluator, tmp_path)
    for arch in (FIRST, SECOND):
        for epochs in (None, 1, 2):
            for seed in (0, 1):
                own(arch, epochs=epochs, seed=seed)
    assert evaluator.count == 12
    other = Counting(lr=0.1)
    Cached(other, tmp_path)(FIRST, epochs=None, seed=0)
    Cached(other, tmp_path, sources=["0" * 64])(FIRST, epochs=None, seed=0)
    assert other.count == 2
    assert len(list(tmp_path.iterdir())) == 14


def test_networks_that_differ_in_unused_layers_differ(tmp_path: Path) -> None:
    """They have one id, and a training draws other weights."""
    used, unused = parse_space(
        "{input: [4], layers: [{name: act, choice: [identity, {dropout: {p: 0.0}}]}, {linear: {units: 2}}]}"
    )
    evaluator = Counting()
    own = Cached(evaluator, tmp_path)
    own(used, epochs=1, seed=0)
    own(unused, epochs=1, seed=0)
    assert evaluator.count == 2


def test_failures_and_makeshifts_are_evaluated_again(tmp_path: Path) -> None:
    evaluator = Counting()
    own = Cached(evaluator, tmp_path)
    for _ in range(2):
        with pytest.raises(EvaluationFailed):
            own(FIRST, epochs=None, seed=13)
        assert own(FIRST, epochs=None, seed=14)["batch_parts"] == 2
    assert evaluator.count == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["digit", "cut", "other", "metrics"])
def test_a_file_that_is_corrupt_is_told_and_made_anew(damage: str, tmp_path: Path) -> None:
    evaluator, notices = Counting(), list[str]()
    own = Cached(evaluator, tmp_path, on_notice=notices.append)
    expected = own(FIRST, epochs=None, seed=1)
    (file,) = tmp_path.iterdir()
    text = file.read_text()
    if damage == "other":
        own(SECOND, epochs=None, seed=1)
        (second,) = set(tmp_path.iterdir()) - {file}
        second.replace(file)
    else:
        damaged = {
            "digit": text.replace("0.30000000000000004", "0.40000000000000004", 1),
            "cut": text[:-9],
            "metrics": json.dumps({"basis": 1}),
        }
        file.write_text(damaged[damage])
    assert own(FIRST, epochs=None, seed=1) == expected
    assert len(notices) == 1
    assert notices[0].startswith(str(file))
    assert notices[0].endswith("; the network is evaluated again")
    assert file.read_text() == text
    assert own(FIRST, epochs=None, seed=1) == expected
    assert len(notices) == 1


def test_a_folder_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notices = list[str]()
    own = Cached(Counting(), tmp_path / "file/folder", on_notice=notices.append)
    assert own(FIRST, epochs=None, seed=1)["val_acc"] == 0.1 + 0.2
    assert len(notices) == 1
    assert notices[0].endswith("; the search goes on without it")


def test_in_a_worker_process(tmp_path: Path) -> None:
    """What is told goes to the queue of that process, and from there to the driver."""
    sent = pickled(Cached(Counting(), tmp_path, on_notice=Notices(Events())))
    events: list[Event] = []
    data = read_pickle(io.BytesIO(sent))
    assert data is not None
    own = Unpickled(data, Events([events.append]), Sources()).load()
    own(FIRST, epochs=None, seed=1)
    (file,) = tmp_path.iterdir()
    file.write_text("")
    own(FIRST, epochs=None, seed=1)
    assert [type(event) for event in events] == [Notice]


def test_several_at_once(tmp_path: Path) -> None:
    found: list[Metrics] = []
    own = Cached(Counting(), tmp_path)
    threads = [threading.Thread(target=lambda: found.append(own(FIRST, epochs=None, seed=1))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(one == found[0] for one in found)
    assert len(list(tmp_path.iterdir())) == 1


def test_an_evaluator_that_does_not_state_what_it_depends_on(tmp_path: Path) -> None:
    evaluator, notices = MatchEvaluator(FIRST), list[str]()
    with pytest.raises(UsageError, match=r"^the results of MatchEvaluator are not taken from the cache"):
        Cached(evaluator, tmp_path)
    assert cached(evaluator, tmp_path, on_notice=notices.append) is evaluator
    assert [text.partition(" are ")[0] for text in notices] == ["the results of MatchEvaluator"]
    assert cached(evaluator, None, on_notice=notices.append) is evaluator
    assert isinstance(cached(Counting(), tmp_path), Cached)


def test_what_a_training_depends_on() -> None:
    """All settings, and not what only saves time or shows progress."""
    digits = load_data("digits")
    usual = Train(digits, device="cpu")
    assert isinstance(usual, Stating)
    stated = usual.depends_on()
    assert json.loads(json.dumps(stated))
    _ = usual.bench
    assert stated == usual.depends_on() == Train(digits, device="cpu", on_epoch=print).depends_on()
    others: list[Stating] = [
        Train(load_data("digits", split_seed=1), device="cpu"),
        Train(digits, type(usual.recipe)(lr=0.02), device="cpu"),
        Train(digits, device="cpu", repeats=2),
        Train(digits, device="cpu", metrics=["f1"]),
        Train(digits, device="cpu", precision="bfloat16"),
        CrossValidation(digits, folds=2, device="cpu"),
        CrossValidation(digits, folds=2, split_seed=1, device="cpu"),
    ]
    texts = {json.dumps(one.depends_on(), sort_keys=True) for one in (usual, *others)}
    assert len(texts) == 1 + len(others)
