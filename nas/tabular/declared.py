"""Tables of one's own: a CSV or NPZ file, and a few lines of YAML that say what its columns are.

    table:
      space: my_space.yaml
      file: results.csv
      architecture: {conv.conv.width: width, conv.conv.kernel: kernel}
      val_acc: [run_1, run_2]

docs/tables.md is the reference.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nas.document import Node, describe
from nas.errors import ArchwrightError, Problem, SpecError, UsageError, nearest
from nas.space import Space, Value, load_space
from nas.tabular.members import Choices, members_of
from nas.tabular.merged import means, side_by_side
from nas.tabular.reading import read_arrays, read_csv
from nas.tabular.spaces import space_file
from nas.tabular.table import OWN, Table

KEYS = (
    "name", "space", "input", "outputs", "file", "architecture", "epochs", "val_acc", "test_acc", "seconds", "extra",
    "hidden", "percent", "curves", "duplicates", "source",
)  # fmt: skip
REQUIRED = ("space", "file", "architecture", "val_acc")

Cells = Sequence[Any]
Columns = Mapping[str, Cells | NDArray[Any]]

MOST_COLUMNS = 100_000
"""Columns of a file, and so epochs."""

SHOWN = 5
"""How many of several alike an error names."""


def is_declaration(node: Node) -> bool:
    """Whether a document declares a table."""
    return isinstance(node.value, dict) and "table" in node.value


def read_declared(node: Node, path: Path) -> Table:
    """The table that a document declares; files are relative to the folder of `path`.

    Raises:
        SpecError: the declaration or its data have problems; those that can be told are all listed.
        UsageError, StorageError, IntegrityError: a file is missing, unreadable or damaged.
    """
    return _Declaration(node, path).table()


class _Declaration:
    def __init__(self, node: Node, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.rows = 0
        self.taken: dict[str, str] = {}  # columns of accuracies and seconds
        document = node.value
        if not isinstance(document, dict):
            raise SpecError([Problem(node.mark, "", "a table is a mapping", "`table:`", describe(node))])
        self.unknown(node, ("table",), "")
        self.node = document["table"]
        if not isinstance(self.node.value, dict):
            problem = Problem(self.node.mark, "table", "a table is a mapping", ", ".join(REQUIRED), describe(self.node))
            raise SpecError([problem])
        self.value: Mapping[str, Node] = self.node.value
        self.unknown(self.node, KEYS, "table")
        for key in REQUIRED:
            if key not in self.value:
                self.problem(self.node, "table", f"{key!r} is missing")
        self.stop()

    def problem(self, node: Node, path: str, message: str, *more: str) -> None:
        self.problems.append(Problem(node.mark, path, message, *more))

    def stop(self) -> None:
        """Raises what was found so far."""
        if self.problems:
            raise SpecError(self.problems)

    def unknown(self, node: Node, known: Sequence[str], path: str) -> None:
        for key in node.value if isinstance(node.value, dict) else ():
            if key not in known:
                mark = node.keys.get(key, node.mark)
                self.problems.append(
                    Problem(mark, path, f"no such key: {key!r}", ", ".join(known), "", nearest(key, known))
                )

    def typed(self, key: str, kind: type | tuple[type, ...], expected: str, default: Any) -> Any:
        if key not in self.value:
            return default
        node = self.value[key]
        plain = node.plain()
        if not isinstance(plain, kind) or (isinstance(plain, bool) and kind is not bool):
            self.problem(node, f"table.{key}", "a value does not fit", expected, describe(node))
            return default
        return plain

    def table(self) -> Table:
        name = self.typed("name", str, "a name", self.path.stem)
        source = self.typed("source", str, "a text", "")
        percent = self.typed("percent", bool, "true or false", False)
        curves = self.typed("curves", bool, "true or false", True)
        merge = self.duplicates()
        epochs = self.epochs()
        space = self.space()
        columns = self.columns()
        self.stop()
        assert space is not None  # noqa: S101  else there was a problem
        decisions = self.decisions(space, columns)
        self.stop()
        rows, scale = self.rows, 100.0 if percent else 1.0
        val_acc = self.runs("val_acc", columns, epochs, rows, scale)
        test_acc = self.runs("test_acc", columns, epochs, rows, scale, last=True)
        seconds = self.runs("seconds", columns, epochs, rows, 1.0)
        extra, hidden = self.extras("extra", columns, rows), self.extras("hidden", columns, rows)
        self.stop()
        assert val_acc is not None  # noqa: S101  it is required
        if percent:
            self.check_percent(val_acc)
        if seconds is not None and seconds.shape != val_acc.shape:
            if seconds.shape[1] > 1:
                shown = f"{val_acc.shape[1]}, as many as of val_acc, or 1"
                self.problem(self.value["seconds"], "table.seconds", "columns", shown, str(seconds.shape[1]))
            else:
                seconds = np.broadcast_to(seconds, val_acc.shape).copy()
        alike = self.alike(space, decisions, merge=merge)
        self.stop()
        try:
            if merge:
                rows_of, recorded = alike.values(), ~np.isnan(val_acc[:, :, -1])
                seconds = None if seconds is None else side_by_side(seconds, rows_of, recorded)
                val_acc = side_by_side(val_acc, rows_of, recorded)
                if test_acc is not None:
                    test_acc = side_by_side(test_acc, rows_of, ~np.isnan(test_acc[:, :, -1]))
                extra = {name: means(values, rows_of) for name, values in extra.items()}
                hidden = {name: means(values, rows_of) for name, values in hidden.items()}
            members = members_of(list(alike))
            return Table(
                name=name,
                space=space if self.is_complete(space, len(members)) else space.without_limits().keep(members),
                members=members,
                epochs=epochs,
                val_acc=val_acc,
                test_acc=test_acc,
                seconds=seconds,
                extra=extra,
                hidden=hidden,
                curves=curves,
                source=source or str(self.file),
            )
        except UsageError as error:
            raise SpecError([Problem(self.value["file"].mark, "table", str(error))]) from error

    def epochs(self) -> tuple[int, ...]:
        """`epochs: 50`, `epochs: [4, 12]`, or `epochs: {to: 20}` for 1 to 20."""
        plain = self.typed("epochs", (int, list, dict), "a number, a list of numbers, or {to: number}", 1)
        if isinstance(plain, dict) and set(plain) == {"to"} and isinstance(plain["to"], int):
            plain = list(range(1, min(plain["to"], MOST_COLUMNS) + 1))
        found = plain if isinstance(plain, list) else [plain]
        if not found or not all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in found):
            self.problem(
                self.value["epochs"],
                "table.epochs",
                "these are no epochs",
                "a number, a list of numbers, or {to: number}",
            )
            return (1,)
        if any(a >= b for a, b in pairwise(found)):
            self.problem(self.value["epochs"], "table.epochs", "epochs must ascend")
        return tuple(found)

    def duplicates(self) -> bool:
        """Whether rows that decide the same are runs of one architecture."""
        given = self.typed("duplicates", str, "runs", "")
        if given not in ("", "runs"):
            node = self.value["duplicates"]
            self.problem(node, "table.duplicates", "what rows that decide the same are", "runs", repr(given), "runs")
        return bool(given == "runs")

    def space(self) -> Space | None:
        """A file relative to this one, or the name of a space of Archwright."""
        given = self.typed("space", str, "a file or a name", "")
        input = self.typed("input", list, "a list of sizes", None)
        outputs = self.typed("outputs", int, "a number of outputs", None)
        if not given:
            return None
        try:
            beside = self.path.parent / given
            file = beside if beside.is_file() or given.endswith((".yaml", ".yml")) else space_file(given)
            space = load_space(file, input=None if input is None else tuple(input), outputs=outputs)
            space.check()
        except SpecError as error:
            self.problems += error.problems
        except ArchwrightError as error:
            self.problem(self.value["space"], "table.space", str(error))
        else:
            return space
        return None

    @property
    def file(self) -> Path:
        return self.path.parent / str(self.value["file"].value)

    def columns(self) -> Columns:
        """The columns of the file; `name[k]` is column k of an array of two axes."""
        if not self.typed("file", str, "a file", ""):
            return {"": []}
        try:
            if not self.file.is_file():
                raise UsageError(f"{self.file}: there is no such file")
            if self.file.suffix == ".npz":
                found: dict[str, Cells | NDArray[Any]] = {}
                for name, array in read_arrays(self.file).items():
                    if array.ndim == 1:
                        found[name] = array
                    elif array.ndim == 2 and len(found) + array.shape[1] > MOST_COLUMNS:
                        raise UsageError(f"{self.file}: more than {MOST_COLUMNS:,} columns")
                    elif array.ndim == 2:
                        found.update({f"{name}[{k}]": array[:, k] for k in range(array.shape[1])})
            else:
                header, rows = read_csv(self.file)
                found = {name: [row[place] for row in rows] for place, name in enumerate(header)}
        except ArchwrightError as error:
            self.problem(self.value["file"], "table.file", str(error))
            return {"": []}
        return found

    def column(self, node: Node, name: Any, columns: Columns, path: str) -> Cells | None:
        if isinstance(name, str) and name in columns:
            cells = columns[name]
            if isinstance(cells, np.ndarray):
                cells = cells.tolist()
            self.rows = self.rows or len(cells)
            if len(cells) == self.rows:
                return cells
            message = f"{self.file.name}: {name} has {len(cells)} values"
            self.problem(node, path, message, f"{self.rows}, as many as the columns before it")
            return None
        shown = [*list(columns)[:12], *(["…"] if len(columns) > 12 else [])]
        close = nearest(str(name), columns)
        self.problem(node, path, f"{self.file.name} has no column {name!r}", ", ".join(shown), "", close)
        return None

    def decisions(self, space: Space, columns: Columns) -> Mapping[str, Sequence[Value]]:
        """For each decision the value in each row; a cell that is empty is a decision that is not reached."""
        node = self.value["architecture"]
        if not isinstance(node.value, dict) or not node.value:
            expected = "a mapping from decisions to columns"
            self.problem(node, "table.architecture", "there is no architecture", expected, describe(node))
            return {}
        found: dict[str, Sequence[Value]] = {}
        for name, child in node.value.items():
            path = f"table.architecture.{name}"
            if name not in space.universe:
                mark = node.keys.get(name, child.mark)
                known = ", ".join(space.universe)
                message = f"the space {space.name} has no decision {name!r}"
                self.problems.append(Problem(mark, path, message, known, "", nearest(name, space.universe)))
                continue
            column, values = child, None
            if isinstance(child.value, dict):
                self.unknown(child, ("column", "values"), path)
                column = child.value.get("column", Node(None, child.mark))
                values = child.value.get("values")
            cells = self.column(column, column.value, columns, path)
            if cells is not None:
                found[name] = self.options(space.universe[name], cells, values, column, path)
        return found

    def options(
        self, options: Sequence[Value], cells: Cells, values: Node | None, node: Node, path: str
    ) -> Sequence[Value]:
        """What the cells stand for: options as they are written in YAML, or places in the list `values`.

        A number may be written in another way, as 4.0 for 4.
        """
        by_text: dict[str, Value] = {_text(option): option for option in options}
        if values is not None:
            listed = values.plain()
            if not isinstance(listed, list) or not all(_text(value) in by_text for value in listed):
                self.problem(values, path, "values are a list of options", ", ".join(by_text), describe(values))
                return []
            by_text = {str(place): by_text[_text(value)] for place, value in enumerate(listed)}
        by_number = {number: option for text, option in by_text.items() if (number := _number(text)) is not None}
        found: list[Value] = []
        for row, cell in enumerate(cells):
            text = _text(cell)
            if text == "" or (isinstance(cell, float) and np.isnan(cell)):
                found.append(_NOTHING)
            elif text in by_text:
                found.append(by_text[text])
            elif (number := _number(text)) in by_number:
                found.append(by_number[number])
            else:
                self.problem(node, path, f"{self.place(row)}: no such option: {text!r}", ", ".join(by_text), "", "")
                break
        return found

    def place(self, row: int) -> str:
        """Where a row is, in words."""
        return f"{self.file.name} row {row}" if self.file.suffix == ".npz" else f"{self.file.name} line {row + 2}"

    def runs(
        self,
        key: str,
        columns: Columns,
        epochs: tuple[int, ...],
        rows: int,
        scale: float,
        *,
        last: bool = False,
    ) -> NDArray[np.float32] | None:
        """(rows, runs, epochs) of a metric: a column a run, `{epoch}` and `{place}` standing for each epoch.

        With `last`, a column without these is of the last epoch; nothing is known of the others.
        """
        if key not in self.value:
            return None
        node = self.value[key]
        given = node.value if isinstance(node.value, list) else [node]
        read: dict[tuple[int, int], NDArray[np.float64]] = {}
        before = len(self.problems)
        for run, child in enumerate(given):
            path = f"table.{key}"
            pattern = child.value
            if not isinstance(pattern, str):
                self.problem(child, path, "a column is a name", "a name, or a list of names", describe(child))
                continue
            curve = "{epoch}" in pattern or "{place}" in pattern
            if len(epochs) > 1 and not curve and not last:
                self.problem(
                    child, path, "there are several epochs, and one column", "{epoch} or {place} in the name", pattern
                )
                continue
            for place, epoch in enumerate(epochs) if curve else [(len(epochs) - 1, epochs[-1])]:
                name = pattern.replace("{epoch}", str(epoch)).replace("{place}", str(place))
                if name in self.taken:
                    self.problem(child, path, f"the column {name!r} is {self.taken[name]} already")
                    break
                cells = self.column(child, name, columns, path)
                if cells is None:
                    break
                self.taken[name] = f"run {run + 1} of {key}"
                read[run, place] = self.numbers(cells, child, path, name)
        if len(self.problems) > before:
            return None  # an array would have any size that `epochs` says
        found = np.full((rows, len(given), len(epochs)), np.nan, dtype=np.float32)
        for (run, place), values in read.items():
            found[:, run, place] = values / scale
        return found

    def extras(self, key: str, columns: Columns, rows: int) -> dict[str, NDArray[np.float32]]:
        if key not in self.value:
            return {}
        node = self.value[key]
        if not isinstance(node.value, dict):
            self.problem(node, f"table.{key}", "expected a mapping from metrics to columns", "", describe(node))
            return {}
        found = {}
        for name, child in node.value.items():
            path = f"table.{key}.{name}"
            if key == "extra" and (name in OWN or name.startswith("test_") or name.endswith("_curve")):
                self.problem(child, path, f"{name!r} cannot be an extra metric", "another name, or `hidden`")
                continue
            cells = self.column(child, child.value, columns, path)
            if cells is not None:
                found[name] = self.numbers(cells, child, path, str(child.value)).astype(np.float32)
        return found

    def numbers(self, cells: Cells, node: Node, path: str, name: str) -> NDArray[np.float64]:
        """Cells as numbers; NaN where one is empty."""
        found = np.full(len(cells), np.nan)
        for row, cell in enumerate(cells):
            if cell == "":
                continue
            try:
                found[row] = float(cell)
            except (TypeError, ValueError):
                self.problem(node, path, f"{self.place(row)}: {name} is no number", "a number", repr(cell))
                break
            if np.isinf(found[row]):
                self.problem(node, path, f"{self.place(row)}: {name} is infinite", "a number", repr(cell))
                break
        return found

    def is_complete(self, space: Space, rows: int) -> bool:
        """Whether the table has as many rows as the space has members, which are different ones."""
        return space.counted == rows

    def check_percent(self, val_acc: NDArray[np.float32]) -> None:
        """No table of percentages ends below 1."""
        known = 100 * val_acc[~np.isnan(val_acc)]
        if len(known) and known.max() <= 1:
            got = f"{known.min():g} to {known.max():g}"
            self.problem(self.value["percent"], "table.percent", "these are fractions", "percentages, or false", got)

    def alike(
        self, space: Space, decisions: Mapping[str, Sequence[Value]], *, merge: bool
    ) -> Mapping[Choices, Sequence[int]]:
        """The rows of each architecture, its decisions in the order of the walk. Each is built to see that it can be.

        Unless rows that decide the same are runs (`merge`), each architecture has one.
        """
        found: dict[Choices, list[int]] = {}
        for row, values in enumerate(zip(*decisions.values(), strict=True)):
            taken = {name: value for name, value in zip(decisions, values, strict=True) if value is not _NOTHING}
            try:
                choices = space.rebuild(taken).choices
            except UsageError as error:
                message = f"{self.place(row)} is no member of {space.name}: {error}"
                raise SpecError([Problem(self.value["architecture"].mark, "table.architecture", message)]) from error
            found.setdefault(choices, []).append(row)
        several = [] if merge else [rows for rows in found.values() if len(rows) > 1]
        for rows in several[:SHOWN]:
            shown = " and ".join([", ".join(map(self.place, rows[: min(SHOWN, len(rows)) - 1])), self.place(rows[-1])])
            shown += f" ({len(rows):,} in all)" if len(rows) > SHOWN else ""
            hint = "rows that differ, or `duplicates: runs` if these are trainings of one architecture"
            self.problem(self.value["file"], "table.file", f"{shown} are the same architecture", hint)
        if len(several) > SHOWN:
            more = f"{len(several) - SHOWN:,} more architectures have several rows"
            self.problem(self.value["file"], "table.file", more)
        return found


class _Nothing(str):
    """What an empty cell decides."""

    __slots__ = ()


_NOTHING = _Nothing()


def _number(text: str) -> float | None:
    """The number that a text is, in any way of writing it."""
    try:
        return None if "_" in text or np.isnan(number := float(text)) else number
    except ValueError:
        return None


def _text(value: Any) -> str:
    """A value as it is written in YAML."""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    return "null" if value is None else str(value)
