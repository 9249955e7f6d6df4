// What a critic output v means to the two players: the interface between the divergences and everything that uses them.
//
// The critic sees  F = E_P[T(v)] - E_Q[F(v)]  (Nowozin et al. 2016, eq. 6, with T = g_f(V) and F = f*(T)); each example contributes one
// Term.  GameSpec is plain data: it travels by value into kernels.
#pragma once

#include "math/divergence/list.h"
#include "math/hd.h"

namespace fgan::math {

enum class Objective : int { minimax, non_saturating, maximum_likelihood };

struct GameSpec {
  DivergenceSpec critic;     // f: what the critic ascends
  DivergenceSpec generator;  // h: what the generator descends; equal to critic unless converts
  bool converts = false;     // generator_divergence given: v is turned into log p/q and h's normalised form is used
  Objective objective = Objective::minimax;
  double smoothing = 0;  // a of one-sided label smoothing, MATHS section 6; 0 <= a < 1/2
  double limit = 0;      // c > 0: what is further than c from v0 counts logarithmically (limited)
  double centre = 0;     // v0: where the critic has no opinion, opinion_free_v(critic)
};

// v at which the critic says p = q; for total variation, which learns no ratio, where its sign switches.
inline double opinion_free_v(const DivergenceSpec& critic, double log_ratio = 0) {
  return visit(critic, [&](const auto& f) {
    if constexpr (std::decay_t<decltype(f)>::has_log_ratio) return f.v_of_log_ratio(critic.parametrization, log_ratio);
    else return 0.0;
  });
}

// What the players see of the critic's output: v, and beyond a distance c from the centre v0 on either side c + log(1 + |v - v0| - c).
// Where a term grows like e^v it grows linearly from there on, so that no row outweighs all others, and rows beyond still have a slope.
// Being one function of v for T and F, on real and fake rows, it leaves the bound a bound (MATHS section 5).
template <class S>
FGAN_HD Term<S> limited(const GameSpec& game, S v) {
  using std::log;
  const S c = S(game.limit), d = v - S(game.centre), distance = d < S(0) ? -d : d;
  if (game.limit == 0 || !(distance > c)) return {v, S(1)};
  const S stretch = S(1) + (distance - c), beyond = c + log(stretch);
  return {S(game.centre) + (d < S(0) ? -beyond : beyond), S(1) / stretch};
}

// A term, and whether v had to be capped to the range in which it is representable in f32 (MATHS section 5).
template <class S>
struct CappedTerm {
  S value, slope;
  bool capped;
};

// The point of an interval nearest to v, and whether that is another than v.  A v that is not a number stays one.
template <class S>
struct Capped {
  S v;
  bool capped;
};

template <class S>
FGAN_HD Capped<S> cap(S v, Interval range) {
  const S lo = S(range.lo), hi = S(range.hi);
  if (v < lo) return {lo, true};
  if (v > hi) return {hi, true};
  return {v, false};
}

// The nearest number that f32 can represent: for slopes, which may be beyond f32 where the value is not, and for values that the last
// rounding at the very end of the range has pushed over.
template <class S>
FGAN_HD S representable(S x) {
  return cap(x, {-kLargest, kLargest}).v;
}

// inner: the slope of what the term is a function of.
template <class S>
FGAN_HD CappedTerm<S> finish(Term<S> term, bool capped, S inner = S(1)) {
  return {representable(term.value), capped ? S(0) : representable(term.slope) * inner, capped};
}

// E_P's term T(v) and E_Q's term F(v), with slopes by v; v is capped to the common representable range of T and F.  A capped row has
// slope 0 (the derivative of the capped objective).
template <class S>
FGAN_HD CappedTerm<S> critic_real(const GameSpec& game, S v) {
  const Parametrization p = game.critic.parametrization;
  const Term<S> seen = limited(game, v);
  return visit(game.critic, [&](const auto& f) {
    const Capped<S> c = cap(seen.value, f.range(p));
    return finish(f.real(p, c.v), c.capped, seen.slope);
  });
}

template <class S>
FGAN_HD CappedTerm<S> critic_fake(const GameSpec& game, S v) {
  const Parametrization p = game.critic.parametrization;
  const Term<S> seen = limited(game, v);
  return visit(game.critic, [&](const auto& f) {
    const Capped<S> c = cap(seen.value, f.range(p));
    return finish(f.fake(p, c.v), c.capped, seen.slope);
  });
}

// log p/q as learnt by the critic, and its slope by v.  -infinity with slope 0 where the critic has learnt p = 0 (pearson and alpha > 1
// in paper form); not a number for total variation, which learns no ratio (whoever builds a GameSpec refuses to need it).
template <class S>
FGAN_HD CappedTerm<S> log_ratio(const GameSpec& game, S v) {
  const Parametrization p = game.critic.parametrization;
  return visit(game.critic, [&](const auto& f) {
    if constexpr (std::decay_t<decltype(f)>::has_log_ratio) {
      const Term<S> seen = limited(game, v);
      const Capped<S> c = cap(seen.value, f.range(p));
      const Term<S> r = f.log_ratio(p, c.v);
      return CappedTerm<S>{r.value, c.capped ? S(0) : representable(r.slope) * seen.slope, c.capped};
    } else {
      return CappedTerm<S>{S(kNotANumber), S(0), false};
    }
  });
}

// Terms of the log-ratio r, as functions of v: r is capped once more to what the term can represent.
template <class S>
FGAN_HD CappedTerm<S> likelihood_term(const CappedTerm<S>& r) {
  using std::exp;
  const Capped<S> c = cap(r.value, {-kInfinity, inside(kLogLargest)});
  const S u = exp(c.v);
  return finish(Term<S>{-u, -u * r.slope}, r.capped || c.capped);
}

template <class S>
FGAN_HD CappedTerm<S> converted_term(const DivergenceSpec& generator, Objective objective, const CappedTerm<S>& r) {
  return visit(generator, [&](const auto& h) {
    const Capped<S> c = cap(r.value, h.range(Parametrization::log_ratio));
    const Term<S> term =
        objective == Objective::non_saturating ? h.real(Parametrization::log_ratio, c.v) : h.fake(Parametrization::log_ratio, c.v);
    const S slope = representable(term.slope);  // finite: r's slope may be 0
    return finish(Term<S>{-term.value, -slope * r.slope}, r.capped || c.capped);
  });
}

// What one fake example contributes to the objective the generator descends, and its slope by v:
//   minimax -F(v);  non-saturating -T(v);  maximum likelihood -e^r with r = log_ratio(v)  (GAN tutorial, 1701.00160, section 3.2.5);
//   with converts: minimax -F_h(r), non-saturating -T_h(r) in h's normalised log-ratio form.
template <class S>
FGAN_HD CappedTerm<S> generator_fake(const GameSpec& game, S v) {
  if (game.objective == Objective::maximum_likelihood) return likelihood_term(log_ratio(game, v));
  if (game.converts) return converted_term(game.generator, game.objective, log_ratio(game, v));
  const CappedTerm<S> term = game.objective == Objective::minimax ? critic_fake(game, v) : critic_real(game, v);
  return {-term.value, -term.slope, term.capped};
}

// Level of v above which an example counts as real: P = Q, i.e. T(v) = f'(1), or f'((1-a)/(1+a)) with smoothing a.  Total variation
// reaches f' only at V = +-infinity; V = 0, where its sign switches, is the level that separates with any smoothing.
inline double threshold_v(const GameSpec& game) {
  const double seen = opinion_free_v(game.critic, std::log1p(-game.smoothing) - std::log1p(game.smoothing));
  const double distance = std::fabs(seen - game.centre);
  if (game.limit == 0 || distance <= game.limit) return seen;
  return game.centre + std::copysign(game.limit - 1 + std::exp(distance - game.limit), seen - game.centre);
}

}  // namespace fgan::math
