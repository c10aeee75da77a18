"""Predictions of a stored network: inputs are prepared and predicted batch by batch.

Importing this does not load torch.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Positive, checked
from nas.data.inputs import Named, Seen, read_inputs
from nas.data.prepared import CHUNK
from nas.data.skipping import OnError, named_fault
from nas.errors import StorageError, UsageError
from nas.interrupt import stop_if_asked
from nas.prediction.predictions import Predictions
from nas.prediction.predictor import Predictor, load_predictor
from nas.training.device import Device

if TYPE_CHECKING:
    import torch

    from nas.model import Network


class PredictionStream:
    """Predictions for samples that are read while they are predicted. It can be iterated once.

    Attributes:
        outputs: the classes, labels or targets.
        batch: the most samples that are predicted at a time.
    """

    def __init__(self, predictor: Predictor, inputs: Any, device: Device, seen: Seen, batch: int) -> None:
        self.outputs = predictor.task.outputs
        self.batch = batch
        self._seen = seen
        self._found = _predicted(predictor, inputs, device, seen, batch)

    def __iter__(self) -> Iterator[Predictions]:
        return self._found

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the inputs, as far as they were read: what was left out, and what is unknown."""
        return self._seen.notes


@checked
def predict(
    run: str | Path, inputs: Any, *, device: Device = "auto", on_error: OnError = "stop", passphrase: str | None = None
) -> Predictions:
    """What the selected network of a run predicts for samples, which are prepared as those of its training were.

    Args:
        run: the folder of a run, a folder to which its network was exported, or an encrypted export.
        inputs: the path of a file or a folder, a list of several `Path`, or samples in memory. Images: a file, a
            folder, or a list as in `nas.from_images`. Sounds: likewise, or a list of samples as in `nas.from_sounds`,
            of the rate of the network. Texts: a table with the column of the training, a text file with one text in
            each line, a folder of `.txt` files, or a list of strings. Tables: a CSV, TSV or Parquet file, or what
            `nas.from_table` takes, with the columns of the training; others are ignored. Arrays: a `.npy` file, a
            `.npz` archive with the array `inputs`, or an array `(N, *shape)`. A binary file, such as
            `sys.stdin.buffer`, has lines of texts, a table with a header, or the paths of images or sounds.
        device: `auto`: CUDA, if it is available.
        on_error: `stop`: a sample that cannot be read or prepared is an error; `skip`: it is left out, and the notes
            say how many are and which.
        passphrase: of an encrypted export.

    Raises:
        UsageError: there is no such network or path, or no sample; a column is missing; samples have another shape than
            in training, or one cannot be read.
        IntegrityError: a file is damaged, or the passphrase is another one.
        StorageError: a file cannot be read.
    """
    stream = predict_batches(run, inputs, device=device, on_error=on_error, passphrase=passphrase)
    return Predictions.joined(list(stream), stream.notes)


@checked
def predict_batches(
    run: str | Path,
    inputs: Any,
    *,
    device: Device = "auto",
    on_error: OnError = "stop",
    batch: Positive | None = None,
    passphrase: str | None = None,
) -> PredictionStream:
    """Predictions as in `predict`, some samples after the other: memory does not grow with their number.

    Samples are read while they are predicted, so errors of inputs are raised by the iteration. Held in memory are the
    paths of the files in a folder, and an archive `.npz` as a whole.

    Args:
        run, inputs, device, on_error, passphrase: as for `predict`.
        batch: samples that are predicted at a time; None: as many as trainings are scored by. With 1, each line of a
            pipe is answered before the next one is read.

    Raises:
        the errors of `predict`.
    """
    predictor = load_predictor(Path(run), passphrase)
    return PredictionStream(predictor, inputs, device, Seen(on_error), batch or _suited(predictor))


def _suited(predictor: Predictor) -> int:
    """As many samples as trainings are scored by, of at most `CHUNK` bytes."""
    from nas.training.workbench import SCORING_BATCH

    size = 4 * int(np.prod(predictor.intake.preparation.input.shape))
    return max(1, min(SCORING_BATCH // 2, CHUNK // size))


def _predicted(predictor: Predictor, inputs: Any, device: Device, seen: Seen, batch: int) -> Iterator[Predictions]:
    """Raises UsageError if all samples were left out."""
    from nas.training.device import pick_device
    from nas.training.precision import pick_precision

    on = pick_device(device)
    network, dtype = predictor.network.to(on), pick_precision("auto", on)
    for named in read_inputs(predictor.intake, inputs, seen, batch):
        stop_if_asked()
        fine, prepared = _prepared(predictor, named, seen)
        if fine:
            seen.kept += len(fine)
            yield _answers(predictor, network, fine, prepared, on, dtype)
    if not seen.kept:
        raise UsageError(f"no sample is left: {seen.notes[-1]}")


def _answers(
    predictor: Predictor,
    network: "Network",
    names: tuple[str, ...],
    inputs: NDArray[Any],
    on: "torch.device",
    dtype: "torch.dtype",
) -> Predictions:
    """The predictions for prepared inputs, `(N, *shape)`."""
    import torch

    from nas.training.precision import autocast

    task = predictor.task
    with torch.inference_mode(), autocast(on, dtype):
        outputs = network(torch.from_numpy(np.ascontiguousarray(inputs)).to(on)).float()
        found = task.decode(outputs, task.diagnosed).float().cpu().numpy()
        if task.diagnosed == "values":
            return Predictions(names, task.outputs, None, None, found)
        labels = task.decode(outputs, "labels").cpu().numpy()
    decoded = np.array(task.outputs)[labels] if labels.ndim == 1 else labels.astype(bool)
    return Predictions(names, task.outputs, decoded, found, None)


def _prepared(predictor: Predictor, named: Named, seen: Seen) -> tuple[tuple[str, ...], NDArray[Any]]:
    """The names of the samples that can be prepared, and their inputs, `(N, *shape)`."""
    from nas.training.tokens import check_token_values

    def prepare(some: Named) -> NDArray[Any]:
        inputs = predictor.intake.preparation(some.raw)
        check_token_values(predictor.network.arch.tokens, inputs)
        return inputs

    try:
        return tuple(named.names), prepare(named)
    except (UsageError, StorageError):
        fine: dict[int, NDArray[Any]] = {}
        for row in range(len(named)):  # which ones it is
            try:
                fine[row] = prepare(named[np.array([row])])
            except (UsageError, StorageError) as fault:
                seen.leave_out([named_fault(named.names[row], fault)])
        return tuple(named.names[row] for row in fine), np.concatenate([*fine.values()] or [np.zeros(0)])
