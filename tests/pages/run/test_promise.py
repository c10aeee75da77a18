"""What is said of the privacy of a network, from its training to the page."""

import json
from pathlib import Path

import pytest

from nas.pages.run.card import card
from nas.pages.run.promise import promise, show_promise
from nas.runs.run import run
from nas.runs.summary import read_run
from tests.tiny_run import CONFIG, SPACE

PRIVATE = "{epsilon: 8, delta: 1e-4, input_range: [0, 16]}"


def test_a_run_says_what_its_networks_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its records, on its page and its card. The accountant, which takes seconds to load, has tests of its own."""
    monkeypatch.setattr("nas.training.private.plan.noise_for", lambda *_: 0.75)
    monkeypatch.setattr("nas.training.private.plan.spent", lambda *_: 7.95)
    text = CONFIG.replace("epochs: 2", f"epochs: 1, privacy: {PRIVATE}").replace("trials: 6", "trials: 1")
    (tmp_path / "space.yaml").write_text(SPACE)
    (tmp_path / "tiny.yaml").write_text(text)
    result = run(tmp_path / "tiny.yaml", out=tmp_path / "run")
    spent = result.final.chosen.privacy
    assert spent == {"epsilon": 7.95, "delta": 1e-4, "noise_multiplier": 0.75}
    assert result.to_dict()["privacy"] == spent
    assert json.loads((tmp_path / "run/final.json").read_text())["privacy"] == spent
    found = read_run(tmp_path / "run")
    assert found.chosen is not None
    assert found.chosen.privacy == spent
    said = promise(spent)
    assert f"ε {spent['epsilon']:.3g}, δ 0.0001" in said
    assert said in card(found)
    page = (tmp_path / "run/report.html").read_text()
    assert f"ε {spent['epsilon']:.3g}" in page
    assert [line for line in show_promise(spent) if len(line) > 78] == []


def test_nothing_is_said_of_what_was_not_private() -> None:
    assert promise({}) == ""
    assert not list(show_promise({}))
