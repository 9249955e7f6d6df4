#!/usr/bin/env python3
"""One training step of fgan's DCGAN (4x4 filters, stride 2, batch normalisation) in PyTorch."""
from torch_step import arguments, measure

options = arguments(__doc__, batch=64, size=64)
CHANNELS, LATENT = 3, 100
stages = options.size.bit_length() - 3  # of stride 2 between 4x4 and the image
widths = [options.width << stage for stage in range(stages)]  # next to the image first


def networks(torch):
    nn = torch.nn
    critic = [nn.Conv2d(CHANNELS, widths[0], 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
    for inside, outside in zip(widths, widths[1:]):
        critic += [nn.Conv2d(inside, outside, 4, 2, 1, bias=False), nn.BatchNorm2d(outside), nn.LeakyReLU(0.2, inplace=True)]
    critic += [nn.Conv2d(widths[-1], 1, 4)]
    generator = [nn.ConvTranspose2d(LATENT, widths[-1], 4, bias=False), nn.BatchNorm2d(widths[-1]), nn.ReLU(inplace=True)]
    for inside, outside in zip(widths[:0:-1], widths[-2::-1]):
        generator += [nn.ConvTranspose2d(inside, outside, 4, 2, 1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(inplace=True)]
    generator += [nn.ConvTranspose2d(widths[0], CHANNELS, 4, 2, 1), nn.Tanh()]
    for layer in generator + critic:
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(layer.weight, 0, 0.02)
    return nn.Sequential(*generator), nn.Sequential(*critic)


measure(options, networks, latent_shape=(LATENT, 1, 1), image_shape=(CHANNELS, options.size, options.size))
