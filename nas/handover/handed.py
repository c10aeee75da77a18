"""What is handed over: a selected network, with all that its files and their checks take."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from nas.data import Dataset
from nas.errors import ArchwrightError, Damaged, UsageError
from nas.evaluate.evaluation import make_data
from nas.manifest import MANIFEST, Manifest
from nas.network_files import NETWORK_FILES
from nas.pages.run import RunSummary
from nas.pages.run.card import card, without_files
from nas.prediction.predictor import Predictor, load_predictor
from nas.runs.config import CONFIG, load_config
from nas.runs.folder import LAYOUT
from nas.runs.network import network_contents
from nas.runs.summary import read_run

if TYPE_CHECKING:
    from torch.export import ExportedProgram

    from nas.model import Network

CARD = "card.md"
"""The card of the network, in an export."""


@dataclass(frozen=True)
class Handed:
    """A selected network, and where it comes from.

    Attributes:
        folder: that of its run, or one to which it was exported before.
        predictor: the network, how its inputs are prepared, and what its outputs mean.
        contents: the verified content of its files, by name (`NETWORK_FILES`).
        allow_code: whether the user's own source of data may be imported.
    """

    folder: Path
    predictor: Predictor
    contents: Mapping[str, bytes]
    allow_code: bool = False

    @property
    def network(self) -> "Network":
        """The network, on the CPU and in evaluation mode."""
        return self.predictor.network

    @cached_property
    def program(self) -> "ExportedProgram":
        """The network as a program (`nas.handover.programs.traced`), traced once for all formats. Raises UsageError."""
        from nas.handover.programs import traced

        return traced(self.network, self.predictor.intake.preparation.input)

    @cached_property
    def onnx(self) -> bytes:
        """The network in ONNX (`nas.handover.translated`), translated once for all formats. Raises UsageError."""
        from nas.handover.translated import translated

        return translated(self.program)

    @cached_property
    def summary(self) -> RunSummary | None:
        """What is known of the run; None if the folder is that of an export. Raises the errors of `read_run`."""
        return read_run(self.folder) if self.is_run else None

    @cached_property
    def card(self) -> str | None:
        """The card of the network, without the files of an export; None: an earlier version exported it without one.

        That of a run has the latency, measured here; that of an export is taken from it.
        """
        from nas.handover.speed import speed

        if self.summary is not None:
            return card(self.summary, latency=speed(self.network, self.predictor.intake.preparation.input))
        known = Manifest(self.folder)
        return without_files(known.read(CARD).decode()) if CARD in known else None

    @cached_property
    def private(self) -> bool:
        """Whether the network is that of a run, and its training was private. Raises the errors of `read_run`."""
        chosen = None if self.summary is None else self.summary.chosen
        return chosen is not None and bool(chosen.privacy)

    @property
    def is_run(self) -> bool:
        """Whether the folder is that of a run."""
        return LAYOUT.is_that_of(self.folder)

    @cached_property
    def data(self) -> Dataset | UsageError:
        """The data set of the run, prepared as for its search; or why it cannot be read here."""
        if not self.is_run:
            return UsageError(f"{self.folder} is not the folder of a run, so its data are not known")
        try:
            config = load_config(self.folder / CONFIG, allow_code=self.allow_code)
            data = make_data(config)
        except ArchwrightError as error:
            return UsageError(f"the data of the run cannot be read here: {error}")
        if data.fingerprint != config.recorded["data"]["sha256"]:
            return UsageError("the data are not those of the run any more")
        return data


def handed_of(folder: str | Path, *, allow_code: bool = False) -> Handed:
    """The selected network of a run, or of a folder to which it was exported.

    Raises:
        UsageError: the folder has no such network, or an earlier version wrote it.
        Damaged: a file is corrupt.
        IntegrityError: the files do not describe a network.
        StorageError: a file cannot be read.
    """
    folder = Path(folder)
    predictor = load_predictor(folder)
    if LAYOUT.is_that_of(folder):
        contents = network_contents(folder)
    else:
        known = Manifest(folder)
        contents = {name: known.read(name) for name in NETWORK_FILES if name in known}
    return Handed(folder, predictor, contents, allow_code)


def exported_before(folder: Path) -> bool:
    """Whether a folder holds an export and nothing else, but for what Python keeps of its modules."""
    if not (folder / MANIFEST).is_file():
        return False
    try:
        known = {MANIFEST, *Manifest(folder)}
    except Damaged:  # it may be that of another program
        return False
    files = (path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    return {path.relative_to(folder).as_posix() for path in files} <= known
