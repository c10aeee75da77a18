"""The confusion matrix as a map."""

import numpy as np

from nas.pages.run.confusion_plot import confusion_plot
from tests.pages.svg import check_inline, texts


def test_it_stands_in_a_page() -> None:
    for count in (2, 3, 10, 20):
        counts = np.random.default_rng(0).integers(0, 3, (count, count)).tolist()
        svg = confusion_plot([f"class {place}" for place in range(count)], counts)
        check_inline([svg])
        assert {"class 0", f"class {count - 1}"} <= set(texts(svg))


def test_cells_without_samples_are_empty() -> None:
    found = texts(confusion_plot(["cat", "a kind of dog with a long name"], [[17, 0], [3, 1234]]))
    assert {"17", "3", "1234"} <= set(found)
    assert "0" not in found
