"""One training step of every kind of network and optimiser, recomputed from its dump, and steps one after another."""
import gzip
import itertools
import os

import numpy as np

import check_step
import divergences
from harness import SOURCE, main, temporary_folder, test
from runs import DCGAN, MIXTURE, MLP, Runs, strokes

RULES = ("single-step", "alternating")


def dcgan_test(rule):
    @test(label="fast", name=f"the dumped step is right: dcgan with batch normalisation, {rule}, every divergence")
    def check():
        with temporary_folder() as folder:
            runs = Runs(folder, DCGAN, strokes(96, 28))
            runs.check({f"dcgan {name}": runs.settings(game__divergence=name, game__rule=rule) for name in divergences.NAMES})


for rule in RULES:
    dcgan_test(rule)


@test(label="fast", name="the dumped step is right: dcgan of other sizes, depths, widths and normalisations")
def dcgan_shapes():
    with temporary_folder() as folder:
        runs = Runs(folder, DCGAN, strokes(96, 32))
        changes = [{}, {"model__depth": 2}, {"model__normalization": "none"}, {"critic__normalization": "none"},
                   {"generator__normalization": "none"}, {"model__width": 5}, {"generator__width": 6, "critic__width": 3},
                   {"critic__activation": "elu"}, {"generator__activation": "leaky-relu", "generator__slope": 0.05},
                   {"generator__output": "sigmoid"}, {"generator__output": "linear"}, {"model__noise": "uniform"}, {"train__batch": 9},
                   {"device__threads": 2}, {"device__name": "naive"}]
        runs.check({f"dcgan 32 {change}": runs.settings(game__divergence="jensen-shannon", game__rule="alternating", **change)
                    for change in changes})


@test(label="fast", name="the dumped step is right: mlp of other activations, depths and normalisations")
def mlp_shapes():
    with temporary_folder() as folder:
        runs = Runs(folder, MLP, strokes(128, 12))
        changes = [{"model__activation": kind} for kind in ("relu", "leaky-relu", "elu", "tanh", "sigmoid")]
        changes += [{"generator__output": kind} for kind in ("linear", "tanh", "sigmoid")]
        changes += [{"critic__slope": 0.1}, {"critic__activation": "leaky-relu", "critic__slope": 0.1}, {"model__depth": 1},
                    {"model__depth": 3}, {"critic__normalization": "batch"}, {"generator__normalization": "none"}, {"train__batch": 33},
                    {"device__name": "naive"}]
        base = {"game__divergence": "kl", "game__parametrization": "log-ratio"}
        runs.check({f"mlp {change} {rule}": runs.settings(game__rule=rule, **base, **change) for change in changes for rule in RULES})


@test(label="fast", name="the dumped step is right: an affine generator and a mixture of two Gaussians")
def mixture():
    with temporary_folder() as folder:
        runs = Runs(folder, MIXTURE)
        cases = {f"mixture {name} {rule}": runs.settings(game__divergence=name, game__rule=rule)
                 for name in divergences.NAMES for rule in RULES}
        cases["mixture elu"] = runs.settings(critic__activation="elu")
        cases["mixture mlp"] = runs.settings(model__architecture="mlp", generator__width=8, model__latent=3)
        plane = {"data__means": "-1 0.5, 2 1", "data__deviations": "0.3, 1"}
        cases["mixture 2-D"] = runs.settings(**plane)
        cases["mixture 2-D mlp"] = runs.settings(model__architecture="mlp", generator__width=8, model__latent=3, **plane)
        runs.check(cases)


@test(label="fast", name="the dumped step is right: dropout in either player, in every way back")
def dropout():
    ways = [{"game__rule": "single-step"}, {"game__rule": "single-step", "game__objective": "non-saturating"},
            {"game__rule": "alternating"}, {"game__rule": "alternating", "game__critic_steps": 2, "game__fresh_fakes": "true"}]
    rates = [{"critic__dropout": 0.3}, {"model__dropout": 0.5}, {"generator__dropout": 0.2, "critic__dropout": 0.1, "device__name": "naive"}]
    with temporary_folder() as folder:
        mlp, dcgan = Runs(folder / "mlp", MLP, strokes(128, 12)), Runs(folder / "dcgan", DCGAN, strokes(96, 28))
        for runs in (mlp, dcgan):
            runs.check({f"{way} {rate}": runs.settings(**way, **rate) for way in ways for rate in rates})
        mlp.check({"seed and batch norm": mlp.settings(train__seed=12345678901, model__normalization="batch", model__dropout=0.3,
                                                       model__depth=3, model__width=33)})


def both(normalization):
    return {"generator__normalization": normalization, "critic__normalization": normalization}


@test(label="fast", name="the dumped step is right: virtual batch and reference batch normalisation, in every way back")
def references():
    ways = [{"game__rule": "single-step"}, {"game__rule": "single-step", "game__objective": "non-saturating"},
            {"game__rule": "alternating"}, {"game__rule": "alternating", "game__critic_steps": 2, "game__fresh_fakes": "true"}]
    kinds = [both("virtual-batch"), both("reference-batch"),
             {"critic__normalization": "virtual-batch", "critic__reference_rows": 7, "generator__normalization": "reference-batch"},
             {"generator__normalization": "virtual-batch", "generator__reference_rows": 20, "critic__normalization": "batch"},
             {**both("virtual-batch"), "model__reference_gradient": "false"},
             {**both("reference-batch"), "critic__reference_gradient": "false", "critic__dropout": 0.3},
             {**both("virtual-batch"), "model__dropout": 0.2, "device__name": "naive"}]
    with temporary_folder() as folder:
        mlp, dcgan = Runs(folder / "mlp", MLP, strokes(128, 12)), Runs(folder / "dcgan", DCGAN, strokes(96, 28))
        for runs in (mlp, dcgan):
            runs.check({f"{way} {kind}": runs.settings(**way, **kind) for way in ways for kind in kinds})
        frozen = {**both("virtual-batch"), "game__rule": "single-step"}
        mlp.check({f"frozen {player}": mlp.settings(**{f"{player}__frozen": "true"}, **frozen) for player in ("generator", "critic")})


@test(label="fast", name="references are fixed: latents of the seed, real images of the data, the same at every step")
def fixed_references():
    with temporary_folder() as folder:
        runs = Runs(folder, {**MLP, "generator.normalization": "virtual-batch", "critic.normalization": "virtual-batch"}, strokes(128, 12))
        dumps = [runs.train(runs.settings(), 3, step) for step in (1, 3)]
        for name in ("reference_real", "reference_latent"):
            assert np.array_equal(dumps[0][name], dumps[1][name]), name
            assert not np.array_equal(dumps[0][name], runs.train(runs.settings(train__seed=2), 1)[name]), name
        assert not np.array_equal(dumps[0]["reference_latent"], dumps[0]["latent"])


@test(label="fast", name="the dumped step is right: either player frozen")
def frozen():
    ways = [{"game__rule": "single-step"}, {"game__rule": "single-step", "game__objective": "non-saturating"},
            {"game__rule": "alternating", "game__critic_steps": 2}]
    with temporary_folder() as folder:
        runs = Runs(folder, {**MLP, "train.average": 0.5, "game.divergence": "kl"}, strokes(128, 12))
        cases = {f"{player} {way}": runs.settings(**{f"{player}__frozen": "true"}, **way) for way in ways for player in ("generator", "critic")}
        runs.check(cases)
        for settings in cases.values():
            before, dump = runs.train(settings, 3, step=2), runs.train(settings, 3)
            assert not (complaints := check_step.check(dump, before)), complaints


@test(label="fast", name="the dumped step is right: several critic updates, and fresh fakes")
def critic_steps():
    with temporary_folder() as folder:
        runs = Runs(folder, MLP, strokes(256, 12))
        alternating = runs.settings(game__rule="alternating", game__divergence="squared-hellinger", game__label_smoothing=0.05)
        runs.check({"three": {**alternating, "game.critic_steps": 3},
                    "fresh": {**alternating, "game.fresh_fakes": "true"},
                    "three and fresh": {**alternating, "game.critic_steps": 3, "game.fresh_fakes": "true"}})
        dump = runs.train({**alternating, "game.critic_steps": 3}, 2)
        counters = [int(dump[f"{player}_optimizer.counters"][0]) for player in ("critic", "generator")]
        assert counters == [5, 1], f"updates before the last of step 2: {counters}"


@test(label="fast", name="the dumped step is right: SGD, momentum, RMSProp, Adam's constants, one optimiser for each player")
def optimizers():
    changes = [{"optimizer__optimizer": "sgd"}, {"optimizer__optimizer": "sgd", "optimizer__momentum": 0.9},
               {"optimizer__beta1": 0, "optimizer__beta2": 0.9}, {"optimizer__beta1": 0.9, "optimizer__epsilon": 0.01},
               {"critic__optimizer": "sgd", "critic__momentum": 0.5}, {"generator__learning_rate": 0.003, "critic__beta1": 0.7},
               {"optimizer__optimizer": "rmsprop"}, {"optimizer__optimizer": "rmsprop", "optimizer__momentum": 0.9},
               {"critic__optimizer": "rmsprop", "critic__rms_decay": 0.9, "critic__epsilon": 0.01},
               {"optimizer__clip": 0.01}, {"optimizer__clip": 0}, {"critic__clip": 0.1, "critic__optimizer": "sgd"}]
    schedules = [{"optimizer__schedule": schedule, "optimizer__warmup": warmup, "optimizer__horizon": 7, "optimizer__final_fraction": 0.25}
                 for schedule in ("constant", "linear", "cosine") for warmup in (0, 2, 6)]
    schedules.append({"optimizer__schedule": "linear"})  # to the end of the run, which the dump then names
    with temporary_folder() as folder:
        runs = Runs(folder, MLP, strokes(256, 12))
        runs.check({f"{change}": runs.settings(game__divergence="pearson", game__rule="alternating", **change)
                    for change in changes + schedules}, steps=4)


@test(label="fast", name="an update with a gradient too large to square is skipped, or clipped")
def huge_gradients():
    with temporary_folder() as folder:
        runs = Runs(folder, {**MLP, "game.divergence": "kl", "game.parametrization": "log-ratio"}, strokes(256, 12))
        for seed, power in itertools.product(range(1, 9), range(16)):  # until e^v is a float32 and its square is not
            runs.base |= {"train.seed": seed, "critic.init_deviation": 0.5 * 1.1**power}
            dump = runs.train(runs.settings(), 1)
            if 50 < dump["v_fake"].max() < 85 and dump["v_real"].max() < 85:
                break
        for clip, expected in ((0, [0, 1]), (100, [1, 0])):
            complaints = check_step.check(runs.train(runs.settings(optimizer__clip=clip), 1))
            assert not complaints, complaints
            dump = runs.train(runs.settings(optimizer__clip=clip), 2)
            for player in ("generator", "critic"):
                counters = dump[f"{player}_optimizer.counters"][:2].tolist()
                assert counters == expected, f"clip {clip}, {player}: {counters} updates done, skipped"


@test(label="fast", name="steps follow one another: weights, moments, counters and the running average")
def chain():
    with temporary_folder() as folder:
        for optimizer in ("adam", "sgd", "rmsprop"):
            runs = Runs(folder / optimizer, {**MLP, "train.average": 0.9, "optimizer.optimizer": optimizer, "optimizer.momentum": 0.5},
                        strokes(256, 12))
            settings = runs.settings(game__rule="alternating", game__divergence="gan")
            dumps = [runs.train(settings, 4, step) for step in (1, 2, 3, 4)]
            for before, dump in zip([None, *dumps], dumps):
                assert not (complaints := check_step.check(dump, before)), complaints
            for before, dump in zip(dumps, dumps[1:]):
                assert_continues(before, dump, optimizer)


def assert_continues(before, dump, optimizer):
    for player in ("generator", "critic"):
        ends, starts = before.under(f"{player}.", ".after"), dump.under(f"{player}.", ".before")
        assert ends.keys() == starts.keys() and all(np.array_equal(ends[name], starts[name]) for name in ends), player
        done = [int(each[f"{player}_optimizer.counters"][0]) for each in (before, dump)]
        assert done[1] == done[0] + 1, f"{player}: counters {done}"
        for name, gradient in before.under(f"{player}.", ".grad").items():
            moments = [before[f"{player}_optimizer.{which}_moment.{name}"].astype(np.float64)
                       for which in (("first",) if optimizer == "sgd" else ("first", "second"))]
            for which, expected in zip(("first", "second"), moments_after(optimizer, gradient, *moments)):
                error = abs(dump[f"{player}_optimizer.{which}_moment.{name}"] - expected).max()
                assert error <= 1e-6 * abs(expected).max(), f"{player} {name}: {which} moment {error}"


def moments_after(optimizer, gradient, first, second=None):
    """With the settings of chain(): what the optimiser remembers."""
    if optimizer == "sgd":
        return [0.5 * first + gradient]
    if optimizer == "adam":
        return 0.5 * first + 0.5 * gradient, 0.999 * second + 0.001 * gradient**2
    second = 0.99 * second + 0.01 * gradient**2
    return 0.5 * first + gradient / (np.sqrt(second) + 1e-8), second


@test(label="fast", name="real rows of a dump are images of the data, each once, and latents are standard normal or uniform")
def inputs():
    with temporary_folder() as folder:
        images = strokes(64, 12)
        runs = Runs(folder, {**MLP, "model.latent": 200, "train.batch": 64}, images)
        scaled = images / 127.5 - 1

        def shown(dump):
            distance = np.array([[abs(row[0] - image).max() for image in scaled] for row in dump["real"]])
            assert distance.min(axis=1).max() < 1e-6
            return distance.argmin(axis=1).tolist()

        epoch = [i for step in (1, 2, 3, 4) for i in shown(runs.train(runs.settings(train__batch=16), 4, step))]
        assert sorted(epoch) == list(range(64)) != epoch, f"an epoch of {epoch}"
        for noise, variance, largest in (("normal", 1, 6), ("uniform", 1 / 3, 1)):
            dump = runs.train(runs.settings(model__noise=noise), 1)
            assert sorted(shown(dump)) == list(range(64))
            z = dump["latent"].astype(np.float64).ravel()
            share = np.sqrt(z.size)
            assert abs(z.mean()) < 5 / share and abs(z.var() - variance) < 8 / share and abs(z).max() < largest


def digits():
    """2,048 pictures of MNIST, or strokes of the same size where it is not there."""
    path = os.path.join(os.environ.get("FGAN_DATA", SOURCE.parent / "shared" / "data"), "mnist", "train-images-idx3-ubyte.gz")
    if not os.path.exists(path):
        return strokes(2048, 28)
    with gzip.open(path) as file:
        return np.frombuffer(file.read(16 + 2048 * 784)[16:], np.uint8).reshape(-1, 28, 28)


@test(label="slow", name="the dumped step is right: digits, the paper's networks")
def paper_networks():
    with temporary_folder() as folder:
        runs = Runs(folder, {"model.architecture": "mlp", "train.batch": 64, "optimizer.learning_rate": 0.001}, digits())
        runs.check({f"mnist {name}": runs.settings(game__divergence=name) for name in divergences.NAMES}, steps=5)
        runs.check({f"mnist dcgan {rule}": runs.settings(model__architecture="dcgan", model__width=16, train__batch=32, game__rule=rule)
                    for rule in RULES}, steps=5)


if __name__ == "__main__":
    main()
