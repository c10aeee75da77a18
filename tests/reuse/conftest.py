"""Points in a plane, a network for them, and another task of theirs."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from nas.data import Dataset, from_arrays
from nas.final.export import network_files
from nas.manifest import Manifest
from nas.model import Network
from nas.space import parse_space
from nas.training import Recipe
from nas.training.fit import fit
from nas.training.workbench import Workbench


@dataclass(frozen=True)
class Known:
    """A network that was trained on points about the corners of a square, and other data.

    Attributes:
        network: it knows the corners.
        folder: where it was exported to.
        data: other points, and whether they are on one diagonal or on the other.
    """

    network: Network
    folder: Path
    data: Dataset


@pytest.fixture(scope="session")
def known(corners: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = tmp_path_factory.mktemp("known")
    arch = parse_space("input: [2]\nlayers: [{linear: {units: 8}}, relu, {linear: {units: 4}}]").rebuild({})
    network = fit(Workbench(corners, device="cpu"), arch, Recipe(epochs=30, lr=0.03), seed=0).network
    for name, content in network_files(network, task=corners.task, intake=corners.intake, name="corners").items():
        Manifest(folder).write(name, content)
    rng = np.random.default_rng(1)
    signs = rng.choice([-1, 1], size=(160, 2))
    points, labels = signs + 0.2 * rng.normal(size=(160, 2)), np.where(signs.prod(1) > 0, "rising", "falling")
    test = (points[80:], labels[80:])
    return Known(network, folder, from_arrays(points[:80], labels[:80], test=test, val_share=0.5, name="diagonals"))
