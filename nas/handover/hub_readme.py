"""The card of a network as the README of a repository on the Hugging Face Hub, whose metadata stand before the text."""

from collections.abc import Mapping
from math import isfinite
from types import MappingProxyType
from typing import Any

from nas.extras import package
from nas.handover.handed import Handed
from nas.modality import Modality
from nas.tasks.metrics import measured_in, metric_of

TAGS = ("archwright", "model_hub_mixin", "neural-architecture-search", "pytorch_model_hub_mixin")

PIPELINES: Mapping[Modality, Mapping[str, str]] = MappingProxyType(
    {
        "image": {"classification": "image-classification", "multilabel": "image-classification"},
        "sound": {"classification": "audio-classification", "multilabel": "audio-classification"},
        "text": {"classification": "text-classification", "multilabel": "text-classification"},
        "table": {"classification": "tabular-classification", "regression": "tabular-regression"},
    }
)
"""What the Hub calls a task, by the kind of inputs and the name of the task; it has no name for others."""

METRIC_TYPES = {"acc": "accuracy"}
"""What the Hub calls metrics, where it has other names."""

USE = """
## Use

```python
from hub import HubModel  # hub.py and model.py of this folder

model = HubModel.from_pretrained(".")
```
"""


def readme(handed: Handed) -> str:
    """The card, after its metadata."""
    hub = package("huggingface_hub", "hub")
    title = handed.folder.name if handed.summary is None else handed.summary.name
    task, modality = handed.predictor.task, handed.predictor.intake.preparation.input.modality
    pipeline = PIPELINES.get(modality, {}).get(task.name)
    results = [] if pipeline is None else _results(handed, hub, pipeline)
    data = hub.ModelCardData(
        library_name="pytorch",
        tags=[*TAGS],
        pipeline_tag=pipeline,
        model_name=title if results else None,
        eval_results=results or None,
    )
    return f"---\n{data.to_yaml()}\n---\n\n{handed.card or f'# {title}' + chr(10)}{USE}"


def _results(handed: Handed, hub: Any, pipeline: str) -> list[Any]:
    """The metrics on the test data; none if they are not known."""
    run = handed.summary
    if run is None or run.chosen is None or run.data is None:
        return []
    tested = run.chosen.test
    found = []
    for name in measured_in(tested, "test"):
        known = metric_of(name)
        if known is not None and isfinite(tested[name]):
            found.append(
                hub.EvalResult(
                    task_type=pipeline,
                    dataset_type=run.data,
                    dataset_name=run.data,
                    dataset_split="test",
                    metric_type=METRIC_TYPES.get(known.name, known.name),
                    metric_name=known.title,
                    metric_value=tested[name],
                )
            )
    return found
