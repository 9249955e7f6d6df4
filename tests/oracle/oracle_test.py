"""The oracle against itself: slopes against differences, conjugates against suprema, known divergences, back-propagation
against differences, optimisers against closed forms.  Needs no program."""
import numpy as np

import divergences
import game
import networks
import optimizers
import philox
from harness import main, test

V = np.linspace(-5, 5, 41) + 0.013

# Every divergence, and the parametrised ones where their formula changes.
CASES = {name: divergences.make(name) for name in divergences.NAMES}
CASES |= {"weighted-js .3": divergences.make("weighted-js", pi=0.3)}
CASES |= {f"alpha {a}": divergences.make("alpha", a) for a in (-1, 0, 0.3, 1, 1.5, 2, 2.5, 3)}


def close(got, expected, tolerance, what):
    error = np.max(abs(np.asarray(got) - expected) / (1 + abs(np.asarray(expected))))
    assert error <= tolerance, f"{what}: error {error:.3g}"


def difference(function, x, h=1e-4):
    """Fourth-order central difference."""
    return (8 * (function(x + h) - function(x - h)) - (function(x + 2 * h) - function(x - 2 * h))) / (12 * h)


def border(name):
    """V where the maximiser of the conjugate reaches u = 0, in the paper's parametrisation."""
    a = float(name.split()[1]) if name.startswith("alpha ") else 2 if name == "pearson" else 0
    return (-2 if name == "pearson" else -1 / (a - 1)) if a > 1 else -np.inf


def parametrisations(name):
    return ("paper",) if name == "total-variation" else ("paper", "log-ratio")


@test(label="fast")
def oracle_slopes():
    u = np.exp(np.linspace(-3, 3, 31) + 0.017)
    for name, f in CASES.items():
        if f.has_ratio:
            close(f.slope(u), difference(f.f, u, 1e-3 * u), 1e-8, f"{name}: f'")
            close(f.curvature(u), difference(f.slope, u, 1e-3 * u), 1e-7, f"{name}: f''")
        for parametrization in parametrisations(name):
            curves = game.Curves(f, parametrization)
            for curve in ("real", "fake", "ratio") if f.has_ratio else ("real", "fake"):
                # the derivative jumps where f* meets its constant part
                smooth = abs(V - border(name)) > 0.01
                function = getattr(curves, curve)
                close(function(V).slope[smooth], difference(lambda v: function(v).value, V)[smooth], 1e-7,
                      f"{name} {parametrization} {curve}")
            assert np.all(curves.real(V).slope > 0), f"{name}: T increases"


def supremum(f, t):
    """max over u in [e^-40, e^40] of u t - f(u), which is concave in u: ternary search over log u."""
    low, high = np.full_like(t, -40), np.full_like(t, 40)
    value = lambda x: np.exp(x) * t - f.f(np.exp(x))
    for _ in range(200):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        better = value(a) < value(b)
        low, high = np.where(better, a, low), np.where(better, high, b)
    return value(low)


@test(label="fast")
def oracle_conjugates():
    for name, f in CASES.items():
        t = f.activation(np.linspace(-4, 3, 36))
        close(f.conjugate(t), supremum(f, t), 1e-9, f"{name}: f*")
    for name, t, expected in (("pearson", -6.0, -1), ("total-variation", -2.0, -0.5), ("alpha 2.5", -3.0, -0.4)):
        close(CASES[name].conjugate(np.array(t)), expected, 1e-12, name)
    w = np.array([1e-8, 0.3, 1, 2.7, 40])
    close(divergences.wright_omega(w + np.log(w)), w, 1e-13, "Wright omega")


@test(label="fast")
def oracle_fenchel_equality():
    """f*(f'(u)) = u f'(u) - f(u); the ratio learnt at T = f'(u) is u; the log-ratio form is normalised."""
    u = np.exp(np.linspace(-4, 4, 33))
    for name, f in CASES.items():
        if f.has_ratio:
            close(f.conjugate(f.slope(u)), u * f.slope(u) - f.f(u), 1e-9, name)
            close(f.conjugate_slope(f.slope(u)), u, 1e-8, f"{name}: f*'")
            zero = game.Curves(f, "log-ratio")
            expected = (-np.log(2), np.log(2)) if name == "gan" else (0, 0)
            close([zero.real(np.zeros(1)).value[0], zero.fake(np.zeros(1)).value[0]], expected, 1e-12, f"{name}: T(0), F(0)")
            close(zero.level(0), expected[0], 1e-12, f"{name}: level")


# Divergences of (N(0,1), N(1,1)) and of two discrete distributions (known values: KL .5, chi-squares e - 1, Jeffrey 1, ...).
KNOWN = {"kl": (.5, .201490302), "reverse-kl": (.5, .230258509), "pearson": (np.e - 1, .39), "neyman": (np.e - 1, .59),
         "squared-hellinger": (.235006195, .106252508), "jeffrey": (1, .431748811), "jensen-shannon": (.222842964, .104649629),
         "weighted-js .3": (.094910474, .043054403), "gan": (-1.163451397, -1.281644732), "alpha": (.470012390, .212505016),
         "alpha 2.5": (1.472218432, .198318315), "alpha -1": (.859140914, .295), "total-variation": (.382924923, .3)}


@test(label="fast")
def oracle_known_divergences():
    x = np.linspace(-14, 15, 29001)
    normal = lambda mean: np.exp(-(x - mean)**2 / 2) / np.sqrt(2 * np.pi) * (x[1] - x[0])
    discrete = np.array([.1, .2, .3, .25, .15]), np.array([.3, .1, .2, .15, .25])
    for name, (gaussian, atoms) in KNOWN.items():
        for (p, q), expected in (((normal(0), normal(1)), gaussian), (discrete, atoms)):
            f, u = CASES[name], p / q
            close(np.sum(q * f.f(u)), expected, 2e-7 if name == "total-variation" else 2e-9, f"{name}: divergence")
            if len(p) < 10:
                t = f.slope(u)
                close(np.sum(p * t) - np.sum(q * f.conjugate(t)), expected, 2e-9, f"{name}: bound at its optimum")


@test(label="fast")
def oracle_generator_games():
    """At the optimal critic: maximum likelihood has the slope of KL's minimax, whatever f; smoothing shifts the level."""
    u = np.exp(np.linspace(-2, 2, 9))
    for name, f in CASES.items():
        if not f.has_ratio:
            continue
        for parametrization in ("paper", "log-ratio"):
            curves = game.Curves(f, parametrization)
            v = (V / 4)[curves.ratio(V / 4).value > 0]
            likelihood = game.generator_objective(curves, v, "maximum-likelihood")[1]
            minimax = game.generator_objective(curves, v, "minimax", CASES["kl"])[1]
            close(likelihood.slope, minimax.slope, 1e-9, name)
        # the best critic under smoothing, at p/q = u, has f'(u') with u' = (1-a)u/(1+au): a maximum of the objective
        curves, a = game.Curves(f, "log-ratio"), 0.1
        v = np.log((1 - a) * u / (1 + a * u))
        stationary = (1 - a) * u * curves.real(v).slope - (1 + a * u) * curves.fake(v).slope
        close(stationary, 0, 1e-9, f"{name}: smoothed optimum")
        close(curves.level(a), curves.real(np.log([(1 - a) / (1 + a)])).value[0], 1e-12, f"{name}: smoothed level")
    low, high = game.rate(np.array([0., 1, 2, 1]), 1.0)
    assert low == high == 0.5, "ties count half"


def check_gradients(network, x, seed=1):
    """Every gradient of sum(w * forward(x)) against differences."""
    random = np.random.default_rng(seed)
    w = random.normal(size=network.forward(x).shape)
    dx, gradients = network.backward(w)
    assert set(gradients) == set(network.parameters)
    for name, array in {**network.parameters, "x": x}.items():
        got = dx if name == "x" else gradients[name]
        assert got.shape == array.shape, f"{name}: shape {got.shape}"
        for index in random.choice(array.size, min(array.size, 12), replace=False):
            place, old, h = np.unravel_index(index, array.shape), array.flat[index], 1e-5
            values = []
            for sign in (1, -1):
                array[place] = old + sign * h
                values.append(np.sum(w * network.forward(x)))
            array[place] = old
            close(got[place], (values[0] - values[1]) / (2 * h), 3e-7, f"{name}{place}")


def weights(seed=0, **shapes):
    random = np.random.default_rng(seed)
    return {"main." + key[1:].replace("_", "."): random.normal(size=shape) / 2 for key, shape in shapes.items()}


@test(label="fast")
def oracle_back_propagation():
    random = np.random.default_rng(5)
    image = random.normal(size=(7, 2, 4, 4))
    latent = random.normal(size=(6, 3))
    mlp = weights(m0_weight=(5, 32), m1_weight=(5,), m1_bias=(5,), m3_weight=(4, 5), m3_bias=(4,), m5_weight=(1, 4), m5_bias=(1,))
    for kind in ("elu", "tanh", "sigmoid", "leaky-relu", "relu"):
        check_gradients(networks.Network(mlp, "critic", kind, groups=[4, 3]), image)
    deep = weights(m0_weight=(3, 2, 4, 4), m0_bias=(3,), m2_weight=(4, 3, 4, 4), m3_weight=(4,), m3_bias=(4,),
                   m5_weight=(1, 4, 2, 2), m5_bias=(1,))
    check_gradients(networks.Network(deep, "critic", "leaky-relu", groups=[4, 3]), random.normal(size=(7, 2, 8, 8)))
    up = weights(m0_weight=(3, 4, 2, 2), m1_weight=(4,), m1_bias=(4,), m3_weight=(4, 2, 4, 4), m3_bias=(2,))
    network = networks.Network(up, "generator", "relu", "tanh")
    assert network.forward(latent).shape == (6, 2, 4, 4)
    check_gradients(network, latent)
    check_gradients(networks.Network(weights(m0_sigma=(3,), m0_mu=(3,)), "generator", "relu"), latent)


@test(label="fast")
def oracle_convolutions():
    """Against the definition, one output at a time."""
    random = np.random.default_rng(3)
    x, w = random.normal(size=(2, 3, 8, 8)), random.normal(size=(5, 3, 4, 4))
    y = networks.conv(x, w, 2, 1)
    assert y.shape == (2, 5, 4, 4)
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    close(y[1, 4, 2, 3], np.sum(padded[1, :, 4:8, 6:10] * w[4]), 1e-12, "Conv2d")
    # ConvTranspose2d: input pixel (i, j) adds w to the outputs from (2i - 1, 2j - 1) on
    w, expected = random.normal(size=(3, 2, 4, 4)), np.zeros((2, 18, 18))
    for c in range(3):
        for i in range(8):
            for j in range(8):
                expected[:, 2 * i:2 * i + 4, 2 * j:2 * j + 4] += x[1, c, i, j] * w[c]
    close(networks.ConvTranspose("w", w, 2, 1).forward(x)[1], expected[:, 1:-1, 1:-1], 1e-12, "ConvTranspose2d")


@test(label="fast")
def oracle_philox():
    """The known answers of Random123, and of SplitMix64 from state 0; the masks of a network drop what they say they drop."""
    ones = 2**32 - 1
    for counter, key, expected in (((0,) * 4, (0,) * 2, (0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)),
                                   ((ones,) * 4, (ones,) * 2, (0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd))):
        assert tuple(map(int, philox.philox(counter, key))) == expected
    low, high = philox.key_of(0, philox.PURPOSES[0])
    assert high << 32 | low == 0xE220A8397B1DCDAF
    masks = philox.Masks(0.3, 1, "critic-dropout", 5, 0)
    first, second = masks.factors((200, 7, 5, 5)), masks.factors((200, 7, 5, 5))
    for factors in (first, second):
        assert set(np.unique(factors)) == {0, 1 / (1 - np.float64(np.float32(0.3)))}
        close(np.mean(factors == 0), 0.3, 4 * np.sqrt(0.21 / factors.size), "share dropped")  # four deviations
    close(np.mean((first == 0) & (second == 0)), 0.09, 4 * np.sqrt(0.09 / first.size), "layers have masks of their own")
    later = philox.Masks(0.3, 1, "critic-dropout", 5, 50).factors((150, 7, 5, 5))
    assert np.array_equal(later, first[50:])


@test(label="fast")
def oracle_optimizers():
    g, rate = np.array([0.3, -2.0, 1e-3]), 0.01
    close(optimizers.adam(g, 0, 0, 0, rate, 0.5, 0.999, 1e-8), -rate * np.sign(g), 1e-6, "Adam's first update")
    # a constant gradient: the corrected moments stay g and g^2
    first, second = (1 - 0.5**6) * g, (1 - 0.999**6) * g**2
    close(optimizers.adam(g, first, second, 6, rate, 0.5, 0.999, 1e-8), -rate * np.sign(g), 1e-6, "Adam's seventh update")
    close(optimizers.sgd(g, 3 * g, rate, 0.9), -rate * 3.7 * g, 1e-15, "SGD with momentum")
    close(optimizers.rmsprop(g, 0, 0, rate, 0.99, 0, 1e-12), -10 * rate * np.sign(g), 1e-6, "RMSProp's first update")
    # a constant gradient, its square known for long: every update adds the rate to a velocity of limit 10
    close(optimizers.rmsprop(g, 10 * np.sign(g), g**2, rate, 0.99, 0.9, 1e-12), -10 * rate * np.sign(g), 1e-9, "RMSProp with momentum")
    pair = {"a": np.array([3.0]), "b": np.array([[0.0, -4.0]])}
    close(optimizers.clip(pair, 1)["b"], [[0, -0.8]], 1e-15, "clipped to norm 1")
    assert all(np.array_equal(optimizers.clip(pair, largest)["a"], pair["a"]) for largest in (0, 5, 6))
    assert optimizers.clip({"a": np.array([2e19])}, 0) is None and optimizers.clip({"a": np.array([np.inf])}, 1) is None
    close(optimizers.average(1.0, 2.0, 0.9), 1.1, 1e-15, "average")


if __name__ == "__main__":
    main()
