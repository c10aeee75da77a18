"""The time and the memory of loading data, beside plain code on the same files.

    python benchmarks/data.py --data FOLDER

FOLDER has `adult.csv`, `sst2.tsv`, `free_spoken_digits` (WAV files, with `recordings.csv`) and `cifar-10-batches-bin`,
all as their authors give them. The images of CIFAR-10 are written as PNG files to a temporary folder first.

Each measurement is a process of its own. `seconds` is the time of loading, without imports. `extra_mib` is how much
the peak of the resident memory grew by it, and `prepared_mib` the size of the arrays that were asked for. Plain code is
what one would write for the same arrays: pandas and scikit-learn, Pillow, soundfile, `datasets`.
"""

import argparse
import importlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from record import write_result

REPEATS = 3
VARIABLE = "ARCHWRIGHT_CACHE"
BATCH = 256


def ours(path: Path, **settings: Any) -> Any:
    import nas

    return nas.load_data("auto", path=path, **settings)


def plain_table(path: Path) -> Any:
    """pandas and scikit-learn: missing numbers as medians, categories as ordinal codes."""
    pd = importlib.import_module("pandas")
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OrdinalEncoder

    frame = pd.read_csv(path, na_values=["?"])
    train = frame["split"] == "train"
    target = frame.pop("income")
    frame = frame.drop(columns="split")
    transformer = make_column_transformer(
        (SimpleImputer(strategy="median"), make_column_selector(dtype_include="number")),
        (
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    transformer.fit(frame[train])
    return transformer.transform(frame).astype(np.float32), target


def plain_texts(path: Path) -> Any:
    """pandas, a regular expression and a dictionary."""
    import re
    from collections import Counter

    pd = importlib.import_module("pandas")

    frame = pd.read_csv(path, sep="\t", quoting=3)
    words = [re.findall(r"\w+(?:['’]\w+)*|[^\w\s]", text.lower()) for text in frame["text"]]
    counts = Counter(word for text in words for word in text)
    known = {word: place for place, (word, count) in enumerate(counts.most_common(20_000), 2) if count > 1}
    length = int(np.quantile([len(text) for text in words], 0.95))
    inputs = np.zeros((len(words), length), np.float32)
    for row, text in zip(inputs, words, strict=True):
        numbers = [known.get(word, 1) for word in text[:length]]
        row[: len(numbers)] = numbers
    return inputs, frame["label"]


def plain_sounds(path: Path) -> Any:
    """soundfile, and zeros around."""
    import soundfile

    waves = [soundfile.read(file, dtype="float32")[0] for file in sorted(path.glob("*.wav"))]
    length = int(np.quantile([len(wave) for wave in waves], 0.95))
    inputs = np.zeros((len(waves), 1, length), np.float32)
    for row, wave in zip(inputs, waves, strict=True):
        over = max(0, len(wave) - length) // 2
        cut = wave[over : over + length]
        begin = (length - len(cut)) // 2
        row[0, begin : begin + len(cut)] = cut
    return inputs, None


def plain_images(path: Path) -> Any:
    """Pillow, one file after the other."""
    from PIL import Image

    arrays = []
    for file in sorted(path.rglob("*.png")):
        with Image.open(file) as image:
            arrays.append(np.asarray(image.convert("RGB")).transpose(2, 0, 1))
    return np.stack(arrays), None


def datasets_images(path: Path) -> Any:
    """`datasets`, with its format for NumPy; its cache is empty."""
    datasets = importlib.import_module("datasets")
    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset("imagefolder", data_dir=str(path), split="train", cache_dir=cache)
        return np.stack([np.asarray(image) for image in loaded["image"]]), None


CASES: Mapping[str, Callable[[Path], Any]] = {
    "table": lambda data: ours(data / "adult.csv"),
    "table, pandas and scikit-learn": lambda data: plain_table(data / "adult.csv"),
    "texts": lambda data: ours(data / "sst2.tsv"),
    "texts, plain loop": lambda data: plain_texts(data / "sst2.tsv"),
    "sounds": lambda data: ours(data / "free_spoken_digits" / "recordings.csv", target="digit"),
    "sounds, soundfile": lambda data: plain_sounds(data / "free_spoken_digits"),
    "10,000 images": lambda data: ours(data / "png_10000"),
    "10,000 images, Pillow": lambda data: plain_images(data / "png_10000"),
    "10,000 images, datasets": lambda data: datasets_images(data / "png_10000"),
    "50,000 images": lambda data: ours(data / "png_50000"),
    "50,000 images, Pillow": lambda data: plain_images(data / "png_50000"),
    "CIFAR-10, binary": lambda data: ours(data / "cifar-10-batches-bin"),
}
CACHED = ("sounds", "10,000 images", "50,000 images")
"""Measured with an empty cache, and once more."""

BIG = ("50,000 images", "50,000 images, Pillow")
"""Measured once."""


def measured(case: str, data: Path) -> Mapping[str, float]:
    """One measurement, in this process."""
    import nas

    nas.load_data("digits")  # imports
    for name in ("pandas", "sklearn.compose", "PIL.Image", "soundfile", "datasets")[: 5 if "," in case else 0]:
        importlib.import_module(name)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = _status("VmRSS")
    begin = time.perf_counter()
    found = CASES[case](data)
    seconds = time.perf_counter() - begin
    size = found[0].nbytes if isinstance(found, tuple) else sum(part.inputs.nbytes for part in found.parts.values())
    return {
        "seconds": round(seconds, 3),
        "extra_mib": round((_status("VmHWM") - before) / 1024, 1),
        "prepared_mib": round(size / 2**20, 1),
    }


def batches(storage: str, data: Path) -> Mapping[str, float]:
    """The anonymous memory of reading all batches of 50,000 images once, beside the window of batches."""
    import nas
    from nas.data.streamed import AHEAD, THREADS, Streamed

    found = nas.load_data("images", path=data / "png_50000", storage=storage)
    inputs: Any = found.train.inputs
    before, peak, done = _status("RssAnon"), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.002):
            peak[0] = max(peak[0], _status("RssAnon"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    order = np.random.default_rng(0).permutation(len(inputs))
    places = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    begin = time.perf_counter()
    for batch in inputs.batches(places) if isinstance(inputs, Streamed) else _taken(inputs, places):
        batch.sum()
    seconds = time.perf_counter() - begin
    done.set()
    watcher.join()
    window = (AHEAD + 1 if isinstance(inputs, Streamed) else 1) * BATCH * 3 * 32 * 32 / 2**20
    return {
        "seconds": round(seconds, 2),
        "extra_mib": round((peak[0] - before) / 1024, 1),
        "window_mib": round(window, 1),
        "prepared_mib": round(len(inputs) * 3072 / 2**20, 1),
        "threads": THREADS,
    }


def _taken(inputs: Any, places: list[Any]) -> Iterator[Any]:
    for rows in places:
        yield inputs[rows]


def doubted() -> Mapping[str, object]:
    """Labels of digits changed at random, and how many of them `nas data` finds."""
    from dataclasses import replace

    import nas
    from nas.data_summary import suspects

    suspects.FIRST = 10_000
    clean, found = nas.load_data("digits"), []
    for seed in range(5):
        random = np.random.default_rng(seed)
        targets = clean.train.targets.copy()
        wrong = random.choice(len(targets), 30, replace=False)
        targets[wrong] = (targets[wrong] + random.integers(1, 10, 30)) % 10
        result = suspects.find_suspects(replace(clean, train=nas.Samples(clean.train.inputs, targets)))
        named = {one.sample.place for one in result.first if one.sample.part == "train"}
        found.append({"seed": seed, "wrong": 30, "found": len(named & set(wrong.tolist())), "counted": result.count})
    return {"data": "digits", "trials": found}


def _status(key: str) -> int:
    """KiB of memory, from /proc/self/status."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))


def write_images(data: Path, into: Path) -> None:
    """CIFAR-10 as PNG files, 50,000 and the first 10,000 of them, in a folder for each class."""
    from PIL import Image

    import nas

    for name in ("adult.csv", "sst2.tsv", "free_spoken_digits", "cifar-10-batches-bin"):
        (into / name).symlink_to((data / name).absolute())
    cifar = nas.load_data("cifar", path=data / "cifar-10-batches-bin")
    pictures = np.concatenate([cifar.train.inputs, cifar.val.inputs]).transpose(0, 2, 3, 1)
    labels = np.concatenate([cifar.train.targets, cifar.val.targets])
    for count in (10_000, 50_000):
        for label in cifar.outputs:
            (into / f"png_{count}" / label).mkdir(parents=True)
        for place in range(count):
            file = into / f"png_{count}" / cifar.outputs[labels[place]] / f"{place:05d}.png"
            Image.fromarray(pictures[place]).save(file, compress_level=1)


def elsewhere(*arguments: str, cache: Path) -> Any:
    """What a process of its own measured."""
    command = [sys.executable, __file__, *arguments]
    environment = {**os.environ, VARIABLE: str(cache), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--case")
    parser.add_argument("--batches")
    parser.add_argument("--doubted", action="store_true")
    asked = parser.parse_args()
    if asked.case or asked.batches or asked.doubted:
        found = (
            doubted()
            if asked.doubted
            else batches(asked.batches, asked.data)
            if asked.batches
            else measured(asked.case, asked.data)
        )
        print(json.dumps(found))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_images(asked.data, folder)
        result: dict[str, Any] = {case: [] for case in CASES} | {f"{case}, again": [] for case in CACHED}
        for repeat in range(REPEATS):
            for case in CASES:
                if case in BIG and repeat:
                    continue
                cache = folder / f"cache_{repeat}"
                result[case].append(elsewhere("--data", name, "--case", case, cache=cache))
                print(case, result[case][-1], flush=True)
                if case in CACHED:
                    result[f"{case}, again"].append(elsewhere("--data", name, "--case", case, cache=cache))
                    print(f"{case}, again", result[f"{case}, again"][-1], flush=True)
        medians = {
            case: {key: statistics.median(run[key] for run in runs) for key in runs[0]} for case, runs in result.items()
        }
        cache = folder / "cache_0"
        reading = {one: elsewhere("--data", name, "--batches", one, cache=cache) for one in ("mapped", "streamed")}
        print(reading, flush=True)
        suspects = elsewhere("--data", name, "--doubted", cache=cache)
    path = write_result(
        "data", {"medians": medians, "runs": result, "batches of 256 images": reading, "wrong labels": suspects}
    )
    print(path)


if __name__ == "__main__":
    main()
