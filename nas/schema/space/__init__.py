"""The JSON schema of space files.

What follows from the tables of ops and keywords is made from them; written down here is what each further key holds.
Most of it exists twice: `layer`, for files without definitions, where every word is known, and `layer_or_word`, for
files with `define`, where a word may stand for a layer or a value. Alternatives are kept flat, in one schema of which
part holds for mappings and part for lists or text, and not listed in `anyOf`: an editor then marks the very place.
"""

from nas.schema.space.file import space_schema

__all__ = ["space_schema"]
