#!/usr/bin/env python3
"""model, engines, bench; weights files that are broken."""
import json
import struct

import harness
from harness import (DATA, MODEL, TINY_CARD, ask, case, environment, fail,
                     need, read_safetensors, refuse, run, succeed,
                     tiny_tensors, write_safetensors, write_tiny_model)


@case
def info_of_a_small_network(folder):
    path = write_tiny_model(folder / 'm.safetensors')
    info = ask('model', 'info', path)
    assert info['file'] == str(path) and info['name'] == 'm'
    assert (info['field'], info['stride']) == (6, 2)
    assert info['mpp'] == 0.972 and info['family'] == 'scannet'
    # 3*2*9 + 2 of the convolution, 2*2*4 + 2 and 2*2 + 2 of the head.
    assert info['parameters'] == 56 + 18 + 6, info['parameters']
    assert info['card'] == TINY_CARD
    assert len(info['hash']) == 64
    assert any('2x2/2' in layer for layer in info['layers']), info['layers']
    text = succeed('model', 'info', path).out
    assert 'field       6 px = 6 µm, stride 2 px = 1.9 µm' in text, text


@case
def info_of_a_real_network(folder):
    info = ask('model', 'info', need(MODEL))
    assert (info['field'], info['stride']) == (92, 16)
    assert 5e4 < info['flop_per_px'] < 1.5e5, info['flop_per_px']


@case
def list_of_what_is_there(folder):
    models = folder / 'models'
    models.mkdir()
    write_tiny_model(models / 'small.safetensors')
    (models / 'aaa-broken.safetensors').write_bytes(b'x')
    with_ours = environment(AX_DATA_PATH=str(folder))
    found = run('model', 'list', '--json', env=with_ours)
    assert found.status == 0, found
    assert 'aaa-broken.safetensors: ' in found.err, found
    listed = json.loads(found.out)['models']
    assert {'name': 'small', 'family': 'scannet', 'mpp': 0.972,
            'file': str(models / 'small.safetensors')} in listed, listed
    names = [entry['name'] for entry in listed]
    assert 'scannet-10x' in names and names == sorted(names), names
    text = succeed('model', 'list', env=with_ours).out
    assert len(text.splitlines()) == len(names), text
    refuse('model list takes no file', 'model', 'list', 'small')
    refuse('model info needs a file', 'model', 'info')


def real_with_tile(folder, change=0.0):
    """The real network with a tile and what PyTorch makes of it."""
    card, tensors = read_safetensors(need(MODEL))
    stored = read_safetensors(
        need(DATA / 'models' / 'scannet-10x-pytorch-io.safetensors'))[1]
    shape, pixels = stored['input_u8'][1:]
    side, row = 92 + 3 * 16, shape[1] * 3
    tile = b''.join(pixels[y * row:y * row + side * 3] for y in range(side))
    _, cells, data = stored['prob_alpha1']
    count = cells[0] * cells[1]
    values = struct.unpack(f'<{count}d', data)
    tensors['check.input'] = ('U8', [side, side, 3], tile)
    tensors['check.prob'] = ('F64', cells, struct.pack(
        f'<{count}d', *(value + change for value in values)))
    return write_safetensors(folder / 'checked.safetensors', card, tensors)


@case
def check_of_what_is_shipped(folder):
    shipped = sorted((harness.ROOT / 'data' / 'models').glob('*.safetensors'))
    assert shipped
    for path in shipped:
        check = ask('model', 'check', path)
        assert check['passed'] is True and check['has_tile'] is True, check
        card = ask('model', 'info', path)['card']
        assert card['license'] and 'research' in card['intended_use'], card
        assert ' /' not in ' ' + card['trained_on'], card


@case
def check_of_a_real_network(folder):
    path = real_with_tile(folder)
    for engine in ('auto', 'ref'):
        check = ask('model', 'check', path, '--engine', engine)
        assert check['passed'] is True and check['has_tile'] is True
        assert check['tile_difference'] < 1e-4, check
        assert check['glass'] < check['glass_limit'], check


@case
def check_finds_what_is_wrong(folder):
    path = real_with_tile(folder, 0.01)
    result = fail(1, f"{path}: the stored tile's probability is off by 0.01",
                  'model', 'check', path, '--json')
    assert json.loads(result.out)['passed'] is False


@case
def check_without_a_tile(folder):
    path = write_tiny_model(folder / 'm.safetensors')
    result = run('model', 'check', path)
    assert result.status in (0, 1) and 'none in this file' in result.out


@case
def check_of_tiles_that_do_not_fit(folder):
    def refuse_tile(pattern, **tile):
        tensors = tiny_tensors()
        tensors |= {name.replace('_', '.'): value
                    for name, value in tile.items()}
        path = write_tiny_model(folder / 'm.safetensors', tensors=tensors)
        fail(1, f'{path}: {pattern}', 'model', 'check', path)

    pixels = ('U8', [6, 6, 3], bytes(108))
    refuse_tile("tensor 'check.prob' is missing", check_input=pixels)
    refuse_tile("tensor 'check.input' is 4x4x3", check_prob=(
        'F32', [1], bytes(4)), check_input=('U8', [4, 4, 3], bytes(48)))
    refuse_tile("tensor 'check.prob' has 2 values, the tile gives 1",
                check_input=pixels, check_prob=('F32', [2], bytes(8)))


@case
def engines_are_listed(folder):
    engines = {entry['name']: entry for entry in ask('engines')['engines']}
    for name in ('cpu', 'ref'):
        entry = engines[name]
        assert entry['usable'] is True and entry['why'] is None
        assert entry['device'] and entry['version']
    for entry in engines.values():
        assert entry.keys() >= {'name', 'usable', 'why', 'device', 'version'}
        assert entry['usable'] or entry['why']
        assert '\n' not in (entry['why'] or '')
    text = succeed('engines').out
    assert all(name in text for name in engines)


@case
def engines_that_cannot_be_loaded(folder):
    (folder / 'ax-engine-broken.so').write_bytes(b'no library')
    env = environment(AX_ENGINE_PATH=str(folder))
    engines = {entry['name']: entry
               for entry in ask('engines', env=env)['engines']}
    assert engines['broken']['usable'] is False
    assert engines['broken']['why'], engines['broken']
    assert engines['cpu']['usable'] is True


@case
def bench_of_a_small_network(folder):
    path = write_tiny_model(folder / 'm.safetensors')
    results = ask('bench', '--model', path, '--threads', '1')['results']
    assert len(results) >= 8
    for result in results:
        assert result.keys() == {'name', 'value', 'unit', 'peak_fraction'}
        assert result['value'] > 0, result
    assert results[0]['unit'] == 'GFLOP/s'
    assert results[0]['peak_fraction'] == 1
    refuse("--threads: 'x' is not a whole number", 'bench', '--threads', 'x')


def refuse_weights(path, pattern):
    fail(1, f'{path}: {pattern}', 'model', 'info', path)


@case
def weights_that_do_not_fit_the_network(folder):
    def write(change):
        tensors = tiny_tensors()
        change(tensors)
        return write_tiny_model(folder / 'm.safetensors', tensors=tensors)

    refuse_weights(write(lambda t: t.pop('head.0.bias')),
                   ".*head.0.bias")
    refuse_weights(
        write(lambda t: t.update({'head.0.bias': ('F32', [3], bytes(12))})),
        '.*head.0.bias.*3')
    refuse_weights(
        write(lambda t: t.update({'head.0.bias': (
            'F32', [2], struct.pack('<2f', float('nan'), 0))})),
        '.*head.0.bias')


@case
def model_cards_that_are_wrong(folder):
    def write(**changes):
        card = {key: changes.get(key.replace('axilla.', ''), value)
                for key, value in TINY_CARD.items()}
        return write_tiny_model(folder / 'm.safetensors', {
            key: value for key, value in card.items() if value is not None})

    refuse_weights(write_tiny_model(folder / 'm.safetensors', card={}),
                   '.*axilla.family.*axilla.arch.*mpp')
    refuse_weights(write(field=None), '.*lacks field')
    refuse_weights(write(field='8'), '.*field')
    refuse_weights(write(stride='4'), '.*stride')
    refuse_weights(write(mpp='0'), '.*mpp')
    refuse_weights(write(mpp='nan'), '.*mpp')
    refuse_weights(write(std='[0, 1, 1]'), '.*std')
    refuse_weights(write(mean='[0.5]'), '.*mean')
    refuse_weights(write(classes='["a", "b"]'), '.*tumor')
    refuse_weights(write(temperature='-1'), '.*temperature')
    refuse_weights(write(family='resnet'), '.*resnet')
    refuse_weights(write(arch='{"blocks": [1000000]}'), '.*arch')
    refuse_weights(write(arch='[' * 10000), '.*arch')


if __name__ == '__main__':
    harness.main()
