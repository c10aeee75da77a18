"""Networks as PyTorch modules and as source code."""

from nas.model.build import Network
from nas.model.exportable import check_exportable
from nas.model.source import model_source

__all__ = ["Network", "check_exportable", "model_source"]
