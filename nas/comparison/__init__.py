"""Which controller is better: curves, tests, effect sizes, and what a number of seeds can show.

Values are "lower is better" throughout (regrets, in percentage points, see `curves.regret`). Arrays over a whole study
have shape `(tasks, controllers, seeds)`; seed s means the same seed for every controller and on every task.

* `curves`: incumbents, regret, means over seeds with a band; `survival`: evaluations until a target, with censoring
* `statistics`: Wilcoxon's signed-rank test, Holm's correction; `ranks`: Friedman, groups for a diagram
* `effect`: sizes of differences with intervals; `power`: what a number of seeds can show
* `verdict`: all of it for a pair of controllers, in a sentence
* `judged`: all runs of a study, judged once; page, terminal and JSON are made from it
"""
