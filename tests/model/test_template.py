"""The text of `model.py`: the names that it takes, the numbers that it reads, and the samples that it accepts."""

import ast
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from nas.model import Network, model_source
from nas.model.template import NAMES
from nas.ops import Augment, Embedding, Flatten, Linear, NgramEmbedding
from nas.tasks import TASKS, Classification, Multilabel, Task
from tests.model.layers import chain

TWO = ("a", "b")


def _module(network: Network, task: Task) -> ModuleType:
    module = ModuleType("model")
    exec(compile(model_source(network, task=task, title="test"), "model.py", "exec"), module.__dict__)
    return module


@pytest.fixture(scope="module")
def model() -> ModuleType:
    return _module(Network(chain((4,), Linear(2))), Classification(TWO))


@pytest.mark.parametrize("name", TASKS)
def test_a_file_defines_no_name_that_is_not_taken(name: str) -> None:
    fitted = TASKS[name].fitted(TWO, np.arange(2) if name == "classification" else np.eye(2, dtype=np.int64))
    module = _module(Network(chain((4,), Linear(2)), scaling=fitted.scaling), fitted)
    defined = {name for name in vars(module) if not name.startswith("__")}
    assert defined <= NAMES
    assert "tensor" in NAMES


def test_numbers_of_every_form_are_read(model: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    for dtype in model.DTYPES.values():
        saved = {
            "some": torch.tensor([[0, 1, 1], [1, 0, 1]]).to(dtype),
            "one": torch.tensor(1).to(dtype),
            "none": torch.zeros(0, 3, dtype=dtype),
        }
        save_file(saved, path)
        found = model.read_weights(path)
        assert found.keys() == saved.keys()
        for name, tensor in saved.items():
            assert found[name].dtype == dtype
            assert torch.equal(found[name], tensor)


def test_numbers_of_another_form_are_named(model: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file({"tiny": torch.zeros(2).to(torch.float8_e5m2)}, path)
    with pytest.raises(ValueError, match=r"weights\.safetensors: tiny is of F8_E5M2, expected one of .*F32, "):
        model.read_weights(path)


@pytest.mark.parametrize("op", [Embedding(10, 4), NgramEmbedding(10, 4, 2)], ids=lambda op: op.name)
def test_tokens_outside_of_the_vocabulary_are_refused(op: Embedding | NgramEmbedding) -> None:
    first = () if isinstance(op, NgramEmbedding) else (Augment(),)
    network = Network(chain((6,), *first, op, Flatten(), Linear(2)))
    model = _module(network, Multilabel(TWO)).Model().eval()
    tokens = np.arange(12).reshape(2, 6) % 10
    model.predict(tokens)
    model.predict(tokens.astype(np.uint8))
    for wrong, shown in ((-1, "-1"), (10, "10"), (2.5, "2.5"), (float("nan"), "nan")):
        changed = tokens.astype(np.int64 if isinstance(wrong, int) else np.float32)
        changed[1, 3] = wrong
        with pytest.raises(ValueError, match=f"expected token indices, integers from 0 to 9, got {shown}$"):
            model.predict(changed)


def test_other_networks_take_any_numbers(model: ModuleType) -> None:
    source = ast.unparse(ast.parse(model_source(Network(chain((4,), Linear(2))), task=Classification(TWO), title="")))
    assert "token" not in source
    model.Model().eval().predict(np.array([[-1.5, 0, 1e9, 2]]))
