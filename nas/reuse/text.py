"""What came of a network for another task, as lines of at most 80 columns."""

from collections.abc import Iterator

from nas.formatting import counted, show_metric
from nas.reuse.transferred import Figures, Transferred


def show_transferred(found: Transferred) -> Iterator[str]:
    """The figures of the method beside those of a training from scratch."""
    counts = f"{found.val:,} to validate on, {found.test:,} to test"
    yield f"{found.data}: {counted(found.train, 'training sample')}, {counts}"
    yield f"features: {counted(found.features, 'number')} of {found.layer}"
    yield ""
    chosen = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in found.chosen.items())
    rows: dict[str, tuple[Figures, str]] = {found.method: (found.figures, chosen)}
    if found.scratch is not None:
        rows["scratch"] = found.scratch, ""
    names = [name for name in found.figures.metrics if not name.endswith("_loss")]
    width = max(map(len, rows))
    sizes = {name: max(len(name), 9) for name in names}
    yield "  ".join([f"{'':{width}}", *(f"{name:>{sizes[name]}}" for name in names), "seconds"])
    for title, (figures, note) in rows.items():
        yield "  ".join([f"{title:<{width}}", *_cells(figures, sizes), note]).rstrip()


def _cells(figures: Figures, sizes: dict[str, int]) -> Iterator[str]:
    for name, size in sizes.items():
        yield f"{show_metric(name, figures.metrics.get(name)):>{size}}"
    yield f"{figures.seconds:>7.1f}"
