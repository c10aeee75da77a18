"""The card goes with the network, and the requirements are those of the formats."""

from importlib.metadata import version
from pathlib import Path

from nas.handover import FORMATS, export_run
from nas.handover.beside import requirements


def test_requirements_are_those_of_the_formats() -> None:
    torch = version("torch").partition("+")[0]
    assert requirements([FORMATS["python"], FORMATS["pt2"]]) == f"torch>={torch}\n"
    assert requirements([FORMATS["onnx"], FORMATS["python"]]) == (
        f"onnxruntime>={version('onnxruntime')}\ntorch>={torch}\n"
    )


def test_the_card_goes_with_the_network(finished: Path, tmp_path: Path) -> None:
    first = export_run(finished, tmp_path / "first").folder
    second = export_run(first, tmp_path / "second").folder
    card = (second / "card.md").read_text(encoding="utf-8")
    assert card == (first / "card.md").read_text(encoding="utf-8")
    assert "\n## Figures\n" in card
