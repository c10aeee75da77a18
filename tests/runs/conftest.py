"""What tests of runs share."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from nas.data import Dataset
from nas.evaluate.evaluation import make_data
from nas.final.fine_tune import Final, Finalist, conclude, train_finalist
from nas.runs.config import RunConfig, load_config
from nas.runs.prepare import make_space
from nas.training.workbench import Workbench
from nas.trial import Proposal, Trial

SPACE_FILE = """
input: [1, 8, 8]
outputs: 10
layers: [flatten, {linear: {units: {choice: [4, 8]}}}, relu, {linear: {units: outputs}}]
"""


CONFIG_FILE = """
name: tiny
space: tiny_space.yaml
data: digits
controller: random
final: {epochs: 1, lr: 0.01}
device: cpu
"""


@dataclass(frozen=True)
class Ended:
    """A search that ended with one trial, and its network at full length."""

    config: RunConfig
    data: Dataset
    bench: Workbench
    trial: Trial
    finalist: Finalist
    final: Final


@pytest.fixture(autouse=True, scope="package")
def one_thread() -> Iterator[None]:
    """Networks this small are trained fastest on one thread, and the same number of threads gives the same bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    folder = tmp_path_factory.mktemp("files")
    (folder / "tiny_space.yaml").write_text(SPACE_FILE, encoding="utf-8")
    (folder / "tiny.yaml").write_text(CONFIG_FILE, encoding="utf-8")
    config = load_config(folder / "tiny.yaml")
    data = make_data(config)
    arch = make_space(config, data).sample(np.random.default_rng(0))
    trial = Trial(0, Proposal(arch), 1, {"val_acc": 0.5}, (0.5,), 0.1, None, 0)
    bench = Workbench(data, device="cpu")
    finalist = train_finalist(bench, trial, config.final.recipe, seed=config.seed, objectives=config.objectives)
    return Ended(config, data, bench, trial, finalist, conclude(bench, [finalist], objectives=config.objectives))
