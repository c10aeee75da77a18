"""The files beside those of the formats: the card of the network, and what the files need to run."""

from collections.abc import Collection, Mapping

from nas.data.intake import Intake
from nas.handover.format import Format, Verdict
from nas.handover.handed import CARD, Handed
from nas.handover.packages import together
from nas.pages.run.card import with_files

REQUIREMENTS = "requirements.txt"


def files_beside(handed: Handed, written: Mapping[Format, Verdict]) -> Mapping[str, bytes]:
    """Their content, by name.

    Args:
        handed: the network. If it comes from an export, so does its card.
        written: the formats, each with what was found of its files.

    Raises:
        Damaged, IntegrityError, StorageError: a file of the run cannot be read.
    """
    files = {REQUIREMENTS: requirements([*written], handed.predictor.intake).encode()}
    if handed.card is not None:
        said = {form.name: found.text for form, found in written.items()}
        files[CARD] = with_files(handed.card, said).encode()
    return files


def requirements(formats: Collection[Format], intake: Intake) -> str:
    """The packages of formats, for pip, with the lowest versions that they were made for."""
    needed = together(package for one in formats for package in one.requires(intake))
    return "".join(f"{one}\n" for one in needed)
