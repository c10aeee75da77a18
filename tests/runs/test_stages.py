"""The search and the final stage of a run: the search knows nothing of the test data, which the end scores once."""

import json
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from nas.data import DATASETS, Samples, load_data
from nas.runs.config import PARTS
from nas.training.fit import fit
from nas.training.workbench import Workbench
from tests.tiny_run import (
    HANDED_OVER,
    rows,
    start,
)


def test_the_search_never_sees_test_data(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_drawing: None
) -> None:
    digits = load_data("digits")
    assert digits.test is not None
    noise = np.random.default_rng(0).integers(0, 17, digits.test.inputs.shape).astype(np.uint8)
    events: list[str] = []
    judge = Workbench.judge

    def fitted(*args: Any, **kwargs: Any) -> Any:
        events.append("fit")
        return fit(*args, **kwargs)

    def judged(bench: Workbench, outputs: torch.Tensor, targets: torch.Tensor, part: str = "val") -> dict[str, float]:
        if part == "test":  # packed trainings are judged on validation samples
            assert len(outputs) == len(bench.data.test or ())
            events.append(part)
        return judge(bench, outputs, targets, part)

    monkeypatch.setattr("nas.training.fit.fit", fitted)
    monkeypatch.setattr(Workbench, "judge", judged)
    for name, inputs in (("true", digits.test.inputs), ("noise", noise)):
        data = replace(digits, test=Samples(inputs, digits.test.targets))
        monkeypatch.setattr(
            "nas.runs.config.PARTS", (DATASETS.extended({"digits": partial(replace, data)}), *PARTS[1:])
        )
        events.clear()
        start(config, out=tmp_path / name)
        assert events[-1] == "test"
        assert events.count("test") == 1
    assert rows(tmp_path / "true") == rows(tmp_path / "noise")
    for file in HANDED_OVER[:2]:
        assert (tmp_path / "true" / file).read_bytes() == (tmp_path / "noise" / file).read_bytes()
    sources = [(tmp_path / name / "final/model.py").read_text() for name in ("true", "noise")]
    plain = [re.sub(r"On the test data: .*", "", source) for source in sources]
    assert plain[0] == plain[1] != sources[0] != sources[1]
    accuracies = [json.loads((tmp_path / name / "final.json").read_bytes())["test"] for name in ("true", "noise")]
    assert accuracies[0] != accuracies[1]
