"""The packages that files of formats need, with the lowest versions."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from packaging.requirements import Requirement
from packaging.version import Version

LOWEST: Mapping[str, str] = MappingProxyType(
    {
        "huggingface_hub": "0.30",
        "numpy": "1.26",
        "onnxruntime": "1.18",
        "pillow": "10.2",
        "safetensors": "0.4.5",
        "scipy": "1.11",
        "soundfile": "0.12",
        "tokenizers": "0.20",
        "torch": "2.10",
    }
)
"""The lowest versions of packages that Archwright itself supports, as in its `pyproject.toml`."""


def together(requirements: Iterable[str]) -> list[str]:
    """Requirements for pip, one for each package, with the highest of its lowest versions.

    Args:
        requirements: names of packages in `LOWEST`, which may have a version of their own: `torch`, `torch>=2.13`.
    """
    versions: dict[str, Version] = {}
    for one in map(Requirement, requirements):
        bounds = [LOWEST[one.name], *(bound.version for bound in one.specifier)]
        versions[one.name] = max(versions.get(one.name, Version("0")), *map(Version, bounds))
    return [f"{name}>={version}" for name, version in sorted(versions.items())]
