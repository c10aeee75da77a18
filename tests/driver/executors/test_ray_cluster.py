"""What is told where a Ray cluster cannot be used: at once, and with what to do."""

import importlib.util
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nas
from nas.driver.executors.executor import Job
from nas.driver.executors.ray_cluster import Ray
from nas.driver.executors.resources import Resources, WorkerCount
from nas.driver.search import search
from nas.errors import ArgumentError, UsageError
from nas.space import Space
from tests.driver.executors.faulty import Faulty


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"address": "head"}, "address: expected host:port, auto or local, got 'head'"),
        ({"address": "head:"}, "expected host:port"),
        ({"address": "ray://head:10001"}, "must be a node of the cluster"),
        ({"num_gpus": 1.5}, "num_gpus: expected a whole number or a fraction below 1, got 1.5"),
        ({"num_cpus": 0}, "more than 0"),
        ({"num_gpus": -1}, "0 or more"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        Ray(**settings)


@pytest.mark.parametrize("address", ["auto", "local", "10.0.0.1:6379", "head.example:6379", "[::1]:6379"])
def test_addresses(address: str) -> None:
    assert Ray(address=address, num_cpus=2, num_gpus=0.25).address == address


def test_nothing_listens_at_the_address(job: Callable[..., Job], tmp_path: Path) -> None:
    if importlib.util.find_spec("ray") is None:
        pytest.skip("needs the extra archwright[ray]")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        executor = Ray(address).open(Faulty(tmp_path), Resources(1, 1), on_event=lambda event: None)
        with executor as opened, pytest.raises(UsageError, match=f"no Ray cluster answers at {address}: .*refused"):
            opened.submit(job(0))


def test_ray_is_not_installed(small: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ray" else found(name))
    with pytest.raises(UsageError, match=r"not installed: pip install 'archwright\[ray\]'"):
        nas.search("random", Faulty(tmp_path), space=small, trials=1, executor="ray", workers=2)


@pytest.mark.parametrize(
    ("workers", "expected"), [("in_process", "in_process is for the executor local, not for Ray"), (0, "1 to")]
)
def test_workers_that_no_cluster_has(small: Space, tmp_path: Path, workers: WorkerCount, expected: str) -> None:
    with pytest.raises(UsageError, match=expected):
        search(nas.RandomSearch(small), Faulty(tmp_path), trials=1, executor=Ray(), workers=workers)


def test_an_executor_by_its_name_has_the_errors_of_a_run_file(small: Space, tmp_path: Path) -> None:
    for given, expected in (
        ("rays", "did you mean 'ray'"),
        ({"ray": {"adress": "auto"}}, "did you mean 'address'"),
        ({"ray": {"address": "head"}}, "expected host:port"),
    ):
        with pytest.raises(UsageError, match=expected):
            nas.search("random", Faulty(tmp_path), space=small, trials=1, executor=given, workers=2)
    with pytest.raises(ArgumentError, match="executor"):
        nas.search("random", Faulty(tmp_path), space=small, trials=1, executor=3)  # type: ignore[arg-type]
