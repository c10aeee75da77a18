"""Plain Python: the files of a run's `final/`."""

import ast
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from nas.data.intake import Intake
from nas.errors import UsageError
from nas.files import read_bytes
from nas.handover.agreement import Agreement, agreement
from nas.handover.handed import Handed
from nas.handover.made_up import check_prepared
from nas.model import model_source
from nas.network_files import MODEL, NETWORK_FILES, PREDICT, WEIGHTS
from nas.plain import predict_source, required


class PlainPython:
    """`model.py` and its weights, which need torch alone, and `predict.py`, which prepares raw inputs for it."""

    name: ClassVar[str] = "python"
    about: ClassVar[str] = "plain PyTorch, with a script that predicts for raw inputs"
    tolerance: ClassVar[float] = 0.0

    def write(self, handed: Handed) -> Mapping[str, bytes]:
        """The files as the run wrote them, but for `predict.py`, which is written anew.

        Raises:
            UsageError: also if `model.py` has other code than the network's, or `predict.py` prepares made-up samples
                otherwise than the network's preparation.
        """
        kept = [name for name in NETWORK_FILES if name != PREDICT]  # which earlier versions did not write
        if missing := [name for name in kept if name not in handed.contents]:
            raise UsageError(f"{handed.folder} has no {', '.join(missing)}")
        if _code(handed.contents[MODEL]) != _code(model_source(handed.network, task=handed.predictor.task, title="")):
            raise UsageError(
                f"{MODEL} of {handed.folder} is not what this version writes for the network; `nas search` with "
                "--resume writes it anew"
            )
        intake = handed.predictor.intake
        source = predict_source(intake)
        check_prepared(intake, executed(source, Path(PREDICT)))
        return {**{name: handed.contents[name] for name in kept}, PREDICT: source.encode()}

    def requires(self, intake: Intake) -> Sequence[str]:
        return ("torch", *required(intake))

    def check(self, handed: Handed, folder: Path) -> Agreement:
        return agreement(handed, partial(self.compute, folder), self.tolerance)

    def compute(self, folder: Path, inputs: NDArray[Any]) -> NDArray[Any]:
        """The outputs of the network that `model.py` builds."""
        import torch

        # The code of the network, as `write` makes sure of.
        model = executed(read_bytes(folder / MODEL), folder / MODEL).load(folder / WEIGHTS)
        with torch.inference_mode():
            return np.asarray(model(torch.from_numpy(inputs)))


def executed(source: str | bytes, path: Path) -> Any:
    """The module of a file that is written here."""
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    exec(compile(source, path.name, "exec"), module.__dict__)
    return module


def _code(source: str | bytes) -> str | None:
    """What a file executes: its code without its docstring, as text; None: it is no code, or has no docstring."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    return None if ast.get_docstring(tree) is None else ast.dump(ast.Module(tree.body[1:], []))
