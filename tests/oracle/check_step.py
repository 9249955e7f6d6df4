"""Recomputes one training step of fgan from what `--dump-step=N:FILE` wrote, and names what differs.

    check(path or Dump, previous=None) -> list of complaints, empty when all is well

Every stage starts from the dump's own float32 numbers of the stage before (dv from the dumped v, gradients from the dumped
dv, updates from the dumped gradients), so that an error shows where it is made and tolerances need not add up.
`previous`: the dump of step N-1, for what a dump does not hold: the running average before the step.
"""
import sys

import numpy as np

import divergences
import game
import networks
import optimizers
import philox
import safetensors

# Float32 rounds to 2^-24.  A tensor may be off by RELATIVE of its largest element, and sums of terms that cancel by
# ROUNDING of the terms' absolute sum.
RELATIVE = 1e-5
ROUNDING = 8 * 2.0**-24
KINKS = (0.0, 1e-7, -1e-7, 1e-6, -1e-6)  # see networks.Activation


class Complaints(list):
    def compare(self, name, got, expected, terms=None, each=False):
        """each: the tolerance follows every element (element by element functions), not only the largest one."""
        got = np.asarray(got, np.float64)
        expected = np.asarray(expected, np.float64)
        if got.shape != expected.shape:
            self.append(f"{name}: shape {got.shape}, expected {expected.shape}")
            return
        largest = abs(expected).max(initial=0)
        allowed = RELATIVE * (abs(expected) + largest / 100 if each else largest)
        if terms is not None:
            allowed = allowed + ROUNDING * (terms if each else np.max(terms, initial=0))
        error = abs(got - expected)
        if not np.all(error <= allowed):
            worst = np.unravel_index(np.argmax(np.where(np.isnan(error), np.inf, error - allowed)), error.shape)
            self.append(f"{name}: {np.sum(~(error <= allowed))} of {error.size} differ; at {tuple(map(int, worst))}: "
                        f"{got[worst]:.9g}, expected {expected[worst]:.9g} (largest {largest:.3g})")

    def equal(self, name, got, expected):
        if not np.array_equal(got, expected):
            self.append(f"{name}: not bit for bit as expected")

    def within(self, name, got, interval):
        if not interval[0] - 1e-6 <= got <= interval[1] + 1e-6:
            self.append(f"{name}: {got}, expected {interval}")


class Step:
    """A dump with its settings understood."""

    def __init__(self, dump):
        self.dump = dump
        a, pi = float(dump.setting("game.alpha")), float(dump.setting("game.pi"))
        self.curves = game.Curves(divergences.make(dump.setting("game.divergence"), a, pi),
                                  dump.setting("game.parametrization"), float(dump.setting("game.limit")))
        other = dump.setting("game.generator_divergence")
        self.other = divergences.make(other, a, pi) if other else None
        self.smoothing = float(dump.setting("game.label_smoothing"))
        self.alternating = dump.setting("game.rule") == "alternating"
        self.fresh = self.alternating and dump.setting("game.fresh_fakes") == "true"

    def of_player(self, player, section, key):
        """[generator] and [critic] say differently what [model] and [optimizer] say for both."""
        own = self.dump.setting(f"{player}.{key}")
        return own if own not in (None, "") else self.dump.setting(f"{section}.{key}")

    def masks(self, player, draws, first_row):
        """Dropout of the pass whose first row has this number."""
        rate = float(self.of_player(player, "model", "dropout"))
        seed = int(self.dump.setting("train.seed"))
        return philox.Masks(rate, seed, f"{player}-dropout", int(self.dump[draws][0]), first_row) if rate > 0 else None

    def generator(self, draws="draws", kink=0.0):
        return self.network("generator", ".before", None, kink, self.masks("generator", draws, 0))

    def reference(self, player):
        """The rows that every pass through the network begins with; none where it needs no reference."""
        name = "reference_latent" if player == "generator" else "reference_real"
        live = self.dump["latent" if player == "generator" else "real"]
        return (self.dump[name] if name in self.dump.tensors else live[:0]).astype(np.float64)

    def behind_reference(self, player, *rows):
        return np.concatenate([self.reference(player), *rows]).astype(np.float64)

    def before_answer(self):
        """The rows in front of the fakes in the critic's pass that the generator goes back through."""
        reference = self.reference("critic")
        return self.behind_reference("critic", self.dump["real"]) if len(reference) and not self.alternating else reference

    def critic(self, kink=0.0):
        """Before its update, on real and fake rows."""
        n = len(self.dump["real"])
        return self.network("critic", ".before", [n, n], kink, self.masks("critic", "draws", 0))

    def answering_critic(self, kink=0.0):
        """As the generator sees it: the fakes' rows of the critic's pass, or the updated critic's own rows, numbered on."""
        n, reference = len(self.dump["real"]), len(self.reference("critic"))
        first_row = reference + 2 * n if self.alternating else 0 if reference else n
        masks = self.masks("critic", "generator_draws", first_row)
        return self.network("critic", ".after" if self.alternating else ".before", [n], kink, masks)

    def network(self, player, when, groups, kink, masks):
        affine = self.of_player("generator", "model", "architecture") == "affine"
        hidden = self.of_player(player, "model", "activation")
        if hidden == "auto":
            critic = "tanh" if affine else "leaky-relu" if self.of_player("critic", "model", "architecture") == "dcgan" else "elu"
            hidden = "relu" if player == "generator" else critic
        output = "linear"
        if player == "generator" and not affine:
            output = self.of_player(player, "model", "output")
            if output == "auto":
                output = "tanh" if self.dump["real"].ndim == 4 and self.dump["real"].shape[2] > 1 else "linear"
        return networks.Network(self.dump.under(f"{player}.", when), player, hidden, output,
                                float(self.of_player(player, "model", "slope")), groups, kink, masks, self.reference_norm(player))

    def reference_norm(self, player):
        """What networks.ReferenceNorm needs."""
        kind, rows = self.of_player(player, "model", "normalization"), len(self.reference(player))
        if not rows:
            return None
        asked = int(self.of_player(player, "model", "reference_rows")) or int(self.dump.setting("train.batch"))
        assert kind in ("virtual-batch", "reference-batch") and rows == asked, f"{rows} rows of reference for {kind}"
        return rows, kind == "virtual-batch", self.of_player(player, "model", "reference_gradient") == "true"

    def learns(self, player):
        return self.of_player(player, "optimizer", "frozen") != "true"

    def rate(self, player, done):
        number = lambda key: float(self.of_player(player, "optimizer", key))
        return optimizers.learning_rate(number("learning_rate"), done, self.of_player(player, "optimizer", "schedule"),
                                        number("warmup"), number("horizon"), number("final_fraction"))


def flat(v):
    return v.astype(np.float64).reshape(len(v))


def behind_zeros(rows, values):
    return np.concatenate([np.zeros((rows, *values.shape[1:])), values])


def check(dump, previous=None):
    step = Step(dump if isinstance(dump, safetensors.Dump) else safetensors.read(dump))
    complaints = Complaints()
    check_draws(step, complaints)
    check_forward(step, complaints)
    check_game(step, complaints)
    check_gradients(step, complaints)
    check_update(step, complaints, "critic", +1)
    check_update(step, complaints, "generator", -1)
    check_average(step, complaints, previous)
    return complaints


def check_draws(step, complaints):
    """Batches of noise drawn so far: one for each critic update, and one more for the generator if its fakes are fresh."""
    d = step.dump
    updates = int(d.setting("game.critic_steps")) if step.alternating else 1
    drawn = int(d.metadata["step"]) * (updates + step.fresh)
    complaints.equal("generator_draws", d["generator_draws"], [drawn])
    complaints.equal("draws", d["draws"], [drawn - step.fresh])


def check_forward(step, complaints):
    """fake = G(latent) and v = D(real | fake), with batch moments of the real and of the fake rows apart."""
    d = step.dump
    real, fake = d["real"].astype(np.float64), d["fake"].astype(np.float64)
    out = step.generator().forward(step.behind_reference("generator", d["latent"]))[-len(fake):]
    complaints.compare("fake", fake, out.reshape(fake.shape))
    v = step.critic().forward(step.behind_reference("critic", real, fake)).reshape(-1)[-2 * len(real):]
    size = abs(v).max()
    complaints.compare("v_real", flat(d["v_real"]), v[:len(real)], RELATIVE / ROUNDING * size)
    complaints.compare("v_fake", flat(d["v_fake"]), v[len(real):], RELATIVE / ROUNDING * size)

    last = d["generator_fake"].astype(np.float64)
    out = step.generator("generator_draws").forward(step.behind_reference("generator", d["generator_latent"]))[-len(last):]
    complaints.compare("generator_fake", last, out.reshape(last.shape))
    v = step.answering_critic().forward(np.concatenate([step.before_answer(), last])).reshape(-1)[-len(last):]
    complaints.compare("generator_v_fake", flat(d["generator_v_fake"]), v, RELATIVE / ROUNDING * size)
    for name in () if step.fresh else ("latent", "fake") if step.alternating else ("latent", "fake", "v_fake"):
        complaints.equal(f"generator_{name}", d[f"generator_{name}"], d[name])
    if step.fresh and np.array_equal(d["generator_latent"], d["latent"]):
        complaints.append("generator_latent: not fresh")


def check_game(step, complaints):
    """The statistics, and the derivatives by v; in longdouble, which the textbook formulas need for large |v|."""
    d = step.dump
    v_real, v_fake, v_last = (flat(d[name]).astype(np.longdouble) for name in ("v_real", "v_fake", "generator_v_fake"))
    _, real, fake = game.critic_objective(step.curves, v_real, v_fake, step.smoothing)
    complaints.compare("dv_real", flat(d["dv_real"]), real.slope, real.size, each=True)
    complaints.compare("dv_fake", flat(d["dv_fake"]), fake.slope, fake.size, each=True)
    value, last = game.generator_objective(step.curves, v_last, d.setting("game.objective"), step.other)
    complaints.compare("generator_dv_fake", flat(d["generator_dv_fake"]), last.slope, last.size, each=True)

    expected = game.statistics(step.curves, v_real, v_fake, step.smoothing)
    cancel = RELATIVE / ROUNDING
    complaints.compare("bound", d.number("bound"), expected.bound, cancel * expected.size)
    complaints.compare("bound_se", d.number("bound_se"), expected.bound_se, cancel * 0.1 * expected.size)
    complaints.compare("objective", d.number("objective"), expected.objective, cancel * expected.size)
    complaints.compare("generator_objective", d.number("generator_objective"), value, cancel * abs(last.value).mean())
    complaints.within("true_positive", d.number("true_positive"), expected.true_positive)
    complaints.within("true_negative", d.number("true_negative"), expected.true_negative)
    for name, v in (("real", v_real), ("fake", v_fake)):
        complaints.compare(f"critic_mean_{name}", d.number(f"critic_mean_{name}"), v.mean(), cancel * abs(v).mean())
        complaints.compare(f"critic_sd_{name}", d.number(f"critic_sd_{name}"), v.std(), cancel * 0.1 * abs(v).mean())


def check_gradients(step, complaints):
    """Back-propagation of dv_real, dv_fake to the critic, and of generator_dv_fake through the critic to the generator."""
    d = step.dump
    images = step.behind_reference("critic", d["real"], d["fake"])
    dv = behind_zeros(len(step.reference("critic")), np.concatenate([flat(d["dv_real"]), flat(d["dv_fake"])]))
    last = np.concatenate([step.before_answer(), d["generator_fake"].astype(np.float64)])
    latent = step.behind_reference("generator", d["generator_latent"])
    dv_last = behind_zeros(len(step.before_answer()), flat(d["generator_dv_fake"]))

    def critic(kink):
        net = step.critic(kink)
        return net.backward(dv.reshape(net.forward(images).shape))[1]

    def generator(kink):
        net = step.answering_critic(kink)
        dx = net.backward(dv_last.reshape(net.forward(last).shape))[0][len(step.before_answer()):]
        dx = behind_zeros(len(step.reference("generator")), dx)
        net = step.generator("generator_draws", kink)
        return net.backward(dx.reshape(net.forward(latent).shape))[1]

    for player, gradients in (("critic", critic), ("generator", generator)):
        got = d.under(f"{player}.", ".grad")
        if not step.learns(player):
            if got:
                complaints.append(f"{player}: frozen, and gradients of {sorted(got)}")
            continue
        for kink in KINKS:
            attempt = Complaints()
            expected = gradients(kink)
            if set(got) != set(expected):
                attempt.append(f"{player}: gradients of {sorted(got)}, expected {sorted(expected)}")
            for name in sorted(set(got) & set(expected)):
                attempt.compare(f"{player}.{name}.grad", got[name], expected[name], expected.terms[name])
            if kink == 0:
                first = attempt
            if not attempt:
                break
        else:
            complaints.extend(first)


def check_update(step, complaints, player, sign):
    """after - before against the optimiser's formula: exact but for the rounding of the weight itself.

    sign: +1 ascends, -1 descends.  `.grad` is the gradient before clipping.
    """
    d = step.dump
    if not step.learns(player):
        check_frozen(step, complaints, player)
        return
    gradients, after = d.under(f"{player}.", ".grad"), d.under(f"{player}.", ".after")
    done = int(d[f"{player}_optimizer.counters"][0])
    rate, kind = step.rate(player, done), step.of_player(player, "optimizer", "optimizer")
    number = lambda key: float(step.of_player(player, "optimizer", key))
    weights = d.under(f"{player}.", ".before")
    if not weights.keys() == gradients.keys() == after.keys():
        complaints.append(f"{player}: weights {sorted(weights)}, gradients {sorted(gradients)}, weights after {sorted(after)}")
        return
    clipped = optimizers.clip(gradients, number("clip"))
    for name, before in weights.items():
        if clipped is None:
            complaints.equal(f"{player}.{name}.after, of a skipped update", after[name], before)
            continue
        first = d[f"{player}_optimizer.first_moment.{name}"].astype(np.float64)
        second = d[f"{player}_optimizer.second_moment.{name}"].astype(np.float64) if kind != "sgd" else None
        if kind == "adam":
            change = optimizers.adam(clipped[name], first, second, done, rate, number("beta1"), number("beta2"), number("epsilon"))
        elif kind == "rmsprop":
            change = optimizers.rmsprop(clipped[name], first, second, rate, number("rms_decay"), number("momentum"), number("epsilon"))
        else:
            change = optimizers.sgd(clipped[name], first, rate, number("momentum"))
        complaints.compare(f"{player}.{name}.after - before", after[name] - before, -sign * change,
                           abs(after[name]) / 4 + abs(change), each=True)


def check_frozen(step, complaints, player):
    before, after = step.dump.under(f"{player}.", ".before"), step.dump.under(f"{player}.", ".after")
    for name in before.keys() | after.keys():
        complaints.equal(f"{player}.{name}, frozen", after.get(name), before.get(name))
    complaints.equal(f"{player}_optimizer.counters, frozen", step.dump[f"{player}_optimizer.counters"], [0, 0, 0, 0])


def check_average(step, complaints, previous):
    """average <- decay average + (1 - decay) weights, starting from the initial weights."""
    d = step.dump
    decay = float(d.setting("train.average"))
    averages, weights = d.under("generator_average.", ".after"), d.under("generator.", ".after")
    if set(averages) != (set(weights) if decay > 0 else set()):
        complaints.append(f"averages of {sorted(averages)}")
    elif decay > 0 and (previous or d.metadata["step"] == "1"):
        start = d.under("generator.", ".before") if previous is None else previous.under("generator_average.", ".after")
        for name, weight in weights.items():
            expected = optimizers.average(start[name], weight, decay) if step.learns("generator") else start[name]
            complaints.compare(f"generator_average.{name}", averages[name] - start[name], expected - start[name],
                               abs(weight) / 2, each=True)


if __name__ == "__main__":  # check_step.py FILE...
    complaints = {path: check(path) for path in sys.argv[1:] if path != "--list"}  # (discover.py asks every file for its tests)
    for path, found in complaints.items():
        print(f"{path}: " + ("\n  ".join(["differs", *found]) if found else "all as expected"))
    sys.exit(any(complaints.values()))
