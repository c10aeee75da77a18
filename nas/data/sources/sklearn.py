"""The small tables that scikit-learn contains."""

import importlib
from typing import Annotated, Any, Literal

import numpy as np

from nas.arguments import checked
from nas.data.columns import Columns
from nas.data.dataset import Dataset
from nas.data.roles import Roles
from nas.data.sources.columns import data_of_columns
from nas.data.split import Split
from nas.settings import INLINE
from nas.tasks import AUTO

Table = Literal["iris", "wine", "breast_cancer", "diabetes", "linnerud"]


@checked
def sklearn(*, dataset: Table, split: Annotated[Split, INLINE] = Split(), task: str = AUTO) -> Dataset:
    """A table of scikit-learn: https://scikit-learn.org/stable/datasets/toy_dataset.html

    Args:
        dataset: `iris` (150 samples of 4 numbers, 3 classes), `wine` (178 of 13, 3 classes), `breast_cancer` (569 of
            30, 2 classes), `diabetes` (442 of 10, one value) or `linnerud` (20 of 3, three values).
        split: how rows are divided.
        task: the task of the networks.
    """
    datasets = importlib.import_module("sklearn.datasets")
    loaded: Any = getattr(datasets, f"load_{dataset}")()
    arrays = dict(zip(map(str, loaded.feature_names), np.asarray(loaded.data, np.float64).T, strict=True))
    classes = None
    if np.issubdtype(loaded.target.dtype, np.integer):
        classes = [str(one) for one in loaded.target_names]
        target = np.array(classes, object)[loaded.target]
        targets: dict[str, Any] = {"class": target}
    elif loaded.target.ndim == 1:
        targets = {"progression": loaded.target}
    else:
        targets = dict(zip(map(str, loaded.target_names), np.asarray(loaded.target, np.float64).T, strict=True))
    columns = Columns({**arrays, **targets}, dataset, np.arange(len(loaded.data)))
    # Several targets of a few whole numbers are values, not labels.
    known = "regression" if task == AUTO and classes is None else task
    return data_of_columns(dataset, columns, Roles(tuple(targets)), split=split, task=known, classes=classes)
