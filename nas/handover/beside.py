"""The files beside those of the formats: the card of the network, and what the files need to run."""

from collections.abc import Collection, Mapping
from importlib.metadata import PackageNotFoundError, version

from nas.data.intake import Intake
from nas.handover.format import Format
from nas.handover.handed import Handed
from nas.handover.plain_python import PlainPython
from nas.manifest import Manifest
from nas.pages.run.card import card
from nas.plain import required
from nas.runs.summary import read_run

CARD, REQUIREMENTS = "card.md", "requirements.txt"


def files_beside(handed: Handed, formats: Collection[Format]) -> Mapping[str, bytes]:
    """Their content, by name.

    Args:
        handed: the network. If it comes from an export, so does its card.
        formats: those that are written.

    Raises:
        Damaged, IntegrityError, StorageError: a file of the run cannot be read.
    """
    return {**_card(handed), REQUIREMENTS: requirements(formats, handed.predictor.intake).encode()}


def requirements(formats: Collection[Format], intake: Intake) -> str:
    """The packages of formats, and of the preparation of inputs if `predict.py` is written, for pip.

    Versions are those that the files were run with here.
    """
    packages = {package for one in formats for package in one.requires}
    if any(isinstance(one, PlainPython) for one in formats):
        packages |= {*required(intake)}
    return "".join(f"{package}{_version(package)}\n" for package in sorted(packages))


def _version(package: str) -> str:
    try:
        return f">={version(package).partition('+')[0]}"
    except PackageNotFoundError:  # such as soundfile, if the run took samples in memory
        return ""


def _card(handed: Handed) -> Mapping[str, bytes]:
    if handed.is_run:
        return {CARD: card(read_run(handed.folder)).encode()}
    known = Manifest(handed.folder)
    return {CARD: known.read(CARD)} if CARD in known else {}
