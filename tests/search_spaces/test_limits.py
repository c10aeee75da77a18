"""Limits on every space of `search_spaces/`: how much is looked at, and that they are kept."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nas.ops import Cost
from nas.space import Bound, Limits, load_space

SPACES = sorted((Path(__file__).parents[2] / "search_spaces").glob("*.yaml"))


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_a_maximum_on_every_cost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Time and memory follow from these; what is refused takes many times as much.
    monkeypatch.setattr("nas.space.walks.graph.MAX_STEPS", 125_000)
    monkeypatch.setattr("nas.space.walks.fronts.MAX_WORK", 100_000)
    space, rng = load_space(path).without_limits(), np.random.default_rng(0)
    costs = np.array([space.outline(lambda choice: choice.draw(rng)).cost for _ in range(100)])
    limits = Limits({name: Bound(0, int(np.median(costs[:, place]))) for place, name in enumerate(Cost._fields)})
    limited = replace(space, limits=limits)
    vars(limited)["graph"] = space.graph  # explored once
    arch = limited.sample(rng)
    for _ in range(10):
        arch = limited.cross(limited.mutate(arch, rng), limited.sample(rng), rng)
        assert limits.allow(arch.cost)
        assert limited.rebuild(dict(arch.choices)) == arch


SCRIPT = """
import sys
from pathlib import Path
import numpy as np
import nas

limits = {"params": {"max": 4_000_000}, "macs": {"max": 200_000_000}}
wide = {"conv": {"width": {"choice": [16, 24, 32, 48, 64, 96, 128]}, "kernel": {"choice": [1, 3, 5, 7]}}}
body = [wide, "batch_norm", {"choice": ["relu", "gelu", "silu"]}, {"choice": ["identity", "max_pool"]}]
layers = [{"repeat": {"choice": [5, 10]}, "of": body}, "global_avg_pool", {"linear": {"units": 10}}]
for space in (nas.load_space({"input": [3, 64, 64], "layers": layers}), nas.load_space(sys.argv[1])):
    limited = nas.load_space({**space.source, "input": list(space.input), "outputs": 10, "limits": limits})
    assert limited.sample(np.random.default_rng(0)).params <= 4_000_000
    limited.describe(samples=20)
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_the_memory_that_two_maxima_take() -> None:
    path = next(path for path in SPACES if path.stem == "mobilenet_like")
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 500_000, "kB, of which Python and NumPy are 50,000"
