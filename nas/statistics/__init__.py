"""Statistics of comparisons: curves, tests, effect sizes, and power.

Lower values are better throughout (regrets in percentage points, see `curves.regret`). Arrays over a whole comparison
have shape `(problems, controllers, seeds)`. Index s stands for the same seed for every controller and problem. All
functions are pure.

* `curves`: incumbents, regret, means over seeds with confidence bands; `survival`: evaluations until a target, censored
* `significance`: Wilcoxon's signed-rank test, Holm's correction; `ranks`: Friedman's test, critical differences
* `effect`: effect sizes with confidence intervals; `power`: detectable differences, numbers of seeds
* `verdict`: all of this for a pair of controllers, in a sentence
"""
