"""The page of a comparison: one HTML file that opens offline and loads nothing, and its plots as files.

The page contains what a paper needs to state: controllers, problems, methods, results, and the differences that this
number of seeds cannot show. Results that could not be computed are listed with the reasons.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nas.analysis.judged import Judgement, winner_of
from nas.analysis.words import (
    at_a_time,
    budget_tile,
    flat_settings,
    listed_or_counted,
    named_settings,
    show_amount,
    show_ranges,
)
from nas.files import make_folder, write_bytes, write_text
from nas.formatting import NOTHING, counted, listed, show_count, show_duration, show_percent
from nas.pages.comparison.near_section import near_section
from nas.pages.comparison.overall_section import overall_section
from nas.pages.comparison.page import Options, Page
from nas.pages.comparison.plot import Plot
from nas.pages.comparison.problem_section import problem_section
from nas.pages.comparison.tables import cost_rows, pair_rows
from nas.pages.render import render
from nas.simulation.results import ProblemFacts

PAGE = "report.html"
"""The name of the page."""
PLOTS = "plots"
"""The folder of the plots, beside the page."""


def write_comparison(judged: Judgement, folder: Path, options: Options | None = None) -> Path:
    """Writes the page and the plots (SVG and PNG, in `plots/`) into a folder, which is made if necessary.

    The same judgement and options give the same bytes.

    Returns:
        The path of the page.

    Raises:
        StorageError: a file cannot be written.
    """
    page, plots = comparison_page(judged, options or Options())
    beside = make_folder(Path(folder) / PLOTS)
    for plot in plots:
        write_text(beside / f"{plot.name}.svg", plot.svg)
        write_bytes(beside / f"{plot.name}.png", plot.png)
    path = Path(folder) / PAGE
    write_text(path, page)
    return path


def comparison_page(judged: Judgement, options: Options) -> tuple[str, Sequence[Plot]]:
    """The page and its plots."""
    page = Page.of(judged, options)
    context = {
        "results": page.results,
        "headline": _headline(page),
        "key_figures": _tiles(page),
        "verdicts": _verdict_section(page),
        "methods": _methods(page),
        "findings": _findings(page),
        "problems": [problem_section(page, place) for place in range(len(page.results.problems))],
        "near": near_section(page),
        "overall": overall_section(page),
        "pairs": pair_rows(page),
        "cost": cost_rows(page),
        "groups": _settings(page),
        "statistic": options.statistic,
        "missing": list(dict.fromkeys(page.missing)),
    }
    return render("comparison/report.html", **context), page.plots


def _verdict_section(page: Page) -> Mapping[str, Any]:
    standings = []
    for place, each in enumerate(page.ranked if page.judged.mean else ()):
        better, worse, neither = page.judged.standing(each.name)
        standings.append(
            {
                "name": each.name,
                "mean": page.judged.show(float(page.judged.values[:, place].mean())),
                "better": listed(better) or NOTHING,
                "worse": listed(worse) or NOTHING,
                "neither": listed(neither) or NOTHING,
            }
        )
    scale = page.judged.common
    return {
        "family": len(page.judged.mean),
        "alpha": f"{page.judged.alpha:g}",
        "standings": standings,
        "quantity": f"{scale.quantity}, {scale.unit}" if scale else "",
        "decided": [verdict.sentence for verdict in page.judged.mean if winner_of(verdict)],
        "open": [verdict.sentence for verdict in page.judged.mean if not winner_of(verdict)],
        "each": [verdict.sentence for verdict in page.judged.each] if page.judged.each is not page.judged.mean else [],
        "reach": page.judged.reach,
    }


def _headline(page: Page) -> str:
    results = page.results
    if not page.judged.mean:
        return (
            f"{counted(len(results.controllers), 'controller')} on {counted(len(results.problems), 'problem')}, "
            f"{counted(len(results.seeds), 'seed')}"
        )
    first = page.ranked[0].name
    quantity = page.judged.common.quantity if page.judged.common else ""
    better, worse, neither = page.judged.standing(first)
    means = page.judged.values.mean(axis=(0, 2))
    tied = [one.name for one, mean in zip(page.ranked, means, strict=True) if np.isclose(mean, means[0])]
    if len(tied) > 1:
        return f"{listed(tied)} have the same lowest mean {quantity}"
    parts = [f"{first} has the lowest mean {quantity}"]
    if better:
        parts.append(f"it is better than {listed_or_counted(better)}")
    if worse:
        parts.append(f"it is worse than {listed_or_counted(worse)}")
    if neither:
        parts.append(f"no difference is shown against {listed_or_counted(neither)}")
    return "; ".join(parts)


def _tiles(page: Page) -> Sequence[tuple[str, str, str]]:
    results = page.results
    runs = [track.run for tracks in page.measures.tracks.values() for track in tracks]
    kind, amount = results.budget
    spent = sum(float(np.nansum(run.seconds)) for run in runs)
    return [
        ("Controllers", show_count(len(results.controllers)), "the same seeds for each"),
        (
            "Problems",
            show_count(len(results.problems)),
            f"{sum(problem.known for problem in results.problems)} with known true quality",
        ),
        ("Seeds", show_count(len(results.seeds)), show_ranges(results.seeds)),
        ("Budget of a run", *budget_tile(kind, amount, results.workers)),
        ("Evaluations", show_count(sum(map(len, runs))), f"in {counted(len(runs), 'run')}"),
        ("Evaluation time", show_duration(spent) if spent else NOTHING, "recorded or measured, total of all runs"),
    ]


def _methods(page: Page) -> Sequence[str]:
    """The methods, as in a paper."""
    results, options = page.results, page.options
    controllers = "; ".join(named_settings(name, settings) for name, settings in results.controllers.items())
    problems = "; ".join(_problem_words(page, problem) for problem in results.problems)
    kind, amount = results.budget
    told = ", told in the order of their numbers" if results.recorded.get("order") == "number" else ""
    what = (
        f"We compared {counted(len(results.controllers), 'controller')} ({controllers}) on "
        f"{counted(len(results.problems), 'problem')}: {problems}. Each controller was run on each problem with the "
        f"same {counted(len(results.seeds), 'seed')} ({show_ranges(results.seeds)}) and a budget of "
        f"{show_amount(kind, amount)} per run, {at_a_time(results.workers)}{told}."
    )
    paragraphs = [what]
    if any(page.scale(problem).true for problem in results.problems):
        paragraphs.append(
            "A controller observes noisy scores. The incumbent is the architecture with the highest observed score so "
            "far (the first in case of ties), which a search would select. This score is biased upwards by selection, "
            "so the incumbent is judged by the mean of the recorded runs that its search had not drawn. The regret of "
            "the incumbent is the difference between this mean and that of the best architecture of the problem, in "
            "percentage points if the score is an accuracy. The best architecture has the highest mean over all of its "
            "recorded runs, so regret can be negative. “Best evaluated” is the highest mean over all recorded runs "
            "among the architectures evaluated so far, which a search cannot identify. The difference between the two "
            "is the cost of noise."
        )
        paragraphs += _biased(page)
    if any(len(set(run.trained.tolist())) > 1 for run in results.runs.values()):
        paragraphs.append(
            "Some trainings were truncated. Higher fidelity ranks first: the incumbent and the best evaluated are "
            "selected among the evaluations with the most epochs so far, so a curve can rise at the first evaluation "
            "with more epochs."
        )
    if any(not page.scale(problem).true for problem in results.problems):
        names = listed([problem.name for problem in results.problems if not page.scale(problem).true])
        paragraphs.append(
            f"On {names}, true quality is unknown: the incumbent is judged by the observed score that selected it, "
            "which is biased upwards."
        )
    paragraphs.append(
        f"Curves show the {options.statistic} over seeds with pointwise 95 % bootstrap intervals. Pairs of controllers "
        "are compared by two-sided Wilcoxon signed-rank tests on final values paired by seed"
        + (" (the mean over the problems for each seed)" if page.judged.common and len(results.problems) > 1 else "")
        + f", Holm-corrected over all pairs at {page.judged.alpha:g}. A difference is reported only if Student's "
        f"{100 * (1 - page.judged.alpha):g} % interval of the mean difference also excludes 0. Intervals of "
        "interquartile means are obtained by resampling seeds, each with all of its runs."
    )
    recorded = "; ".join(f"{name} {value}" for name, value in results.recorded.items())
    if recorded:
        paragraphs.append(f"Recorded: {recorded}.")
    return paragraphs


def _biased(page: Page) -> Sequence[str]:
    """The problems on which incumbents are judged by the runs that selected them, because no other is left."""
    found = []
    for problem in page.results.problems:
        last = [track.biased[-1] for who in page.who for track in page.tracks(problem, who)]
        if problem.runs is not None and any(last):
            found.append(f"{problem.name} ({show_count(sum(last))} of {show_count(len(last))} runs)")
    if not found:
        return ()
    return [
        "For some incumbents, no undrawn run is left, because only one run of the architecture was recorded, or all "
        "were drawn. They are judged by the mean of all recorded runs, including the one that selected them, which is "
        f"biased upwards: {listed(found)}."
    ]


def _problem_words(page: Page, problem: ProblemFacts) -> str:
    scale = page.scale(problem)
    parts = [f"score: {problem.metric}"]
    if problem.size is not None:
        parts.append(counted(problem.size, "architecture"))
    if problem.runs is not None:
        low, high = problem.runs
        parts.append(f"{counted(low, 'recorded run') if low == high else f'{low} to {high} recorded runs'} of each")
    if problem.optimum is not None:
        best = show_percent(problem.optimum) if scale.accuracy else f"{problem.optimum:.6g}"
        parts.append(f"optimum {best}")
    return f"{problem.name} ({problem.source.rstrip('. ')}; {', '.join(parts)})"


def _findings(page: Page) -> str:
    """The results, as in a paper; empty without verdicts."""
    if not page.judged.mean:
        return ""
    decided = sum(winner_of(verdict) is not None for verdict in page.judged.mean)
    scale = page.judged.common
    means = ", ".join(
        f"{who.name} {page.judged.show(float(runs.mean()))} ± {page.judged.show(float(np.std(runs, ddof=1)))}"
        for who, runs in zip(page.ranked, page.judged.values.mean(axis=0), strict=True)
    )
    over = "" if len(page.results.problems) == 1 else f", mean over {len(page.results.problems)} problems"
    return (
        f"Final {scale.quantity if scale else ''} of the incumbent ({scale.unit if scale else ''}{over}; mean ± "
        f"standard deviation over {page.judged.seeds} seeds): {means}. {decided} of "
        f"{counted(len(page.judged.mean), 'pair')} of controllers "
        f"{'differ' if decided != 1 else 'differs'} at a family-wise error rate of {page.judged.alpha:g}. "
        f"{page.judged.reach}"
    )


def _settings(page: Page) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    results = page.results
    kind, amount = results.budget
    groups: list[tuple[str, Sequence[tuple[str, str]]]] = [
        ("Comparison", [("name", results.name), ("budget of a run", show_amount(kind, amount)),
                   ("workers", show_count(results.workers)), ("seeds", show_ranges(results.seeds)),
                   ("seed of the bootstrap", str(page.options.seed))]),
    ]  # fmt: skip
    for problem in results.problems:
        best = NOTHING
        if problem.optimum is not None:
            best = show_percent(problem.optimum) if page.scale(problem).accuracy else f"{problem.optimum:.6g}"
        size = NOTHING if problem.size is None else show_count(problem.size)
        rows = [("source", problem.source), ("score", problem.metric), ("architectures", size), ("optimum", best)]
        rows.append(("compared by", page.scale(problem).quantity))
        groups.append((f"Problem {problem.name}", rows))
    for name, settings in results.controllers.items():
        groups.append((f"Controller {name}", [*flat_settings(settings)] or [("settings", "none")]))
    groups.append(("Versions and hardware", list(results.recorded.items()) or [("recorded", "nothing")]))
    return groups
