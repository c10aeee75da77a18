"""What reading images costs: a folder of files against a plain loop over them, and CIFAR-10 in its binary form.

    python benchmarks/image_files.py [--rounds 5]

10,000 PNG files of 32×32 pixels and 400 JPEG files of 640×480 that become 64×64, in ten folders of classes, are
written to a temporary folder. Each is read by `nas.load_data("images")`, and by a loop as torchvision's `ImageFolder`
does it, which opens each file, converts and resizes it by Pillow, and stacks tensors. 60,000 random images in the form
of CIFAR-10 are read by `nas.load_data("cifar")`. Each reading is a process of its own, in turns, without a cache of
prepared data. Its processor time, its duration and the growth of its peak memory are those after the imports and after
one image of each kind was decoded, which loads Pillow. Files are in the cache of the system. Written to
benchmarks/results/image_files.json with all raw values.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SEED = 0
SMALL, LARGE = 10_000, 400
SIZE = (64, 64)
BATCH = 10_000


def write_files(folder: Path) -> None:
    """Writes what is read."""
    rng = np.random.default_rng(SEED)
    for kind, count in (("png", SMALL), ("jpeg", LARGE)):
        for place in range(count):
            file = folder / kind / f"class {place % 10}" / f"{place}.{kind}"
            file.parent.mkdir(parents=True, exist_ok=True)
            coarse = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
            size = (32, 32) if kind == "png" else (640, 480)
            coarse.resize(size, Image.Resampling.BILINEAR).save(file)
    cifar = folder / "cifar-10-batches-bin"
    cifar.mkdir()
    (cifar / "batches.meta.txt").write_text("\n".join(f"class {number}" for number in range(10)))
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        records = rng.integers(0, 256, (BATCH, 3073), dtype=np.uint8)
        records[:, 0] = np.arange(BATCH) % 10
        (cifar / f"{name}.bin").write_bytes(records.tobytes())


def ours(path: Path) -> int:
    """Reads a folder by Archwright; returns the bytes of the inputs."""
    import nas

    name = "cifar" if "cifar" in path.name else "images"
    options = {"size": SIZE} if path.name == "jpeg" else {}
    data = nas.load_data(name, path=path, **options)
    return sum(part.inputs.nbytes for part in (data.train, data.val, data.test) if part is not None)


def plain_loop(path: Path) -> int:
    """Reads a folder as torchvision would; returns the bytes of the inputs."""
    import torch

    classes = sorted(entry.name for entry in os.scandir(path) if entry.is_dir())
    samples = [
        (file, number)
        for number, name in enumerate(classes)
        for file in sorted((path / name).rglob("*"))
        if file.is_file()
    ]
    tensors, targets = [], []
    for file, target in samples:
        with file.open("rb") as opened:
            image = Image.open(opened).convert("RGB")
        if path.name == "jpeg":
            image = image.resize(SIZE, Image.Resampling.BILINEAR)
        tensors.append(torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous())
        targets.append(target)
    inputs = torch.stack(tensors)
    return inputs.numel() * inputs.element_size()


READERS: Mapping[str, Callable[[Path], int]] = {"ours": ours, "plain_loop": plain_loop}


def warm_up(reader: str) -> None:
    """Imports what a reader needs, and lets Pillow find its decoders."""
    Image.init()
    if reader == "ours":
        import nas

        _ = (nas.load_data, nas.DATASETS)
        image = np.zeros((4, 4, 3), np.uint8)
        nas.from_images([image] * 4, [0, 0, 1, 1], val_share=0.5)
    else:
        import torch

        torch.zeros(1)


def measure(reader: str, path: Path) -> Mapping[str, float]:
    """One reading, in this process."""
    warm_up(reader)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    memory = peak_bytes()
    wall, processor = time.perf_counter(), time.process_time()
    size = READERS[reader](path)
    return {
        "cpu_seconds": time.process_time() - processor,
        "seconds": time.perf_counter() - wall,
        "peak_bytes": peak_bytes() - memory,
        "prepared_bytes": size,
    }


def peak_bytes() -> int:
    """The most physical memory that this process had, of Linux."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def in_process(reader: str, path: Path) -> Mapping[str, float]:
    """One reading, in a new process."""
    command = [sys.executable, __file__, "--reader", reader, "--path", str(path)]
    done = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "ARCHWRIGHT_CACHE": "", "OMP_NUM_THREADS": "1"},
    )
    found: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.reader:
        print(json.dumps(measure(given.reader, given.path)))
        return
    from record import write_result

    cases = [("png", "ours"), ("png", "plain_loop"), ("jpeg", "ours"), ("jpeg", "plain_loop")]
    cases.append(("cifar-10-batches-bin", "ours"))
    raw: dict[tuple[str, str], list[Mapping[str, float]]] = {case: [] for case in cases}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        for _ in range(given.rounds + 1):
            for data, reader in cases:
                raw[data, reader].append(in_process(reader, folder / data))
    rows: list[Mapping[str, Any]] = []
    for (data, reader), runs in raw.items():
        counted: Sequence[Mapping[str, float]] = runs[1:]  # the first ones fill the cache of the system
        row = {
            "data": data,
            "reader": reader,
            "median_cpu_seconds": round(statistics.median(run["cpu_seconds"] for run in counted), 3),
            "median_peak_by_prepared": round(
                statistics.median(run["peak_bytes"] / run["prepared_bytes"] for run in counted), 2
            ),
            "runs": counted,
        }
        print(*(row[key] for key in ("data", "reader", "median_cpu_seconds", "median_peak_by_prepared")))
        rows.append(row)
    for data in ("png", "jpeg"):
        pairs = zip(raw[data, "ours"][1:], raw[data, "plain_loop"][1:], strict=True)
        ratios = [one["cpu_seconds"] / other["cpu_seconds"] for one, other in pairs]
        print(data, "CPU time by that of the plain loop:", *(f"{ratio:.2f}" for ratio in ratios))
    write_result("image_files", {"rounds": given.rounds, "files": {"png": SMALL, "jpeg": LARGE}, "readings": rows})


if __name__ == "__main__":
    main()
