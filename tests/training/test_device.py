"""Devices by their names."""

import pytest
import torch

from nas.data import Dataset
from nas.errors import UsageError
from nas.training.device import device_name, pick_device
from nas.training.workbench import Workbench


def test_cuda_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Fake 100")
    assert pick_device("auto") == pick_device("cuda") == torch.device("cuda")
    assert pick_device("cpu") == torch.device("cpu")
    assert device_name(torch.device("cuda")) == "cuda (Fake 100)"


def test_cuda_without_a_device(corners: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    message = "^device 'cuda' was requested, but torch finds no CUDA device$"
    with pytest.raises(UsageError, match=message):
        pick_device("cuda")
    with pytest.raises(UsageError, match=message):
        Workbench(corners, device="cuda")
    assert pick_device("auto") == pick_device("cpu") == torch.device("cpu")
    assert Workbench(corners).device.type == "cpu"
    assert device_name(pick_device("auto")).startswith(f"cpu ({torch.get_num_threads()} thread")
