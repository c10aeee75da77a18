"""Training samples to look at: as they are read, as networks get them, and as trainings see them.

Images, sounds and series are drawn into a PNG file; texts and rows of tables are written as lines.
"""

from nas.data_summary.samples.chosen import Chosen, choose_samples
from nas.data_summary.samples.drawn import draw_samples, is_drawn
from nas.data_summary.samples.written import write_samples

__all__ = ["Chosen", "choose_samples", "draw_samples", "is_drawn", "write_samples"]
