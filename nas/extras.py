"""Packages that are no dependencies of Archwright: those of its extras."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from nas.errors import UsageError

EXTRAS: Mapping[str, str] = MappingProxyType(
    {
        "cryptography": "encrypt",
        "datasets": "huggingface",
        "huggingface_hub": "hub",
        "onnx": "onnx",
        "onnxruntime": "onnx",
        "onnxscript": "onnx",
        "opacus": "private",
        "pyarrow": "tables",
        "soundfile": "sound",
        "tokenizers": "text",
    }
)
"""The extra of each package, as in `pyproject.toml`."""


def package(module: str, what: str) -> Any:
    """A module of a package of an extra.

    Args:
        module: its full name, `pyarrow.parquet`.
        what: what needs it, in the singular, for the message.

    Raises:
        UsageError: the package is not installed, with the command that installs it.
    """
    name = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ImportError:
        raise UsageError(f"{what} needs {name}: pip install 'archwright[{EXTRAS[name]}]'") from None
