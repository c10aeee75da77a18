"""Predictions for samples."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Predictions:
    """Predictions for samples.

    Attributes:
        names: of the samples: paths of files, lines or rows.
        outputs: the classes, labels or targets.
        labels: of a classification, the name of the class of each sample, `(N,)` strings; of several labels, whether a
            sample has each, `(N, K)` truth values; of a regression, None.
        probabilities: of each class or label, `(N, K)` float32; of a regression, None.
        values: of a regression, that of each target in its unit, `(N, K)` float32; else None.
        notes: what a reader should know of the inputs, a sentence each: what was left out, and what is unknown.
    """

    names: tuple[str, ...]
    outputs: tuple[str, ...]
    labels: NDArray[np.str_] | NDArray[np.bool_] | None
    probabilities: NDArray[np.float32] | None
    values: NDArray[np.float32] | None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, rows: slice) -> Self:
        """Those for some of the samples."""

        def some(part: Any) -> Any:
            return None if part is None else part[rows]

        parts = {name: some(getattr(self, name)) for name in ("names", "labels", "probabilities", "values")}
        return replace(self, **parts)

    @classmethod
    def joined(cls, batches: Sequence["Predictions"], notes: tuple[str, ...] = ()) -> "Predictions":
        """Those of one or more batches, which one network predicted."""

        def whole(name: str) -> Any:
            parts = [getattr(batch, name) for batch in batches]
            return None if parts[0] is None else np.concatenate(parts)

        names = tuple(name for batch in batches for name in batch.names)
        return cls(names, batches[0].outputs, whole("labels"), whole("probabilities"), whole("values"), notes)

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns of `rows`: `name`; then `prediction` and `probability CLASS` for each class or
        label; or `prediction TARGET` for each target."""
        if self.values is not None:
            return ("name", *(f"prediction {name}" for name in self.outputs))
        return ("name", "prediction", *(f"probability {name}" for name in self.outputs))

    @property
    def rows(self) -> Sequence[tuple[str, ...]]:
        """A row of text for each sample. Numbers have as many digits as it takes to tell them from all others in
        float32; several labels are separated by `; `."""
        numbers = self.probabilities if self.values is None else self.values
        assert numbers is not None  # noqa: S101  there is one of the two
        shown = [tuple(map(str, row)) for row in numbers]
        if self.values is not None:
            return [(name, *row) for name, row in zip(self.names, shown, strict=True)]
        return [(name, label, *row) for name, label, row in zip(self.names, self.answers, shown, strict=True)]

    @property
    def answers(self) -> Sequence[str]:
        """The prediction for each sample as text."""
        if self.values is not None:
            return ["; ".join(f"{value:.6g}" for value in row) for row in self.values]
        assert self.labels is not None  # noqa: S101  there are no values
        if self.labels.ndim == 1:
            return [str(label) for label in self.labels]
        return ["; ".join(self.outputs[place] for place in np.flatnonzero(row)) for row in self.labels]

    @property
    def records(self) -> Sequence[dict[str, Any]]:
        """What `to_json` writes of each sample, as plain data."""
        numbers, kind = (self.probabilities, "probabilities") if self.values is None else (self.values, "values")
        assert numbers is not None  # noqa: S101  there is one of the two
        found: list[dict[str, Any]] = []
        for place, (name, row) in enumerate(zip(self.names, numbers, strict=True)):
            answer: dict[str, Any] = {}
            if self.labels is not None and self.labels.ndim == 1:
                answer = {"prediction": str(self.labels[place])}
            elif self.labels is not None:
                answer = {"prediction": [self.outputs[each] for each in np.flatnonzero(self.labels[place])]}
            found.append({"name": name, **answer, kind: dict(zip(self.outputs, map(_plain, row), strict=True))})
        return found

    def to_csv(self, *, header: bool = True) -> str:
        """`header`, if it is wanted, and `rows` as comma-separated values (RFC 4180)."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([*([self.header] if header else []), *self.rows])
        return text.getvalue()

    def to_json(self) -> str:
        """An object in a line for each sample (https://jsonlines.org): `name`; `prediction`, a class, or a list of
        labels, and `probabilities` of each; or `values` of each target. Numbers that are not finite are null."""
        return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in self.records)


def _plain(number: np.float32) -> float | None:
    """A number with as many digits as it takes to tell it from all others in float32."""
    return float(str(number)) if np.isfinite(number) else None
