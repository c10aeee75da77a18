"""The modules of which `predict.py` is made: what reads and prepares inputs of each kind, and what predicts.

Each stands for itself; they are joined by `nas.plain.joined`.
"""
