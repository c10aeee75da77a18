"""What the network of this folder predicts for raw inputs. Archwright is not needed, but what requirements.txt names.

    python predict.py INPUT...            # CSV: name, prediction, probability of each class or label
    from predict import prepare, predict  # the same in Python

Inputs are prepared as those of the training were, which preparation.json describes. Of a regression, there is a
prediction for each target.
"""

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.inputs.files import within
from nas.data.skipping import named_fault
from nas.errors import ArchwrightError, StorageError, UsageError
from nas.plain.scripts.arrays import prepared, read, take
from nas.plain.scripts.samples import Record, Samples

FOLDER = Path(__file__).parent

BATCH = 256
"""Samples that are prepared and predicted at a time."""


def prepare(inputs: Any) -> NDArray[Any]:
    """Inputs as the network takes them, `(N, ...)`.

    Args:
        inputs: a path, or samples in memory, as `take` describes them.
    """
    return ready(samples_of(inputs))


def predict(inputs: Any) -> Any:
    """What the network predicts, with what `Model.predict` in model.py returns: labels and probabilities `(N, K)`; of a
    regression, values `(N, K)`.

    Args:
        inputs: as in `prepare`.
    """
    found = [(labels, numbers) for _, labels, numbers in predicted(samples_of(inputs))]
    numbers = np.concatenate([numbers for _, numbers in found])
    if found[0][0] is None:
        return numbers
    return [label for labels, _ in found for label in labels or ()], numbers


def samples_of(inputs: Any) -> Samples:
    """The samples at a path, or in memory."""
    if isinstance(inputs, str | Path) and not Path(inputs).exists():
        raise UsageError(f"{inputs}: there is no such file or folder")
    found = read(Path(inputs), record()) if isinstance(inputs, str | Path) else take(inputs, record())
    if not len(found.names):
        raise UsageError(f"{inputs} has no samples" if isinstance(inputs, str | Path) else "there are no samples")
    return found


@cache
def record() -> Record:
    """The content of preparation.json."""
    found: Record = json.loads((FOLDER / "preparation.json").read_text(encoding="utf-8"))
    return found


@cache
def network() -> Any:
    """The network, with its weights."""
    from model import load

    return load(FOLDER / "model.safetensors")


def header() -> Sequence[str]:
    """The names of the columns."""
    ((task, fields),) = record()["task"].items()
    if task == "regression":
        return "name", *(f"prediction {name}" for name in fields["outputs"])
    return "name", "prediction", *(f"probability {name}" for name in fields["outputs"])


def predicted(samples: Samples) -> Iterator[tuple[Sequence[str], Sequence[Any] | None, NDArray[Any]]]:
    """Names of samples, their labels (None of a regression), and their probabilities or values, batch by batch."""
    for batch in samples.batches(BATCH):
        inputs = ready(batch)
        try:
            found = network().predict(inputs)
        except ValueError as error:  # such as a number that stands for no token
            raise UsageError(f"{batch.names[0]} to {batch.names[-1]}: {error}") from error
        labels, numbers = found if isinstance(found, tuple) else (None, found)
        yield batch.names, labels, np.asarray(numbers)


def ready(samples: Samples) -> NDArray[Any]:
    """Samples as the network takes them. An error names its sample."""
    try:
        return prepared(samples, record())
    except (UsageError, StorageError) as fault:
        if len(samples.names) == 1:
            raise named_fault(samples.names[0], fault) from None
        for one in samples.batches(1):
            ready(one)
        raise


def rows(samples: Samples) -> Iterator[Sequence[str]]:
    """A row of text for each sample: of several labels, those that it has, with `; ` between them."""
    for names, labels, numbers in predicted(samples):
        texts = [[str(number) for number in row] for row in numbers.astype(np.float32)]
        if labels is not None:
            said = [label if isinstance(label, str) else "; ".join(label) for label in labels]
            texts = [[label, *text] for label, text in zip(said, texts, strict=True)]
        yield from ([name, *text] for name, text in zip(names, texts, strict=True))


def named(path: Path, samples: Samples) -> Samples:
    """Samples with names that tell them from those at other paths."""
    return Samples([within(path, name) for name in samples.names], samples.raw)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes predictions to standard output, in UTF-8; returns the exit code.

    2: an input cannot be used, or a file of the folder or the output fails. 1: the reader of the output has ended.
    """
    described = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="predict.py", description=__doc__, formatter_class=described)
    parser.add_argument("inputs", nargs="+", metavar="INPUT")
    paths = parser.parse_args(arguments).inputs
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    try:
        table.writerow(header())
        for path in paths:
            samples = samples_of(path)
            table.writerows(rows(named(Path(path), samples) if len(paths) > 1 else samples))
    except (ArchwrightError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return shown(text.getvalue())


def shown(text: str) -> int:
    """Writes a text to standard output; returns the exit code."""
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the flush at exit fails again
        if isinstance(error, BrokenPipeError):
            return 1
        print(f"error: standard output cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
