"""The card goes with the network, and the requirements are those of the formats."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from nas.handover import FORMATS, export_run
from nas.handover.beside import requirements
from nas.pages.run.card import without_files
from nas.prediction.predictor import load_predictor
from tests.prediction.exported import Exported


def test_requirements_are_those_of_the_formats(exported: Mapping[str, Exported]) -> None:
    here = f"torch>={version('torch').partition('+')[0]}\n"
    intake = load_predictor(exported["images"].folder).intake
    images = "numpy>=1.26\npillow>=10.2\n"
    assert requirements([FORMATS["python"]], intake) == f"{images}torch>=2.10\n"
    assert requirements([FORMATS["python"], FORMATS["pt2"]], intake) == images + here
    assert requirements([FORMATS["pt2"]], intake) == here
    assert requirements([FORMATS["onnx"]], intake) == "onnxruntime>=1.18\n"


def test_every_kind_of_data_has_requirements(exported: Mapping[str, Exported]) -> None:
    for one in exported.values():
        assert "numpy>=1.26\n" in requirements([*FORMATS.values()], load_predictor(one.folder).intake)


def test_the_card_goes_with_the_network(finished: Path, tmp_path: Path) -> None:
    first = export_run(finished, tmp_path / "first").folder
    second = export_run(first, tmp_path / "second").folder
    card = (second / "card.md").read_text(encoding="utf-8")
    assert without_files(card) == without_files((first / "card.md").read_text(encoding="utf-8"))
    assert "\n## Figures\n" in card
    assert "0.5 ms for one sample" in card
    assert card.endswith("\n## Files\n\n* `python`: equal outputs on 64 random inputs.\n")
