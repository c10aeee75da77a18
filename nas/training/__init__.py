"""Training one network. Importing this loads no torch."""

from nas.training.checkpoints import Checkpoints
from nas.training.recipe import Device, Precision, Recipe

__all__ = ["Checkpoints", "Device", "Precision", "Recipe"]
