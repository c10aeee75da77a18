"""JSON schemas (draft 2020-12) of the files that users write, for completion and checks in editors.

They are generated from what the loaders use: the table of ops, the keywords, the declarations of run and comparison
files. A schema checks less than a loader: it cannot know which words a file defines, so a file with `define` may use
any word.
"""

from nas.schema.common import Schema
from nas.schema.comparison import comparison_schema
from nas.schema.run import run_schema
from nas.schema.space import space_schema

__all__ = ["Schema", "comparison_schema", "run_schema", "space_schema"]
