"""The card goes with the network, and the requirements are those of the formats."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from nas.handover import FORMATS, export_run
from nas.handover.beside import requirements
from nas.prediction.predictor import load_predictor
from tests.prediction.exported import Exported


def test_requirements_are_those_of_the_formats(exported: Mapping[str, Exported]) -> None:
    torch = f"torch>={version('torch').partition('+')[0]}\n"
    intake = load_predictor(exported["images"].folder).intake
    images = f"numpy>={version('numpy')}\npillow>={version('pillow')}\n"
    assert requirements([FORMATS["python"], FORMATS["pt2"]], intake) == images + torch
    assert requirements([FORMATS["pt2"]], intake) == torch
    assert requirements([FORMATS["onnx"]], intake) == f"onnxruntime>={version('onnxruntime')}\n"


def test_a_package_that_is_not_installed_has_no_version(
    exported: Mapping[str, Exported], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that took sounds in memory needs no soundfile."""

    def none(package: str) -> str:
        raise PackageNotFoundError(package)

    monkeypatch.setattr("nas.handover.beside.version", none)
    intake = load_predictor(exported["sounds"].folder).intake
    assert requirements([FORMATS["python"]], intake) == "numpy\nscipy\nsoundfile\ntorch\n"


def test_the_card_goes_with_the_network(finished: Path, tmp_path: Path) -> None:
    first = export_run(finished, tmp_path / "first").folder
    second = export_run(first, tmp_path / "second").folder
    card = (second / "card.md").read_text(encoding="utf-8")
    assert card == (first / "card.md").read_text(encoding="utf-8")
    assert "\n## Figures\n" in card
