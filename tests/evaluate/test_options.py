"""Options as a run file would say them."""

from pathlib import Path

import pytest

from nas.errors import SpecError
from nas.evaluate.options import evaluation_of, space_for

OPEN = "name: open\nlayers: [flatten, {linear: {units: {choice: [2, 3]}}}, {linear: {units: outputs}}]\n"


def test_an_evaluation(tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(OPEN)
    found = evaluation_of(file, "digits", "{train: {epochs: 7}}", "cpu")
    assert (found.space, found.data.name, found.device) == (file, "digits", "cpu")
    assert found.evaluator.full["epochs"] == 7
    assert evaluation_of(None, "{digits: {test_share: 0.1}}", None, "auto").evaluator.name == "train"
    with pytest.raises(SpecError, match=r"^--data:1:1: data: no data set is named 'digit'"):
        evaluation_of(file, "digit", None, "cpu")


def test_a_space_has_the_input_and_the_outputs_of_the_data(tmp_path: Path) -> None:
    file = tmp_path / "space.yaml"
    file.write_text(OPEN)
    space = space_for(file, "digits")
    assert space.input == (1, 8, 8)
    with pytest.raises(SpecError, match="input"):
        space_for(file, None)
