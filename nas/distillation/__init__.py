"""Knowledge distillation: what a network takes from others while it is trained.

A `Distill` in a recipe says from whom and what. Each kind of knowledge is a file with a frozen dataclass: its settings,
what it needs of both networks, and its loss. Importing this does not load torch.
"""

from nas.distillation.attention import Attention
from nas.distillation.contrastive import Contrastive
from nas.distillation.decoupled import Decoupled
from nas.distillation.distill import Distill
from nas.distillation.gradient import Gradient
from nas.distillation.hints import Hints
from nas.distillation.kinds import KINDS
from nas.distillation.made import Inverted, Noise
from nas.distillation.memory import Memory
from nas.distillation.mutual import Mutual
from nas.distillation.relational import Relational
from nas.distillation.response import Response
from nas.distillation.standardised import Standardised

__all__ = [
    "KINDS",
    "Attention",
    "Contrastive",
    "Decoupled",
    "Distill",
    "Gradient",
    "Hints",
    "Inverted",
    "Memory",
    "Mutual",
    "Noise",
    "Relational",
    "Response",
    "Standardised",
]
