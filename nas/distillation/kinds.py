"""The table of kinds. Importing this does not load torch."""

import sys
from collections.abc import Mapping
from types import MappingProxyType

from nas.distillation.attention import Attention
from nas.distillation.contrastive import Contrastive
from nas.distillation.decoupled import Decoupled
from nas.distillation.gradient import Gradient
from nas.distillation.hints import Hints
from nas.distillation.kind import Kind
from nas.distillation.memory import Memory
from nas.distillation.mutual import Mutual
from nas.distillation.relational import Relational
from nas.distillation.response import Response
from nas.distillation.standardised import Standardised
from nas.settings.docstrings import summary

KINDS: Mapping[str, type[Kind]] = MappingProxyType(
    {
        one.name: one
        for one in (
            Response,
            Decoupled,
            Standardised,
            Hints,
            Attention,
            Relational,
            Contrastive,
            Mutual,
            Gradient,
            Memory,
        )
    }
)
"""The kinds of distillation, by name."""


def about(kind: type[Kind]) -> str:
    """What is taken over by a kind, in a sentence: that which its file begins with, without the name of the kind."""
    return summary(sys.modules[kind.__module__]).partition(": ")[2]
