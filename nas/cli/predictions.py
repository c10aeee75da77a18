"""The command `nas predict`."""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from nas.cli.app import DeviceName, PassphraseFile, app, device_of
from nas.output import announced, tell

if TYPE_CHECKING:
    from nas.prediction import Predictions, PredictionStream

SHOWN, WIDTH, ANSWER = 20, 80, 30
"""The rows of the table in the terminal, its width, and the characters of a prediction."""

WRITTEN: "Mapping[str, Callable[[Predictions, bool], str]]" = {
    "csv": lambda found, first: found.to_csv(header=first),
    "json": lambda found, _: found.to_json(),
}
"""How each format writes a batch, given whether it is the first one."""

FORMATS = ("table", *WRITTEN)
SUFFIXES = {".csv": "csv", ".json": "json", ".jsonl": "json"}


@app.command()
def predict(
    folder: Annotated[
        Path,
        typer.Argument(
            help="Folder of a run, or of a network that `nas export` wrote, or an encrypted export.", metavar="RUN"
        ),
    ],
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Files or folders of samples like those of the training; - is standard input.", metavar="INPUT"
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Write all predictions to this file.", metavar="FILE")] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", help="table, csv or json; else by the suffix of --out: .csv, .json or .jsonl."),
    ] = None,
    batch: Annotated[
        int | None, typer.Option(help="Samples predicted at a time; with 1, each line of a pipe is answered at once.")
    ] = None,
    device: DeviceName = "auto",
    on_error: Annotated[str, typer.Option("--on-error", help="stop, or skip samples that cannot be read.")] = "stop",
    passphrase_file: PassphraseFile = None,
) -> None:
    """Predict samples with the selected network of a run.

    Samples are prepared as those of the training were: images and sounds in files or folders; texts in a table, a
    folder of .txt files, or the lines of one; rows of a table with the same columns; arrays in .npy or .npz files.
    Standard input has lines of texts, a table in CSV with a header, or the paths of images or sounds.

    Predictions are written while samples are read, and memory does not grow with their number.
    """
    from typing import cast, get_args

    from nas.cli.passphrases import passphrase_of
    from nas.data.skipping import OnError
    from nas.errors import UsageError
    from nas.files import written
    from nas.prediction import predict_batches

    if on_error not in get_args(OnError):
        raise UsageError(f"--on-error is {on_error!r}, expected {' or '.join(get_args(OnError))}")
    if batch is not None and batch < 1:
        raise UsageError(f"--batch is {batch}, expected 1 or more")
    name = _format(form, out)
    sources = [_stdin() if given == "-" else Path(given) for given in inputs]
    if inputs.count("-") > 1:
        raise UsageError("standard input can be read once, got - twice")
    if out is not None and out.exists() and any(one.exists() and one.samefile(out) for one in _paths(sources)):
        raise UsageError(f"--out is {str(out)!r}, which is an input and would be replaced; name another file")
    stream = predict_batches(
        folder,
        sources if len(sources) > 1 else sources[0],
        device=device_of(device),
        on_error=cast(OnError, on_error),
        batch=batch,
        passphrase=passphrase_of(folder, passphrase_file),
    )
    if out is not None:
        with written(out) as file, announced("predicting"):
            count = _write(stream, WRITTEN[name], file)
        print(f"{out}: {count:,} prediction{'s' * (count != 1)}")
    elif name != "table":
        sys.stdout.flush()
        _write(stream, WRITTEN[name], sys.stdout.buffer)
    else:
        with announced("predicting"):
            _show(stream)
    for note in stream.notes:
        tell(note)


def _format(form: str | None, out: Path | None) -> str:
    """The format that is written. Raises UsageError."""
    from nas.errors import UsageError

    if form is not None and form not in FORMATS:
        raise UsageError(f"--format is {form!r}, expected {', '.join(FORMATS)}")
    if out is None:
        return form or "table"
    if form == "table":
        raise UsageError("--format table is for the terminal; --out writes csv or json")
    found = form or SUFFIXES.get(out.suffix.lower())
    if found is None:
        raise UsageError(f"--out is {str(out)!r}, expected a file {', '.join(SUFFIXES)}, or --format csv or json")
    return found


def _paths(sources: "Iterable[Path | BinaryIO]") -> Iterable[Path]:
    return (one for one in sources if isinstance(one, Path))


def _stdin() -> BinaryIO:
    """Standard input. Raises UsageError if it is closed."""
    from nas.errors import UsageError

    if sys.stdin is None:
        raise UsageError("standard input is closed")
    return sys.stdin.buffer


def _write(stream: "PredictionStream", text: "Callable[[Predictions, bool], str]", file: BinaryIO) -> int:
    """Writes all predictions in UTF-8, each batch as soon as it is there; returns how many there are."""
    count = 0
    for found in stream:
        file.write(text(found, not count).encode())
        file.flush()
        count += len(found)
    return count


def _show(stream: "PredictionStream") -> None:
    """Prints the first predictions as soon as they are there, and how many more there are."""
    from nas.prediction import Predictions

    first: list[Predictions] = []
    count = 0
    for found in stream:
        if count < SHOWN:
            first.append(found[:SHOWN])
            if count + len(found) >= SHOWN:
                _print(show_predictions(Predictions.joined(first)))
        count += len(found)
    if count < SHOWN:
        _print(show_predictions(Predictions.joined(first)))
    elif count > SHOWN:
        print(f"and {count - SHOWN:,} more; --out FILE.csv writes all, with all probabilities")


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
    sys.stdout.flush()


def show_predictions(found: "Predictions") -> list[str]:
    """The first predictions as lines of a table, with the probability of a class that is predicted."""
    answers = [_cut(answer, ANSWER) for answer in found[:SHOWN].answers]
    chances = []
    if found.probabilities is not None and found.labels is not None and found.labels.ndim == 1:
        chances = [f"{100 * float(row.max()):.1f} %" for row in found.probabilities[:SHOWN]]
    columns = {"prediction": answers, **({"probability": chances} if chances else {})}
    widths = {title: max(len(title), *map(len, cells)) for title, cells in columns.items()}
    room = WIDTH - sum(widths.values()) - 2 * len(widths)
    names = ["name", *(_cut(name, room) for name in found.names[:SHOWN])]
    size = max(map(len, names))
    lines = []
    for place, name in enumerate(names):
        cells = {title: [title, *column][place] for title, column in columns.items()}
        shown = [f"{cell:{'>' if title == 'probability' else '<'}{widths[title]}}" for title, cell in cells.items()]
        lines.append("  ".join([f"{name:<{size}}", *shown]).rstrip())
    return lines


def _cut(text: str, width: int) -> str:
    """A text with its middle left out if it is longer, and without characters that control a terminal."""
    text = "".join(letter if letter.isprintable() else "�" for letter in text)
    if len(text) <= width:
        return text
    end = (width - 1) // 2
    return f"{text[: width - 1 - end]}…{text[len(text) - end :]}"
