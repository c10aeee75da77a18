"""Archwright: neural architecture search for PyTorch.

    import nas

    data = nas.load_data("digits")
    space = nas.load_space("search_spaces/digits_cnn.yaml", data=data)
    study = nas.search(nas.BayesianQ(space), nas.Train(data), trials=30, seed=0)
    final = nas.fine_tune(study, data, seed=0)
    nas.export(final, "my_network")

The names below are the public ones. Each is loaded when it is first used, so that `import nas` loads neither torch nor
optuna.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
