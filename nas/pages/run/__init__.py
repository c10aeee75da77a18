"""What a run leaves for people to read: one HTML page, and a table of its trials.

The functions here are pure: data in, text out. Whoever calls them writes the files.
"""

from nas.pages.run.report import report_html
from nas.pages.run.run_summary import FinalRow, RunSummary
from nas.pages.run.table import trials_csv

__all__ = ["FinalRow", "RunSummary", "report_html", "trials_csv"]
