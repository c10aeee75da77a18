"""Pickles read as data, in which no name is looked up and no code runs.

* `unpickle`: a pickle as plain data
* `machine`, `instructions`: the stack machine, and its opcodes
* `stand_ins`: what is called instead of the names of containers and of NumPy's arrays
"""
