"""`predict.py`: one script for each kind of inputs, made of the functions that Archwright itself calls."""

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType, ModuleType

from nas.data.intake import Intake
from nas.plain.joined import joined
from nas.plain.scripts import arrays, images, predict, sounds, tables, texts

SCRIPTS: Mapping[str, ModuleType] = MappingProxyType(
    {"arrays": arrays, "images": images, "sounds": sounds, "texts": texts, "tables": tables}
)
"""What reads and prepares inputs, by the names of preparations.

Each has the functions `read`, `take` and `prepared` of `nas.plain.scripts.arrays`, and `requires`.
"""


def predict_source(intake: Intake) -> str:
    """The content of `predict.py` for networks with such inputs; it reads all else from `preparation.json`."""
    return _script(intake.preparation.name)


def required(intake: Intake) -> Sequence[str]:
    """The packages that `predict.py` needs beside those of `model.py`."""
    plain = intake.to_dict()["preparation"][intake.preparation.name]
    found: Sequence[str] = SCRIPTS[intake.preparation.name].requires(plain)
    return found


@cache
def _script(name: str) -> str:
    return joined(predict, {arrays: SCRIPTS[name]})
