"""Tables of your own: a CSV or NPZ file, and a declaration of its columns in YAML.

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
from nas.errors import ArchwrightError, Diagnostic, SpecError, UsageError, nearest
from nas.space import Space, Value, load_space
from nas.space.shipped import space_file
from nas.tabular.data_file import BLANK, MOST_COLUMNS, DataFile, written
from nas.tabular.members import Choices, members_of
from nas.tabular.merged import means, side_by_side
from nas.tabular.table import OWN, Table

KEYS = (
    "name", "space", "input", "outputs", "file", "architecture", "epochs", "val_acc", "test_acc", "seconds", "extra",
    "hidden", "percent", "curves", "duplicates", "source",
)  # fmt: skip
REQUIRED = ("space", "file", "architecture", "val_acc")

SHOWN = 5
"""Maximal number of similar items that an error lists."""


def is_declaration(node: Node) -> bool:
    """Whether a document declares a table."""
    return isinstance(node.value, dict) and "table" in node.value


def read_declared(node: Node, path: Path) -> Table:
    """The table that a document declares.

    Args:
        node: the document.
        path: its file; paths in it are relative to its folder.

    Raises:
        SpecError: the declaration or its data have problems, all of which are listed as far as they can be determined.
        UsageError, StorageError, IntegrityError: a file is missing, unreadable or damaged.
    """
    return _Declaration(node, path).table()


class _Declaration:
    def __init__(self, node: Node, path: Path) -> None:
        self.path = path
        self.problems: list[Diagnostic] = []
        self.taken: dict[str, str] = {}  # columns that are in use, and for what
        document = node.value
        if not isinstance(document, dict):
            raise SpecError([Diagnostic(node.mark, "", "a table is a mapping", "`table:`", describe(node))])
        self.unknown(node, ("table",), "")
        self.node = document["table"]
        if not isinstance(self.node.value, dict):
            problem = Diagnostic(
                self.node.mark, "table", "a table is a mapping", ", ".join(REQUIRED), describe(self.node)
            )
            raise SpecError([problem])
        self.value: Mapping[str, Node] = self.node.value
        self.unknown(self.node, KEYS, "table")
        for key in REQUIRED:
            if key not in self.value:
                self.problem(self.node, "table", f"{key!r} is missing")
        self.stop()

    def problem(self, node: Node, path: str, message: str, *more: str) -> None:
        self.problems.append(Diagnostic(node.mark, path, message, *more))

    def stop(self) -> None:
        """Raises SpecError if there are problems so far."""
        if self.problems:
            raise SpecError(self.problems)

    def unknown(self, node: Node, known: Sequence[str], path: str) -> None:
        for key in node.value if isinstance(node.value, dict) else ():
            if key not in known:
                mark = node.keys.get(key, node.mark)
                self.problems.append(
                    Diagnostic(mark, path, f"no such key: {key!r}", ", ".join(known), "", nearest(key, known))
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
        file = self.typed("file", str, "a file", None)
        data = None if file is None else DataFile(self.path.parent / file, self.value["file"], self.problems)
        self.stop()
        assert space is not None  # noqa: S101  else there was a problem
        assert data is not None  # noqa: S101  likewise
        decisions = self.decisions(space, data)
        self.stop()
        scale = 100.0 if percent else 1.0
        val_acc = self.runs("val_acc", data, epochs, scale)
        test_acc = self.runs("test_acc", data, epochs, scale, last=True)
        seconds = self.runs("seconds", data, epochs, 1.0)
        extra, hidden = self.extras("extra", data), self.extras("hidden", data)
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
        alike = self.alike(space, data, decisions, merge=merge)
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
                source=source or str(data.file),
            )
        except UsageError as error:
            raise SpecError([Diagnostic(self.value["file"].mark, "table", str(error))]) from error

    def epochs(self) -> tuple[int, ...]:
        """The recorded budgets: `epochs: 50`, `epochs: [4, 12]`, or `epochs: {to: 20}` for 1 to 20."""
        plain = self.typed("epochs", (int, list, dict), "a number, a list of numbers, or {to: number}", 1)
        if isinstance(plain, dict) and set(plain) == {"to"} and isinstance(plain["to"], int):
            plain = list(range(1, min(plain["to"], MOST_COLUMNS) + 1))
        found = plain if isinstance(plain, list) else [plain]
        if not found or not all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in found):
            self.problem(
                self.value["epochs"],
                "table.epochs",
                "these are not epochs",
                "a number, a list of numbers, or {to: number}",
            )
            return (1,)
        if any(a >= b for a, b in pairwise(found)):
            self.problem(self.value["epochs"], "table.epochs", "epochs must ascend")
        return tuple(found)

    def duplicates(self) -> bool:
        """Whether rows with the same decisions are runs of one architecture."""
        given = self.typed("duplicates", str, "runs", "")
        if given not in ("", "runs"):
            node = self.value["duplicates"]
            self.problem(
                node, "table.duplicates", "the meaning of rows with the same decisions", "runs", repr(given), "runs"
            )
        return bool(given == "runs")

    def space(self) -> Space | None:
        """The space: a file relative to the declaration, or the name of a space of Archwright."""
        given = self.typed("space", str, "a file or a name", None)
        input = self.typed("input", list, "a list of sizes", None)
        outputs = self.typed("outputs", int, "a number of outputs", None)
        if given is None:
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

    def decisions(self, space: Space, data: DataFile) -> Mapping[str, Sequence[Value]]:
        """The value of each decision in each row, BLANK where a row does not reach the decision."""
        node = self.value["architecture"]
        if not isinstance(node.value, dict) or not node.value:
            expected = "a mapping from decisions to columns"
            self.problem(node, "table.architecture", "the architecture is missing", expected, describe(node))
            return {}
        found: dict[str, Sequence[Value]] = {}
        for name, child in node.value.items():
            path = f"table.architecture.{name}"
            if name not in space.universe:
                mark = node.keys.get(name, child.mark)
                known = ", ".join(space.universe)
                message = f"the space {space.name} has no decision {name!r}"
                self.problems.append(Diagnostic(mark, path, message, known, "", nearest(name, space.universe)))
                continue
            column, values = child, None
            if isinstance(child.value, dict):
                self.unknown(child, ("column", "values"), path)
                column = child.value.get("column", Node(None, child.mark))
                values = child.value.get("values")
            by_text: Mapping[str, Value] = {written(option): option for option in space.universe[name]}
            if values is not None:
                listed = values.plain()
                if not isinstance(listed, list) or not all(written(value) in by_text for value in listed):
                    expected = ", ".join(by_text)
                    self.problem(values, path, "values are a list of options", expected, describe(values))
                    continue
                by_text = {str(code): by_text[written(value)] for code, value in enumerate(listed)}
            options = data.options(column, path, by_text)
            if options is not None:
                found[name] = options
        return found

    def runs(
        self,
        key: str,
        data: DataFile,
        epochs: tuple[int, ...],
        scale: float,
        *,
        last: bool = False,
    ) -> NDArray[np.float32] | None:
        """(rows, runs, epochs) of a metric: one column per run, or one per epoch if its name has {epoch} or {place}.

        With `last`, a column whose name has neither belongs to the last epoch, and the others are NaN.
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
                self.problem(child, path, "one column for several epochs", "{epoch} or {place} in the name", pattern)
                continue
            for place, epoch in enumerate(epochs) if curve else [(len(epochs) - 1, epochs[-1])]:
                name = pattern.replace("{epoch}", str(epoch)).replace("{place}", str(place))
                if name in self.taken:
                    self.problem(child, path, f"the column {name!r} is already {self.taken[name]}")
                    break
                numbers = data.numbers(child, name, path)
                if numbers is None:
                    break
                self.taken[name] = f"run {run + 1} of {key}"
                read[run, place] = numbers
        if len(self.problems) > before:
            return None  # before an array is allocated, whose size the file alone determines
        found = np.full((data.rows, len(given), len(epochs)), np.nan, dtype=np.float32)
        for (run, place), values in read.items():
            found[:, run, place] = values / scale
        return found

    def extras(self, key: str, data: DataFile) -> dict[str, NDArray[np.float32]]:
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
            numbers = data.numbers(child, child.value, path)
            if numbers is not None:
                found[name] = numbers.astype(np.float32)
        return found

    def is_complete(self, space: Space, rows: int) -> bool:
        """Whether the table covers the space: its rows are different members, as many as the space has."""
        return space.counted == rows

    def check_percent(self, val_acc: NDArray[np.float32]) -> None:
        """Notes accuracies that are given as percentages, but are all at most 1."""
        known = 100 * val_acc[~np.isnan(val_acc)]
        if len(known) and known.max() <= 1:
            got = f"{known.min():g} to {known.max():g}"
            self.problem(
                self.value["percent"], "table.percent", "the accuracies are fractions", "percentages, or false", got
            )

    def alike(
        self, space: Space, data: DataFile, decisions: Mapping[str, Sequence[Value]], *, merge: bool
    ) -> Mapping[Choices, Sequence[int]]:
        """The rows of each architecture, by its decisions in the order of the walk.

        Each architecture is built, to check that it is a member of the space. Without `merge`, several rows of one
        architecture are a problem.
        """
        found: dict[Choices, list[int]] = {}
        for row, values in enumerate(zip(*decisions.values(), strict=True)):
            taken = {name: value for name, value in zip(decisions, values, strict=True) if value is not BLANK}
            try:
                choices = space.rebuild(taken).choices
            except UsageError as error:
                message = f"{data.place(row)} is not a member of {space.name}: {error}"
                raise SpecError([Diagnostic(self.value["architecture"].mark, "table.architecture", message)]) from error
            found.setdefault(choices, []).append(row)
        several = [] if merge else [rows for rows in found.values() if len(rows) > 1]
        for rows in several[:SHOWN]:
            shown = " and ".join([", ".join(map(data.place, rows[: min(SHOWN, len(rows)) - 1])), data.place(rows[-1])])
            shown += f" ({len(rows):,} in all)" if len(rows) > SHOWN else ""
            hint = "different rows, or `duplicates: runs` if these are runs of one architecture"
            self.problem(self.value["file"], "table.file", f"{shown} are the same architecture", hint)
        if len(several) > SHOWN:
            more = f"{len(several) - SHOWN:,} more architectures have several rows"
            self.problem(self.value["file"], "table.file", more)
        return found
