import csv
import io
from collections.abc import Callable

import numpy as np

from nas.pages.run import trials_csv
from nas.space import Space, parse_space
from nas.trial import Objective, Trial

MakeTrial = Callable[..., Trial]


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_columns_in_order(trials: list[Trial], space: Space) -> None:
    header = trials_csv(trials).split("\r\n")[0].split(",")
    fixed = ["number", "id", "state", "val_acc", "val_loss", "params", "macs", "seconds", "seed", "error"]
    assert header[:10] == fixed
    assert set(header[10:]) == set(space.universe)


def test_epochs_and_parents_where_a_training_was_cut_off(make_trial: MakeTrial) -> None:
    trials = [make_trial(0, epochs=1), make_trial(1, epochs=3, parent=0), make_trial(2, parent=1)]
    text = trials_csv(trials)
    assert text.startswith("number,id,state,epochs,parent,val_acc,params,")
    assert [(row["epochs"], row["parent"]) for row in read(text)] == [("1", ""), ("3", "0"), ("", "1")]


def test_values_round_trip(trials: list[Trial], space: Space) -> None:
    rows = read(trials_csv(trials))
    assert len(rows) == len(trials)
    for row, trial in zip(rows, trials, strict=True):
        arch = trial.architecture
        assert (int(row["number"]), row["id"], int(row["seed"])) == (trial.number, arch.id, trial.seed)
        assert (int(row["params"]), int(row["macs"])) == (arch.params, arch.macs)
        assert float(row["seconds"]) == trial.seconds
        assert row["error"] == (trial.error or "")
        if trial.scores:
            assert row["state"] == "ok"
            assert float(row["val_acc"]) == trial.metrics["val_acc"]
            assert float(row["val_loss"]) == trial.metrics["val_loss"]
        else:
            assert (row["state"], row["val_acc"]) == ("failed", "")
        decided = {name: row[name] for name in space.universe if row[name]}
        assert decided == {name: str(value) for name, value in arch.choices}


def test_objectives_come_first_and_once(make_trial: MakeTrial) -> None:
    metrics = {"a": 1.0, "val_acc": 0.5, "loss": 0.1, "params": 12, "seconds": 3.0, "x_curve": (1.0,)}
    objectives = [Objective("loss", "minimize"), Objective("params", "minimize")]
    text = trials_csv([make_trial(0, metrics=metrics)], objectives)
    header = text.split("\r\n")[0].split(",")
    assert header[:12] == [
        "number",
        "id",
        "state",
        "front",
        "loss",
        "a",
        "val_acc",
        "params",
        "macs",
        "seconds",
        "seed",
        "error",
    ]
    assert read(text)[0]["params"] == "12"


def test_which_trials_are_in_the_front(make_trial: MakeTrial) -> None:
    objectives = [Objective("val_acc"), Objective("params", "minimize")]
    scores = [(0.9, -30.0), (0.8, -40.0), (0.7, -10.0)]
    trials = [make_trial(number, score=pair, metrics={"val_acc": pair[0]}) for number, pair in enumerate(scores)]
    text = trials_csv([*trials, make_trial(3, error="CRASH: no")], objectives)
    assert [row["front"] for row in read(text)] == ["true", "false", "true", "false"]
    assert "front" not in read(trials_csv(trials))[0]


def test_numpy_numbers_are_plain(make_trial: MakeTrial) -> None:
    text = trials_csv([make_trial(0, metrics={"val_acc": np.float64(0.1)})])
    assert read(text)[0]["val_acc"] == "0.1"


def test_quotes_commas_and_line_ends_survive(make_trial: MakeTrial) -> None:
    error = 'CRASH: said "no", then\nstopped'
    assert read(trials_csv([make_trial(0, error=error)]))[0]["error"] == error


def test_a_name_that_is_taken_gets_a_prefix(make_trial: MakeTrial) -> None:
    space = parse_space(
        "name: odd\ninput: [4]\nlayers:\n- {name: seed, choice: [relu, tanh]}\n- {name: error, choice: [relu, tanh]}"
    )
    arch = next(iter(space))
    row = read(trials_csv([make_trial(0, architecture=arch, metrics={"val_acc": 0.5, "id": 3.0})]))[0]
    assert (row["seed"], row["choice.seed"], row["choice.error"], row["metric.id"]) == ("1000", "relu", "relu", "3.0")
    assert row["id"] == arch.id


def test_no_trials() -> None:
    assert trials_csv([]) == "number,id,state,val_acc,params,macs,seconds,seed,error\r\n"


def test_same_trials_same_text(trials: list[Trial]) -> None:
    assert trials_csv(trials) == trials_csv(list(trials))
