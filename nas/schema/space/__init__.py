"""The JSON schema of space files.

It is generated from the tables of ops and keywords; only the values of further keys are stated here. Most definitions
exist twice: `layer` for files without `define`, where all words are known, and `layer_or_word` for files with `define`,
where a word may stand for a layer or a value. Alternatives are merged into one schema, with keywords for mappings and
keywords for lists or text, instead of `anyOf`, so that editors mark the exact place of an error.
"""

from nas.schema.space.file import space_schema

__all__ = ["space_schema"]
