"""Results that searches share: a folder with a file for each evaluation, which is made once.

An evaluation is known by all that its result depends on: the layers and the decisions of the network, `epochs`, `seed`,
and what the evaluator states with `depends_on`. A result from the folder is thus the one that the evaluation would have
given, with the `seconds` that it took when it was made. Several processes may use a folder at once. Files are never
removed; a folder may be deleted at any time.

Failures are not stored: they may be the machine's, and are evaluated again. Neither are results with `batch_parts`, as
these depend on the memory that was free.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from nas.errors import Damaged, MetricsError, StorageError, UsageError
from nas.evaluate.evaluator import Evaluator
from nas.files import make_folder, read_bytes, sha256, write_bytes
from nas.reported import read_metrics
from nas.sealed import parse_record, sealed
from nas.space import Architecture
from nas.trial import Metrics

OnNotice = Callable[[str], None]
"""Called with what the user should know, in a sentence."""


@runtime_checkable
class Stating(Protocol):
    """An evaluator whose results can be shared by searches."""

    def depends_on(self) -> Mapping[str, Any]:
        """As plain JSON data, all that a result depends on besides architecture, `epochs` and `seed`: settings, data,
        versions, the machine. It is asked in the process that evaluates, before each evaluation."""


class Cached:
    """An evaluator that takes results from a folder, and stores those of new evaluations there.

    Args:
        evaluator: evaluates what is not in the folder; it has `depends_on` (`Stating`).
        folder: the folder. It is made with the first result.
        sources: hashes of the user's own code that results depend on.
        on_notice: told of a file that is corrupt or cannot be written; the search goes on without it.

    Raises:
        UsageError: the evaluator does not state what its results depend on.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        folder: str | Path,
        *,
        sources: Sequence[str] = (),
        on_notice: OnNotice | None = None,
    ) -> None:
        if not isinstance(evaluator, Stating):
            raise UsageError(not_shared(evaluator))
        self.evaluator: Evaluator = evaluator
        self.folder = Path(folder).absolute()
        self._stating: Stating = evaluator
        self._sources, self._on_notice = list(sources), on_notice

    def __call__(self, arch: Architecture, *, epochs: int | None, seed: int) -> Metrics:
        """The metrics of the evaluation, made now or before. Raises what the evaluator raises."""
        basis = self._basis(arch, epochs, seed)
        path = self.folder / f"{sha256(_text(basis).encode())}.json"
        found = self._stored(path, basis)
        if found is not None:
            return found
        metrics = read_metrics(self.evaluator(arch, epochs=epochs, seed=seed))
        if "batch_parts" not in metrics:
            self._store(path, {"basis": basis, "metrics": metrics})
        return metrics

    def _basis(self, arch: Architecture, epochs: int | None, seed: int) -> dict[str, Any]:
        """All that the result depends on. (Networks with equal ids may differ in unused layers.)"""
        network = {key: value for key, value in arch.to_dict().items() if key in ("input", "layers", "choices")}
        stated = {"evaluator": self._stating.depends_on(), "sources": self._sources}
        plain: dict[str, Any] = json.loads(_text({"network": network, "epochs": epochs, "seed": seed, **stated}))
        return plain

    def _stored(self, path: Path, basis: Mapping[str, Any]) -> Metrics | None:
        """The result in a file; None: there is none that can be used."""
        if not path.exists():
            return None
        try:
            record = parse_record(read_bytes(path), path)
            if record.get("basis") != basis:
                raise Damaged(f"{path} is of another evaluation")
            return read_metrics(record.get("metrics"))
        except (Damaged, MetricsError, StorageError) as error:
            self._tell(f"{error}; the network is evaluated again")
            return None

    def _store(self, path: Path, record: Mapping[str, Any]) -> None:
        try:
            make_folder(self.folder)
            write_bytes(path, json.dumps(sealed(record)).encode())
        except StorageError as error:
            self._tell(f"{error}; the search goes on without it")

    def _tell(self, text: str) -> None:
        if self._on_notice is not None:
            self._on_notice(text)


def not_shared(evaluator: Evaluator) -> str:
    """Why the results of an evaluator cannot be shared by searches."""
    return (
        f"the results of {type(evaluator).__name__} are not taken from the cache, nor stored there: it has no "
        "`depends_on`, which states what they depend on"
    )


def cached(
    evaluator: Evaluator,
    folder: Path | None,
    *,
    sources: Sequence[str] = (),
    on_notice: OnNotice | None = None,
) -> Evaluator:
    """The evaluator with a cache in a folder. Where it cannot have one, this is told, and it is returned as it is.

    Args:
        evaluator: the evaluator.
        folder: the folder; None: there is no cache.
        sources, on_notice: see `Cached`.
    """
    if folder is None:
        return evaluator
    if not isinstance(evaluator, Stating):
        if on_notice is not None:
            on_notice(not_shared(evaluator))
        return evaluator
    return Cached(evaluator, folder, sources=sources, on_notice=on_notice)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
