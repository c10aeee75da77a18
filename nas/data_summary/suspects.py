"""Samples whose target may be wrong, by the predictions of models that have not seen them.

Confident learning (Northcutt, Jiang & Chuang 2021, Confident Learning: Estimating Uncertainty in Dataset Labels, JAIR
70): the pool of training and validation samples is divided into folds, and a classical model predicts each sample after
it was fitted to the other folds.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.baselines.methods import method_for
from nas.data import Dataset
from nas.data.shown import Display, RowValues, Words
from nas.data_summary.blocks import spread
from nas.data_summary.duplicates import sample_of
from nas.data_summary.records import Suspect, Suspects
from nas.data_summary.spectra import BandEnergies
from nas.errors import UsageError
from nas.interrupt import stop_if_asked

FOLDS = 5
FIRST = 20
"""Suspects that are listed."""

MOST = 20_000
"""Samples that are judged."""

SEED = 0

WEAK = 0.75
"""A model that is right on fewer of the samples (for values: with a lower R²) cannot tell wrong targets from hard
ones: it contradicted 70 % of the correct labels of 2,400 images of CIFAR-10, of which it predicted 29 %."""

RULES = {
    "probabilities": "another class is at least as probable as it is on average for the samples of that class, and "
    "more probable than the given one; the least probable targets come first",
    "labels": "a given label is at most as probable as on average for the samples without it, or one that is not given "
    "is at least as probable as on average for the samples with it",
    "values": "the error of the prediction is more than 3 interquartile ranges beyond the quartiles of all errors",
}
"""What makes a sample a suspect: of the confident joint (eqs. 1 and 2 of the paper) the entries beyond the diagonal;
of several labels, each is judged as a classification into samples with and without it; of values, Tukey's outer fence
(1977)."""


class Judged(NamedTuple):
    """What predictions say of targets.

    Attributes:
        suspect: which samples are suspects, `(N,)`.
        confidence: of each sample, lower for more doubtful targets, `(N,)`.
        score: how good the predictions are.
    """

    suspect: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    score: float


class _Pool(NamedTuple):
    """Samples that are judged: where they are, their inputs, targets and groups."""

    parts: list[tuple[str, int]]
    inputs: NDArray[Any]
    targets: NDArray[Any]
    groups: NDArray[np.int64] | None


def find_suspects(data: Dataset, *, most: int = MOST) -> Suspects:
    """The training and validation samples whose target may be wrong.

    At most `most` samples are judged, evenly spread, and fewer if the five models would do more operations than one
    baseline of a run does (`nas.baselines.methods`), about 20 seconds of one core.
    """
    from threadpoolctl import threadpool_limits

    of = len(data.train) + len(data.val)
    kind = {"values": "values", "labels": "labels"}.get(data.task.diagnosed, "probabilities")
    if kind == "probabilities" and data.train.targets.ndim == 2:
        kind = "labels"
    method = method_for(data, probable=kind != "values")
    pool = _pool(data, min(most, method.most // (FOLDS - 1)))
    title = method.title
    if data.input.modality == "sound":
        title = f"band energies + {title.rpartition(' + ')[2]}"
    try:
        with warnings.catch_warnings(), threadpool_limits(limits=1):
            warnings.simplefilter("ignore")  # a model that has not converged is measured by its score
            predictions, known = _predicted(data, pool, method.features, method.make, values=kind == "values")
    except (ValueError, ArithmeticError, MemoryError, UsageError) as error:
        return Suspects(f"{title}: {error}", RULES[kind], 0, of, None, False, 0, ())
    judged = JUDGES[kind](predictions, pool.targets)
    suspect = judged.suspect & known
    order = np.flatnonzero(suspect)
    order = order[np.argsort(judged.confidence[order], kind="stable")]
    display = Display(data, pool.inputs)
    first = []
    for place in order[:FIRST]:
        part, at = pool.parts[place]
        shown = display.show(pool.inputs[place]) if data.input.modality in ("text", "table") else None
        first.append(
            Suspect(
                sample_of(data, part, at),
                data.task.answer(predictions[place]),
                None if kind == "values" else float(judged.confidence[place]),
                _in_words(shown),
            )
        )
    return Suspects(
        title,
        RULES[kind],
        len(pool.targets),
        of,
        judged.score,
        judged.score < WEAK,
        int(suspect.sum()),
        tuple(first),
    )


def _pool(data: Dataset, most: int) -> _Pool:
    """At most `most` samples of the training and the validation part, evenly spread."""
    count = len(data.train)
    places = spread(count + len(data.val), max(2 * FOLDS, most))
    train, val = places[places < count], places[places >= count] - count
    inputs = np.concatenate([np.asarray(part.inputs[rows]) for part, rows in ((data.train, train), (data.val, val))])
    return _Pool(
        [*(("train", place) for place in train.tolist()), *(("val", place) for place in val.tolist())],
        inputs,
        np.concatenate([data.train.targets[train], data.val.targets[val]]),
        None if data.groups is None else data.groups[places],
    )


def _predicted(
    data: Dataset, pool: _Pool, features: Callable[[], Any], make: Callable[[], Any], *, values: bool
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The predictions `(N, K)` for each sample by the model that has not seen it, and which of them are such.

    A class that no sample has that the model was fitted to cannot be predicted, so its samples are not judged.
    """
    targets = pool.targets[:, 0] if values and pool.targets.shape[1] == 1 else pool.targets
    found = np.zeros((len(targets), len(data.outputs)))
    known = np.ones(len(targets), bool)
    sounds = BandEnergies(data.input.rate or 0)(pool.inputs) if data.input.modality == "sound" else None
    for train, held in _divisions(targets, pool.groups, classes=targets.dtype.kind in "iu" and targets.ndim == 1):
        stop_if_asked()
        if sounds is not None:
            model = make().fit(sounds[train], targets[train])
            seen = sounds[held]
        else:
            made = features()
            model = make().fit(made.fit(pool.inputs, train), targets[train])
            seen = made(pool.inputs[held])
        if values:
            found[held] = np.asarray(model.predict(seen)).reshape(len(held), -1)
        elif targets.ndim == 2:
            found[held] = np.asarray(model.predict_proba(seen))
        else:
            found[np.ix_(held, model.classes_)] = model.predict_proba(seen)
            known[held] = np.isin(targets[held], model.classes_)
    return found, known


def _divisions(
    targets: NDArray[Any], groups: NDArray[np.int64] | None, *, classes: bool
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

    places = np.zeros((len(targets), 1))
    if groups is not None and len(np.unique(groups)) >= FOLDS:
        labels = targets if classes else np.zeros(len(targets), np.int64)
        yield from StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED).split(places, labels, groups)
    elif classes:
        yield from StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(places, targets)
    else:
        yield from KFold(FOLDS, shuffle=True, random_state=SEED).split(places)


def judge_classes(probabilities: NDArray[np.float64], labels: NDArray[Any]) -> Judged:
    """Judges labels `(N,)` by probabilities `(N, K)`; the confidence is the probability of the label."""
    rows = np.arange(len(labels))
    confidence = probabilities[rows, labels]
    classes = probabilities.shape[1]
    totals, counts = np.bincount(labels, confidence, classes), np.bincount(labels, minlength=classes)
    # What a class has on average where it is the label: eq. 2. A class without samples suspects nothing.
    thresholds = np.where(counts > 0, totals / np.maximum(counts, 1), np.inf)
    above = np.where(probabilities >= thresholds, probabilities, -np.inf)
    likely = above.argmax(axis=1)
    suspect = np.isfinite(above[rows, likely]) & (likely != labels) & (probabilities[rows, likely] > confidence)
    return Judged(suspect, confidence, float((probabilities.argmax(axis=1) == labels).mean()))


def judge_labels(probabilities: NDArray[np.float64], having: NDArray[Any]) -> Judged:
    """Judges several labels of each sample, `(N, K)` of 0 and 1; the confidence is that of the most doubtful one."""
    found = []
    for place in range(having.shape[1]):
        two = np.stack([1 - probabilities[:, place], probabilities[:, place]], axis=1)
        found.append(judge_classes(two, having[:, place].astype(np.intp)))
    return Judged(
        np.any([one.suspect for one in found], axis=0),
        np.min([one.confidence for one in found], axis=0),
        float(np.mean([one.score for one in found])),
    )


def judge_values(predictions: NDArray[np.float64], values: NDArray[Any]) -> Judged:
    """Judges values `(N, K)` by the errors of predictions; the confidence falls with the largest error, in units of the
    interquartile range of the errors of its target."""
    errors = values.astype(np.float64) - predictions
    low, high = np.quantile(errors, [0.25, 0.75], axis=0)
    width = np.where(high > low, high - low, 1.0)
    beyond = np.maximum((low - errors) / width, (errors - high) / width)
    spread_of = ((values - values.mean(axis=0)) ** 2).sum(axis=0)
    r2 = 1 - (errors**2).sum(axis=0) / np.where(spread_of > 0, spread_of, 1.0)
    return Judged((beyond > 3).any(axis=1), -beyond.max(axis=1), float(r2.mean()))


JUDGES: dict[str, Callable[[NDArray[np.float64], NDArray[Any]], Judged]] = {
    "probabilities": judge_classes,
    "labels": judge_labels,
    "values": judge_values,
}


def _in_words(shown: object) -> str:
    """A text, or the unusual values of a row."""
    match shown:
        case Words():
            return " ".join(word.strip() for word, _ in shown.words)
        case RowValues():
            return ", ".join(f"{name} {value}" for name, value in shown.columns)
    return ""
