"""What tests of runs share."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from nas.data import Dataset
from nas.evaluate.evaluation import make_data
from nas.final.export import export_files
from nas.final.finalist import Final, Finalist
from nas.final.fine_tune import conclude, train_finalist
from nas.final.look_back import look_back
from nas.final.outputs import Outputs
from nas.manifest import Manifest
from nas.runs.config import RunConfig, load_config
from nas.runs.finalists import keep_finalist, kept_finalist
from nas.runs.network import write_final
from nas.runs.prepare import make_space
from nas.training.workbench import Workbench
from nas.trial import Metrics, Proposal, Trial

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
baseline: none
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

    def keep(self, manifest: Manifest) -> Finalist:
        """Keeps the finalist as a worker left it."""
        weights = manifest.folder / "weights"
        weights.write_bytes(save(self.finalist.network.state_dict()))
        curves: Metrics = {f"{name}_curve": curve for name, curve in self.finalist.curves.items()}
        metrics = {**curves, "seconds": self.finalist.seconds}
        return keep_finalist(manifest, self.config, self.data, self.trial, metrics, [weights])

    def kept(
        self, manifest: Manifest, *, config: RunConfig | None = None, trial: Trial | None = None
    ) -> Finalist | None:
        """The finalist that was kept, with these settings or others."""
        return kept_finalist(
            manifest, config or self.config, self.data, trial or self.trial, metrics=self.bench.metrics
        )

    def write(self, folder: Path) -> Manifest:
        """Writes the selected network as a worker left it."""
        handed_over = folder / "handed_over"
        handed_over.mkdir(parents=True)
        judged = look_back(self.bench, Outputs(self.bench, self.finalist.network, "test"))
        for name, content in {**export_files(self.final, name="tiny"), **judged}.items():
            (handed_over / name).write_bytes(content)
        write_final(Manifest(folder), self.final, handed_over)
        return Manifest(folder)


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
