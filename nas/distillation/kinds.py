"""The table of kinds. Importing this does not load torch."""

from collections.abc import Mapping
from types import MappingProxyType

from nas.distillation.kind import Kind
from nas.distillation.response import Response

KINDS: Mapping[str, type[Kind]] = MappingProxyType({one.name: one for one in (Response,)})
"""The kinds of distillation, by name."""
