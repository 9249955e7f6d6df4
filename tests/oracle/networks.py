"""Forward and backward passes of the networks, in float64, from the weights' names and shapes.

Layouts are PyTorch's: images [n, c, h, w], Linear [out, in], Conv2d [out, in, kh, kw], ConvTranspose2d [in, out, kh, kw].
Names are those of torch.nn.Sequential: a linear map `main.i.weight`, either with `main.i.bias` or followed by a batch
normalisation `main.j.weight`, `main.j.bias`; then a hidden activation, or the output's after the last map.

DCGAN (Radford, Metz, Chintala 2016): 4x4 maps of stride 2 and padding 1, but for the first of the generator and the last
of the critic, which have the size of their image, stride 1 and no padding.
"""
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

BATCH_NORM_EPSILON = 1e-5


def conv(x, w, stride, pad):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    patches = sliding_window_view(x, w.shape[2:], (2, 3))[:, :, ::stride, ::stride]  # n, c, oh, ow, kh, kw
    return np.tensordot(patches, w, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)


def conv_grad_input(dy, w, stride, pad):
    """Adjoint of conv by x; also the forward pass of a transposed convolution."""
    n, _, oh, ow = dy.shape
    _, c, kh, kw = w.shape
    dx = np.zeros((n, c, (oh - 1) * stride + kh, (ow - 1) * stride + kw))
    spread = np.tensordot(dy, w, ((1,), (0,)))  # n, oh, ow, c, kh, kw
    for i in range(kh):
        for j in range(kw):
            dx[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride] += spread[..., i, j].transpose(0, 3, 1, 2)
    return dx[:, :, pad:dx.shape[2] - pad, pad:dx.shape[3] - pad]


def conv_grad_filter(x, dy, kernel, stride, pad):
    """Adjoint of conv by w."""
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    patches = sliding_window_view(x, kernel, (2, 3))[:, :, ::stride, ::stride]
    return np.tensordot(dy, patches, ((0, 2, 3), (0, 2, 3)))


class Gradients(dict):
    """Sums by parameter name; `terms` holds the sums of absolute values, which rounding errors are relative to."""

    def __init__(self):
        self.terms = {}

    def put(self, name, gradient, terms):
        self[name], self.terms[name] = gradient, terms


class Linear:
    def __init__(self, name, weight):
        self.name, self.weight = name, weight

    def forward(self, x):
        self.shape, self.x = x.shape, x.reshape(len(x), -1)  # an image's numbers in C,H,W order
        return self.x @ self.weight.T

    def backward(self, dy, gradients):
        gradients.put(self.name, dy.T @ self.x, abs(dy).T @ abs(self.x))
        return (dy @ self.weight).reshape(self.shape)


class Conv:
    def __init__(self, name, weight, stride, pad):
        self.name, self.weight, self.stride, self.pad = name, weight, stride, pad

    def forward(self, x):
        self.x = x
        return conv(x, self.weight, self.stride, self.pad)

    def backward(self, dy, gradients):
        how = (self.weight.shape[2:], self.stride, self.pad)
        gradients.put(self.name, conv_grad_filter(self.x, dy, *how), conv_grad_filter(abs(self.x), abs(dy), *how))
        return conv_grad_input(dy, self.weight, self.stride, self.pad)


class ConvTranspose:
    def __init__(self, name, weight, stride, pad):
        self.name, self.weight, self.stride, self.pad = name, weight, stride, pad

    def forward(self, x):
        self.shape, self.x = x.shape, x.reshape(*x.shape[:2], *(x.shape[2:] or (1, 1)))  # latent vectors are 1x1 images
        return conv_grad_input(self.x, self.weight, self.stride, self.pad)

    def backward(self, dy, gradients):
        how = (self.weight.shape[2:], self.stride, self.pad)
        gradients.put(self.name, conv_grad_filter(dy, self.x, *how), conv_grad_filter(abs(dy), abs(self.x), *how))
        return conv(dy, self.weight, self.stride, self.pad).reshape(self.shape)


def per_channel(values, like):
    return values.reshape(1, -1, *[1] * (like.ndim - 2))


def over_rows(x):
    """Sum over all axes but the channel's."""
    return x.sum(axis=(0, *range(2, x.ndim)))


class Bias:
    def __init__(self, name, bias):
        self.name, self.bias = name, bias

    def forward(self, x):
        return x + per_channel(self.bias, x)

    def backward(self, dy, gradients):
        gradients.put(self.name, over_rows(dy), over_rows(abs(dy)))
        return dy


class BatchNorm:
    """Ioffe & Szegedy 2015, with the moments of every group of rows (sizes in `groups`, None: one) by itself, variance biased."""

    def __init__(self, name, gain, bias, groups):
        self.name, self.gain, self.bias, self.cuts = name, gain, bias, np.cumsum(groups or [0])[:-1]

    def forward(self, x):
        axes = (0, *range(2, x.ndim))
        parts, self.roots = [], []
        for part in np.split(x, self.cuts):
            mean, variance = part.mean(axes, keepdims=True), part.var(axes, keepdims=True)
            self.roots.append(np.sqrt(variance + BATCH_NORM_EPSILON))
            parts.append((part - mean) / self.roots[-1])
        self.normal = np.concatenate(parts)
        return self.normal * per_channel(self.gain, x) + per_channel(self.bias, x)

    def backward(self, dy, gradients):
        axes = (0, *range(2, dy.ndim))
        gradients.put(self.name + ".weight", over_rows(dy * self.normal), over_rows(abs(dy * self.normal)))
        gradients.put(self.name + ".bias", over_rows(dy), over_rows(abs(dy)))
        dn = dy * per_channel(self.gain, dy)
        parts = []
        for d, normal, root in zip(np.split(dn, self.cuts), np.split(self.normal, self.cuts), self.roots):
            parts.append((d - d.mean(axes, keepdims=True) - normal * (d * normal).mean(axes, keepdims=True)) / root)
        return np.concatenate(parts)


class ReferenceNorm:
    """The first `count` rows are a reference, which is normalised by its own moments.  All other rows: by the same moments
    (virtual=False), or each by the moments of the reference and itself together, which are here taken of these very rows,
    as one batch (Salimans et al. 2016).  through: the gradient goes through the reference's moments."""

    def __init__(self, name, gain, bias, count, virtual, through):
        self.name, self.gain, self.bias, self.count, self.virtual, self.through = name, gain, bias, count, virtual, through

    def moments(self, x):
        """Mean and variance for every row: [n, c, 1...]."""
        axes = (0, *range(2, x.ndim))
        reference = x[:self.count]
        batches = [reference] * len(x)
        if self.virtual:
            batches[self.count:] = [np.concatenate([reference, row]) for row in x[self.count:, None]]
        return (np.concatenate([batch.mean(axes, keepdims=True) for batch in batches]),
                np.concatenate([batch.var(axes, keepdims=True) for batch in batches]))

    def forward(self, x):
        self.x = x
        self.mean, variance = self.moments(x)
        self.root = np.sqrt(variance + BATCH_NORM_EPSILON)
        self.normal = (x - self.mean) / self.root
        return self.normal * per_channel(self.gain, x) + per_channel(self.bias, x)

    def backward(self, dy, gradients):
        gradients.put(self.name + ".weight", over_rows(dy * self.normal), over_rows(abs(dy * self.normal)))
        gradients.put(self.name + ".bias", over_rows(dy), over_rows(abs(dy)))
        within = tuple(range(2, dy.ndim))
        pixels = int(np.prod(dy.shape[2:]))
        dn = dy * per_channel(self.gain, dy) / self.root
        # Of every row: the loss's derivatives by its mean and by its variance.
        by_mean = -dn.sum(within, keepdims=True)
        by_variance = -(dn * self.normal).sum(within, keepdims=True) / (2 * self.root)
        dx = dn.copy()
        n = self.count
        for row in range(len(dy)):
            joint = self.virtual and row >= n
            members = list(range(n)) * self.through + [row] * joint
            numbers = (n + joint) * pixels
            dx[members] += (by_mean[row] + by_variance[row] * 2 * (self.x[members] - self.mean[row])) / numbers
        return dx


class Activation:
    """kink: where relu and leaky relu bend, relative to the largest input: a float32 program may see an input of 1e-8 on the
    other side of 0, and the checker then asks for the gradient with all such inputs on one side or the other."""

    def __init__(self, kind, slope, kink):
        self.kind, self.low, self.kink = kind, slope, kink

    def forward(self, x):
        if self.kind in ("relu", "leaky-relu"):
            low = self.low if self.kind == "leaky-relu" else 0.0
            self.slope = np.where(x > self.kink * abs(x).max(initial=0), 1.0, low)
            return np.where(x > 0, x, low * x)
        if self.kind == "elu":
            self.slope = np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))
            return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)
        if self.kind == "tanh":
            y = np.tanh(x)
            self.slope = 1 - y**2
            return y
        if self.kind == "sigmoid":
            y = 1 / (1 + np.exp(-x))
            self.slope = y * (1 - y)
            return y
        if self.kind == "linear":
            self.slope = np.ones_like(x)
            return x
        raise ValueError(f"no activation {self.kind!r}")

    def backward(self, dy, gradients):
        return dy * self.slope


class Dropout:
    """Srivastava et al. 2014, inverted: masks.factors(shape) are 0 or 1 / (1 - rate)."""

    def __init__(self, masks):
        self.masks = masks

    def forward(self, x):
        self.factors = self.masks.factors(x.shape)
        return x * self.factors

    def backward(self, dy, gradients):
        return dy * self.factors


class Affine:
    """x = mu + sigma z (Nowozin et al. 2016, section 2.5)."""

    def __init__(self, name, sigma, mu):
        self.name, self.sigma, self.mu = name, sigma, mu

    def forward(self, z):
        self.z = z
        return self.mu.reshape(1, -1) + self.sigma.reshape(1, -1) * z

    def backward(self, dy, gradients):
        for key, terms, like in ((".sigma", dy * self.z, self.sigma), (".mu", dy, self.mu)):
            gradients.put(self.name + key, terms.sum(0).reshape(like.shape), abs(terms).sum(0).reshape(like.shape))
        return dy * self.sigma.reshape(1, -1)


class Network:
    """The layers that `parameters` ({name: array}) stand for.

    player: "generator" or "critic" (which decides between Conv2d and ConvTranspose2d and where the large kernel is);
    hidden, output, slope: activations; groups: numbers of rows with moments of their own, in order; masks: of the dropout
    behind every hidden activation, None for none; reference: what ReferenceNorm needs beside name and parameters, None for
    batch normalisation.
    """

    def __init__(self, parameters, player, hidden, output="linear", slope=0.2, groups=None, kink=0.0, masks=None, reference=None):
        self.unused = set(parameters)
        self.parameters = parameters
        indices = sorted({int(name.split(".")[1]) for name in parameters})
        maps = [i for i in indices if f"main.{i}.weight" in parameters and parameters[f"main.{i}.weight"].ndim > 1]
        self.layers = []
        for i in indices:
            name = f"main.{i}"
            if f"{name}.sigma" in parameters:
                self.layers.append(Affine(name, self.take(f"{name}.sigma"), self.take(f"{name}.mu")))
            elif i in maps:
                self.layers.append(self.linear_map(name, player, first=i == maps[0], last=i == maps[-1]))
                if f"{name}.bias" in parameters:
                    self.layers.append(Bias(f"{name}.bias", self.take(f"{name}.bias")))
            else:
                taken = name, self.take(f"{name}.weight"), self.take(f"{name}.bias")
                self.layers.append(ReferenceNorm(*taken, *reference) if reference else BatchNorm(*taken, groups))
            if maps and i + 1 not in indices:  # else this map's batch normalisation comes first
                self.layers.append(Activation(output if i >= maps[-1] else hidden, slope, kink))
                if masks and i < maps[-1]:
                    self.layers.append(Dropout(masks))
        if self.unused:
            raise ValueError(f"parameters that belong to no layer: {sorted(self.unused)}")

    def take(self, name):
        self.unused.remove(name)
        return self.parameters[name]

    def linear_map(self, name, player, first, last):
        weight = self.take(f"{name}.weight")
        if weight.ndim == 2:
            return Linear(f"{name}.weight", weight)
        whole = first if player == "generator" else last
        kind = ConvTranspose if player == "generator" else Conv
        return kind(f"{name}.weight", weight, *((1, 0) if whole else (2, 1)))

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        """(gradient by the input, Gradients by the parameters) of the last forward pass."""
        gradients = Gradients()
        for layer in reversed(self.layers):
            dy = layer.backward(dy, gradients)
        return dy, gradients
