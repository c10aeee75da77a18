"""What the exporter relies on: each class can be copied out of its file, and made again from its `arguments`."""

import ast
import inspect

import pytest
import torch
from torch import nn

from nas.ops import sequence_modules
from nas.ops.sequence_modules import (
    FeedForward,
    HashedNgrams,
    LearnedPosition,
    Recurrent,
    SelfAttention,
    SinusoidalPosition,
    TokenEmbedding,
)

HEADER = "import torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"

MODULES: list[tuple[nn.Module, str]] = [
    (TokenEmbedding(7, 4), "{'vocabulary': 7, 'width': 4}"),
    (HashedNgrams(9, 4, 2), "{'buckets': 9, 'width': 4, 'n': 2}"),
    (HashedNgrams(9, 4, 3, mask=True), "{'buckets': 9, 'width': 4, 'n': 3, 'mask': True}"),
    (LearnedPosition(4, 5), "{'width': 4, 'length': 5}"),
    (SinusoidalPosition(3, 5), "{'width': 3, 'length': 5}"),
    (SelfAttention(4, 2), "{'width': 4, 'heads': 2}"),
    (SelfAttention(4, 2, 0.25), "{'width': 4, 'heads': 2, 'dropout': 0.25}"),
    (FeedForward(4, 6), "{'width': 4, 'hidden': 6}"),
    (FeedForward(4, 6, "silu", 0.1), "{'width': 4, 'hidden': 6, 'activation': 'silu', 'dropout': 0.1}"),
    (Recurrent("gru", 4, 3), "{'cell': 'gru', 'width': 4, 'units': 3}"),
    (
        Recurrent("lstm", 4, 3, 2, True, 0.5, True),
        "{'cell': 'lstm', 'width': 4, 'units': 3, 'layers': 2, 'bidirectional': True, 'dropout': 0.5, 'last': True}",
    ),
]


CLASSES: list[type[nn.Module]] = [
    value
    for value in vars(sequence_modules).values()
    if inspect.isclass(value) and value.__module__ == sequence_modules.__name__ and issubclass(value, nn.Module)
]


def test_all_are_covered() -> None:
    assert {type(module) for module, _ in MODULES} == set(CLASSES)
    assert not [cls.__name__ for cls in CLASSES if hasattr(nn, cls.__name__)]


@pytest.mark.parametrize(("module", "arguments"), MODULES, ids=lambda value: type(value).__name__)
def test_a_copy_of_the_class_does_the_same(module: nn.Module, arguments: str) -> None:
    assert repr(module.arguments) == arguments
    name = type(module).__name__
    copied: dict[str, type[nn.Module]] = {}
    exec(HEADER + inspect.getsource(type(module)), copied)
    shape = (5,) if name in ("TokenEmbedding", "HashedNgrams") else (3, 5) if name == "SinusoidalPosition" else (4, 5)
    x = torch.randint(0, 7, (2, *shape), generator=torch.Generator().manual_seed(0)).float()
    for cls in (copied[name], type(module)):
        again = cls(**ast.literal_eval(arguments))
        again.load_state_dict(module.state_dict())
        assert torch.equal(again.eval()(x), module.eval()(x))


@pytest.mark.parametrize("cls", CLASSES)
def test_each_class_says_what_it_does(cls: type[nn.Module]) -> None:
    assert cls.__doc__
