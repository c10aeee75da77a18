"""The process of a run whose workers do the work: it trains nothing, and loads no torch."""

import json
import subprocess
import sys
from pathlib import Path

RUN = """
import json, sys
from nas.runs.config import load_config
from nas.runs.run import run
if __name__ == "__main__":
    config, out = sys.argv[1:]
    result = run(load_config(config, ["workers=2", "budget.trials=4"]), out=out)
    heavy = [name for name in ("torch", "sklearn") if name in sys.modules]
    # The network is there when it is asked for.
    print(json.dumps([heavy, sum(one.numel() for one in result.final.chosen.network.parameters())]))
"""


def test_a_run_with_workers_loads_no_torch(config: Path, tmp_path: Path) -> None:
    """Neither in its checks, nor in the search, nor for the final network and the report."""
    script = tmp_path / "script.py"
    script.write_text(RUN)
    command = [sys.executable, str(script), str(config), str(tmp_path / "run")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    heavy, parameters = json.loads(done.stdout)
    assert heavy == []
    final = json.loads((tmp_path / "run/final.json").read_bytes())
    assert f"id: {final['chosen']}\nparams: {parameters}\n" in (tmp_path / "run/final/architecture.yaml").read_text()
    assert (tmp_path / "run/report.html").exists()
