"""The language of spaces: the parts of the tree that a space file becomes, each with its steps."""
