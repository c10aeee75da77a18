"""The selected network handed over as files that need no Archwright, in the formats that are asked for."""

from nas.handover.exporting import Exported, export_run
from nas.handover.formats import FORMATS

__all__ = ["FORMATS", "Exported", "export_run"]
