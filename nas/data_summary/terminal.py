"""The summary of a data set as lines for a terminal."""

import math
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from nas.data_summary.records import ColumnFacts, DataSummary, Duplicates, Inputs, Sample, Suspects, Targets
from nas.formatting import counted, listed, show_metric, show_percent

WIDTH = 80
MOST_OUTPUTS = 30
MOST_COLUMNS = 40
SHOWN = 8
"""Samples that are named of a kind."""

_BAR = 20
_LONGEST = 44


def lines_of(summary: DataSummary) -> Iterator[str]:
    """The lines, each of at most 80 columns."""
    plural = "" if len(summary.targets.outputs) == 1 else "s"
    what = {"classification": "classe", "multilabel": "label", "regression": "target"}.get(summary.task, "output")
    what = "class" if (what, plural) == ("classe", "") else f"{what}{plural}"
    yield from _wrapped(f"{summary.name}: {summary.task}, {len(summary.targets.outputs)} {what}")
    for note in summary.notes:
        yield from _wrapped(note, "  ")
    yield from _titled("Samples", [", ".join(f"{count:,} {part}" for part, count in summary.samples.items())])
    yield from _targets(summary.targets, list(summary.samples))
    yield from _inputs(summary.inputs, summary.samples["train"])
    yield from _duplicates(summary.duplicates)
    if summary.suspects is not None:
        yield from _suspects(summary.suspects)


def _targets(targets: Targets, parts: Sequence[str]) -> Iterator[str]:
    shown = targets.outputs[:MOST_OUTPUTS]
    yield ""
    if targets.imbalance is None:
        keys = ("min", "median", "mean", "max", "std")
        yield from _table(
            [["Targets", *keys], *([one.name, *(f"{one.values[key]:.5g}" for key in keys)] for one in shown)]
        )
    else:
        most = max(1, *(one.counts["train"] for one in targets.outputs))
        rows = [["Classes", *parts, ""]]
        for one in shown:
            bar = "█" * math.ceil(_BAR * one.counts["train"] / most)
            rows.append([one.name, *(f"{one.counts[part]:,}" for part in parts), bar])
        yield from _table(rows, left={0, len(rows[0]) - 1})
    if len(targets.outputs) > len(shown):
        yield f"  and {len(targets.outputs) - len(shown):,} more"
    if targets.imbalance is not None and len(targets.outputs) > 1:
        times = f"The most frequent one has {targets.imbalance:.3g} times the samples of the rarest."
        yield from _wrapped(times if targets.imbalance > 1.005 else "All are equally frequent.", "  ")
    reached = ", ".join(f"{name} {show_metric(name, value)}" for name, value in targets.metrics.items())
    yield from _wrapped(f"Without the inputs ({targets.trivial}): {reached}", "  ")


def _inputs(inputs: Inputs, samples: int) -> Iterator[str]:
    shape = "×".join(map(str, inputs.shape))
    facts = {"type": f"{inputs.modality}, {shape}, {inputs.dtype}"}
    if not inputs.columns and "vocabulary" not in inputs.details:
        facts["values"] = "{min:.5g} to {max:.5g}, mean {mean:.5g}, std {std:.5g}".format(**inputs.values)
    facts |= inputs.details
    if inputs.constant:
        facts["constant"] = f"{inputs.constant:,} of {inputs.entries:,} entries have one value in the training part"
    if inputs.looked_at < samples:
        facts["looked at"] = f"{inputs.looked_at:,} of {samples:,} training samples, evenly spread"
    indent = max(map(len, facts)) + 4
    yield from ("", "Inputs")
    for name, text in facts.items():
        first, *rest = wrap(text, WIDTH - indent)
        yield f"  {name:<{indent - 2}}{first}"
        yield from (" " * indent + line for line in rest)
    if inputs.columns:
        yield ""
        rows = [["Columns", "kind", "missing", "distinct", "values of the training part"]]
        rows += [[one.name, one.kind, f"{one.missing:,}", f"{one.distinct:,}", _range(one)] for one in inputs.columns]
        yield from _table(rows[: MOST_COLUMNS + 1], left={0, 1, 4})
        if len(rows) > MOST_COLUMNS + 1:
            yield f"  and {len(rows) - MOST_COLUMNS - 1:,} more"


def _range(column: ColumnFacts) -> str:
    if column.kind != "category":
        return "{min:.5g} to {max:.5g}, median {median:.5g}".format(**column.values)
    unknown = f"; {column.unknown:,} unknown elsewhere" if column.unknown else ""
    return f"{column.most_frequent}{unknown}"


def _duplicates(found: Duplicates) -> Iterator[str]:
    within = [f"{counted(count, 'sample')} of {part}" for part, count in found.within.items() if count]
    lines = [f"{listed(within)} equal an earlier one of the same part." if within else "None within a part."]
    for two, count in found.between.items():
        if count:
            first, second = two.split(", ")
            lines.append(f"{counted(count, 'sample')} of {second} also in {first}.")
    if not any(found.between.values()):
        lines.append("None between parts.")
    if found.contradictory:
        lines.append(f"{found.contradictory:,} equal samples have different targets.")
    for members in found.examples[:SHOWN]:
        shown = [f"{_at(one)} ({one.target})" for one in members[:3]]
        lines.append("= ".join((f"{shown[0]} ", *(f"{one} " for one in shown[1:]))).rstrip())
    if found.looked_at < found.of:
        lines.append(f"Of {found.of:,} samples, {found.looked_at:,} were compared, evenly spread.")
    yield from _titled("Equal inputs, after preparation", lines)


def _suspects(found: Suspects) -> Iterator[str]:
    title = "Targets that may be wrong"
    if found.score is None:
        yield from _titled(title, [f"They cannot be looked for: {found.method}"])
        return
    values = found.first and found.first[0].confidence is None
    score = f"R² {found.score:.3f}" if values else f"{show_percent(found.score, decimals=1)} right"
    lines = [
        f"{found.count:,} of {found.looked_at:,} training and validation samples, by {found.method}, which was fitted "
        f"to the other folds each time ({score}). It counts where {found.rule}.",
    ]
    if found.count and found.weak:
        lines.append("The model is weak: most of these are hard to predict rather than wrong.")
    if found.looked_at < found.of:
        lines.append(f"Of {found.of:,} samples, {found.looked_at:,} were judged, evenly spread.")
    for one in found.first[:SHOWN]:
        sure = "" if one.confidence is None else f", given {show_percent(one.confidence, decimals=1)}"
        sample = one.sample
        lines.append(f"{_at(sample)}: {sample.target}{sure}; predicted {one.predicted}")
        if one.shown:
            lines.append(f"  {one.shown[: 2 * WIDTH]}")
    if found.count > SHOWN:
        lines.append(f"and {found.count - SHOWN:,} more")
    yield from _titled(title, lines)


def _at(sample: Sample) -> str:
    """Where a sample is; of a long path, the end."""
    name = sample.name if len(sample.name) <= _LONGEST else f"…{sample.name[1 - _LONGEST :]}"
    return name if name.startswith(f"{sample.part} ") else f"{sample.part}: {name}"


def _titled(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", title)
    for line in lines:
        yield from _wrapped(line, "  ")


def _wrapped(text: str, indent: str = "") -> Iterator[str]:
    yield from wrap(text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  " if indent else "")


def _table(rows: Sequence[Sequence[str]], left: set[int] | frozenset[int] = frozenset({0})) -> Iterator[str]:
    """Rows with a header; the first and the last column are cut, so that lines fit."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    room = WIDTH - sum(widths[1:-1]) - 2 * (len(widths) - 1)
    widths[0] = min(widths[0], max(room - widths[-1], room // 2, 8))
    widths[-1] = min(widths[-1], room - widths[0])
    for row in rows:
        cells = [_cut(cell, width) for cell, width in zip(row, widths, strict=True)]
        aligned = [
            f"{cell:<{width}}" if at in left else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield ("  ".join(aligned)).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
