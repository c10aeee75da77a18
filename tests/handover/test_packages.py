"""Files need the lowest versions that Archwright itself needs, or those that wrote them."""

import tomllib
from pathlib import Path

from nas.handover.packages import LOWEST, together

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_lowest_versions_are_those_of_the_project() -> None:
    extras = [one for extra in PROJECT["optional-dependencies"].values() for one in extra]
    known = {*PROJECT["dependencies"], *extras}
    assert known >= {f"{name}>={version}" for name, version in LOWEST.items()}


def test_requirements_of_several_formats() -> None:
    assert together(["torch", "onnxruntime", "torch>=2.9"]) == ["onnxruntime>=1.18", "torch>=2.10"]
    assert together(["torch>=2.13.1", "torch"]) == ["torch>=2.13.1"]
