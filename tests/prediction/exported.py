"""Networks of every kind of data, exported without a training, and files with the samples of their test parts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from nas.data import Dataset, load_data
from nas.final.export import network_files
from nas.manifest import Manifest
from nas.space import load_space
from nas.training.workbench import Workbench, network_of
from tests.data.sounds import write_classes

PLAIN = "[flatten, {linear: {units: outputs}}]"
LAYERS = {
    "texts": "[{embedding: {vocabulary: tokens, width: 3}}, flatten, {linear: {units: outputs}}]",
    "tables": "[{embed_categories: {categories: categories, width: 2}}, {linear: {units: outputs}}]",
}
WORDS = ("good", "bad", "fine", "poor", "dull", "great")


@dataclass(frozen=True)
class Exported:
    """A network, and the samples that it is tested on.

    Attributes:
        data: its data set.
        folder: where it was exported to.
        inputs: the path of the test samples, without their targets where there is a way.
    """

    data: Dataset
    folder: Path
    inputs: Path


def export_of(data: Dataset, folder: Path, inputs: Path, layers: str = "") -> Exported:
    """The export of a network of these layers, or of those that suit the data, with random weights."""
    import yaml

    name = data.intake.preparation.name
    suited = PLAIN if name == "tables" and not data.input.categories else LAYERS.get(name, PLAIN)
    space = {"input": "from data", "layers": yaml.safe_load(layers or suited)}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = network_of(load_space(space, data=data).sample(np.random.default_rng(0)), data).eval()
    for file, content in network_files(network, task=data.task, intake=data.intake, name=name).items():
        Manifest(folder).write(file, content)
    return Exported(data, folder, inputs)


def arrays(folder: Path) -> Exported:
    """Regression of two values."""
    rng = np.random.default_rng(0)
    inputs, targets = rng.normal(size=(40, 3)), rng.normal(size=(40, 2))
    np.savez(
        folder / "data.npz",
        train_inputs=inputs[:30],
        train_labels=targets[:30],
        test_inputs=inputs[30:],
        test_labels=targets[30:],
    )
    np.save(folder / "new.npy", inputs[30:])
    return export_of(load_data("npz", path=folder / "data.npz"), folder / "network", folder / "new.npy")


def images(folder: Path) -> Exported:
    """Two classes of images that differ in size."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 6), ("val", 2), ("test", 3)):
        for label in ("cat", "dog"):
            (folder / "photos" / part / label).mkdir(parents=True)
            for place in range(count):
                pixels = rng.integers(0, 256, (6 + place, 5, 3)).astype(np.uint8)
                Image.fromarray(pixels).save(folder / "photos" / part / label / f"{place}.png")
    return export_of(load_data("images", path=folder / "photos"), folder / "network", folder / "photos" / "test")


def sounds(folder: Path) -> Exported:
    """Two classes of tones."""
    for part, each in (("train", 4), ("val", 2), ("test", 3)):
        write_classes(folder / "tones" / part, each=each)
    data = load_data("sounds", path=folder / "tones", seconds=0.05)
    return export_of(data, folder / "network", folder / "tones" / "test")


def texts(folder: Path) -> Exported:
    """Several labels of texts, in a file that needs its dialect."""
    rng = np.random.default_rng(0)
    rows = [
        (" ".join(rng.choice(WORDS, 1 + place % 4)), ("warm", "warm|cold", "cold", "")[place % 4])
        for place in range(24)
    ]
    parts = ["test" if place % 4 == place // 6 else ("train", "val")[place % 5 == 0] for place in range(24)]
    lines = [f'{text};"{label.replace("|", ",")}";{part}' for (text, label), part in zip(rows, parts, strict=True)]
    (folder / "texts.csv").write_text("\n".join(["body;labels;part", *lines]) + "\n", encoding="utf-16")
    tests = [text for (text, _), part in zip(rows, parts, strict=True) if part == "test"]
    (folder / "new.csv").write_text("\n".join(["number;body", *(f"1;{text}" for text in tests)]), encoding="utf-16")
    data = load_data(
        "texts",
        path=folder / "texts.csv",
        text="body",
        target="labels",
        part="part",
        min_count=1,
        task="multilabel",
        encoding="utf-16",
    )
    return export_of(data, folder / "network", folder / "new.csv")


def tables(folder: Path) -> Exported:
    """Three classes of rows with a number, a date and codes that look like numbers, with gaps."""
    rng = np.random.default_rng(0)
    lines, tests = [], []
    for place in range(40):
        size = "NA" if place % 7 == 0 else f"{rng.normal():.3f}"
        code = ("007", "12", "A1", "")[place % 4]
        inputs = f"{size},2024-0{1 + place % 3}-11,{code}"
        part = "test" if place % 4 == 3 or place % 9 == 0 else "train"
        lines.append(f"{inputs},{('x', 'y', 'z')[place % 3]},{part}")
        if part == "test":
            tests.append(f"more,{inputs}")
    (folder / "rows.csv").write_text("\n".join(["size,sold,code,kind,part", *lines]) + "\n", encoding="utf-8")
    (folder / "new.csv").write_text("\n".join(["extra,size,sold,code", *tests]) + "\n", encoding="utf-8")
    data = load_data("table", path=folder / "rows.csv", target="kind", part="part", kinds={"code": "category"})
    return export_of(data, folder / "network", folder / "new.csv")


KINDS: Mapping[str, Callable[[Path], Exported]] = {one.__name__: one for one in (arrays, images, sounds, texts, tables)}
"""How an export of each kind of data is made in a folder, by the name of its preparation."""


def bench_of(exported: Exported) -> Workbench:
    """The bench on which the run of a network would test it."""
    return Workbench(exported.data, device="cpu")
