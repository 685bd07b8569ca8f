"""A run goes back, takes another course from there, and repeats itself bit for bit where nothing is changed."""

import numpy as np
import pytest
import torch
from tiny_runs import TINY, TINY_CONVOLUTIONS, assert_same_state, go_on, samples_for, tiny_run

from playground.checkpoint import load, save
from playground.experiment import Experiment
from playground.model import Model
from playground.timeline import Parent, Run, fork
from playground.training import train


@pytest.fixture(scope="module")
def run() -> Run:
    return tiny_run()


@pytest.fixture(scope="module")
def convolutional() -> Run:
    return tiny_run(2, TINY_CONVOLUTIONS)


def test_a_run_keeps_moments_and_records_of_its_training(run):
    assert [moment.step for moment in run.timeline.moments] == [0, 1, 2, 3, 4]
    assert [record["step"] for record in run.history] == [0, 1, 2, 3, 4] and run.step == 4


def test_the_model_of_a_step_is_that_moment_s_with_the_history_up_to_there(run):
    model = run.model(2)
    assert model.step == 2 and [record["step"] for record in model.history] == [0, 1, 2]
    wanted = Model.from_state(run.experiment, run.timeline.nearest(2).state)
    np.testing.assert_array_equal(model.sample(3), wanted.sample(3))
    assert run.model().step == 4 and (run.model(0).sample(3) != run.model(4).sample(3)).any()


def test_a_run_that_is_rewound_and_trained_on_takes_the_same_course_again():
    run = tiny_run()
    end = run.timeline.nearest().state
    moment = run.rewind(2)
    assert moment.step == 2 and run.step == 2 and [record["step"] for record in run.history] == [0, 1, 2]
    for snapshot in go_on(run.experiment, moment.state, 2):
        run.add(snapshot)
    assert_same_state(run.timeline.nearest().state, end)
    assert [record["step"] for record in run.history] == [0, 1, 2, 4]


def test_a_run_that_went_back_when_it_diverged_drops_what_came_after():
    run = tiny_run(3)
    first = go_on(run.experiment, None, 1)[0]
    run.add(type(first)(**{**vars(first), "status": "diverged", "message": "Stopped."}))
    assert run.step == 0 and [record["step"] for record in run.history] == [0]


def test_a_checkpoint_is_a_run_of_one_moment(tmp_path, run):
    save(run.model(3), tmp_path / "model.safetensors")
    opened = Run.from_model(load(tmp_path / "model.safetensors"), "opened")
    assert [moment.step for moment in opened.timeline.moments] == [3] and len(opened.history) == 4
    assert_same_state(opened.timeline.nearest().state, run.timeline.nearest(3).state)
    assert len(Run.from_model(Model.untrained(run.experiment)).timeline) == 0


def test_a_run_without_a_title_is_called_by_what_it_trains():
    assert Run(Experiment.from_settings(TINY)).name == "mlp on digits"


# --- forks


@pytest.mark.parametrize("settings", [TINY, TINY_CONVOLUTIONS, {**TINY_CONVOLUTIONS, "architecture": "cgan"}])
def test_a_fork_without_changes_repeats_the_run_bit_for_bit(settings):
    run = tiny_run(4, settings)
    branch = fork(run, 2)
    assert branch.experiment == run.experiment and branch.parent == Parent("tiny", 2)
    assert branch.title == "the same from step 2"
    assert branch.note == "Nothing is changed: trained on, the fork repeats the run."
    assert_same_state(go_on(branch.experiment, branch.state, 2)[-1].state, run.timeline.nearest(4).state)


@pytest.mark.parametrize(
    "changes",
    [
        {"recipe.loss": "least-squares"},
        {"recipe.learning_rate_generator": 1e-3, "recipe.beta1": 0.9},
        {"recipe.batch_size": 5},
        {"recipe.penalty": "r1"},
    ],
)
def test_a_change_of_the_recipe_keeps_all_that_was_learnt(changes, run):
    branch = fork(run, 3, changes)
    assert_same_state(branch.state, run.timeline.nearest(3).state)
    assert branch.note == "Both networks and their optimisers are kept whole."
    start, *_, end = go_on(branch.experiment, branch.state, 2)
    assert (start.step, end.step, end.samples_seen) == (3, 5, 6 + 2 * branch.experiment.recipe.batch_size)
    assert (end.state["generator.stages.image.0.bias"] != run.timeline.nearest().state["generator.stages.image.0.bias"]).any()


def test_another_optimiser_starts_afresh_and_says_so(run):
    branch = fork(run, 3, {"recipe.optimiser": "rmsprop"})
    assert branch.note == "Both networks are kept whole; the new optimiser starts its running means afresh."
    end = go_on(branch.experiment, branch.state, 1)[-1].state
    assert end["optimiser_generator.0.step"] == 1 and "optimiser_generator.0.square_avg" in end


def test_the_noise_and_the_data_go_on_as_in_the_run(run):
    branch = fork(run, 2, {"recipe.learning_rate_generator": 0.0})
    end = go_on(branch.experiment, branch.state, 2)[-1].state
    np.testing.assert_array_equal(end["noise"], run.timeline.nearest(4).state["noise"])
    name = "generator.stages.image.0.bias"
    np.testing.assert_array_equal(end[name], run.timeline.nearest(2).state[name])


def test_another_normalisation_keeps_the_arrays_that_fit_and_counts_them(convolutional):
    branch = fork(convolutional, 2, {"generator.normalisation": "none"})
    before = convolutional.timeline.nearest(2).state
    assert "the discriminator kept all its arrays" in branch.note
    kept = [name for name in branch.state if name.startswith("generator.")]
    same = [name for name in kept if name in before and before[name].shape == branch.state[name].shape]
    assert f"The generator kept {len(same)} of {len(kept)} arrays" in branch.note and len(same) < len(kept)
    for name in branch.state:
        if name in before and before[name].shape == branch.state[name].shape:
            np.testing.assert_array_equal(branch.state[name], before[name], err_msg=name)
    end = go_on(branch.experiment, branch.state, 2)[-1]
    assert end.step == 4 and end.status == "finished"


def test_what_is_new_in_a_wider_network_starts_from_the_seed(run):
    branch = fork(run, 2, {"generator.width": 12})
    fresh = Model.untrained(branch.experiment).generator.state_dict()
    name = "stages.hidden1.0.weight"
    np.testing.assert_array_equal(branch.state[f"generator.{name}"], fresh[name])
    np.testing.assert_array_equal(branch.state[f"average.{name}"], fresh[name])
    bias = "generator.stages.image.0.bias"  # as many as pixels, whatever the width
    np.testing.assert_array_equal(branch.state[bias], run.timeline.nearest(2).state[bias])
    assert branch.note.startswith("The generator kept 1 of 6 arrays, the discriminator kept all its arrays;")


def test_the_optimiser_keeps_its_means_of_the_parameters_that_are_kept(run):
    branch = fork(run, 2, {"generator.width": 12})
    before, names = run.timeline.nearest(2).state, [name for name, _ in run.model(2).generator.named_parameters()]
    number = names.index("stages.image.0.bias")
    for key in ("step", "exp_avg", "exp_avg_sq"):
        name = f"optimiser_generator.{number}.{key}"
        np.testing.assert_array_equal(branch.state[name], before[name])
    assert f"optimiser_generator.{names.index('stages.hidden1.0.weight')}.exp_avg" not in branch.state
    assert {name for name in branch.state if name.startswith("optimiser_discriminator")} == {
        name for name in before if name.startswith("optimiser_discriminator")
    }
    end = go_on(branch.experiment, branch.state, 2)[-1].state
    assert (end[f"optimiser_generator.{number}.step"], end["step"]) == (4, 4)


def test_what_else_a_state_holds_goes_with_the_networks_that_it_is_of(run):
    whole = {**run.timeline.nearest(2).state, "best.stages.image.0.bias": np.zeros(256, np.float32)}
    marked = Run(run.experiment)
    marked.timeline.add(whole)
    assert "best.stages.image.0.bias" in fork(marked, 2, {"recipe.loss": "wasserstein"}).state
    assert "best.stages.image.0.bias" not in fork(marked, 2, {"generator.width": 12}).state


def test_a_fork_starts_a_run_with_its_parent_s_history(run):
    branch = fork(run, 2, {"recipe.loss": "wasserstein", "recipe.beta1": 0.25})
    assert branch.start().title == "recipe.loss=wasserstein, recipe.beta1=0.25 from step 2"
    child = branch.start("other")
    for snapshot in go_on(child.experiment, child.timeline.nearest().state, 2):
        child.add(snapshot)
    assert child.title == "other" and child.parent == Parent("tiny", 2)
    assert [record["step"] for record in child.history] == [0, 1, 2, 4]
    assert [moment.step for moment in child.timeline.moments] == [2, 4]
    assert [record["step"] for record in run.history] == [0, 1, 2, 3, 4]  # the parent is as it was


def test_a_fork_leaves_from_the_nearest_moment_by_default_the_last(run):
    assert fork(run, 99).parent.step == 4 and fork(run).parent.step == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 3}, "a fork keeps architecture, data set and seed: 'seed' cannot change"),
        ({"dataset": "shapes"}, "'dataset' cannot change"),
        ({"architecture": "dcgan"}, "'architecture' cannot change"),
        ({"opponent": "dcgan"}, "'opponent' cannot change"),
        ({"data.resolution": 32}, "keeps the shape of a sample, 1×16×16: it cannot become 1×32×32; start a new run"),
        ({"recipe.loss": "luck"}, "loss 'luck' is not one of"),
        ({"generator.colour": 1}, "unknown setting 'colour'"),
        ({"painter.width": 1}, "unknown setting 'painter.width'"),
        ({"generator.width": 2048, "generator.num_hidden": 6}, "more than the 30,000,000 allowed|lower the width"),
    ],
)
def test_what_a_fork_cannot_change_is_named(changes, words, run):
    if "generator.num_hidden" in changes:
        changes = changes | {"discriminator.width": 2048, "discriminator.num_hidden": 6, "discriminator.pieces": 8}
    with pytest.raises(ValueError, match=words):
        fork(run, 2, changes)


def test_a_path_on_this_machine_is_taken_only_from_whom_it_belongs_to():
    run = Run(Experiment.from_settings({**TINY, "dataset": "images", "data.colour": False}))
    run.timeline.add(tiny_run(1).timeline.nearest().state)
    with pytest.raises(ValueError, match="path cannot be set from a link or a file"):
        fork(run, 1, {"data.path": "/home/me"})
    branch = fork(run, 1, {"data.path": "/home/me"}, trusted=True)
    assert branch.experiment.data.path == "/home/me" and branch.title == "the same from step 1"  # a title is saved


def test_a_run_without_moments_cannot_be_forked():
    with pytest.raises(ValueError, match="the run has no moments yet: train it first"):
        fork(Run(Experiment.from_settings(TINY)), 0)


def test_forking_in_mid_epoch_keeps_the_order_of_the_data():
    torch.manual_seed(0)  # the state of the global generator does not matter
    run = tiny_run(7)
    branch = fork(run, 3)
    snapshots = train(branch.experiment, steps=4, samples=samples_for(branch.experiment), resume=branch.state, device="cpu")
    assert_same_state(list(snapshots)[-1].state, run.timeline.nearest(7).state)
