"""Clipping, one update of Adam, of RMSProp, of SGD with momentum, and of a running average.  Float64, from the papers.

All return the change of the weights for a *descent* along the gradient; a player that ascends takes the opposite one.
"""
import numpy as np


def adam(gradient, first, second, done, rate, beta1, beta2, epsilon):
    """Kingma & Ba 2015, algorithm 1, which is torch.optim.Adam; `done` updates came before this one."""
    t = done + 1
    first = beta1 * first + (1 - beta1) * gradient
    second = beta2 * second + (1 - beta2) * gradient**2
    return -rate * (first / (1 - beta1**t)) / (np.sqrt(second / (1 - beta2**t)) + epsilon)


def rmsprop(gradient, velocity, square, rate, decay, momentum, epsilon):
    """Tieleman & Hinton 2012, lecture 6.5, as torch.optim.RMSprop states it: not centred, epsilon outside the root, momentum
    on the scaled gradient."""
    square = decay * square + (1 - decay) * gradient**2
    return -rate * (momentum * velocity + gradient / (np.sqrt(square) + epsilon))


def sgd(gradient, velocity, rate, momentum):
    """torch.optim.SGD without dampening: velocity <- momentum velocity + gradient; w <- w - rate velocity."""
    return -rate * (momentum * velocity + gradient)


def clip(gradients, largest):
    """{name: gradient} of one player, scaled down together to the norm `largest` (0: never), as
    torch.nn.utils.clip_grad_norm_.  None stands for an update that is skipped: a gradient that is not finite, or without
    clipping one whose squared norm, which Adam would remember, is no float32."""
    square = sum(np.sum(gradient**2) for gradient in gradients.values())
    if not np.isfinite(square) or largest == 0 and square > np.finfo(np.float32).max:
        return None
    scale = largest / np.sqrt(square) if 0 < largest < np.sqrt(square) else 1.0
    return {name: scale * gradient for name, gradient in gradients.items()}


def average(before, weights, decay):
    return decay * before + (1 - decay) * weights


def learning_rate(rate, done, schedule, warmup, horizon, final_fraction):
    """Rate of the update that follows `done` others: a linear rise over `warmup` of them, then constant or falling to
    final_fraction of the rate at update `horizon`."""
    if done < warmup:
        return rate * (done + 1) / warmup
    if schedule == "constant":
        return rate
    progress = min(1.0, (done - warmup) / max(1, horizon - warmup))
    fall = 1 - progress if schedule == "linear" else (1 + np.cos(np.pi * progress)) / 2
    return rate * (final_fraction + (1 - final_fraction) * fall)
