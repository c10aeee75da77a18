"""The JSON schema of run files."""

from nas.evaluate import EVALUATORS
from nas.hardware import HARDWARE_METRICS
from nas.runs.config import PARTS, RunConfig
from nas.schema.common import Schema
from nas.schema.files import file_schema


def run_schema() -> Schema:
    """The schema of a run file, as declared by `RunConfig`, with the metrics of our evaluators and of hardware."""
    schema = file_schema(RunConfig, PARTS, "Run file")
    reported = (metric for one in EVALUATORS.values() for metric in getattr(one, "metrics", ()))
    metrics = list(dict.fromkeys([*reported, *HARDWARE_METRICS]))
    objectives = schema["properties"]["objectives"]
    objectives["properties"] = dict.fromkeys(metrics, objectives["additionalProperties"])
    known = {"enum": list(EVALUATORS)}
    return {
        **schema,
        "if": {"properties": {"evaluator": {"anyOf": [known, {"type": "object", "propertyNames": known}]}}},
        "then": {"properties": {"objectives": {"propertyNames": {"enum": metrics}}}},
    }
