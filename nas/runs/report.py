"""The report of a run, and its trials as a table."""

from pathlib import Path

from nas.arguments import checked
from nas.files import write_text
from nas.folders import way_out
from nas.pages.run import report_html, trials_csv
from nas.runs.folder import REPORT, TRIALS
from nas.runs.summary import read_run


@checked
def write_report(folder: str | Path, *, allow_code: bool = False) -> Path:
    """Writes `report.html` and `trials.csv` of a run, finished or not. Returns the path of the report.

    Args:
        folder: the folder of the run.
        allow_code: import the controller of the run if it is the user's own code.

    Raises:
        UsageError: the folder holds no run, or its controller is code that may not be imported.
        Damaged: a file of the run is corrupt or missing.
        IntegrityError: the files do not fit together.
        StorageError: a file cannot be read or written.
    """
    folder = Path(folder)
    with way_out(folder):
        summary = read_run(folder, explained=True, allow_code=allow_code)
        write_text(folder / TRIALS, trials_csv(summary.trials, summary.objectives))
        write_text(folder / REPORT, report_html(summary))
    return folder / REPORT
