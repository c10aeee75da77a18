"""Statistics of comparisons: curves, tests, effect sizes, and what a number of seeds can show.

Values are "lower is better" throughout (regrets, in percentage points, see `curves.regret`). Arrays over a whole
comparison have shape `(problems, controllers, seeds)`; seed s means the same seed for every controller and on every
problem. All functions are pure.

* `curves`: incumbents, regret, means over seeds with a band; `survival`: evaluations until a target, with censoring
* `significance`: Wilcoxon's signed-rank test, Holm's correction; `ranks`: Friedman, groups for a diagram
* `effect`: sizes of differences with intervals; `power`: what a number of seeds can show
* `verdict`: all of it for a pair of controllers, in a sentence
"""
