"""What a run hands over in place of the selected network: the same however often it was stopped, and trained once."""

import json
from pathlib import Path

import numpy as np
import pytest

from nas.data import load_data
from nas.errors import EvaluationFailed, FailureKind, SpecError
from nas.events import EpochEnded, Event
from nas.final.finishing import Finishing
from nas.manifest import Manifest
from nas.network_files import NETWORK
from nas.pages.run.replacement_section import replacement_section
from nas.prediction import predict
from nas.runs.config import load_config
from nas.runs.prepare import prepare
from nas.runs.summary import read_run
from nas.space import Architecture
from nas.trial import Metrics
from tests.tiny_run import Crash, outcome, start

LAST = {
    "joined": ("final.join=true",),
    "seeds": ("final.ensemble=seeds", "final.seeds=2"),
    "finalists": ("final.ensemble=finalists",),
}


@pytest.mark.parametrize("what", LAST)
def test_what_is_handed_over(
    what: str, copied: Path, config: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    """A finished run is resumed with other settings, stopped before its end, and resumed again."""
    single = json.loads((copied / "final.json").read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr("nas.runs.finish.write_final", _crash)
        with pytest.raises(Crash):
            start(config, *LAST[what], out=copied, resume=True)
    events: list[Event] = []
    result = start(config, *LAST[what], out=copied, resume=True, on_event=events.append)
    assert not [event for event in events if isinstance(event, EpochEnded)], "all was trained before"
    final = result.final
    assert final.replacement is not None
    assert final.test is not None
    assert final.replacement.what == what
    assert not (copied / "handed_over").exists()
    Manifest(copied).verify()
    record = json.loads((copied / "final.json").read_bytes())
    assert record["replacement"]["what"] == what
    assert record["test"] == final.test
    assert (single["replacement"], single["test"] == final.test) == (None, False)
    assert {name: values[0] for name, values in record["test_seeds"].items()} == pytest.approx(single["test"], abs=0.01)
    params = f"params: {final.replacement.params}\n"
    assert params in (copied / NETWORK / "architecture.yaml").read_text()
    assert sum(one.numel() for one in final.network.parameters()) == final.replacement.params
    # What it predicts is what was tested.
    test = load_data("digits").test
    assert test is not None
    found = predict(copied, test.inputs).labels
    assert (found == np.array(final.task.outputs)[test.targets]).mean() == final.test["test_acc"]
    run = read_run(copied)
    assert run.replacement == final.replacement
    section = replacement_section(run)
    assert section is not None
    assert "test_acc" in section["metrics"]
    before = outcome(copied)
    start(config, *LAST[what], out=copied, resume=True)
    assert outcome(copied) == before


def test_a_finalist_that_fails_leaves_no_member(
    copied: Path, config: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    """The other one is alone then, and handed over as it is."""
    best = json.loads((copied / "final.json").read_bytes())["chosen"]
    hand_over = Finishing.hand_over

    def fail(finishing: Finishing, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        if arch.id == best:
            raise EvaluationFailed(FailureKind.CRASH, "on purpose")
        return hand_over(finishing, arch, epochs=epochs, seed=seed)

    monkeypatch.setattr(Finishing, "hand_over", fail)
    final = start(config, *LAST["finalists"], out=copied, resume=True).final
    assert final.failed == {best: "CRASH: on purpose"}
    assert final.replacement is None
    assert f"params: {final.chosen.architecture.params}\n" in (copied / NETWORK / "architecture.yaml").read_text()


def _crash(*_: object) -> None:
    raise Crash


def test_one_network_is_handed_over_again(copied: Path, config: Path, no_drawing: None) -> None:
    before = outcome(copied)
    start(config, *LAST["joined"], out=copied, resume=True)
    start(config, out=copied, resume=True)
    after = outcome(copied)
    assert after.handed_over == before.handed_over
    assert after.weights.keys() - before.weights.keys() == {
        f"{json.loads(before.handed_over['final.json'])['chosen']}-joined.safetensors"
    }


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("final.top=front",), "front takes several objectives; with one, give the number of finalists"),
        (("final.ensemble=seeds",), "ensemble seeds takes several trainings of each finalist: seeds of 2 or more"),
        (("final.ensemble=finalists", "final.join=true"), "ensemble finalists and join do not go together"),
    ],
)
def test_settings_are_checked_before_the_search(overrides: tuple[str, ...], message: str, config: Path) -> None:
    with pytest.raises(SpecError, match=message):
        prepare(load_config(config, overrides), {"checkpoints": None, "on_epoch": None, "on_notice": None})


def test_the_front_is_trained(config: Path, tmp_path: Path, no_drawing: None) -> None:
    overrides = ("final.top=front", "final.epochs=1", "objectives={val_acc: maximize, params: minimize}")
    result = start(config, *overrides, out=tmp_path / "front")
    assert [one.trial for one in result.final.finalists] == [trial.number for trial in result.front]
