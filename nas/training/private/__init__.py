"""Trainings with a bound on what the network tells of each training sample (DP-SGD).

Abadi et al., "Deep Learning with Differential Privacy" (CCS 2016). Each sample is in a batch with one probability,
independently (`Mechanism`); its gradient is clipped, and noise is added to the sum (`PrivateStep`).
"""
