"""The eleven divergences, from their definitions.

D_f(P||Q) = E_Q[f(p/q)] with the f of Nowozin, Cseke, Tomioka 2016 (f-GAN), tables 1 and 5; f* is the conjugate over u >= 0,

    f*(t) = sup_{u >= 0} u t - f(u),       f*'(t) = the u that attains it,       f*(f'(u)) = u f'(u) - f(u),

which differs from the printed f* where the maximiser of the printed formula would be negative (Pearson, alpha > 1) or where
f* is a constant (total variation).  The activations are those of table 6 in the increasing form of table 2.

Everything is the textbook formula: no rearrangement for large |v|.  That is the point (the program has the rearranged
forms) and is accurate to better than 1e-9 for |v| <= 8 in float64; the step tests hand in numpy's longdouble, for |v| <= 25.
"""
import dataclasses
from typing import Callable

import numpy as np

exp, log, sqrt, tanh = np.exp, np.log, np.sqrt, np.tanh

Function = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Divergence:
    f: Function
    slope: Function              # f'(u)
    curvature: Function          # f''(u)
    conjugate: Function          # f*(t)
    conjugate_slope: Function    # f*'(t)
    activation: Function         # g_f(V), increasing, onto (part of) the domain of f*
    activation_slope: Function
    offset: float = 0.0          # f'(1), where the log-ratio form leaves it out of T and of F
    has_ratio: bool = True       # whether T determines u = p/q


def softplus(x):
    return log(1 + exp(x))


def sigmoid(x):
    return 1 / (1 + exp(-x))


def wright_omega(y):
    """W(e^y), W being Lambert's function: the solution of w + log w = y, by Newton's method."""
    w = np.where(y > 1, np.maximum(y - log(np.maximum(y, 1)), 1), exp(np.minimum(y, 1)))
    for _ in range(60):
        w = w * (1 + y - log(w)) / (1 + w)
    return w


def identity(v):
    return v + 0.0


def one(v):
    return np.ones_like(v)


def kl():
    return Divergence(f=lambda u: u * log(u), slope=lambda u: 1 + log(u), curvature=lambda u: 1 / u,
                      conjugate=lambda t: exp(t - 1), conjugate_slope=lambda t: exp(t - 1),
                      activation=identity, activation_slope=one, offset=1.0)


def reverse_kl():
    return Divergence(f=lambda u: -log(u), slope=lambda u: -1 / u, curvature=lambda u: 1 / u**2,
                      conjugate=lambda t: -1 - log(-t), conjugate_slope=lambda t: -1 / t,
                      activation=lambda v: -exp(-v), activation_slope=lambda v: exp(-v), offset=-1.0)


def pearson():
    # The maximiser of u t - (u-1)^2 is u = 1 + t/2; for t < -2 it is the border u = 0 and f* = -f(0) = -1.
    return Divergence(f=lambda u: (u - 1)**2, slope=lambda u: 2 * (u - 1), curvature=lambda u: 2 * one(u),
                      conjugate=lambda t: np.where(t >= -2, t**2 / 4 + t, -1.0),
                      conjugate_slope=lambda t: np.maximum(1 + t / 2, 0),
                      activation=identity, activation_slope=one)


def neyman():
    return Divergence(f=lambda u: (1 - u)**2 / u, slope=lambda u: 1 - 1 / u**2, curvature=lambda u: 2 / u**3,
                      conjugate=lambda t: 2 - 2 * sqrt(1 - t), conjugate_slope=lambda t: 1 / sqrt(1 - t),
                      activation=lambda v: 1 - exp(-v), activation_slope=lambda v: exp(-v))


def squared_hellinger():
    return Divergence(f=lambda u: (sqrt(u) - 1)**2, slope=lambda u: 1 - 1 / sqrt(u), curvature=lambda u: u**-1.5 / 2,
                      conjugate=lambda t: t / (1 - t), conjugate_slope=lambda t: 1 / (1 - t)**2,
                      activation=lambda v: 1 - exp(-v), activation_slope=lambda v: exp(-v))


def jeffrey():
    # f'(u) = t is log u + 1 - 1/u = t; with w = 1/u: w + log w = 1 - t, w = W(e^(1-t)).
    def conjugate(t):
        w = wright_omega(1 - t)
        return w + 1 / w + t - 2

    return Divergence(f=lambda u: (u - 1) * log(u), slope=lambda u: log(u) + 1 - 1 / u,
                      curvature=lambda u: 1 / u + 1 / u**2,
                      conjugate=conjugate, conjugate_slope=lambda t: 1 / wright_omega(1 - t),
                      activation=identity, activation_slope=one)


def jensen_shannon():
    return Divergence(f=lambda u: u * log(u) - (u + 1) * log((1 + u) / 2), slope=lambda u: log(2 * u / (1 + u)),
                      curvature=lambda u: 1 / (u * (1 + u)),
                      conjugate=lambda t: -log(2 - exp(t)), conjugate_slope=lambda t: exp(t) / (2 - exp(t)),
                      activation=lambda v: log(2 * one(v)) - softplus(-v), activation_slope=lambda v: sigmoid(-v))


def weighted_js(pi):
    return Divergence(f=lambda u: pi * u * log(u) - (1 - pi + pi * u) * log(1 - pi + pi * u),
                      slope=lambda u: pi * log(u / (1 - pi + pi * u)),
                      curvature=lambda u: pi * (1 - pi) / (u * (1 - pi + pi * u)),
                      conjugate=lambda t: (1 - pi) * log((1 - pi) / (1 - pi * exp(t / pi))),
                      conjugate_slope=lambda t: (1 - pi) * exp(t / pi) / (1 - pi * exp(t / pi)),
                      activation=lambda v: -pi * log(pi) - softplus(-v), activation_slope=lambda v: sigmoid(-v))


def gan():
    return Divergence(f=lambda u: u * log(u) - (u + 1) * log(u + 1), slope=lambda u: log(u / (1 + u)),
                      curvature=lambda u: 1 / (u * (1 + u)),
                      conjugate=lambda t: -log(1 - exp(t)), conjugate_slope=lambda t: exp(t) / (1 - exp(t)),
                      activation=lambda v: -softplus(-v), activation_slope=lambda v: sigmoid(-v))


def alpha(a):
    if a == 1:    # limit: u log u - u + 1
        shape = dict(f=lambda u: u * log(u) - u + 1, slope=log, conjugate=lambda t: exp(t) - 1, conjugate_slope=exp)
    elif a == 0:  # limit: -log u + u - 1
        shape = dict(f=lambda u: u - 1 - log(u), slope=lambda u: 1 - 1 / u,
                     conjugate=lambda t: -log(1 - t), conjugate_slope=lambda t: 1 / (1 - t))
    else:         # for a > 1 the maximiser is the border u = 0 where the base would be negative
        def base(t):
            return np.maximum(t * (a - 1) + 1, 0) if a > 1 else t * (a - 1) + 1

        shape = dict(f=lambda u: (u**a - 1 - a * (u - 1)) / (a * (a - 1)), slope=lambda u: (u**(a - 1) - 1) / (a - 1),
                     conjugate=lambda t: (base(t)**(a / (a - 1)) - 1) / a,
                     conjugate_slope=lambda t: base(t)**(1 / (a - 1)))
    if a < 1:
        shape |= dict(activation=lambda v: 1 / (1 - a) - softplus(-v), activation_slope=lambda v: sigmoid(-v))
    else:
        shape |= dict(activation=identity, activation_slope=one)
    return Divergence(curvature=lambda u: u**(a - 2), **shape)


def total_variation():
    # On u >= 0: f*(t) = max(t, -1/2) for t <= 1/2.  T* = sign(u - 1)/2 does not determine u.
    return Divergence(f=lambda u: abs(u - 1) / 2, slope=lambda u: np.sign(u - 1) / 2, curvature=lambda u: 0 * u,
                      conjugate=lambda t: np.maximum(t, -0.5), conjugate_slope=lambda t: np.where(t >= -0.5, 1.0, 0.0),
                      activation=lambda v: tanh(v) / 2, activation_slope=lambda v: (1 - tanh(v)**2) / 2, has_ratio=False)


NAMES = ("total-variation", "kl", "reverse-kl", "pearson", "neyman", "squared-hellinger", "jeffrey", "jensen-shannon",
         "weighted-js", "gan", "alpha")


def make(name, a=0.5, pi=0.5):
    if name not in NAMES:
        raise ValueError(f"no divergence {name!r}")
    if name == "alpha":
        return alpha(a)
    if name == "weighted-js":
        return weighted_js(pi)
    return globals()[name.replace("-", "_")]()
