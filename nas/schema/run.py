"""The JSON schema of run files, made from the tables and signatures that `nas.config` checks them against."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nas.arguments import Positive, Seed, Threads
from nas.config import DEFAULTS, GIVEN, TOP_KEYS, RunConfig, plain
from nas.controllers import CONTROLLERS, Controller
from nas.data import DATASETS
from nas.document import MAX_NAME
from nas.evaluate import EVALUATORS, METRICS
from nas.schema.common import DRAFT, Schema, arguments, either, entries, mapping, of_type
from nas.training import Recipe
from nas.training.device import Device, Precision
from nas.trial import Direction, Objective
from nas.winner import Winner

CONTROLLER: Schema = {"$ref": "#/$defs/controller"}
"""A controller, which may wrap controllers."""

WRAPPED: Mapping[Any, Schema] = {
    Controller: CONTROLLER,
    Sequence[Controller]: {"type": "array", "minItems": 1, "items": CONTROLLER},
}
"""Types of arguments that stand for controllers."""


def run_schema() -> Schema:
    """The schema of a run file."""
    about = entries(RunConfig)
    values: Mapping[str, Schema] = {
        "name": {"type": "string", "pattern": r'^[^/\\:*?"<>|]+$', "maxLength": MAX_NAME},
        "space": {"type": "string"},
        "data": _setting(DATASETS),
        "controller": CONTROLLER,
        "evaluator": _setting(EVALUATORS),
        "objectives": _objectives(),
        "budget": mapping(
            {"trials": {**of_type(Positive), "default": DEFAULTS["trials"], "description": about["trials"]}}
        ),
        "winner": of_type(Winner),
        "final": _final(about),
        "seed": of_type(Seed),
        "device": of_type(Device),
        "precision": of_type(Precision),
        "threads": {**of_type(Threads), "type": ["integer", "null"]},
        "recorded": {"type": "object", "doNotSuggest": True},
    }
    about = {"budget": "How much may be spent", **about}
    defaults = {key: plain(DEFAULTS[key]) for key in TOP_KEYS if key in DEFAULTS}
    return {
        "$schema": DRAFT,
        "title": "Run file",
        "description": "A run file of Archwright: everything that one search needs",
        **mapping(
            {key: {"description": about[key], **values[key], **_default(defaults, key)} for key in TOP_KEYS},
            required=["space", "data"],
        ),
        "$defs": {"controller": _setting(CONTROLLERS)},
    }


def _default(defaults: Mapping[str, Any], key: str) -> Schema:
    return {"default": defaults[key]} if key in defaults else {}


def _setting(table: Mapping[str, Callable[..., Any]]) -> Schema:
    """A name from a table, or the name with settings."""
    settings = {name: arguments(target, without=GIVEN, known=WRAPPED) for name, target in table.items()}
    alone = {name: schema["description"] for name, schema in settings.items() if "required" not in schema}
    return either(
        alone, {"properties": settings, "additionalProperties": False, "minProperties": 1, "maxProperties": 1}
    )


def _final(about: Mapping[str, str]) -> Schema:
    """How many are trained at full length, and how."""
    recipe = arguments(Recipe)["properties"]
    recipe["epochs"]["default"] = DEFAULTS["epochs"]
    return mapping({"top": {**of_type(Positive), "default": DEFAULTS["top"], "description": about["top"]}, **recipe})


def _objectives() -> Schema:
    """`{metric: direction}` or `{metric: {direction: ..., limit: ...}}`."""
    full = arguments(Objective, without=("metric",))
    directions = dict.fromkeys(of_type(Direction)["enum"], "")
    objective = either(directions, {key: full[key] for key in ("properties", "additionalProperties")})
    metrics = dict.fromkeys(metric for reported in METRICS.values() for metric in reported)
    return {
        "type": "object",
        "minProperties": 1,
        "properties": dict.fromkeys(metrics, objective),
        "additionalProperties": False,
    }
