"""What the exporter relies on: each class can be copied out of its file, and made again from its `arguments`."""

import ast
import inspect

import pytest
import torch
from torch import nn

from nas.ops import spectrogram_modules
from nas.ops.spectrogram_modules import LogMelSpectrogram, SpectrogramMasks

HEADER = "import torch\nimport torch.nn.functional as F\nfrom torch import Tensor, nn\n"

MODULES: list[tuple[nn.Module, str]] = [
    (
        LogMelSpectrogram(1000, 2, 7, 3, 0.0, 500.0),
        "{'rate': 1000, 'mels': 2, 'window': 7, 'hop': 3, 'fmin': 0.0, 'fmax': 500.0}",
    ),
    (
        LogMelSpectrogram(1000, 2, 7, 3, 0.0, 500.0, floor=0.5, cmn=True, level=True),
        "{'rate': 1000, 'mels': 2, 'window': 7, 'hop': 3, 'fmin': 0.0, 'fmax': 500.0, 'floor': 0.5, 'cmn': True, "
        "'level': True}",
    ),
    (SpectrogramMasks(3, 2), "{'time': 3, 'frequency': 2}"),
    (SpectrogramMasks(3, 2, 4), "{'time': 3, 'frequency': 2, 'masks': 4}"),
]


def test_all_are_covered() -> None:
    found = [value for value in vars(spectrogram_modules).values() if inspect.isclass(value)]
    own = {cls for cls in found if cls.__module__ == spectrogram_modules.__name__}
    assert {type(module) for module, _ in MODULES} == own
    assert not [cls.__name__ for cls in own if hasattr(nn, cls.__name__)]
    assert all(cls.__doc__ for cls in own)


@pytest.mark.parametrize(("module", "arguments"), MODULES)
def test_a_copy_of_the_class_does_the_same(module: nn.Module, arguments: str) -> None:
    assert repr(module.arguments) == arguments
    copied: dict[str, type[nn.Module]] = {}
    exec(HEADER + inspect.getsource(type(module)), copied)
    x = torch.randn((2, 2, 20) if isinstance(module, LogMelSpectrogram) else (2, 2, 8, 9))
    for cls in (copied[type(module).__name__], type(module)):
        again = cls(**ast.literal_eval(arguments))
        torch.manual_seed(0)
        expected = module(x)
        torch.manual_seed(0)
        assert torch.equal(again(x), expected)
