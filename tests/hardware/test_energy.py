"""Counters of energy, as files and as a library that say what they should."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from nas.errors import UsageError
from nas.hardware.energy import Nvml, Rapl, measure_energy

Counters = Callable[..., Path]


@pytest.fixture
def counters(tmp_path: Path) -> Counters:
    """Writes the counters of packages, in microjoules; a range is 1,000,000 of them."""

    def write(*packages: int) -> Path:
        for number, energy in enumerate(packages):
            for name in (f"intel-rapl:{number}", f"intel-rapl:{number}:0"):
                (tmp_path / name).mkdir(exist_ok=True)
                (tmp_path / name / "energy_uj").write_text(f"{energy}\n")
                (tmp_path / name / "max_energy_range_uj").write_text("1000000\n")
        return tmp_path

    return write


def test_packages_are_summed_and_may_begin_again(counters: Counters) -> None:
    meter = Rapl(counters(900_000, 5_000))
    before = meter.read()
    counters(950_000, 25_000)
    assert meter.read() - before == pytest.approx(70.0)
    counters(10_000, 25_000)
    assert meter.read() - before == pytest.approx(70.0 + 60.0)


def test_the_mean_of_repetitions(counters: Counters) -> None:
    meter, steps = Rapl(counters(0)), list[float]()

    def step() -> None:
        steps.append(0.1)
        counters(2_000 * len(steps))

    assert measure_energy(step, meter, clock=lambda: sum(steps)) == pytest.approx(2.0)
    assert len(steps) == 1 + 5, "the first is not counted, and the others take half a second"


def test_without_counters_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"energy_mj needs an energy counter, and this machine offers none: there is no"
    ):
        Rapl(tmp_path)
    (tmp_path / "intel-rapl:0").mkdir()
    with pytest.raises(UsageError, match=r"energy_mj cannot be measured: .*energy_uj.*only root may read"):
        Rapl(tmp_path)


def test_nvml_of_the_device_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    class NVMLError(Exception):
        pass

    def energy(handle: str) -> int:
        if handle != "GPU-1234":
            raise NVMLError("not supported")
        return 4200

    library = SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByUUID=lambda uuid: uuid,
        nvmlDeviceGetTotalEnergyConsumption=energy,
    )
    monkeypatch.setitem(sys.modules, "pynvml", library)
    for uuid in ("1234", "other"):
        monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device, uuid=uuid: SimpleNamespace(uuid=uuid))
        if uuid == "1234":
            assert Nvml(torch.device("cuda")).read() == 4200.0
        else:
            with pytest.raises(UsageError, match=r"has no energy counter \(not supported\)"):
                Nvml(torch.device("cuda"))
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with pytest.raises(UsageError, match="pip install nvidia-ml-py"):
        Nvml(torch.device("cuda"))
