"""The files beside those of the formats: the card of the network, and what the files need to run."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from nas.handover.format import Format
from nas.handover.handed import Handed
from nas.manifest import Manifest
from nas.pages.run.card import card
from nas.runs.summary import read_run

CARD, REQUIREMENTS = "card.md", "requirements.txt"


def files_beside(handed: Handed, formats: Iterable[Format]) -> Mapping[str, bytes]:
    """Their content, by name.

    Args:
        handed: the network. If it comes from an export, so does its card.
        formats: those that are written.

    Raises:
        Damaged, IntegrityError, StorageError: a file of the run cannot be read.
    """
    return {**_card(handed), REQUIREMENTS: requirements(formats).encode()}


def requirements(formats: Iterable[Format]) -> str:
    """The packages of formats, with the versions that they were run with here, for pip."""
    packages = sorted({package for one in formats for package in one.requires})
    return "".join(f"{package}>={version(package).partition('+')[0]}\n" for package in packages)


def _card(handed: Handed) -> Mapping[str, bytes]:
    if handed.is_run:
        return {CARD: card(read_run(handed.folder)).encode()}
    known = Manifest(handed.folder)
    return {CARD: known.read(CARD)} if CARD in known else {}
