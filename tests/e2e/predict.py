#!/usr/bin/env python3
"""predict: PatchCamelyon against another framework, and odd pictures."""
import json
import shutil
import struct

import harness
from harness import (DATA, MODEL, ask, case, fail, need, read_safetensors,
                     succeed, write_png, write_tiny_model)

TRUTH = DATA / 'models' / 'scannet-10x-pytorch-io.safetensors'


def read_truth():
    dtype, shape, data = read_safetensors(need(TRUTH))[1]['valid_prob']
    assert dtype == 'F32'
    return struct.unpack(f'<{shape[0]}f', data)


def patches():
    return sorted(need(DATA / 'pcam' / 'valid').glob('*/*.jpg'))


@case
def all_validation_patches_agree_with_pytorch(folder):
    truth, paths = read_truth(), patches()
    assert len(truth) == len(paths) == 3000
    answer = ask('predict', '--model', need(MODEL), *paths)
    rows = answer['rows']
    assert [row['file'] for row in rows] == [str(path) for path in paths]
    worst = max(abs(row['probability'] - value)
                for row, value in zip(rows, truth))
    print(f'# largest difference of {len(rows)} probabilities: {worst:.2e}')
    assert worst <= 1e-4, worst


@case
def engines_agree(folder):
    paths = patches()[::150]
    for engine in ('ref', 'cpu'):
        rows = ask('predict', '--model', need(MODEL), '--engine', engine,
                   *paths)['rows']
        for row, value in zip(rows, read_truth()[::150]):
            assert abs(row['probability'] - value) <= 1e-4, (engine, row)


@case
def one_line_a_picture(folder):
    model = write_tiny_model(folder / 'm.safetensors')
    paths = [write_png(folder / f'{i}.png', 6 + i, 7, lambda x, y: 30 * x)
             for i in range(3)]
    lines = succeed('predict', '--model', model, *paths).out.splitlines()
    assert [line.split()[1] for line in lines] == [str(p) for p in paths]
    rows = ask('predict', '--model', model, *paths)['rows']
    for line, row in zip(lines, rows):
        assert abs(float(line.split()[0]) - row['probability']) < 1e-6


@case
def the_centre_field_counts(folder):
    model = write_tiny_model(folder / 'm.safetensors')

    def picture(x, y):
        return (x * 37 + y * 101) % 256

    def framed(x, y):
        inside = 3 <= x < 9 and 2 <= y < 8
        return picture(x - 3, y - 2) if inside else 255

    field = write_png(folder / 'field.png', 6, 6, picture)
    # One pixel more on the right, and one more at the bottom.
    frame = write_png(folder / 'frame.png', 13, 11, framed)
    rows = ask('predict', '--model', model, field, frame)['rows']
    assert rows[0]['probability'] == rows[1]['probability'], rows


@case
def pictures_that_cannot_be_read_do_not_stop_the_others(folder):
    model = write_tiny_model(folder / 'm.safetensors')
    good = write_png(folder / 'good.png', 8, 8, lambda x, y: 9 * x)
    bad = folder / 'bad.png'
    bad.write_bytes(good.read_bytes()[:60])
    result = fail(1, f'{bad}: .', 'predict', '--model', model, '--json', bad,
                  good)
    assert [row['file'] for row in json.loads(result.out)['rows']] \
        == [str(good)]
    small = write_png(folder / 'small.png', 5, 9, lambda x, y: 0)
    fail(1, f'{small}: 5 × 9 px is smaller than the network.s field of 6$',
         'predict', '--model', model, small)
    fail(1, '.*missing.png: ', 'predict', '--model', model,
         folder / 'missing.png')
    text = folder / 'text.jpg'
    text.write_text('no picture')
    fail(1, f'{text}: ', 'predict', '--model', model, text)


@case
def more_pictures_than_a_batch(folder):
    model = write_tiny_model(folder / 'm.safetensors')
    first = write_png(folder / '000.png', 6, 6, lambda x, y: 30 * x + 7 * y)
    paths = [first]
    for i in range(1, 70):
        paths.append(folder / f'{i:03}.png')
        shutil.copy(first, paths[-1])
    rows = ask('predict', '--model', model, *paths)['rows']
    assert len(rows) == 70
    assert len({row['probability'] for row in rows}) == 1


if __name__ == '__main__':
    harness.main()
