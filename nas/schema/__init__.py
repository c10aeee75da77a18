"""JSON schemas of the files that people write (draft 2020-12), with which editors complete and check them.

They are made from what the loaders use: the table of ops, the keywords, the signatures behind a run file. A schema
knows less than a loader: it cannot tell which words a file defines, so in a file with `define` every word may be one.
"""

from nas.schema.common import Schema
from nas.schema.comparison import comparison_schema
from nas.schema.run import run_schema
from nas.schema.space import space_schema

__all__ = ["Schema", "comparison_schema", "run_schema", "space_schema"]
