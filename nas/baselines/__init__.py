"""What a network has to beat: the best prediction that ignores the inputs, and a classical method that suits the data.

Importing this loads neither torch nor scikit-learn.
"""

from nas.baselines.baseline import Baseline, Baselines, baselines_of
from nas.baselines.measure import measure_baselines, measure_trivial

__all__ = ["Baseline", "Baselines", "baselines_of", "measure_baselines", "measure_trivial"]
