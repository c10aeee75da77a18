"""The choice in sentences."""

from nas.final.order import Stage
from nas.final.replacement import Replacement
from nas.pages.run.choice import handed_over, how_sure, ranks_of


def test_how_sure_the_choice_is() -> None:
    assert how_sure("a", {}, able=1, trainings=5) == ""
    assert how_sure("a", {}, able=2, trainings=1) == (
        "the probability that this is the best of 2 finalists is not known: it takes several trainings of each "
        "(final.seeds)"
    )
    known = how_sure("a", {"a": 0.954, "b": 0.046}, able=2, trainings=5)
    assert known.replace("\u00a0", " ") == (
        "the best of 2 finalists with a probability of 95 % (bootstrap over 5 trainings of each, on the validation "
        "data)"
    )


def test_the_ranks_of_a_network() -> None:
    order = [Stage("search", {"a": 1200}), Stage("repeats", {"a": 2, "b": 1}), Stage("full training", {"b": 1})]
    assert ranks_of("a", order) == "rank 1,200 in the search and 2 after the repeats"
    assert ranks_of("b", order) == "rank 1 after the repeats and 1 after the full training"
    assert ranks_of("c", order) == ranks_of("a", []) == ""


def test_what_is_handed_over() -> None:
    assert handed_over(None) == "the selected network"
    assert handed_over(Replacement("joined", 1, 5, 5, 1.0)) == "the network trained on all samples"
    assert handed_over(Replacement("finalists", 3, 5, 5, 1.0)) == "the ensemble of 3 finalists"
