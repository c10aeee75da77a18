"""Synthetic players of a game, of whom some leave."""

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from nas.arguments import Positive, Seed, checked
from nas.data.columns import Columns
from nas.data.dataset import Dataset
from nas.data.roles import Roles
from nas.data.sources.columns import data_of_columns
from nas.data.split import Split
from nas.settings import INLINE
from nas.tasks import AUTO

OBSERVED, FOLLOWED = 28, 14
"""Days of which the inputs tell, and the days after them of which the target does."""

_COUNTRIES = ("US", "IN", "BR", "DE", "ID", "JP", "GB", "FR", "MX", "TR", "KR", "VN")
_PLATFORMS = {"android": 0.55, "ios": 0.33, "web": 0.12}
_CHANNELS = {"store": 0.4, "advertisement": 0.35, "friend": 0.15, "video": 0.1}


@checked
def players(
    *,
    count: Positive = 10_000,
    generator_seed: Seed = 0,
    split: Annotated[Split, INLINE] = Split(),
    task: str = AUTO,
) -> Dataset:
    """Made-up players of a game: what they did in four weeks, and whether they stayed away in the two weeks after.

    All of it is synthetic, simulated by `simulate_players`; it tells nothing of real players. The table has numbers,
    categories, a date and missing values, and a target that is partly chance.

    Args:
        count: the number of players.
        generator_seed: of the simulation.
        split: how players are divided.
        task: the task of the networks.
    """
    return data_of_columns(
        "players", simulate_players(count, seed=generator_seed), Roles("churned"), split=split, task=task
    )


def simulate_players(count: int, *, seed: int) -> Columns:
    """Simulates players day by day.

    A player has an engagement, a skill and a sociability, each normally distributed, which no column shows. On each
    day, the player starts a Poisson number of sessions, more of them the more engaged the player is and at weekends,
    until the day on which the player leaves. The daily hazard of leaving is higher for players who are less engaged,
    lose often, have no guild, or came through an advertisement; engagement wears off at a rate of each player's own.
    One in 25 of those who left comes back on a given day. The target `churned` is `yes` if a player has no session on
    the 14 days that follow the 28 observed ones.

    Draws are those of `numpy.random.RandomState`, which are the same in all versions of NumPy (NEP 19).

    Args:
        count: the number of players, each of whom has a session on the first day.
        seed: of all draws.
    """
    rng = np.random.RandomState(np.random.MT19937(seed))
    days = OBSERVED + FOLLOWED
    engagement, skill = rng.standard_normal((2, count))
    sociability = 0.4 * engagement + 0.9 * rng.standard_normal(count)
    platform = rng.choice([*_PLATFORMS], count, p=[*_PLATFORMS.values()])
    channel = rng.choice([*_CHANNELS], count, p=[*_CHANNELS.values()])
    ranks = 1 / np.arange(1, len(_COUNTRIES) + 1)
    country = rng.choice(_COUNTRIES, count, p=ranks / ranks.sum())
    friends = rng.poisson(np.exp(0.2 + 0.8 * sociability))
    guild = rng.random_sample(count) < _logistic(0.5 * friends - 1.5)
    win_rate = _logistic(0.7 * skill + 0.2 * rng.standard_normal(count))

    first = rng.randint(0, 365, count, np.int64)  # the first day of the observed ones, in 2024
    weekend = (first[:, None] + np.arange(days)) % 7 > 4  # the year begins on a Monday
    wear = rng.gamma(2.0, 0.01, count)[:, None] * np.arange(days)
    rate = np.exp(0.1 + 0.6 * engagement[:, None] + 0.3 * weekend - wear)
    pull = 0.9 * engagement + 1.5 * (win_rate - 0.5) + 0.6 * guild - 0.7 * (channel == "advertisement")
    gone = np.cumsum(rng.random_sample((count, days)) < _logistic(-3.4 - pull)[:, None], axis=1) > 0
    returned = gone & (rng.random_sample((count, days)) < 0.04)
    sessions = rng.poisson(rate) * (~gone | returned)
    sessions[:, 0] = np.maximum(sessions[:, 0], 1)

    seen, later = sessions[:, :OBSERVED], sessions[:, OBSERVED:]
    total, last_week = seen.sum(axis=1), seen[:, -7:].sum(axis=1)
    minutes = rng.gamma(4.0, np.exp(1.2 + 0.25 * engagement))
    active = seen > 0
    last = OBSERVED - 1 - np.argmax(active[:, ::-1], axis=1)
    level = 1 + np.floor(4 * np.log1p(total * minutes / 30) * (0.5 + win_rate))
    purchases = rng.poisson(total * 0.02 * np.exp(rng.standard_normal(count)))
    spent = purchases * rng.lognormal(1.2, 0.6, count)
    told = channel.astype(object)
    told[rng.random_sample(count) < 0.1] = None
    age = np.where(rng.random_sample(count) < 0.3, np.nan, np.clip(rng.normal(29, 9, count).round(), 13, 75))
    columns: dict[str, NDArray[Any]] = {
        "started": np.datetime64("2024-01-01", "us") + first.astype("timedelta64[D]"),
        "country": country.astype(object),
        "platform": platform.astype(object),
        "channel": told,
        "age": age,
        "sessions": total.astype(float),
        "sessions_last_week": last_week.astype(float),
        "active_days": active.sum(axis=1).astype(float),
        "days_since_last_session": (OBSERVED - 1 - last).astype(float),
        "minutes_per_session": minutes,
        "level": level,
        "win_rate": rng.binomial(5 * total, win_rate) / (5 * total),
        "friends": friends.astype(float),
        "guild": np.where(guild, "yes", "no").astype(object),
        "messages": rng.poisson(total * 0.3 * np.exp(0.8 * sociability)).astype(float),
        "purchases": purchases.astype(float),
        "spent": spent,
        "churned": np.where(later.any(axis=1), "no", "yes").astype(object),
    }
    return Columns(columns, "players", np.arange(count))


def _logistic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = 1 / (1 + np.exp(-x))
    return found
