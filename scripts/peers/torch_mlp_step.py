#!/usr/bin/env python3
"""One training step of the f-GAN paper's MNIST networks, as fgan has them, in PyTorch."""
from torch_step import arguments, measure

options = arguments(__doc__, batch=256)
PIXELS, LATENT = 784, 100


def networks(torch):
    nn = torch.nn
    generator = [nn.Linear(LATENT, 1200, bias=False), nn.BatchNorm1d(1200), nn.ReLU(inplace=True),
                 nn.Linear(1200, 1200, bias=False), nn.BatchNorm1d(1200), nn.ReLU(inplace=True), nn.Linear(1200, PIXELS), nn.Tanh()]
    critic = [nn.Linear(PIXELS, 240), nn.ELU(inplace=True), nn.Linear(240, 240), nn.ELU(inplace=True), nn.Linear(240, 1)]
    return nn.Sequential(*generator), nn.Sequential(*critic)


measure(options, networks, latent_shape=(LATENT,), image_shape=(PIXELS,))
