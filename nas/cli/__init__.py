"""The command `nas`. Each module adds its commands, in the order in which the help lists them."""

from nas.cli import runs, exports, predictions, transfers, comparisons, proxies  # noqa: F401, I001
from nas.cli import latency, repairs, files, data, lists, tables  # noqa: F401
from nas.cli.app import app
from nas.cli.process import main

__all__ = ["app", "main"]
