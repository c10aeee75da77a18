"""What the selected network has learned of a table, as the rules of a decision tree."""

from collections.abc import Mapping
from typing import Any

from nas.formatting import counted, show_count, show_percent
from nas.pages.run.run_summary import RunSummary
from nas.tasks.metrics import PARTS


def tree_section(run: RunSummary) -> Mapping[str, Any] | None:
    """The fidelity of the tree and its rules; None: there is no tree."""
    found = run.diagnosed
    if found is None or found.tree is None:
        return None
    tree = found.tree
    classes = tree.rules[0].agreement is not None
    data = f"{counted(tree.held_out, 'sample')} of the {PARTS[found.part]} data"
    reached = (
        f"It gives the answer of the network for {show_percent(tree.fidelity, decimals=1)} of {data}; the most frequent"
        f" answer is given for {show_percent(tree.trivial, decimals=1)}."
        if classes
        else f"It explains {show_percent(tree.fidelity, decimals=1)} of the variance (R²) of the answers of the network"
        f" for {data}."
    )
    text = (
        f"A decision tree fitted to the answers of the network for {show_count(tree.fitted)} training samples, not to"
        f" what is right. {reached} What it does not explain, the network knows beyond these rules."
    )
    rows = [
        {
            "conditions": rule.conditions or ("always",),
            "answer": rule.answer,
            "samples": show_percent(rule.samples, decimals=1),
            "agreement": "" if rule.agreement is None else show_percent(rule.agreement, decimals=1),
        }
        for rule in tree.rules
    ]
    return {"text": text, "rows": rows, "agreement": classes}
