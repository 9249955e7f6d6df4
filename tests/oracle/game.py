"""What the two players of an f-GAN optimise, as functions of the critic's outputs v.  From the definitions.

    bound                  E_P[T] - E_Q[F],  T = g(v), F = f*(T)                          (Nowozin et al. 2016, eq. 4)
    critic ascends         (1-a) E_P[T] - a E_P[F] - E_Q[F],  a = label smoothing         (MATHS section 6)
    generator descends     -E_Q[F]      minimax                                           (Algorithm 1)
                           -E_Q[T]      non-saturating                                    (section 3.2)
                           -E_Q[p/q]    maximum likelihood                                (Goodfellow 2014/2017 tutorial)
                           the first two with h's T and F at the ratio p/q that the critic of f stands for (generator_divergence)
"""
import dataclasses

import numpy as np


@dataclasses.dataclass
class Term:
    """A value for every row, its derivative by v, and how large the numbers are that were added to give the latter."""
    value: np.ndarray
    slope: np.ndarray
    size: np.ndarray = None

    def __post_init__(self):
        if self.size is None:
            self.size = abs(self.slope)


def chain(term, inner):
    return Term(term.value, term.slope * inner, term.size * abs(inner))


class Curves:
    """T, F and u = p/q as functions of the critic's output, in one of the two parametrisations.

    limit = c > 0: of v0 + c tanh((v - v0) / c) instead, v0 the output at p = q (MATHS section 5)."""

    def __init__(self, divergence, parametrization, limit=0.0):
        self.f = divergence
        self.limit = limit
        self.paper = parametrization == "paper"
        self.centre = self.output_at_equal_odds() if limit and self.paper and divergence.has_ratio else 0.0
        if not self.paper and (parametrization != "log-ratio" or not divergence.has_ratio):
            raise ValueError(f"parametrization {parametrization} is not defined here")

    def output_at_equal_odds(self):
        """v with T(v) = f'(1), by bisection: T rises with v."""
        low, high, level = -60.0, 60.0, float(self.f.slope(np.float64(1)))
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if self.f.activation(np.float64(middle)) < level else (low, middle)
        return low

    def seen(self, v):
        if not self.limit:
            return v, np.ones_like(v)
        t = np.tanh((v - self.centre) / self.limit)
        return self.centre + self.limit * t, 1 - t ** 2

    def real(self, v):
        v, inner = self.seen(v)
        return chain(self.real_of(v), inner)

    def fake(self, v):
        v, inner = self.seen(v)
        return chain(self.fake_of(v), inner)

    def ratio(self, v):
        v, inner = self.seen(v)
        return chain(self.ratio_of(v), inner)

    def real_of(self, v):
        """T and T'(v).  Log-ratio: f'(e^v), less the f'(1) that KL and reverse KL carry (MATHS section 1)."""
        if self.paper:
            return Term(self.f.activation(v), self.f.activation_slope(v))
        u = np.exp(v)
        return Term(self.f.slope(u) - self.f.offset, u * self.f.curvature(u))

    def fake_of(self, v):
        """F = f*(T) and F'(v) = f*'(T) T'(v).  Log-ratio: T = f'(u), where f*(f'(u)) = u f'(u) - f(u) and f*'(f'(u)) = u."""
        real = self.real_of(v)
        if self.paper:
            return Term(self.f.conjugate(real.value), self.f.conjugate_slope(real.value) * real.slope)
        u = np.exp(v)
        return Term(u * self.f.slope(u) - self.f.f(u) - self.f.offset, u * real.slope)

    def ratio_of(self, v):
        """u = f*'(T), the density ratio the critic stands for; u'(v) = T'(v) / f''(u), 0 where u is held at the border 0."""
        if not self.f.has_ratio:
            raise ValueError("no density ratio")
        if not self.paper:
            return Term(np.exp(v), np.exp(v))
        real = self.real_of(v)
        u = self.f.conjugate_slope(real.value)
        inside = u > 0
        return Term(u, np.where(inside, real.slope / self.f.curvature(np.where(inside, u, 1.0)), 0.0))

    def level(self, smoothing):
        """T at P = Q: above it the critic says real.  The best critic has p/q = (1-a)/(1+a) there.

        Total variation: T* has no values but -1/2 and 1/2, and smoothing only moves the ratio at which it switches."""
        if not self.f.has_ratio:
            return 0.0
        return float(self.f.slope(np.float64((1 - smoothing) / (1 + smoothing)))) - (0.0 if self.paper else self.f.offset)


@dataclasses.dataclass
class Statistics:
    bound: float
    bound_se: float
    objective: float
    size: float             # mean size of the terms: what rounding errors of the above are relative to
    true_positive: tuple    # (least, most): outputs within rounding of the level may fall on either side
    true_negative: tuple


def critic_objective(curves, v_real, v_fake, smoothing):
    """Value that the critic ascends, and its derivative by every output."""
    t, f_real, f_fake = curves.real(v_real), curves.fake(v_real), curves.fake(v_fake)
    keep = 1 - smoothing
    value = np.mean(keep * t.value - smoothing * f_real.value) - np.mean(f_fake.value)
    n, m = len(v_real), len(v_fake)
    real = Term(t.value, (keep * t.slope - smoothing * f_real.slope) / n, (keep * t.size + smoothing * f_real.size) / n)
    return value, real, Term(f_fake.value, -f_fake.slope / m)


def rate(above, level):
    """Share of `above` > level, ties counting half, as an interval over rounding errors."""
    slack = 1e-6 * max(1.0, abs(level))
    tied = np.mean(above == level) / 2
    return np.mean(above > level + slack) + tied, np.mean(above >= level - slack) - tied


def statistics(curves, v_real, v_fake, smoothing):
    t, f = curves.real(v_real).value, curves.fake(v_fake).value
    level = curves.level(smoothing)
    return Statistics(
        bound=t.mean() - f.mean(),
        bound_se=np.sqrt(t.var(ddof=1) / len(t) + f.var(ddof=1) / len(f)),
        objective=critic_objective(curves, v_real, v_fake, smoothing)[0],
        size=abs(t).mean() + abs(curves.fake(v_real).value).mean() * smoothing + abs(f).mean(),
        true_positive=rate(t, level),
        true_negative=rate(-curves.real(v_fake).value, -level))


def generator_objective(curves, v_fake, objective, other=None):
    """Value that the generator descends, and its derivative by every output; other: the divergence h, when it is not f."""
    term = generator_term(curves, v_fake, objective, other)
    return -term.value.mean(), Term(-term.value, -term.slope / len(v_fake))


def generator_term(curves, v, objective, other):
    if objective == "maximum-likelihood":
        return curves.ratio(v)
    if objective not in ("minimax", "non-saturating"):
        raise ValueError(f"no objective {objective!r}")
    if other is None:
        return curves.fake(v) if objective == "minimax" else curves.real(v)
    u = curves.ratio(v)
    h = Curves(other, "log-ratio")
    term = (h.fake if objective == "minimax" else h.real)(np.log(u.value))
    return Term(term.value, term.slope * u.slope / u.value)
