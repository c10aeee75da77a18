"""Networks: built to be trained, or written as source."""

from nas.model.build import Network
from nas.model.source import model_source

__all__ = ["Network", "model_source"]
