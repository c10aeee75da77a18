"""The selected network handed over as files that need no Archwright, in the formats that are asked for."""

from nas.handover.decrypting import decrypt_export
from nas.handover.exporting import Exported, export_run
from nas.handover.formats import FORMATS

__all__ = ["FORMATS", "Exported", "decrypt_export", "export_run"]
