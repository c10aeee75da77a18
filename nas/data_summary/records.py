"""What a summary says of a data set, as records of plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Sample:
    """A sample.

    Attributes:
        part: the part of the data set: `train`, `val` or `test`.
        place: its place in the part, from 0.
        name: its file, its line or its row in the source.
        target: its target, in words.
    """

    part: str
    place: int
    name: str
    target: str


@dataclass(frozen=True)
class OutputFacts:
    """A class, a label or a target.

    Attributes:
        name: its name.
        counts: of a class or a label, the number of samples of each part that have it.
        values: of a target with values, its `min`, `median`, `mean`, `max` and `std` in the training part.
    """

    name: str
    counts: Mapping[str, int]
    values: Mapping[str, float]


@dataclass(frozen=True)
class Targets:
    """The targets.

    Attributes:
        outputs: what there is of each class, label or target.
        imbalance: training samples of the most frequent class or label to those of the rarest; None: there are values.
        trivial: the best prediction that ignores the inputs, such as `always cat`.
        metrics: what it reaches, such as `val_acc`.
    """

    outputs: tuple[OutputFacts, ...]
    imbalance: float | None
    trivial: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class ColumnFacts:
    """An input of a table.

    Attributes:
        name: its column, and the part of the date that it is.
        kind: `number`, `date` or `category`.
        missing: training samples without a value; of a category, also those whose value has no code.
        unknown: of a category, samples of the other parts without a value, or with one that the training samples do
            not have.
        distinct: the number of different values of the training samples.
        values: of a number, its `min`, `median` and `max` in the training part.
        most_frequent: of a category, the most frequent value.
    """

    name: str
    kind: str
    missing: int
    unknown: int
    distinct: int
    values: Mapping[str, float]
    most_frequent: str


@dataclass(frozen=True)
class Inputs:
    """The inputs.

    Attributes:
        modality: what they are.
        shape: of one sample.
        dtype: their type.
        values: `min`, `mean`, `max` and `std` of the training samples.
        constant: the number of entries of a sample that are the same in all training samples.
        entries: the number of all entries.
        details: what else there is of this modality, by name, such as `vocabulary` and `rate`.
        columns: of a table, its inputs.
        looked_at: the number of training samples that this is computed from.
    """

    modality: str
    shape: tuple[int, ...]
    dtype: str
    values: Mapping[str, float]
    constant: int
    entries: int
    details: Mapping[str, str]
    columns: tuple[ColumnFacts, ...]
    looked_at: int


@dataclass(frozen=True)
class Duplicates:
    """Samples whose prepared inputs are equal.

    Attributes:
        looked_at: the number of samples that were compared.
        of: the number of all samples.
        within: for each part, the number of samples that equal an earlier one of the part.
        between: for each two parts, such as `train, test`, the number of samples of the second one that equal a sample
            of the first one.
        contradictory: the number of samples that equal one with another target.
        examples: the first sets of equal samples; those that are in several parts or contradictory come first.
    """

    looked_at: int
    of: int
    within: Mapping[str, int]
    between: Mapping[str, int]
    contradictory: int
    examples: tuple[tuple[Sample, ...], ...]


@dataclass(frozen=True)
class Suspect:
    """A sample whose target is doubtful.

    Attributes:
        sample: the sample, with its target.
        predicted: what the model that has not seen it takes for its target.
        confidence: the probability that this model gives to its target; None: the target is a value.
        shown: the input in words; empty: it has none.
    """

    sample: Sample
    predicted: str
    confidence: float | None
    shown: str = ""


@dataclass(frozen=True)
class Suspects:
    """Samples whose target may be wrong.

    Attributes:
        method: the model, or why there is none.
        rule: which samples count.
        looked_at: the number of training and validation samples that were judged; 0: there is no model.
        of: the number of all training and validation samples.
        score: how good the model is: the share of targets that it predicts, or R² for values; None: there is no model.
        weak: whether it is so weak that most suspects will be samples that are hard to predict.
        count: the number of suspects.
        first: the most doubtful ones.
    """

    method: str
    rule: str
    looked_at: int
    of: int
    score: float | None
    weak: bool
    count: int
    first: tuple[Suspect, ...]


@dataclass(frozen=True)
class DataSummary:
    """What there is to know of a data set before a search.

    Attributes:
        name: of the data set.
        task: what is predicted.
        notes: how the data were read.
        samples: the number of samples of each part.
        targets: the targets, and what a prediction reaches that ignores the inputs.
        inputs: the inputs.
        duplicates: samples with equal inputs.
        suspects: samples whose target may be wrong; None: they were not looked for.
    """

    name: str
    task: str
    notes: tuple[str, ...]
    samples: Mapping[str, int]
    targets: Targets
    inputs: Inputs
    duplicates: Duplicates
    suspects: Suspects | None

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)
