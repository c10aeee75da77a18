"""Training of a single network. Importing this does not load torch."""

from nas.training.checkpoints import Checkpoints
from nas.training.device import Device, Precision
from nas.training.private.privacy import Privacy
from nas.training.recipe import Recipe
from nas.training.recipes import RECIPES

__all__ = ["RECIPES", "Checkpoints", "Device", "Precision", "Privacy", "Recipe"]
