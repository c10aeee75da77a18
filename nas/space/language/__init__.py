"""The language of spaces: the parts that a space file consists of, and their steps."""
