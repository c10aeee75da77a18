"""Folders that Archwright writes: what they consist of, and how a damaged one is repaired.

Each kind of folder declares its parts as a `Layout` and, as a `Kind`, what a repair needs to know beyond that.
"""

from nas.folders.aside import Aside
from nas.folders.damage import way_out
from nas.folders.layout import Check, Layout, Part
from nas.folders.mend import Kind, Repaired, Rest, mend
from nas.folders.taken import taken

__all__ = ["Aside", "Check", "Kind", "Layout", "Part", "Repaired", "Rest", "mend", "taken", "way_out"]
