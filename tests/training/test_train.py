"""The training loop: one seed one run, resumed bit for bit, stopped at once, and never a broken state."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from small_models import data_for, little_data, narrow
from torch.nn.functional import avg_pool2d
from torch.testing import assert_close

from playground.architectures import ARCHITECTURES
from playground.checkpoint import load, save
from playground.datasets import DATASETS, data_root
from playground.evaluation import frechet_distance
from playground.experiment import Experiment
from playground.model import SHEET_COUNT, Model, sheet_inputs
from playground.samples import Samples, SampleSpec
from playground.training import Snapshot, train
from playground.training.game import Game
from playground.training.loop import MAX_SECONDS, MAX_STEPS, check_budget
from playground.training.snapshot import RECORD_FIELDS
from playground.training.state import TrainingState

NAMES = ("mlp", "dcgan", "sn-dcgan")
every_architecture = pytest.mark.parametrize("name", ARCHITECTURES)


def small(name: str = "mlp", **settings) -> Experiment:
    """Describe a run that takes a millisecond or two a step."""
    flat = {"architecture": name} | data_for(name) | narrow(name) | {"recipe.batch_size": 6, "seed": 3}
    return Experiment.from_settings(flat | {key.replace("__", "."): value for key, value in settings.items()})


def little(experiment: Experiment, count: int = 20) -> Samples:
    """Make data that need no file: 20 samples, so that a few steps of 6 go through several epochs."""
    return little_data(experiment, count)


def run(experiment: Experiment, **options) -> list[Snapshot]:
    return list(train(experiment, samples=little(experiment), device="cpu", **options))


def assert_same_state(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> None:
    """Check that two states are equal bit for bit in all but the clock."""
    assert first.keys() == second.keys()
    for name in first.keys() - {"seconds"}:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def game_of(experiment: Experiment) -> Game:
    device = torch.device("cpu")
    return Game(experiment, TrainingState(experiment, device), little(experiment), device)


def finite(state: dict[str, np.ndarray]) -> bool:
    return all(np.isfinite(value).all() for value in state.values())


@pytest.fixture(scope="module")
def digits() -> Samples:
    dataset = DATASETS["digits"]
    return dataset.load(dataset.config(resolution=16), data_root())


@every_architecture
def test_the_same_seed_gives_the_same_run_bit_for_bit(name):
    first, second = (run(small(name), steps=4)[-1] for _ in range(2))
    assert_same_state(first.state, second.state)
    np.testing.assert_array_equal(first.sheet, second.sheet)


def test_another_seed_gives_another_run():
    first, second = (run(small(seed=seed), steps=2)[-1] for seed in (1, 2))
    assert (first.state["average.stages.image.0.weight"] != second.state["average.stages.image.0.weight"]).any()


def test_how_often_a_snapshot_is_taken_does_not_change_the_run():
    often, seldom = (run(small("dcgan"), steps=6, every=every) for every in (1e-9, 1e9))
    assert len(often) == 7 and len(seldom) == 2
    assert_same_state(often[-1].state, seldom[-1].state)


def test_training_does_not_touch_the_global_random_generator():
    torch.manual_seed(11)
    before = torch.get_rng_state()
    run(small("dcgan"), steps=2)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("name", NAMES)
def test_five_steps_and_five_resumed_equal_ten_bit_for_bit(name):
    whole = run(small(name), steps=10)[-1]
    half = run(small(name), steps=5)[-1]
    resumed = run(small(name), steps=5, resume=half.state)[-1]
    assert_same_state(resumed.state, whole.state)
    np.testing.assert_array_equal(resumed.sheet, whole.sheet)


@pytest.mark.parametrize("name", NAMES)
def test_resuming_through_a_checkpoint_file_equals_ten_steps_bit_for_bit(name, tmp_path):
    experiment = small(name, recipe__discriminator_steps=2)
    whole = run(experiment, steps=10)[-1]
    save(Model.from_state(experiment, run(experiment, steps=5)[-1].state), tmp_path / "half.safetensors")
    half = load(tmp_path / "half.safetensors")
    resumed = run(half.experiment, steps=5, resume=half.resume)[-1]
    assert_same_state(resumed.state, whole.state)


def test_a_snapshot_s_state_is_a_copy_that_later_steps_leave_alone():
    experiment = small("dcgan")
    running = train(experiment, steps=4, samples=little(experiment), every=1e-9)
    first = next(running).state
    kept = {name: value.copy() for name, value in first.items()}
    list(running)
    assert_same_state(first, kept)


def test_steps_and_samples_are_counted():
    snapshots = run(small(recipe__discriminator_steps=3), steps=4, every=1e-9)
    assert [snapshot.step for snapshot in snapshots] == [0, 1, 2, 3, 4]
    assert [snapshot.samples_seen for snapshot in snapshots] == [0, 18, 36, 54, 72]  # 3 steps of D with 6 images each
    seconds = [snapshot.seconds for snapshot in snapshots]
    assert seconds[0] == 0 and seconds == sorted(seconds)


def test_the_counters_go_on_where_a_run_is_resumed():
    half = run(small(), steps=5)[-1]
    first, *_, last = run(small(), steps=2, resume=half.state, every=1e-9)
    assert (first.step, first.samples_seen, first.seconds) == (5, 30, half.seconds)
    assert (last.step, last.samples_seen) == (7, 42) and last.seconds > half.seconds


def test_the_first_snapshot_comes_before_any_step_and_the_last_one_says_finished():
    first, last = run(small(), steps=2)
    assert (first.step, first.status, last.step, last.status) == (0, "running", 2, "finished")
    assert first.state is not None and last.state is not None
    assert math.isnan(first.loss_generator) and math.isfinite(last.loss_generator)


def test_the_rate_counts_real_samples_a_second():
    *_, last = run(small(recipe__discriminator_steps=2), steps=5)
    assert last.rate == pytest.approx(5 * 2 * 6 / last.seconds, rel=0.01)


def test_a_record_is_plain_json_with_none_where_there_is_no_number():
    record = run(small(), steps=1)[0].record()
    assert set(record) == set(RECORD_FIELDS)
    assert record["loss_generator"] is None and record["step"] == 0


def test_a_budget_of_seconds_ends_the_run_on_time():
    *_, last = run(small(), seconds=0.3)
    assert last.status == "finished"
    assert 0.3 <= last.seconds < 1.3  # at most one step too long


def test_the_shorter_of_two_budgets_counts():
    assert run(small(), seconds=1000, steps=3)[-1].step == 3
    assert run(small(), seconds=0.05, steps=MAX_STEPS)[-1].step < 5000


@pytest.mark.parametrize("budget", [{"seconds": 0}, {"seconds": -1}, {"seconds": math.nan}, {"seconds": MAX_SECONDS + 1}])
def test_a_time_out_of_range_is_refused(budget):
    with pytest.raises(ValueError, match="seconds must be between 0 and 86400, not"):
        check_budget(**budget, steps=None)


@pytest.mark.parametrize("steps", [0, -5, MAX_STEPS + 1, 10**9])
def test_a_count_of_steps_out_of_range_is_refused(steps):
    with pytest.raises(ValueError, match="steps must be between 1 and 10,000,000, not"):
        run(small(), steps=steps)


def test_a_run_without_a_budget_is_refused():
    with pytest.raises(ValueError, match="give a budget: seconds or steps"):
        run(small())


def test_data_of_another_shape_are_refused():
    wrong = Samples(SampleSpec("image", (1, 32, 32)), torch.zeros(4, 1, 32, 32, dtype=torch.uint8))
    with pytest.raises(ValueError, match="samples must be of kind image and shape"):
        next(train(small(), steps=1, samples=wrong))


def test_stopping_is_honoured_within_one_step():
    calls = itertools.count(1)
    snapshots = run(small(), seconds=1000, every=1000, stop=lambda: next(calls) >= 3)
    assert snapshots[-1].step == 3
    assert snapshots[-1].status == "stopped" and snapshots[-1].state is not None


def test_a_stopped_run_can_be_resumed_bit_for_bit():
    calls = itertools.count(1)
    stopped = run(small("dcgan"), steps=10, every=1000, stop=lambda: next(calls) >= 4)[-1]
    assert_same_state(run(small("dcgan"), steps=6, resume=stopped.state)[-1].state, run(small("dcgan"), steps=10)[-1].state)


@pytest.mark.parametrize("yields", [0, 1, 2, 3])
def test_a_run_may_be_closed_at_any_yield(yields):
    threads = torch.get_num_threads()
    running = train(small(), steps=5, samples=little(small()), every=1e-9)
    for _ in range(yields):
        next(running)
    running.close()
    assert list(running) == []
    assert torch.get_num_threads() == threads and torch.is_grad_enabled()


def test_a_runaway_ends_as_diverged_with_the_last_good_weights():
    wild = small(recipe__learning_rate_generator=1.0, recipe__learning_rate_discriminator=1.0)
    *earlier, last = run(wild, steps=3000, every=1e-9)
    bad_step = earlier[-1].step + 1
    assert last.status == "diverged"
    assert f"Stopped at step {bad_step:,}:" in last.message and f"back at step {last.step:,}." in last.message
    assert "\n" not in last.message
    assert finite(last.state) and last.step <= earlier[-1].step
    assert_same_state(last.state, next(shot.state for shot in earlier if shot.step == last.step and shot.state is not None))


def test_a_diverged_run_goes_on_with_lower_rates():
    rates = ("recipe.learning_rate_generator", "recipe.learning_rate_discriminator")
    wild = small().with_settings(dict.fromkeys(rates, 1.0))
    diverged = run(wild, steps=3000, every=0)[-1]  # looked at after every step, however slow the machine
    tamed = run(wild.with_settings(dict.fromkeys(rates, 1e-4)), steps=5, resume=diverged.state)[-1]
    assert diverged.status == "diverged" and tamed.status == "finished" and tamed.step == diverged.step + 5


def test_the_loss_may_change_when_a_run_is_resumed():
    half = run(small(), steps=3)[-1]
    losses = ("non-saturating", "hinge", "least-squares")
    ends = [run(small(recipe__loss=loss), steps=2, resume=half.state)[-1] for loss in losses]
    assert all(end.step == 5 and finite(end.state) for end in ends)
    assert len({end.loss_generator for end in ends}) == 3


def test_learning_rates_may_change_when_a_run_is_resumed():
    half = run(small(), steps=3)[-1]
    still = small(recipe__learning_rate_generator=0, recipe__learning_rate_discriminator=0)
    end = run(still, steps=2, resume=half.state)[-1]
    for name, value in half.state.items():
        if name.startswith(("generator.", "discriminator.")):
            np.testing.assert_array_equal(end.state[name], value, err_msg=name)


def test_batch_size_and_precision_may_change_when_a_run_is_resumed():
    half = run(small(), steps=3)[-1]
    end = run(small(recipe__batch_size=9, engine__precision="bfloat16"), steps=2, resume=half.state)[-1]
    assert end.samples_seen == 3 * 6 + 2 * 9 and finite(end.state)


@pytest.mark.parametrize(
    "other", [small("dcgan"), small(generator__width=9), small(discriminator__width=9), small(generator__num_hidden=1)]
)
def test_networks_may_not_change_when_a_run_is_resumed(other):
    half = run(small(), steps=1)[-1]
    with pytest.raises(ValueError, match="the saved training state does not fit") as caught:
        run(other, steps=1, resume=half.state)
    assert "\n" not in str(caught.value)


@every_architecture
def test_the_discriminator_gets_no_gradient_from_the_generator_s_step(name):
    game = game_of(small(name))
    fake, label = game._fake()
    game._discriminator_step(fake.detach(), label)
    assert all(parameter.grad is None for parameter in game.state.generator.parameters())
    judges = [parameter for parameter in game.state.discriminator.parameters() if parameter.grad is not None]
    before = [(parameter.grad.clone(), parameter.detach().clone()) for parameter in judges]
    game._generator_step(fake, label)
    for (gradient, value), parameter in zip(before, judges, strict=True):
        assert_close(parameter.grad, gradient, rtol=0, atol=0)
        assert_close(parameter.detach(), value, rtol=0, atol=0)
        assert parameter.requires_grad
    assert any(parameter.grad is not None for parameter in game.state.generator.parameters())


def test_one_pass_of_d_over_real_and_fake_equals_two():
    games = [game_of(small("mlp", engine__precision="float32")) for _ in range(2)]
    assert games[0].joint
    games[1].joint = False
    for game in games:
        for _ in range(3):
            game.step()
    assert_close(games[0].sums, games[1].sums)
    for joint, separate in zip(
        games[0].state.discriminator.parameters(), games[1].state.discriminator.parameters(), strict=True
    ):
        assert_close(joint, separate)


def test_one_pass_of_a_spectrally_normalised_d_equals_two():
    game = game_of(small("sn-dcgan", engine__precision="float32"))
    assert game.joint
    game.step()
    network = game.state.discriminator.eval()  # in training the two passes would each move the power iteration on
    real, fake = game.batches.take(0, 6)[0], game._fake()[0].detach()
    assert_close(network(torch.cat([real, fake])), torch.cat([network(real), network(fake)]))


def test_batch_normalisation_never_sees_real_and_fake_together():
    assert not game_of(small("dcgan")).joint


@every_architecture
def test_no_picture_on_the_sheet_depends_on_its_neighbours(name):
    experiment = small(name)
    last = run(experiment, steps=3)[-1]
    model = Model.from_state(experiment, last.state)
    latents, labels = sheet_inputs(experiment)
    own = [None] * len(latents) if labels is None else labels
    alone = [
        model.pictures(model.generate(latent[None], label if label is None else label[None]))
        for latent, label in zip(latents, own, strict=True)
    ]
    assert len(last.sheet) == len(latents)
    assert np.abs(np.concatenate(alone).astype(int) - last.sheet).max() <= 1  # one grey level of rounding


def test_the_sheet_of_a_conditional_model_is_a_table_of_classes_and_latents():
    latents, labels = sheet_inputs(small("cgan"))
    assert labels.tolist() == [label for label in range(10) for _ in range(6)]
    assert_close(latents.reshape(10, 6, -1), latents[:6].expand(10, -1, -1))
    assert sheet_inputs(small("cgan"), 7)[1].unique().tolist() == [7]


def test_the_networks_train_in_train_mode_while_pictures_come_from_eval_mode():
    game = game_of(small("dcgan"))
    game.step()
    assert game.state.generator.training and game.state.discriminator.training
    assert not game.state.average.network.training


@every_architecture
def test_every_architecture_trains_on_data_of_its_kind(name):
    experiment = Experiment.from_settings({"architecture": name} | data_for(name))
    *_, last = train(experiment, steps=3)
    assert last.status == "finished" and last.step == 3 and finite(last.state)
    assert math.isfinite(last.loss_discriminator) and math.isfinite(last.loss_generator)
    assert last.sheet.std() > 0


def test_the_data_set_is_loaded_where_no_samples_are_given():
    *_, last = train(small(dataset="shapes", data__count=100), steps=1, device="cpu")
    assert last.sheet.shape == (SHEET_COUNT, 16, 16, 3)


def test_data_that_are_not_on_disk_are_a_file_not_found_error(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYGROUND_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="MNIST is not in"):
        next(train(Experiment(dataset="mnist"), steps=1))


def test_eighty_steps_bring_samples_ten_times_nearer_to_the_data(digits):
    experiment = Experiment.from_settings({"architecture": "sn-dcgan", "dataset": "digits", "data.resolution": 16})
    *_, last = train(experiment, steps=80, samples=digits)

    def brightness(images: np.ndarray) -> torch.Tensor:
        """Return the mean brightness of each of 4×4 fields: (N, 16)."""
        return avg_pool2d(torch.from_numpy(images[..., 0]).float() / 255, 4).flatten(1)

    real = brightness(digits.values.permute(0, 2, 3, 1).numpy())
    before, after = (
        frechet_distance(real, brightness(model.sample(512)))
        for model in (Model.untrained(experiment), Model.from_state(experiment, last.state))
    )
    assert after < before / 10  # in fact 35 to 60 times


def test_a_snapshot_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        run(small(), steps=1)[0].step = 5
