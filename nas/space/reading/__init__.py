"""Reading space files: from YAML with positions to the parts of the language."""
