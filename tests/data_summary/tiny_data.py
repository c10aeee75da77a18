"""Small data sets of which everything is known."""

import numpy as np

import nas


def two_blobs(count: int = 60, seed: int = 0) -> nas.Dataset:
    """Images of three pixels: (0, 0, 1) with noise and the label `a`, or (9, 9, 1) and `b`; the last one has none."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 2
    points = random.normal(9 * labels[:, None], 1, (count, 2))
    inputs = np.hstack([points, np.ones((count, 1))]).astype(np.float32).reshape(count, 1, 1, 3)
    third = count // 3
    return nas.from_arrays(
        inputs[third:],
        np.array(["a", "b"])[labels[third:]],
        val=(inputs[:third], np.array(["a", "b"])[labels[:third]]),
    )


def with_targets(data: nas.Dataset, changes: dict[int, int]) -> nas.Dataset:
    """With other targets of some training samples."""
    from dataclasses import replace

    targets = data.train.targets.copy()
    for place, target in changes.items():
        targets[place] = target
    return replace(data, train=nas.Samples(data.train.inputs, targets))
