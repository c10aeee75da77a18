"""What benchmarks need, and say if it is not there."""

import runpy
import sys
from pathlib import Path

import pytest
import torch

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_the_benchmark_of_a_gpu_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    path = BENCHMARKS / "gpu.py"
    monkeypatch.syspath_prepend(BENCHMARKS)
    monkeypatch.setattr(sys, "argv", [str(path)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(path), run_name="__main__")
    assert ended.value.code == f"benchmarks/gpu.py needs a CUDA device, and torch {torch.__version__} finds none"
