"""What a run was started with is recorded such that it can be started again."""

import inspect
import json
from pathlib import Path

import pytest

from nas.controllers import CONTROLLERS
from nas.evaluate.evaluation import make_evaluator
from nas.final.export import to_yaml
from nas.manifest import Manifest
from nas.runs.config import CONFIG, load_config
from nas.runs.folder import SPACE
from nas.runs.prepare import make_space
from nas.runs.record import record
from nas.settings import identity, resolved
from tests.runs.conftest import Ended


@pytest.mark.parametrize("controller", CONTROLLERS)
def test_a_written_config_is_the_same_config(controller: str, config: Path, tmp_path: Path) -> None:
    """Else the folder's own config.yaml could not resume its run: 1500 and 1500.0 are two identities."""
    wanted = inspect.signature(CONTROLLERS[controller]).parameters
    inner = {"controller": "random", "controllers": ["random", "local_search"]}
    settings = {name: value for name, value in inner.items() if name in wanted}
    first = load_config(config, [f"controller={json.dumps({controller: settings} if settings else controller)}"])
    (tmp_path / "written.yaml").write_text(to_yaml(resolved(first)))
    second = load_config(tmp_path / "written.yaml")
    assert json.dumps(identity(second)) == json.dumps(identity(first))
    longer = load_config(tmp_path / "written.yaml", ["budget.trials=500", "winner=repeat"])
    assert identity(longer) == identity(first), "a run may go on to more trials"
    assert to_yaml(resolved(second)) == to_yaml(resolved(first))


def test_what_was_recorded_is_a_run_file(ended: Ended, tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    space = make_space(ended.config, ended.data)
    record(manifest, ended.config, space, ended.data, make_evaluator(ended.config, ended.data, space), device="cpu")
    again = load_config(tmp_path / CONFIG)
    assert identity(again) == identity(ended.config)
    assert again.recorded["data"]["train"] == len(ended.data.train)
    assert manifest.read(SPACE) == Path(ended.config.space).read_bytes()
