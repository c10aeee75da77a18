"""Predictions of a stored network: inputs are prepared and predicted batch by batch.

Importing this does not load torch.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nas.arguments import checked
from nas.data.inputs import Named, read_inputs
from nas.data.preparation import Preparation
from nas.data.prepared import CHUNK
from nas.data.skipping import Fault, OnError, Skipping
from nas.errors import StorageError, UsageError
from nas.interrupt import stop_if_asked
from nas.prediction.predictions import Predictions
from nas.prediction.predictor import Predictor, load_predictor
from nas.training.device import Device


@checked
def predict(run: str | Path, inputs: Any, *, device: Device = "auto", on_error: OnError = "stop") -> Predictions:
    """What the selected network of a run predicts for samples, which are prepared as those of its training were.

    Args:
        run: the folder of a run, or a folder to which its network was exported.
        inputs: the path of a file or a folder, or samples in memory. Images: a file, a folder, or a list as in
            `nas.from_images`. Sounds: likewise, or a list of samples as in `nas.from_sounds`, of the rate of the
            network. Texts: a table with the column of the training, a text file with one text in each line, a folder of
            `.txt` files, or a list of strings. Tables: a CSV, TSV or Parquet file, or what `nas.from_table` takes, with
            the columns of the training; others are ignored. Arrays: a `.npy` file, a `.npz` archive with the array
            `inputs`, or an array `(N, *shape)`.
        device: `auto`: CUDA, if it is available.
        on_error: `stop`: a sample that cannot be read or prepared is an error; `skip`: it is left out, and the notes
            say how many are and which.

    Raises:
        UsageError: there is no such network or path, or no sample; a column is missing; samples have another shape than
            in training, or one cannot be read.
        IntegrityError: a file is damaged.
        StorageError: a file cannot be read.
    """
    predictor = load_predictor(Path(run))
    skipping = Skipping(on_error, 1.0)
    return _predict(predictor, read_inputs(predictor.intake, inputs, skipping), device, skipping)


def _predict(predictor: Predictor, named: Named, device: Device, skipping: Skipping) -> Predictions:
    import torch

    from nas.training.device import pick_device
    from nas.training.precision import autocast, pick_precision
    from nas.training.tokens import check_token_values

    task, preparation = predictor.task, predictor.intake.preparation
    on = pick_device(device)
    dtype = pick_precision("auto", on)
    network = predictor.network.to(on)
    kept: list[NDArray[np.intp]] = []
    labels, numbers = [], []
    faults: list[Fault] = []
    for batch in _batches(preparation, named, skipping):
        stop_if_asked()
        faults += batch.faults
        if not len(batch.rows):
            continue
        check_token_values(network.arch.tokens, batch.inputs, "inputs")
        with torch.inference_mode(), autocast(on, dtype):
            outputs = network(torch.from_numpy(np.ascontiguousarray(batch.inputs)).to(on)).float()
            numbers.append(task.decode(outputs, task.diagnosed).float().cpu().numpy())
            if task.diagnosed != "values":
                labels.append(task.decode(outputs, "labels").cpu().numpy())
        kept.append(batch.rows)
    what = "samples"
    notes = (*named.notes, *skipping.note(faults, len(named), what))
    if not kept:
        raise UsageError(f"no sample is left: {notes[-1]}")
    found, rows = np.concatenate(numbers), np.concatenate(kept)
    decoded = np.concatenate(labels) if labels else None
    if decoded is not None:
        decoded = np.array(task.outputs)[decoded] if decoded.ndim == 1 else decoded.astype(bool)
    is_values = decoded is None
    return Predictions(
        tuple(named.names[row] for row in rows),
        task.outputs,
        decoded,
        None if is_values else found,
        found if is_values else None,
        notes,
    )


class _Batch(NamedTuple):
    """Prepared samples: their rows, `(N,)`, their inputs, `(N, *shape)`, and why others could not be prepared."""

    rows: NDArray[np.intp]
    inputs: NDArray[Any]
    faults: list[Fault]


def _batches(preparation: Preparation, named: Named, skipping: Skipping) -> Iterator[_Batch]:
    """Samples in batches of at most `CHUNK` bytes, as large as those that trainings are scored by."""
    from nas.training.workbench import SCORING_BATCH

    size = 4 * int(np.prod(preparation.input.shape))
    step = max(1, min(SCORING_BATCH // 2, CHUNK // size))
    for start in range(0, len(named), step):
        rows = np.arange(start, min(start + step, len(named)))
        try:
            yield _Batch(rows, preparation(named.raw[rows]), [])
        except (UsageError, StorageError):
            if skipping.on_error == "stop":
                raise
            yield _one_by_one(preparation, named, rows)


def _one_by_one(preparation: Preparation, named: Named, rows: NDArray[np.intp]) -> _Batch:
    """A batch of which some samples cannot be prepared."""
    fine, inputs = [], [np.empty((0, *preparation.input.shape), np.float32)]
    faults: list[Fault] = []
    for row in rows:
        try:
            inputs.append(preparation(named.raw[np.array([row])]))
        except (UsageError, StorageError) as fault:
            faults.append(fault)
        else:
            fine.append(row)
    return _Batch(np.array(fine, np.intp), np.concatenate(inputs[1:] or inputs), faults)
