"""The names of the files of an exported network, and where a run has them."""

ARCHITECTURE, WEIGHTS, PREPARATION = "architecture.yaml", "model.safetensors", "preparation.json"
"""The files that predictions need: the layers, their weights, and how inputs are prepared and outputs are read."""

MODEL = "model.py"
"""The code of the network."""

PREDICT = "predict.py"
"""The code that prepares raw inputs and predicts."""

NETWORK_FILES = (ARCHITECTURE, WEIGHTS, MODEL, PREPARATION, PREDICT)
"""The files of an exported network."""

NETWORK = "final"
"""The folder with them in that of a run."""
