"""The summary of a data set, to look at before a search: classes, inputs, duplicates, doubtful targets, and pictures.

Importing this loads neither torch nor scikit-learn.
"""

from nas.data_summary.records import DataSummary
from nas.data_summary.summarize import summarize_data

__all__ = ["DataSummary", "summarize_data"]
