"""Training one network. Importing this loads no torch."""

from nas.training.checkpoints import Checkpoints
from nas.training.device import Device, Precision
from nas.training.recipe import Recipe

__all__ = ["Checkpoints", "Device", "Precision", "Recipe"]
