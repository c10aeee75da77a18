"""The section of a problem: its curves, its final values and its table."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from nas.analysis.measures import Scale, stacked
from nas.analysis.words import slug
from nas.errors import UsageError
from nas.pages.comparison.curves_plot import Line, curves_plot
from nas.pages.comparison.page import Page
from nas.pages.comparison.plot import Plot
from nas.pages.comparison.rows_plot import strips_plot
from nas.pages.comparison.tables import problem_table
from nas.pages.comparison.who import Who
from nas.simulation.results import Floats, ProblemFacts
from nas.statistics.curves import Band, aggregate, resample, time_grid

POINTS = 500
"""The largest number of points of a curve."""


def problem_section(page: Page, place: int) -> Mapping[str, Any]:
    """The plots and the table of a problem."""
    problem = page.results.problems[place]
    scale = page.scale(problem)
    stem = f"{place + 1}-{slug(problem.name)}"
    subject = "regret of the incumbent" if scale.regret else "incumbent"
    unit = f"{subject}, {scale.unit}" if scale.regret else _shown_quantity(problem, scale)
    curves: list[tuple[str, str, Plot | None]] = []
    evaluations = partial(_evaluation_lines, page, problem)

    def plot(kind: str, caption: str, lines: Callable[[], Sequence[Line]], across: str, upward: str) -> None:
        title = f"{problem.name}: {upward} over {across}"
        make = partial(_curves, f"{stem}-{kind}", title, lines, across, upward, scale.regret)
        curves.append((kind, caption, page.draw(f"{problem.name}, {caption}", make)))

    plot("incumbent-evaluations", "incumbent over evaluations", lambda: evaluations("incumbent"), "evaluations", unit)
    unit_name, seconds = _time_unit(page, problem)
    if seconds:
        lines = partial(_time_lines, page, problem, seconds)
        plot("incumbent-time", "incumbent over simulated time", lines, f"simulated time, {unit_name}", unit)
    else:
        page.missing.append(f"{problem.name}, curves over time: no seconds were recorded.")
    if scale.true:
        best = f"{scale.quantity} of the best evaluated, {scale.unit}" if scale.regret else f"best evaluated, {unit}"
        plot("best-evaluations", "best evaluated over evaluations", lambda: evaluations("best"), "evaluations", best)
    final = f"{subject} at the end, {scale.unit}" if scale.regret else f"final {scale.quantity}"
    last = page.draw(
        f"{problem.name}, final values of all runs", partial(_final_plot, page, place, f"{stem}-final", final)
    )
    curves.append(("final", "final values of all runs", last))
    captions = {
        "incumbent-evaluations": "Incumbent",
        "incumbent-time": "Incumbent over simulated time",
        "best-evaluations": "Best evaluated",
        "final": "Final values",
    }
    notes = {
        "incumbent-evaluations": f"{unit}: {page.options.statistic} over the seeds, with a 95 % band.",
        "incumbent-time": "Recorded seconds, including idle time of workers. Each curve ends where its first run ends.",
        "best-evaluations": "The architecture that would be selected by true quality.",
        "final": "Dot: a run; box: middle half; thick line: median; diamond: mean. Lower is better.",
    }
    return {
        "name": problem.name,
        "source": problem.source,
        "regret": scale.regret,
        "plots": [(captions[kind], notes[kind], plot) for kind, _, plot in curves if plot],
        "table": problem_table(page, place),
    }


def _shown_quantity(problem: ProblemFacts, scale: Scale) -> str:
    known = "true" if scale.true else "observed"
    return f"{known} {problem.metric} of the incumbent" + (", %" if scale.accuracy else "")


def _curves(name: str, title: str, lines: Callable[[], Sequence[Line]], across: str, upward: str, log: bool) -> Plot:
    found = lines()
    if not found:
        raise UsageError("there is no point at which the values of all runs of a controller are known")
    return curves_plot(name, title, found, across=across, upward=upward, log=log)


def _evaluation_lines(page: Page, problem: ProblemFacts, which: Literal["incumbent", "best"]) -> Sequence[Line]:
    found = []
    for who in page.who:
        tracks = page.tracks(problem, who)
        if not tracks:
            continue
        table = stacked([track.incumbent if which == "incumbent" else track.best for track in tracks])
        across = np.arange(1.0, table.shape[1] + 1)
        if len(across) > POINTS:
            kept = np.unique(np.rint(np.linspace(0, len(across) - 1, POINTS)).astype(int))
            table, across = table[:, kept], across[kept]
        line = _line(page, problem, who, across, table)
        if line:
            found.append(line)
    return found


def _time_lines(page: Page, problem: ProblemFacts, unit: float) -> Sequence[Line]:
    kind, amount = page.results.budget
    found = []
    for who in page.who:
        known = [(track, np.isfinite(track.incumbent)) for track in page.tracks(problem, who)]
        if not known or not all(there[-1] and there[np.argmax(there) :].all() for _, there in known):
            continue
        clocks = [track.run.clock[there] for track, there in known]
        curves = [track.incumbent[there] for track, there in known]
        ends = [max(float(clock[-1]), amount) if kind == "seconds" else float(clock[-1]) for clock in clocks]
        try:
            grid = time_grid(clocks, ends)
        except UsageError as error:
            page.missing.append(f"{problem.name}, {who.name} over simulated time: {error}.")
            continue
        line = _line(page, problem, who, grid / unit, resample(clocks, curves, grid, ends), of="over simulated time")
        if line:
            found.append(line)
    return found


def _line(page: Page, problem: ProblemFacts, who: Who, across: Floats, table: Floats, of: str = "") -> Line | None:
    """A curve with its band, or without one for a single seed. None, with a note, if no point is known for all runs."""
    known = ~np.isnan(table).any(axis=0)
    if not known.any():
        place = f"{problem.name}, {who.name} {of}".rstrip()
        page.missing.append(f"{place}, curve: there is no point at which the values of all its runs are known.")
        return None
    if len(table) > 1:
        band = aggregate(table, rng=page.rng, statistic=page.options.statistic)
    else:
        page.missing.append(f"{problem.name}: {who.name} has a single run, so its curves have no band.")
        band = Band(table[0], table[0], table[0], page.options.statistic, 0.95, 1)
    center, low, high = band.center, band.low, band.high
    scale = page.scale(problem)
    if not scale.regret:  # plot the quality itself, higher is better
        whole = 100 if scale.accuracy else 0
        center, low, high = whole - center, whole - high, whole - low
    return Line(who, across, center, low, high)


def _time_unit(page: Page, problem: ProblemFacts) -> tuple[str, float]:
    """The name of a unit for the clocks of a problem, and its seconds; 0 if no seconds were recorded."""
    runs = [track.run for who in page.who for track in page.tracks(problem, who)]
    if not runs or not all(np.isfinite(run.clock).all() for run in runs):
        return "s", 0.0
    longest = max(float(run.clock[-1]) for run in runs)
    if longest <= 0 or not any(np.nansum(run.seconds) > 0 for run in runs):
        return "s", 0.0
    for name, seconds in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if longest >= 2 * seconds:
            return name, seconds
    return "s", 1.0


def _final_plot(page: Page, place: int, name: str, across: str) -> Plot:
    problem = page.results.problems[place]
    rows = [
        (who, runs[np.isfinite(runs)])
        for who, runs in zip(page.who, page.measures.final[place], strict=True)
        if np.isfinite(runs).any()
    ]
    if not rows:
        raise UsageError("no run has a final value")
    return strips_plot(name, f"{problem.name}: {across}, all runs", rows, across=across, log=page.scale(problem).regret)
