"""The end of a search: who is trained, who is chosen and by what, and when the test part is read."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import Dataset, Samples
from nas.driver.study import MemoryStudy
from nas.errors import EvaluationFailed, FailureKind, NoValidTrial, UsageError
from nas.events import EpochEnded, Event, FinalistBegan, FinalistEnded, StageBegan
from nas.final import fine_tune as module
from nas.final.finalist import Final, Finalist
from nas.final.fine_tune import choose, conclude, fine_tune, train_finalist
from nas.final.joining import train_joined
from nas.final.winner import winners
from nas.space import Architecture, Space
from nas.training import Recipe
from nas.training.fit import Fitted
from nas.training.recipe import FULL_LENGTH
from nas.training.workbench import Workbench
from nas.trial import Objective, Proposal, Trial

SHORT = Recipe(epochs=2, lr=0.02, batch_size=20)


def _tuned(trials: Iterable[Trial], data: Dataset, **changes: Any) -> Final:
    arguments: dict[str, Any] = {"top": 3, "recipe": SHORT, "device": "cpu", **changes}
    return fine_tune(trials, data, **arguments)


def test_several_trainings_of_each_are_compared_by_their_means(trials: Sequence[Trial], stripes: Dataset) -> None:
    final = _tuned(trials, stripes, seeds=2, top=2)
    assert all(one.spread.keys() == {"train_loss_sd", "val_loss_sd", "val_acc_sd"} for one in final.finalists)
    assert final.chosen.metrics["val_acc"] == max(one.metrics["val_acc"] for one in final.finalists)
    assert all(one.metrics["val_acc"] == one.curves["val_acc"][-1] for one in final.finalists)


def test_the_best_by_the_mean_of_repeats(trials: Sequence[Trial], stripes: Dataset) -> None:
    repeat = replace(trials[3], number=4, seed=4, metrics={"val_acc": 0.0}, scores=(0.0,))
    final = _tuned([*trials, repeat], stripes, winner="repeat", top=1)
    assert [finalist.trial for finalist in final.finalists] == [2]


def test_the_best_by_the_posterior(trials: Sequence[Trial], stripes: Dataset, space: Space) -> None:
    expected = winners(trials, 2, how="posterior", space=space)
    final = _tuned(trials, stripes, winner="posterior", space=space, top=2)
    assert [finalist.trial for finalist in final.finalists] == [trial.number for trial in expected]
    with pytest.raises(UsageError, match="needs the space"):
        _tuned(trials, stripes, winner="posterior")


class _Watched(Dataset):
    """Tells `events` when its test part is read."""

    events: list[str]

    def __getattribute__(self, name: str) -> Any:
        if name == "test":
            type(self).events.append("test")
        return super().__getattribute__(name)


def _watch(data: Dataset) -> tuple[_Watched, list[str]]:
    watched = _Watched(data.name, data.train, data.val, data.test, data.task)
    _Watched.events = []
    return watched, _Watched.events


def test_the_best_are_trained_and_the_best_of_these_on_val_is_chosen(trials: Sequence[Trial], stripes: Dataset) -> None:
    final = _tuned(trials, stripes)
    assert [finalist.trial for finalist in final.finalists] == [3, 2, 1]
    assert [finalist.searched for finalist in final.finalists] == [{"val_acc": score} for score in (0.3, 0.2, 0.1)]
    assert final.task.outputs == ("rows", "columns", "chess")
    keys = [(finalist.metrics["val_acc"], -finalist.metrics["val_loss"]) for finalist in final.finalists]
    assert keys[final.finalists.index(final.chosen)] == max(keys)
    for finalist, trial in zip(final.finalists, [trials[3], trials[2], trials[1]], strict=True):
        assert finalist.architecture is trial.architecture is finalist.network.arch
        sizes = {"params": trial.architecture.params, "macs": trial.architecture.macs}
        assert finalist.metrics == {**{name: curve[-1] for name, curve in finalist.curves.items()}, **sizes}
        assert set(finalist.curves) == {"train_loss", "val_loss", "val_acc"}
        assert {len(curve) for curve in finalist.curves.values()} == {2}
        assert finalist.seconds > 0
        assert not finalist.network.training
        assert all(value.device.type == "cpu" for value in finalist.network.state_dict().values())


def test_the_test_figures_are_those_of_the_chosen_network(trials: Sequence[Trial], stripes: Dataset) -> None:
    final = _tuned(trials, stripes)
    assert stripes.test is not None
    assert final.test is not None
    with torch.no_grad():
        logits = final.chosen.network(torch.from_numpy(stripes.test.inputs))
    accuracy = (logits.argmax(1).numpy() == stripes.test.targets).mean()
    assert list(final.test) == ["test_loss", "test_acc"]
    assert final.test["test_acc"] == accuracy


def test_the_test_part_is_read_once_everything_is_decided(trials: Sequence[Trial], stripes: Dataset) -> None:
    watched, events = _watch(stripes)

    def on_event(event: Event) -> None:
        if isinstance(event, EpochEnded):
            events.append("epoch")

    final = _tuned(trials, watched, on_event=on_event)
    assert events[: 3 * 2] == ["epoch"] * 6
    assert set(events[6:]) == {"test"}
    assert final.test is not None
    scored: list[str] = []
    bench = Workbench(stripes, device="cpu")
    conclude(_Spy(bench, scored), final.finalists, objectives=(Objective("val_acc"),))
    assert scored == ["test"]


class _Spy(Workbench):
    """A bench that writes down which parts are scored."""

    def __init__(self, bench: Workbench, scored: list[str]) -> None:
        self.__dict__.update(bench.__dict__)
        self.scored = scored

    def judge(self, outputs: torch.Tensor, targets: torch.Tensor, part: str = "val") -> dict[str, float]:
        self.scored.append(part)
        return super().judge(outputs, targets, part)


def test_another_test_part_changes_the_figures_and_not_the_choice(trials: Sequence[Trial], stripes: Dataset) -> None:
    assert stripes.test is not None
    other = replace(stripes, test=Samples(stripes.test.inputs, 2 - stripes.test.targets))
    first, second = _tuned(trials, stripes), _tuned(trials, other)
    assert first.chosen.trial == second.chosen.trial
    assert first.chosen.curves == second.chosen.curves
    assert first.test != second.test


def test_without_a_test_part_there_are_no_figures(trials: Sequence[Trial], stripes: Dataset) -> None:
    final = _tuned(trials, Dataset("s", stripes.train, stripes.val, None, stripes.task), top=1)
    assert final.test is None


ACCURACY, LOSS, SIZE = Objective("val_acc"), Objective("val_loss", "minimize"), Objective("params", "minimize")


@pytest.fixture(scope="module")
def one(space: Space, stripes: Dataset) -> Finalist:
    trial = Trial(0, Proposal(next(iter(space))), 0, {"val_acc": 0.0}, (0.0,), 1.0, None, 0)
    return train_finalist(Workbench(stripes, device="cpu"), trial, SHORT, seed=0, objectives=(ACCURACY,))


@pytest.mark.parametrize(
    ("objectives", "figures", "expected"),
    [
        ((ACCURACY,), [(0.8, 0.1), (0.9, 0.9), (0.7, 0.0)], 1),
        ((ACCURACY,), [(0.9, 0.3), (0.9, 0.2), (0.8, 0.1)], 1),
        ((ACCURACY,), [(0.9, 0.2), (0.9, 0.2)], 0),
        ((LOSS,), [(0.9, 0.3), (0.1, 0.2), (0.8, 0.4)], 1),
        ((SIZE,), [(0.8, 0.1, 30), (0.9, 0.3, 20), (0.99, 0.1, 20)], 1),
        ((ACCURACY, SIZE), [(0.9, 0.3, 30), (0.9, 0.9, 20), (0.8, 0.1, 10)], 1),
        ((ACCURACY, replace(SIZE, limit=20.0)), [(0.95, 0.3, 30), (0.9, 0.9, 20), (0.8, 0.1, 10)], 1),
        ((ACCURACY, replace(LOSS, limit=0.5)), [(0.9, 0.9), (0.8, 0.4), (0.7, 0.1)], 1),
    ],
)
def test_the_objectives_decide(
    objectives: tuple[Objective, ...],
    figures: Sequence[tuple[float, ...]],
    expected: int,
    one: Finalist,
    stripes: Dataset,
) -> None:
    """By hand: the best on the first objective within all limits, then on the next; of equal ones on validation data
    that with the lowest loss."""
    names = ("val_acc", "val_loss", "params")
    finalists = [
        replace(one, metrics={**one.metrics, **dict(zip(names, figure, strict=False))}, trial=number)
        for number, figure in enumerate(figures)
    ]
    final = conclude(Workbench(stripes, device="cpu"), finalists, objectives=objectives)
    assert final.chosen is finalists[expected]
    assert final.finalists == tuple(finalists)
    assert final.objectives == objectives


def test_what_is_over_a_limit_is_kept_and_not_handed_over(trials: Sequence[Trial], stripes: Dataset) -> None:
    sizes = sorted(trial.architecture.params for trial in trials)
    objectives = (ACCURACY, Objective("params", "minimize", limit=sizes[1]))
    scored = [
        replace(trial, metrics={**trial.metrics, "params": size}, scores=(trial.score or 0.0, -size))
        for trial in trials
        for size in [trial.architecture.params]
    ]
    bench = Workbench(stripes, device="cpu")
    final = _tuned(scored, stripes, objectives=objectives, top=4)
    over = {trial.architecture.id for trial in trials if trial.architecture.params > sizes[1]}
    assert set(final.failed) == over
    assert {finalist.architecture.id for finalist in final.finalists} > over
    assert final.chosen.architecture.params <= sizes[1]
    assert not {finalist.architecture.id for finalist in final.front} & over
    assert all(cause.startswith("OVER_LIMIT: params is ") for cause in final.failed.values())
    with pytest.raises(NoValidTrial, match=r"at full length within the limits: .*OVER_LIMIT: val_loss"):
        conclude(bench, final.finalists, objectives=(ACCURACY, replace(LOSS, limit=1e-9)))


def test_several_objectives_train_the_front(trials: Sequence[Trial], stripes: Dataset) -> None:
    scores = [(0.5, 5.0), (0.9, 1.0), (0.8, 1.0), (0.7, 3.0)]
    latency = Objective("latency_ms", "minimize")
    scored = [
        replace(trial, metrics={"val_acc": accuracy, "latency_ms": -gain}, scores=(accuracy, gain))
        for trial, (accuracy, gain) in zip(trials, scores, strict=True)
    ]
    final = _tuned(scored, stripes, objectives={"val_acc": "maximize", "latency_ms": "minimize"}, top=3)
    assert [finalist.trial for finalist in final.finalists] == [1, 3, 0]
    assert [finalist.searched for finalist in final.finalists] == [scored[number].metrics for number in (1, 3, 0)]
    assert all(finalist.metrics["latency_ms"] == finalist.searched["latency_ms"] for finalist in final.finalists)
    assert final.chosen.metrics["val_acc"] == max(finalist.metrics["val_acc"] for finalist in final.finalists)
    assert final.chosen in final.front
    assert [objective.metric for objective in final.objectives] == ["val_acc", latency.metric]
    said = [(figure.metric, figure.data, figure.chosen_on) for figure in final.figures]
    assert said == [
        ("test_acc", "test", False), ("test_loss", "test", False), ("val_acc", "validation", True),
        ("latency_ms", None, False),
    ]  # fmt: skip


def test_the_whole_front_is_trained(trials: Sequence[Trial], stripes: Dataset) -> None:
    scores = [(0.5, 5.0), (0.9, 1.0), (0.8, 1.0), (0.7, 3.0)]
    scored = [
        replace(trial, metrics={"val_acc": accuracy, "latency_ms": -gain}, scores=(accuracy, gain))
        for trial, (accuracy, gain) in zip(trials, scores, strict=True)
    ]
    final = _tuned(scored, stripes, objectives={"val_acc": "maximize", "latency_ms": "minimize"}, top="front")
    assert [finalist.trial for finalist in final.finalists] == [1, 3, 0]
    with pytest.raises(UsageError, match="front takes several objectives; with one, give the number of finalists"):
        _tuned(trials, stripes, top="front")


def test_how_sure_the_choice_is_and_how_the_order_changed(trials: Sequence[Trial], stripes: Dataset) -> None:
    final = _tuned(trials, stripes, seeds=3, top=2)
    ids = [finalist.architecture.id for finalist in final.finalists]
    assert list(final.probabilities) == ids
    assert sum(final.probabilities.values()) == pytest.approx(1)
    assert [stage.name for stage in final.order] == ["search", "full training"]
    assert final.order[0].ranks == {ids[0]: 1, ids[1]: 2}
    assert final.order[1].ranks[final.chosen.architecture.id] == 1
    assert final.tested is not None
    assert {len(values) for values in final.tested.seeds.values()} == {3}
    kinds = [(figure.metric, figure.over) for figure in final.figures]
    assert kinds == [
        ("test_acc", "samples"), ("test_loss", "samples"), ("test_acc", "trainings"), ("test_loss", "trainings"),
        ("val_acc", "trainings"),
    ]  # fmt: skip
    assert final.network is final.chosen.network
    assert _tuned(trials, stripes, top=2).probabilities == {}


def test_the_joined_network_is_returned_and_tested(trials: Sequence[Trial], stripes: Dataset) -> None:
    events: list[Event] = []
    final = _tuned(trials, stripes, top=2, join=True, on_event=events.append)
    alone = _tuned(trials, stripes, top=2)
    assert (final.chosen.trial, final.chosen.curves) == (alone.chosen.trial, alone.chosen.curves)
    assert final.replacement is not None
    assert (final.replacement.what, final.replacement.val) == ("joined", {})
    assert final.replacement.single["val_acc"] == alone.chosen.metrics["val_acc"]
    assert sum(isinstance(event, EpochEnded) for event in events) == 6
    assert not torch.equal(final.network.get_parameter("conv1.weight"), alone.network.get_parameter("conv1.weight"))
    assert final.tested is not None
    assert {name: values[0] for name, values in final.tested.seeds.items()} == alone.test != final.test


def test_a_joined_training_that_fails_passes_the_finalist_over(
    trials: Sequence[Trial], stripes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    best = _tuned(trials, stripes, top=2).chosen.architecture.id

    def train(bench: Workbench, arch: Architecture, *arguments: Any, **keywords: Any) -> Fitted:
        if arch.id == best:
            raise EvaluationFailed(FailureKind.CRASH, "on purpose")
        return train_joined(bench, arch, *arguments, **keywords)

    monkeypatch.setattr("nas.final.replacing.train_joined", train)
    final = _tuned(trials, stripes, top=2, join=True)
    assert final.failed == {best: "CRASH: on purpose"}
    assert final.chosen.architecture.id != best


@pytest.mark.parametrize("kind", ["seeds", "finalists"])
def test_an_ensemble_is_returned_and_tested(kind: str, trials: Sequence[Trial], stripes: Dataset) -> None:
    final = _tuned(trials, stripes, top=2, seeds=2, ensemble=kind)
    assert final.replacement is not None
    assert (final.replacement.what, final.replacement.members) == (kind, 2)
    assert final.network.arch.cost == (final.replacement.params, final.replacement.macs)
    assert final.replacement.val.keys() == final.replacement.single.keys() == {"val_loss", "val_acc"}
    assert final.tested is not None
    assert len(final.tested.seeds["test_acc"]) == 2
    assert stripes.test is not None
    with torch.no_grad():
        found = final.network(torch.from_numpy(stripes.test.inputs)).argmax(1).numpy()
    assert final.tested.metrics["test_acc"] == (found == stripes.test.targets).mean()


def test_settings_of_what_is_handed_over(trials: Sequence[Trial], stripes: Dataset) -> None:
    with pytest.raises(UsageError, match="seeds of 2 or more"):
        _tuned(trials, stripes, ensemble="seeds")
    with pytest.raises(UsageError, match="fine_tune: ensemble: expected "):
        _tuned(trials, stripes, ensemble="all")


def test_the_objectives_of_a_study_are_known(trials: Sequence[Trial], stripes: Dataset) -> None:
    losses = [
        replace(trial, metrics={"val_loss": 1.0 - trial.number}, scores=(trial.number - 1.0,)) for trial in trials
    ]
    study = MemoryStudy({"val_loss": "minimize"})
    for trial in losses:
        study.append(trial)
    assert _tuned(study, stripes, top=1).objectives == (LOSS,)
    assert _tuned(losses, stripes, top=1, objectives=[LOSS]).chosen.trial == 3
    with pytest.raises(
        UsageError, match="trial 0 was not scored by the highest val_acc: give the objectives of its search"
    ):
        _tuned(losses, stripes)
    with pytest.raises(UsageError, match="the objectives of the study are the lowest val_loss, not"):
        _tuned(study, stripes, objectives=[ACCURACY])


def test_each_finalist_has_a_seed_that_follows_from_its_trial(trials: Sequence[Trial], stripes: Dataset) -> None:
    all_four = {f.trial: f.curves for f in _tuned(trials, stripes, top=4).finalists}
    two = {f.trial: f.curves for f in _tuned(trials, stripes, top=2).finalists}
    assert two == {number: all_four[number] for number in (3, 2)}, "others that are trained must change nothing"
    assert _tuned(trials, stripes, top=1, seed=1).chosen.curves != all_four[3]
    renumbered = [replace(trials[3], number=9)]
    assert _tuned(renumbered, stripes, top=1).chosen.curves != all_four[3]


def test_global_generators_are_left_alone(trials: Sequence[Trial], stripes: Dataset) -> None:
    before = repr(torch.get_rng_state().tolist()), repr(np.random.get_state(legacy=True))
    _tuned(trials, stripes, top=1)
    assert (repr(torch.get_rng_state().tolist()), repr(np.random.get_state(legacy=True))) == before


def test_one_network_is_trained_once(trials: Sequence[Trial], stripes: Dataset) -> None:
    twice = [*trials, replace(trials[3], number=4)]
    assert [finalist.trial for finalist in _tuned(twice, stripes, top=9).finalists] == [3, 2, 1, 0]


def _fail_some(monkeypatch: pytest.MonkeyPatch, failing: set[int]) -> None:
    def train(bench: Workbench, trial: Trial, *arguments: Any, **keywords: Any) -> Finalist:
        if trial.number in failing:
            raise EvaluationFailed(FailureKind.OOM_HOST, f"no memory for {trial.number}")
        return train_finalist(bench, trial, *arguments, **keywords)

    monkeypatch.setattr(module, "train_finalist", train)


def test_a_finalist_that_fails_is_left_out(
    trials: Sequence[Trial], stripes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail_some(monkeypatch, {3, 1})
    final = _tuned(trials, stripes)
    assert [finalist.trial for finalist in final.finalists] == [2]
    assert final.chosen.trial == 2


def test_there_may_be_nothing_to_hand_over(
    trials: Sequence[Trial], stripes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, events = _watch(stripes)
    failed = [replace(trial, scores=None, metrics={}, error="CRASH: made up") for trial in trials]
    for candidates in ([], failed):
        with pytest.raises(NoValidTrial, match=r"^no trial has a score, so there is nothing to train at full length$"):
            _tuned(candidates, watched)
    with pytest.raises(NoValidTrial, match=rf"{trials[3].architecture.id}: NONFINITE: train_loss is (nan|inf) after"):
        _tuned(trials, watched, recipe=replace(SHORT, lr=1e30))
    _fail_some(monkeypatch, {2, 3})
    with pytest.raises(NoValidTrial) as caught:
        _tuned(trials, watched, top=2)
    ids = [trial.architecture.id for trial in trials]
    assert str(caught.value) == (
        "none of the best architectures could be trained at full length: "
        f"{ids[3]}: OOM_HOST: no memory for 3; {ids[2]}: OOM_HOST: no memory for 2"
    )
    assert not events, "the test part was read for nothing"


def test_usage(trials: Sequence[Trial], stripes: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"^fine_tune: top: expected .*1 or more.*, got 0$"):
        _tuned(trials, stripes, top=0)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="device 'cuda' was requested"):
        _tuned(trials, stripes, device="cuda")
    assert Recipe(epochs=60) == FULL_LENGTH


def test_weights_can_be_stored_whatever_order_they_were_trained_in(trials: Sequence[Trial], stripes: Dataset) -> None:
    bench = Workbench(stripes, device="cpu")
    weight = bench.build(trials[3].architecture).get_parameter("conv2.weight")
    assert not weight.is_contiguous(), "in channels-last order"
    finalist = train_finalist(bench, trials[3], SHORT, seed=0, objectives=(ACCURACY,))
    assert all(value.is_contiguous() for value in finalist.network.state_dict().values())


def test_what_happens_is_told(trials: Sequence[Trial], stripes: Dataset) -> None:
    seen: list[Event] = []
    final = _tuned(trials, stripes, top=2, on_event=seen.append)
    kinds = [type(event) for event in seen]
    assert kinds == [StageBegan, *[FinalistBegan, EpochEnded, EpochEnded, FinalistEnded] * 2]
    assert seen[0] == StageBegan("final", 2, objectives=(ACCURACY,), at=seen[0].at)
    epochs = [event for event in seen if isinstance(event, EpochEnded)]
    numbers = [finalist.trial for finalist in final.finalists]
    assert [(event.number, event.epoch) for event in epochs] == [(number, n) for number in numbers for n in (1, 2)]
    ended = [event for event in seen if isinstance(event, FinalistEnded)]
    assert [(event.trial.number, event.metrics, event.error) for event in ended] == [
        (finalist.trial, finalist.metrics, None) for finalist in final.finalists
    ]
    assert all(event.metrics[name] >= 0 for event in epochs for name in ("train_loss", "val_loss", "val_acc"))
    assert [event.at for event in seen] == sorted(event.at for event in seen)


def test_finalists_that_fail_are_told(trials: Sequence[Trial], stripes: Dataset) -> None:
    bench, seen = Workbench(stripes, device="cpu"), list[Event]()

    def train(trial: Trial) -> Finalist:
        if trial is trials[0]:
            raise EvaluationFailed(FailureKind.CRASH, "on purpose")
        return train_finalist(bench, trial, SHORT, seed=0, objectives=(ACCURACY,))

    choose(bench, trials[:2], train, objectives=(ACCURACY,), on_event=seen.append)
    assert [event.error for event in seen if isinstance(event, FinalistEnded)] == ["CRASH: on purpose", None]
