"""The tables of scikit-learn."""

import numpy as np
import pytest
from sklearn import datasets

from nas.data import load_data


@pytest.mark.parametrize(
    ("name", "samples", "features", "outputs"),
    [
        ("iris", 150, 4, ("setosa", "versicolor", "virginica")),
        ("wine", 178, 13, ("class_0", "class_1", "class_2")),
        ("breast_cancer", 569, 30, ("malignant", "benign")),
        ("diabetes", 442, 10, ("progression",)),
        ("linnerud", 20, 3, ("Weight", "Waist", "Pulse")),
    ],
)
def test_they_have_all_samples(name: str, samples: int, features: int, outputs: tuple[str, ...]) -> None:
    data = load_data("sklearn", dataset=name)
    assert (data.name, data.shape, data.outputs) == (name, (features,), outputs)
    assert data.test is not None
    parts = (data.train, data.val, data.test)
    assert sum(map(len, parts)) == samples
    loaded = getattr(datasets, f"load_{name}")()
    ours = np.concatenate([np.hstack([part.inputs, part.targets.reshape(len(part), -1)]) for part in parts])
    theirs = np.hstack([loaded.data, loaded.target.reshape(samples, -1)]).astype(np.float32)
    assert np.array_equal(ours[np.lexsort(ours.T)], theirs[np.lexsort(theirs.T)])
    assert data.task.name == ("regression" if name in ("diabetes", "linnerud") else "classification")
