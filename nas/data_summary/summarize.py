"""The summary of a data set."""

from nas.arguments import checked
from nas.data import Dataset
from nas.data_summary.duplicates import find_duplicates
from nas.data_summary.inputs import summarize_inputs
from nas.data_summary.records import DataSummary
from nas.data_summary.suspects import find_suspects
from nas.data_summary.targets import summarize_targets


@checked
def summarize_data(dataset: Dataset, *, suspects: bool = True) -> DataSummary:
    """What there is to know of a data set before a search.

    The summary has the number of samples of each class and part, what a constant prediction reaches, facts of the
    inputs (of a table, of each column), samples with equal inputs within and between parts, and samples whose target
    may be wrong: the predictions of a classical model, cross-validated in five folds, contradict it (Northcutt et al.
    2021). The work is bounded, and the summary says how many samples were looked at.

    Args:
        dataset: the data set.
        suspects: whether samples are looked for whose target may be wrong, which takes up to 30 seconds of one core,
            and everything else some.
    """
    return DataSummary(
        dataset.name,
        dataset.task.name,
        dataset.notes,
        {name: len(part) for name, part in dataset.parts.items()},
        summarize_targets(dataset),
        summarize_inputs(dataset),
        find_duplicates(dataset),
        find_suspects(dataset) if suspects else None,
    )
