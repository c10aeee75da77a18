"""Files that come without a name."""

import json
from pathlib import Path

import numpy as np
import pytest

from nas.errors import UsageError
from nas.tabular.sniff import names_in, read_own


def test_published_files(tables: Path) -> None:
    every = [f"nasbench201-{d}-{s}" for s in (200, 12) for d in ("cifar10", "cifar100", "imagenet16-120")]
    for name, found in {
        "nasbench201/nasbench201.npz": [every[0], *every[3:]],
        "nasbench201/nats_bench_samples.json.gz": every,
        "nasbench101/nasbench101_subset.npz": ["nasbench101-cifar10"],
        "nasbench_macro/nasbench_macro_cifar10.npz": ["nasbench_macro-cifar10"],
        "naap440/naap440.npz": ["naap440-cifar10"],
        "metaqnn/metaqnn_svhn.csv.gz": ["metaqnn-svhn"],
    }.items():
        assert names_in(tables / name) == found
        assert read_own(tables / name) is None
    with pytest.raises(UsageError, match="this is not a known table"):
        names_in(tables / "fbnet_latency" / "fbnet_latency.npz")
    with pytest.raises(UsageError, match="this is not a known table"):
        names_in(tables / "metaqnn" / "lstm_ptb.csv.gz")


def test_by_their_names_and_heads(tmp_path: Path) -> None:
    for name, content, found in (
        ("x.tfrecord", b"", "nasbench101-cifar10"),
        ("imagenet.pkl", b"", "nasbench201-imagenet16-120-200"),
        ("x.json", b'[["hash"', "nasbench101-cifar10"),
        ("x.jsonl", b'["hash"', "nasbench101-cifar10"),
        ("y.json", json.dumps({"00000000": {}}).encode(), "nasbench_macro-cifar10"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        assert names_in(path) == [found]
    assert len(names_in(tmp_path)) == 6
    for name, content in (("z.json", b'{"a": 1}'), ("z.json", b"{}"), ("z.json", b"3"), ("z.txt", b""), ("z.pkl", b"")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UsageError, match="this is not a known table"):
            names_in(path)
    np.savez(tmp_path / "z.npz", a=np.zeros(1))
    with pytest.raises(UsageError, match="this is not a known table"):
        names_in(tmp_path / "z.npz")
