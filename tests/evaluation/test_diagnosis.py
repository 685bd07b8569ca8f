"""What a run's numbers mean: each state from the records that show it, with its evidence and one change that can be made."""

import math

import pytest

from playground.evaluation.diagnosis import STATES, Diagnosis, diagnose
from playground.evaluation.remedies import REMEDIES
from playground.experiment import Experiment
from playground.presets import PRESETS

FLOOR, UNTRAINED = 36.0, 4500.0
FALLING = (4000, 2000, 1000, 500, 250)


def records(qualities, *, separation=0.7, fake=-0.2, real=0.2, gradients=(1.0, 1.0), every=100, **signs) -> list[dict]:
    """Make a history with a measurement every `every` steps; numbers given in a list are one a measurement."""
    made = []
    for index, quality in enumerate(qualities):
        at = {name: value[index] if isinstance(value, (list, tuple)) else value for name, value in signs.items()}
        share = index / max(1, len(qualities) - 1)
        gradient = gradients[0] * (gradients[1] / gradients[0]) ** share
        for part in range(4):
            record = {"step": (index + 1) * every + part, "seconds": index + part / 4, "separation": separation}
            record |= {"logit_real": real, "logit_fake": fake, "gradient_generator": gradient, "quality": None}
            made.append(record)
        made[-1] |= {"quality": quality, "quality_floor": FLOOR, "quality_untrained": UNTRAINED}
        made[-1] |= {"diversity": 1.0, "nearest": 1.1, "classes_made": 1.0} | at
    return made


def of(history: list[dict], experiment: Experiment | None = None, **options) -> Diagnosis:
    return diagnose(history, experiment or Experiment(), **options)


def test_a_run_that_has_hardly_begun_is_warming_up():
    assert of([]).state == "warming-up"
    assert of(records([4000])).state == "warming-up", "one measurement has nothing to be compared with"
    assert of(records([4000, 3000], every=20)).state == "warming-up", "too few steps"
    assert of(records(FALLING)[:3]).state == "warming-up", "no measurement yet"


def test_a_falling_distance_is_learning():
    found = of(records(FALLING))
    assert found.state == "learning"
    assert "from 2,000 to 250" in found.sentence and "36" in found.sentence
    assert not found.change


def test_samples_that_are_all_alike_are_a_collapse():
    found = of(records((3000, 2900, 3000, 2950), diversity=0.1, classes_made=0.2))
    assert found.state == "collapsed"
    assert "10%" in found.sentence and "20% of the classes" in found.sentence


def test_alike_samples_that_get_better_fast_are_learning():
    assert of(records((4000, 2000, 900), diversity=[0.05, 0.1, 0.3])).state == "learning"


def test_a_discriminator_that_never_errs_while_nothing_improves_wins():
    found = of(records((4400, 4380, 4400, 4390), separation=1.0, gradients=(1.0, 1e-4), diversity=0.05))
    assert found.state == "discriminator-wins"
    assert "100% of pairs" in found.sentence and "gradient has faded" in found.sentence


def test_a_discriminator_that_never_errs_may_still_teach():
    assert of(records(FALLING, separation=1.0)).state == "learning"


def test_a_discriminator_that_takes_made_for_real_has_lost():
    found = of(records((3000, 3010, 2990), separation=0.02, fake=1.5, real=-0.1, diversity=0.02))
    assert found.state == "generator-wins"
    assert "+1.5 against -0.1" in found.sentence


def test_a_discriminator_that_cannot_tell_good_samples_has_not_lost():
    assert of(records((300, 150, 100, 90), separation=0.15)).state == "learning"


def test_samples_nearer_to_training_samples_than_real_ones_are_copies():
    found = of(records(FALLING, nearest=0.3))
    assert found.state == "memorising" and "30%" in found.sentence


def test_a_distance_that_goes_up_and_down_is_an_oscillation():
    found = of(records((3000, 1000, 2500, 900, 2600, 1000, 2400)))
    assert found.state == "oscillating" and "between 900 and 3,000" in found.sentence


def test_a_distance_that_scatters_a_little_is_not():
    assert of(records((3000, 1500, 1600, 1000, 1100, 700, 750))).state == "learning"


def test_a_distance_that_stays_low_has_learnt_what_it_can():
    found = of(records((2000, 500, 100, 60, 61, 60, 59, 60, 61, 60)))
    assert found.state == "finished" and "59" in found.sentence


@pytest.mark.parametrize("option", [{"diverged": True}, {}])
def test_scores_without_bound_are_divergence(option):
    history = records(FALLING, real=2e4 if not option else 0.2)
    assert of(history, **option).state == "diverged"


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf])
def test_a_measurement_without_a_number_says_nothing(nothing):
    history = records((*FALLING, nothing))
    assert of(history).state == "learning"


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("preset", [None, *PRESETS])
def test_every_advice_is_a_change_that_can_be_made(state, preset):
    experiment = Experiment() if preset is None else PRESETS[preset].experiment(Experiment())
    for _ in range(12):
        words, change = REMEDIES[state](experiment)
        if not change:
            break
        changed = experiment.with_settings(change)
        assert words and changed != experiment
        experiment = changed  # the next advice knows what was tried


def test_a_generator_that_runs_ahead_is_slowed_before_anything_else():
    experiment = PRESETS["collapse"].experiment(Experiment())
    _, change = REMEDIES["collapsed"](experiment)
    assert change == {"recipe.learning_rate_generator": experiment.recipe.learning_rate_discriminator}
