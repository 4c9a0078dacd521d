#!/usr/bin/python3
"""What PyTorch makes of tests/support/small-networks.h, in float64: the numbers
that test-unet.c and test-attention.c hold.  Needs python3-torch:

    python3 tests/golden/networks.py
"""

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def wave(index, count):
    i = torch.arange(count, dtype=torch.float64)
    return torch.sin(1.0 + 0.7 * index + 12.9898 * i)


class Table:
    """Makes parameters in the order in which the graph's table has them."""

    def __init__(self):
        self.count = 0

    def take(self, role, *shape):
        n = 1
        for side in shape:
            n *= side
        values = wave(self.count, n)
        self.count += 1
        if role == "weight":
            values = 2.0 * values * (shape[0] / n) ** 0.5
        elif role == "norm_weight":
            values = 1.0 + 0.3 * values
        elif role == "running_var":
            values = 1.0 + 0.5 * values
        else:
            values = 0.2 * values
        values = values.reshape(shape)
        return values if role.startswith("running") else nn.Parameter(values)


class Norm:
    def __init__(self, table, n):
        self.weight = table.take("norm_weight", n)
        self.bias = table.take("bias", n)
        self.mean = table.take("running_mean", n)
        self.var = table.take("running_var", n)

    def __call__(self, x, training):
        return F.batch_norm(x, self.mean.clone(), self.var.clone(),
                            self.weight, self.bias, training, 0.1, 1e-5)


class Conv:
    def __init__(self, table, n_in, n_out, kernel, pad=0, bias=True):
        self.weight = table.take("weight", n_out, n_in, kernel, kernel)
        self.bias = table.take("bias", n_out) if bias else None
        self.pad = pad

    def __call__(self, x):
        return F.conv2d(x, self.weight, self.bias, padding=self.pad)


class Layer:
    """Convolution, batch norm, ReLU."""

    def __init__(self, table, n_in, n_out, pad):
        self.conv = Conv(table, n_in, n_out, 3, pad, bias=False)
        self.norm = Norm(table, n_out)

    def __call__(self, x, training):
        return F.relu(self.norm(self.conv(x), training))


class Unet:
    def __init__(self, depth, width):
        table = Table()
        self.down, self.up = [], []
        n = 3
        for level in range(depth):
            self.down.append([Layer(table, n, width << level, 1),
                              Layer(table, width << level, width << level, 1)])
            n = width << level
        wide = width << depth
        self.bottom = [Layer(table, n, wide, 1), Layer(table, wide, wide, 1)]
        for level in reversed(range(depth)):
            n = width << level
            self.up.append((table.take("weight", 2 * n, n, 2, 2),
                            table.take("bias", n),
                            Layer(table, 2 * n, n, 1), Layer(table, n, n, 1)))
        self.head = Conv(table, width, 2, 1)

    def __call__(self, x, training):
        beside = []
        for block in self.down:
            for layer in block:
                x = layer(x, training)
            beside.append(x)
            x = F.max_pool2d(x, 2)
        for layer in self.bottom:
            x = layer(x, training)
        for weight, bias, first, second in self.up:
            x = F.conv_transpose2d(x, weight, bias, stride=2)
            x = torch.cat([beside.pop(), x], 1)
            x = second(first(x, training), training)
        return [self.head(x)]


class Attention:
    def __init__(self, convs, widths, reduction, head):
        table = Table()
        self.blocks = []
        n_in = 3
        for n_convs, width in zip(convs, widths):
            layers, n = [], n_in
            for _ in range(n_convs):
                layers.append(Layer(table, n, width, 0))
                n = width
            squeezed = max(1, n_in // reduction)
            window = 2 * n_convs + 1
            self.blocks.append((layers, window,
                                Conv(table, n_in, squeezed, 1),
                                Conv(table, squeezed, width, 1),
                                Conv(table, 2, 1, window)))
            n_in = width
        self.hidden = Conv(table, n_in, head, 2)
        self.tumor = Conv(table, head, 2, 1)
        self.fraction = Conv(table, head, 1, 1)

    def __call__(self, x, training):
        for layers, window, squeeze, excite, spatial in self.blocks:
            seen = x
            for layer in layers:
                x = layer(x, training)
            channel = torch.sigmoid(
                excite(F.relu(squeeze(F.avg_pool2d(seen, window, 1)))))
            both = torch.cat([seen.mean(1, keepdim=True),
                              seen.max(1, keepdim=True)[0]], 1)
            x = F.max_pool2d(x * channel * torch.sigmoid(spatial(both)), 2)
        x = F.relu(self.hidden(x))
        return [self.tumor(x), torch.sigmoid(self.fraction(x))]


def make_input(*shape):
    n = 1
    for side in shape:
        n *= side
    i = torch.arange(n, dtype=torch.float64)
    return (torch.sin(0.9 + 0.21 * i)
            + 0.5 * torch.sin(7.3 * i)).reshape(shape)


def show(name, values):
    print(f"{name}: " + ", ".join(f"{float(v):.10f}" for v in values))


def length(parameter):
    return parameter.grad.norm()


def unet():
    net = Unet(2, 4)
    x = make_input(1, 3, 16, 24)
    p = F.softmax(net(x, False)[0], 1)[0, 1]
    show("unet p", [p[0, 0], p[7, 11], p[15, 23], p[3, 20], p.sum()])

    x = make_input(2, 3, 16, 24)
    y, a = torch.meshgrid(torch.arange(16), torch.arange(24), indexing="ij")
    target = ((y // 4 + a // 6) % 2).repeat(2, 1, 1)
    loss = F.cross_entropy(net(x, True)[0], target)
    loss.backward()
    show("unet loss, gradients", [
        loss, length(net.down[0][0].conv.weight),
        length(net.bottom[1].norm.weight), length(net.up[0][0]),
        length(net.head.bias)])


def attention():
    net = Attention([1, 2], [6, 8], 2, 10)
    x = make_input(1, 3, 26, 22)
    tumor, fraction = net(x, False)
    p = F.softmax(tumor, 1)[0, 1]
    print("attention shape", tuple(p.shape))
    show("attention p", list(p.flatten()))
    show("attention fraction", list(fraction.flatten()))

    x = make_input(4, 3, 18, 18)
    tumor, fraction = net(x, True)
    loss = F.cross_entropy(tumor, torch.tensor([0, 1, 1, 0]).reshape(4, 1, 1))
    other = F.smooth_l1_loss(
        fraction, torch.tensor([0.0, 0.5, 1.0, 0.1]).reshape(4, 1, 1, 1))
    (loss + other).backward()
    layers, _, squeeze, excite, spatial = net.blocks[1]
    show("attention losses, gradients", [
        loss, other, length(layers[0].conv.weight), length(squeeze.weight),
        length(excite.bias), length(spatial.weight),
        length(net.fraction.weight)])


unet()
attention()
