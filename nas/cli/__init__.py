"""The command `nas`. Each module adds its commands, in the order in which the help lists them."""

# isort: off
from nas.cli import (  # noqa: F401
    runs,
    exports,
    predictions,
    distillations,
    transfers,
    comparisons,
    proxies,
    latency,
    repairs,
    files,
    data,
    lists,
    tables,
)

# isort: on
from nas.cli.app import app
from nas.cli.process import main

__all__ = ["app", "main"]
