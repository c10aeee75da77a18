"""INPUT is a text file with one text in each line, a folder of files .txt, or a table (.csv or .tsv) with the column of
texts of the training."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.data.inputs.files import files_of
from nas.data.inputs.texts import SUFFIXES
from nas.data.preparation.texts import put_tokens, strings
from nas.data.preparation.tokens import byte_numbers, numbered, pair_model, pair_numbers, spelled, word_numbers
from nas.data.reading import TABLE_FILES
from nas.data.reading.opened import opened_text
from nas.errors import UsageError
from nas.plain.scripts.rows import dialect_of, rows_of
from nas.plain.scripts.samples import Record, Samples


def read(path: Path, record: Record) -> Samples:
    """The texts of a file or a folder, without the spaces around them. Empty lines are left out."""
    if path.is_dir():
        files, names = files_of(path, SUFFIXES, "texts")
        return Samples(names, [_whole(file, record) for file in files])
    if path.name.lower().endswith(TABLE_FILES):
        return _table(path, record)
    with opened_text(path, dialect_of(record).encoding) as file:
        lines = {f"line {number}": line.strip() for number, line in enumerate(file, start=1) if line.strip()}
    return Samples([*lines], [*lines.values()])


def take(given: Iterable[Any], _record: Record) -> Samples:
    """Texts, one string for each."""
    texts = strings(list(given))
    return Samples([f"text {place}" for place in range(len(texts))], texts)


def prepared(samples: Samples, record: Record) -> NDArray[Any]:
    """The texts as token numbers (N, length)."""
    fields = record["preparation"]["texts"]
    found: NDArray[Any] = np.empty((len(samples.raw), fields["length"]), np.float32)
    for row, numbers in zip(found, _numbers(samples.raw, fields["tokens"]), strict=True):
        put_tokens(row, numbers, fields["pad"])
    return found


def requires(fields: Mapping[str, Any]) -> Sequence[str]:
    """The packages that are needed for such a preparation."""
    return ("numpy", "tokenizers") if fields["tokens"]["kind"] == "bpe" else ("numpy",)


def _numbers(texts: Sequence[str], tokens: Mapping[str, Any]) -> Iterator[list[int]]:
    """The token numbers of each text."""
    cut = spelled(texts, tokens["lower"], tokens["digits"])
    match tokens["kind"]:
        case "bytes":
            return map(byte_numbers, cut)
        case "words":
            known = numbered(tokens["known"])
            return (word_numbers(text, known) for text in cut)
        case _:
            return pair_numbers(cut, pair_model(tokens["model"]))


def _whole(path: Path, record: Record) -> str:
    with opened_text(path, dialect_of(record).encoding) as file:
        text = file.read().strip()
    if not text:
        raise UsageError(f"{path}: the text is empty")
    return text


def _table(path: Path, record: Record) -> Samples:
    """The texts in a column: that of the training, or the only one."""
    table, rows = rows_of(path, record)
    name = record["files"]["text"] or table.names[0]
    if name not in table.names or (record["files"]["text"] is None and len(table.names) > 1):
        wanted = "a single column" if record["files"]["text"] is None else f"the column {name!r}"
        raise UsageError(f"{path}: expected {wanted} with the texts, got {', '.join(map(repr, table.names))}")
    texts = {line: row[table.names.index(name)].strip() for line, row in rows}
    for line, text in texts.items():
        if not text:
            raise UsageError(f"{path}, line {line:,}: the text in {name!r} is empty")
    return Samples([f"line {line}" for line in texts], [*texts.values()])
