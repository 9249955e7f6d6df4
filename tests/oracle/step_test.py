"""One training step of every game, recomputed from its dump: divergences, parametrisations, objectives, rules, smoothing."""
import copy
import itertools

import numpy as np

import check_step
import divergences
from harness import main, temporary_folder, test
from runs import MLP, Runs, strokes

OBJECTIVES = ("minimax", "non-saturating", "maximum-likelihood")
RULES = ("single-step", "alternating")
PARAMETRISATIONS = ("paper", "log-ratio")


def is_defined(divergence, parametrization, objective):
    return divergence != "total-variation" or parametrization == "paper" and objective != "maximum-likelihood"


def games(runs, divergence, **changes):
    """Settings of every combination in which the divergence is defined."""
    cases = {}
    for choice in itertools.product(PARAMETRISATIONS, OBJECTIVES, RULES, (0, 0.1)):
        parametrization, objective, rule, smoothing = choice
        if is_defined(divergence, parametrization, objective):
            title = f"{divergence} {changes or ''} {parametrization} {objective} {rule} {smoothing}"
            cases[title] = runs.settings(game__divergence=divergence, game__parametrization=parametrization, game__objective=objective,
                                         game__rule=rule, game__label_smoothing=smoothing, **changes)
    return cases


@test(label="fast")
def the_dumped_step_is_right_with_limited_outputs():
    """Narrow, so that the bend matters at the first outputs already."""
    with temporary_folder() as folder:
        runs = Runs(folder, MLP, strokes(256, 28))
        for divergence in ("kl", "reverse-kl", "gan", "neyman", "total-variation"):
            runs.check(games(runs, divergence, game__limit=0.8))


def register(divergence):
    @test(label="fast", name=f"the dumped step is right: {divergence}, in every game")
    def check():
        with temporary_folder() as folder:
            runs = Runs(folder, MLP, strokes(256, 28))
            runs.check(games(runs, divergence, **({"game__pi": 0.3} if divergence == "weighted-js" else {})))


for divergence in divergences.NAMES:
    register(divergence)


@test(label="fast", name="the dumped step is right: alpha and pi where their formulas change")
def parameters():
    with temporary_folder() as folder:
        runs = Runs(folder, MLP, strokes(256, 28))
        cases = {}
        for key, divergence, values in (("alpha", "alpha", (-1, 0, 0.9, 1, 1.5, 2, 3)), ("pi", "weighted-js", (0.05, 0.5, 0.9))):
            for value in values:
                for parametrization, objective in (("paper", "minimax"), ("paper", "maximum-likelihood"), ("log-ratio", "minimax")):
                    settings = runs.settings(game__divergence=divergence, game__parametrization=parametrization,
                                             game__objective=objective, **{f"game__{key}": value})
                    if key == "alpha" and value in (0, 1) and parametrization == "paper":  # not in the paper's table
                        assert "log-ratio" in runs.train(settings, expect=2).stderr
                    else:
                        cases[f"{divergence} {value} {parametrization} {objective}"] = settings
        runs.check(cases)


@test(label="fast", name="the dumped step is right: critic outputs of 15 and more")
def large_outputs():
    with temporary_folder() as folder:
        runs = Runs(folder, {**MLP, "critic.init_deviation": 0.26}, strokes(256, 28))
        cases = {f"{divergence} {parametrization} {objective}": runs.settings(
            game__divergence=divergence, game__parametrization=parametrization, game__objective=objective, game__pi=0.3)
            for divergence in divergences.NAMES for parametrization in PARAMETRISATIONS for objective in OBJECTIVES[:2]
            if is_defined(divergence, parametrization, objective)}
        runs.check(cases)


def other_divergences(objective):
    @test(label="fast", name=f"the dumped step is right: the generator descends another divergence, {objective}")
    def check():
        pairs = [("gan", "kl"), ("gan", "reverse-kl"), ("kl", "pearson"), ("kl", "jensen-shannon"), ("reverse-kl", "gan"),
                 ("jensen-shannon", "squared-hellinger"), ("squared-hellinger", "neyman"), ("neyman", "weighted-js"),
                 ("jeffrey", "alpha"), ("weighted-js", "jeffrey"), ("alpha", "kl"), ("gan", "gan")]
        with temporary_folder() as folder:
            runs = Runs(folder, MLP, strokes(256, 28))
            runs.check({f"{f} {h} {objective} {parametrization}": runs.settings(
                game__divergence=f, game__generator_divergence=h, game__objective=objective, game__pi=0.3,
                game__parametrization=parametrization) for f, h in pairs for parametrization in PARAMETRISATIONS})


for objective in OBJECTIVES[:2]:
    other_divergences(objective)


@test(label="fast", name="games that are not defined are refused in words, exit 2")
def refusals():
    refused = [{"game.parametrization": "log-ratio"}, {"game.objective": "maximum-likelihood"}, {"game.generator_divergence": "kl"},
               {"game.divergence": "kl", "game.generator_divergence": "total-variation"}, {"game.divergence": "wasserstein"},
               {"game.divergence": "kl", "game.generator_divergence": "wasserstein"}, {"game.label_smoothing": "0.6"},
               {"game.objective": "least-squares"}, {"game.divergence": "weighted-js", "game.pi": "1"},
               {"game.divergence": "gan", "game.generator_divergence": "pearson", "game.objective": "maximum-likelihood"},
               {"game.critic_steps": "3", "game.rule": "single-step"}]
    with temporary_folder() as folder:
        runs = Runs(folder, MLP, strokes(40, 28))
        for changes in refused:
            result = runs.train({**runs.base, "game.divergence": "total-variation", **changes}, expect=2)
            assert result.stderr.strip() and "terminate" not in result.stderr, result.stderr
            assert not any(path.is_dir() for path in folder.iterdir()), f"{changes}: a run folder remains"


def same_generator(first, second):
    """What the generator descends is the same, bit for bit; so are its gradients when they took the same way.

    In a single step, minimax goes back through the critic once for both players, the other games once more for the fake rows:
    matrix products of other sizes, which may add in another order."""
    assert np.array_equal(first["generator_dv_fake"], second["generator_dv_fake"])
    one, two = first.under("generator.", ".grad"), second.under("generator.", ".grad")
    assert one.keys() == two.keys() and all(np.any(gradient) for gradient in one.values())
    tolerance = 0 if first.setting("game.rule") == "alternating" else 1e-5
    for name in one:
        error, largest = abs(one[name] - two[name]).max(), abs(one[name]).max()
        assert error <= tolerance * largest, f"{name}: {error} of {largest}"


@test(label="fast", name="maximum likelihood is kl's minimax, and gan's critic with the generator of kl, bit for bit")
def identities():
    with temporary_folder() as folder:
        runs = Runs(folder, MLP, strokes(256, 28))
        for rule, steps in (("single-step", 1), ("alternating", 3)):
            kl = runs.settings(game__divergence="kl", game__parametrization="log-ratio", game__rule=rule)
            same_generator(runs.train(kl, steps), runs.train({**kl, "game.objective": "maximum-likelihood"}, steps))
            gan = runs.settings(game__divergence="gan", game__rule=rule)
            same_generator(runs.train({**gan, "game.objective": "maximum-likelihood"}, steps),
                           runs.train({**gan, "game.generator_divergence": "kl"}, steps))


@test(label="fast", name="a critic without an opinion calls half of all rows real")
def ties():
    with temporary_folder() as folder:
        runs = Runs(folder, MLP, strokes(64, 28))
        for divergence in divergences.NAMES[1:]:
            dump = runs.train(runs.settings(game__divergence=divergence, game__parametrization="log-ratio", critic__init_deviation=0), 1)
            assert not np.any(dump["v_real"]) and not np.any(dump["v_fake"])
            rates = dump.number("true_positive"), dump.number("true_negative")
            assert rates == (0.5, 0.5), f"{divergence}: {rates}"
            divergence_of_equals = -2 * np.log(2) if divergence == "gan" else 0
            assert abs(dump.number("bound") - divergence_of_equals) < 1e-7, f"{divergence}: bound {dump.number('bound')}"


def tampered(dump, name):
    """The dump with one tensor off by a thousandth of its largest element, or one number of the metadata."""
    bad = copy.copy(dump)
    if name in dump.tensors:
        tensor = dump[name]
        if tensor.dtype == np.int64:
            bad.tensors = {**dump.tensors, name: tensor + (np.arange(tensor.size) == 0)}
        else:
            change = np.random.default_rng(1).choice([-1, 1], tensor.shape) * 1e-3 * (abs(tensor).max() or 1)
            bad.tensors = {**dump.tensors, name: tensor + change.astype(tensor.dtype)}
    else:
        bad.metadata = {**dump.metadata, name: str(dump.number(name) * 1.001 + 0.001)}
    return bad


@test(label="fast", name="the checker sees a thousandth of an error in any tensor and any number")
def negative_control():
    with temporary_folder() as folder:
        runs = Runs(folder, {**MLP, "critic.width": 8, "generator.width": 8, "train.average": 0.5}, strokes(256, 8))
        for rule in RULES:
            settings = runs.settings(game__divergence="jeffrey", game__rule=rule, game__label_smoothing=0.1)
            before, dump = runs.train(settings, 3, step=2), runs.train(settings, 3)
            assert not (complaints := check_step.check(dump, before)), complaints
            numbers = ["bound", "bound_se", "objective", "generator_objective", "true_positive", "true_negative",
                       "critic_mean_real", "critic_sd_real", "critic_mean_fake", "critic_sd_fake"]
            with np.errstate(invalid="ignore"):  # roots of tampered second moments
                unseen = [name for name in [*dump.tensors, *numbers] if not check_step.check(tampered(dump, name), before)]
            assert not unseen, f"{rule}: not seen in {unseen}"


if __name__ == "__main__":
    main()
