"""The end of a search: training at full length, and the files of the selected network."""

NETWORK_FILES = ("architecture.yaml", "model.safetensors", "model.py")
"""The files of an exported network."""
