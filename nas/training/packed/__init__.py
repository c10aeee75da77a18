"""Several networks of one architecture as one: K copies with their own weights, in operations over all copies.

A step of a small network takes most of its time to call its operations. Those of a packed network are called once for
all copies. A copy computes what the network computes alone, within rounding; see `nas.training.packed.values` for the
layout, and `nas.training.packed.forms` for what can be packed.
"""
