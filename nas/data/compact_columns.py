"""The columns of a table, kept small, of which selections of rows are no copies."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nas.data.compact import Codes, Column, Plain, Rows, coded, compact


@dataclass(frozen=True, eq=False)
class _View:
    """Rows of a column; None: all."""

    column: Column
    rows: Rows | None = None

    def __len__(self) -> int:
        return len(self.column) if self.rows is None else len(self.rows)


class CompactColumns(Mapping[str, NDArray[Any]]):
    """The columns of a table by name, kept in small forms. Selections of rows are no copies of the columns.

    Args:
        columns: by name, of one length.
    """

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._views: dict[str, _View] = {name: _View(column) for name, column in columns.items()}

    @classmethod
    def _of(cls, views: dict[str, _View]) -> Self:
        found = cls({})
        found._views = views
        return found

    def __getitem__(self, name: str) -> NDArray[Any]:
        view = self._views[name]
        return view.column.array(view.rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def codes(self, name: str) -> Codes | None:
        """A column of texts as codes, of which some may not occur; None: it is of another kind."""
        column, rows = self._views[name].column, self._views[name].rows
        if not isinstance(column, Codes) or rows is None:
            return column if isinstance(column, Codes) else None
        few_rows = len(rows) < len(column.values)
        return coded(column.array(rows).tolist()) if few_rows else replace(column, codes=column.codes[rows])

    def single(self) -> None:
        """Rounds numbers to float32, in these and all other selections of the same columns (`Plain.single`)."""
        for view in self._views.values():
            if isinstance(view.column, Plain):
                view.column.single()

    def only(self, names: Iterable[str]) -> Self:
        """Some of the columns, in this order."""
        return self._of({name: self._views[name] for name in names})

    def replaced(self, columns: Mapping[str, Column]) -> Self:
        """With other columns in place of those of the same names."""
        return self._of({**self._views, **{name: _View(column) for name, column in columns.items()}})

    def at(self, rows: Rows) -> Self:
        """Some rows of all columns."""
        known: dict[int, Rows] = {}  # the rows of a view are mostly those of all others, too
        views = {}
        for name, view in self._views.items():
            key = id(view.rows)
            if key not in known:
                known[key] = smallest(rows if view.rows is None else view.rows[rows])
            views[name] = _View(view.column, known[key])
        return self._of(views)

    def joined(self, other: Self) -> Self:
        """These rows, followed by those of a table with the same columns."""
        known: dict[tuple[int, int], Rows] = {}
        views = {}
        for name, view in self._views.items():
            second = other._views[name]
            if second.column is view.column:
                key = id(view.rows), id(second.rows)
                if key not in known:
                    known[key] = np.concatenate([_rows(view), _rows(second)])
                views[name] = _View(view.column, known[key])
            else:
                views[name] = _View(compact(np.concatenate([self[name], other[name]])))
        return self._of(views)


def smallest(numbers: NDArray[np.integer[Any]]) -> NDArray[np.integer[Any]]:
    """Places or numbers of rows as int32 if all are small enough, else as they are."""
    small = numbers.dtype.itemsize > 4 and int(np.abs(numbers).max(initial=0)) < 2**31
    return numbers.astype(np.int32) if small else numbers


def _rows(view: _View) -> Rows:
    return smallest(np.arange(len(view.column))) if view.rows is None else view.rows
