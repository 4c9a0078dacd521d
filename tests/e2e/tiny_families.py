"""Small members of the families, with weights by rule."""
import json
import struct

from harness import TINY_CARD, write_safetensors


def tensor(seed, *shape, ones=False):
    count = 1
    for side in shape:
        count *= side
    values = [1.0 if ones else ((i * 7 + seed * 13) % 11 - 5) / 20
              for i in range(count)]
    return 'F32', list(shape), struct.pack(f'<{count}f', *values)


def add_layer(tensors, block, index, n_in, n_out):
    tensors[f'{block}.conv{index}.weight'] = tensor(index, n_out, n_in, 3, 3)
    norm = f'{block}.norm{index}'
    for seed, part in enumerate(('bias', 'running_mean')):
        tensors[f'{norm}.{part}'] = tensor(seed, n_out)
    for part in ('weight', 'running_var'):
        tensors[f'{norm}.{part}'] = tensor(0, n_out, ones=True)


def add_conv(tensors, name, *shape, n_out=None):
    tensors[f'{name}.weight'] = tensor(3, *shape)
    tensors[f'{name}.bias'] = tensor(4, n_out or shape[0])


def write_unet(path, **changes):
    """One level of two channels: margin 10, field 22, stride 2."""
    tensors = {}
    for block, n_in, n_out in (('down1', 3, 2), ('bottom', 2, 4),
                               ('up1', 4, 2)):
        add_layer(tensors, block, 1, n_in, n_out)
        add_layer(tensors, block, 2, n_out, n_out)
    add_conv(tensors, 'up1.transpose', 4, 2, 2, 2, n_out=2)
    add_conv(tensors, 'head', 2, 2, 1, 1)
    card = TINY_CARD | {
        'axilla.family': 'unet', 'field': '22', 'stride': '2',
        'axilla.arch': json.dumps({'depth': 1, 'width': 2, 'dropout': 0.5}),
    } | changes
    return write_safetensors(path, card, tensors)


def write_attention(path, **card):
    """One block with attention: field 6, stride 2."""
    tensors = {}
    add_layer(tensors, 'block1', 1, 3, 2)
    add_conv(tensors, 'block1.squeeze', 3, 3, 1, 1)
    add_conv(tensors, 'block1.excite', 2, 3, 1, 1)
    add_conv(tensors, 'block1.spatial', 1, 2, 3, 3)
    add_conv(tensors, 'head.hidden', 2, 2, 2, 2)
    add_conv(tensors, 'head.tumor', 2, 2, 1, 1)
    add_conv(tensors, 'head.fraction', 1, 2, 1, 1)
    return write_safetensors(path, TINY_CARD | {
        'axilla.family': 'attention',
        'axilla.arch': json.dumps({'blocks': [1], 'widths': [2],
                                   'attention': [1], 'reduction': 1,
                                   'head': 2}),
    } | card, tensors)
