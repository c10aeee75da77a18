"""Writes what a benchmark measured, with the hardware and the versions that it was measured on, and its table."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("archwright", "torch", "numpy", "optuna", "scikit-learn")


def write_result(name: str, result: Mapping[str, object]) -> Path:
    """Writes `benchmarks/results/<name>.json` and returns its path."""
    machine = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {"date": datetime.now(UTC).date().isoformat(), "machine": machine, **result}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def write_table(name: str, table: str, *, mark: str = "measured") -> None:
    """Puts a table into `docs/<name>.md`, between a mark and the next `<!-- end -->`."""
    document = Path(__file__).parents[1] / "docs" / f"{name}.md"
    head, begin, rest = document.read_text(encoding="utf-8").partition(f"<!-- {mark} -->\n")
    document.write_text(f"{head}{begin}{table}{rest[rest.index('<!-- end -->') :]}", encoding="utf-8")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
