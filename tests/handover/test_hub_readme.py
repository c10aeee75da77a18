"""The metadata of the README are those that the Hub reads."""

from pathlib import Path
from typing import get_args

from huggingface_hub import ModelCard, ModelCardData

from nas.handover.handed import handed_of
from nas.handover.hub_readme import PIPELINES, TAGS, readme
from nas.modality import Modality
from nas.runs.summary import read_run
from nas.tasks import TASKS


def test_metadata_and_card(finished: Path) -> None:
    handed, run = handed_of(finished), read_run(finished)
    card = ModelCard(readme(handed))
    assert isinstance(card.data, ModelCardData)
    assert card.data.tags == [*TAGS]
    assert (card.data.library_name, card.data.pipeline_tag) == ("pytorch", "image-classification")
    assert run.chosen is not None
    results = card.data.eval_results
    assert results is not None
    assert [(one.metric_type, one.metric_value) for one in results] == [("accuracy", run.chosen.test["test_acc"])]
    assert {(one.dataset_name, one.dataset_split) for one in results} == {("digits", "test")}
    assert card.text.strip().startswith(f"# {run.name}: ")
    assert "from hub import HubModel" in card.text


def test_names_of_tasks_are_of_ours() -> None:
    assert set(PIPELINES) <= set(get_args(Modality))
    assert {task for tasks in PIPELINES.values() for task in tasks} <= set(TASKS)
