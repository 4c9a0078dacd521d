#!/usr/bin/env python3
"""U-Net and attention network wherever a model is used; the cascade."""
import json

import harness
from harness import (TINY_CARD, ask, case, fail, make_slide, run, succeed,
                     write_nest_model)
from tiny_families import write_attention, write_unet


def detect(slide, out, model, *options):
    slide, = ask('detect', slide, '-o', out, '--store', 'none', '--model',
                 model, *options)['slides']
    return slide


def map_of(out):
    return (out / 's_likelihood_map.tif').read_bytes()


@case
def unet_everywhere(folder):
    model = write_unet(folder / 'u.safetensors')
    info = ask('model', 'info', model)
    assert (info['family'], info['field'], info['stride']) == ('unet', 22, 2)
    assert any('conv transpose' in layer for layer in info['layers']), info
    assert run('model', 'check', model).status in (0, 1)
    picture = harness.write_png(folder / 'p.png', 24, 24, lambda x, y: 9 * x)
    row, = ask('predict', '--model', model, picture)['rows']
    assert 0 < row['probability'] < 1
    assert ask('bench', '--model', model, '--threads', '1')['results']

    slide = make_slide('tissue', folder / 's.tif')
    whole = detect(slide, folder / 'a', model, '--engine', 'ref')
    assert whole['alpha'] == 2 and whole['shows'] == 'tumor'
    assert whole['analysed_mm2'] > 0 and whole['cascade'] is None
    detect(slide, folder / 'b', model, '--engine', 'ref', '--roi', '60')
    assert map_of(folder / 'a') == map_of(folder / 'b')


@case
def unet_refusals(folder):
    slide = make_slide('tissue', folder / 's.tif', 256, 256)
    model = write_unet(folder / 'u.safetensors')

    def refuse(pattern, *options):
        fail(1, f'{slide}: ' + pattern, 'detect', slide, '-o', folder / 'out',
             '--store', 'none', '--model', model, *options)

    refuse('u: a network of the family unet has no naive form$', '--naive')
    refuse("dense coefficient 4 is not .* the network's stride 2$",
           '--alpha', '4')
    path = write_unet(folder / 'w.safetensors', field='24')
    fail(1, f'{path}: the card says field 24 and stride 2, the network has 22 '
         'and 2$', 'model', 'info', path)


@case
def attention_everywhere(folder):
    model = write_attention(folder / 'a.safetensors')
    info = ask('model', 'info', model)
    assert (info['family'], info['field']) == ('attention', 6)
    assert run('model', 'check', model).status in (0, 1)
    picture = harness.write_png(folder / 'p.png', 24, 24, lambda x, y: 9 * x)
    row, = ask('predict', '--model', model, picture)['rows']
    assert 0 < row['probability'] < 1

    slide = make_slide('tissue', folder / 's.tif')
    found = detect(slide, folder / 'p', model)
    other = detect(slide, folder / 'f', model, '--map', 'fraction')
    assert (found['shows'], other['shows']) == ('tumor', 'fraction')
    assert map_of(folder / 'p') != map_of(folder / 'f')
    fail(1, "--map: a has no trained output 'size', only tumor, fraction$",
         'detect', slide, '-o', folder / 'x', '--model', model, '--map', 'size')
    model = write_attention(folder / 'b.safetensors', learnt='["tumor"]')
    fail(1, "--map: b has no trained output 'fraction', only tumor$", 'detect',
         slide, '-o', folder / 'x', '--model', model, '--map', 'fraction')


def write_first(path, mpp='1.944', recall=0.998):
    return write_nest_model(path, TINY_CARD | {
        'mpp': mpp, 'cascade': json.dumps(
            {'threshold': 0.05, 'lesion_recall': recall, 'lesions': 500})})


@case
def cascade_finds_the_same_and_says_what_it_skipped(folder):
    slide = make_slide('tissue', folder / 's.tif', 1536, 1024)
    first = write_first(folder / 'first.safetensors')
    model = write_nest_model(folder / 'nest.safetensors')
    whole = detect(slide, folder / 'whole', model)
    part = detect(slide, folder / 'part', model, '--cascade', first)
    assert part['lesions'] == whole['lesions'] != []
    assert part['slide_score'] == whole['slide_score']
    assert part['tissue_mm2'] == whole['tissue_mm2']
    cascade = part['cascade']
    assert cascade['model'] == 'first' and cascade['threshold'] == 0.05
    assert len(cascade['model_hash']) == 64
    assert 0 < cascade['skipped_mm2'] < part['tissue_mm2']
    assert part['analysed_mm2'] < whole['analysed_mm2']

    text = succeed('detect', slide, '-o', folder / 'text', '--store',
                   folder / 'store', '--model', model, '--cascade', first).out
    assert 'first left out ' in text and '% of the tissue' in text, text
    again = ask('detect', slide, '-o', folder / 'text', '--store',
                folder / 'store', '--model', model, '--cascade', first)
    assert again['slides'][0]['seconds'] == 0, again
    assert again['slides'][0]['cascade']['seconds'] == 0, again
    assert again['slides'][0]['lesions'] == whole['lesions']


@case
def cascade_where_all_is_normal(folder):
    slide = make_slide('tissue', folder / 's.tif')
    first = write_first(folder / 'first.safetensors')
    first.write_bytes(first.read_bytes().replace(
        b'\\"threshold\\": 0.05', b'\\"threshold\\": 1.00'))
    model = write_nest_model(folder / 'nest.safetensors')
    text = succeed('detect', slide, '-o', folder / 'out', '--store', 'none',
                   '--model', model, '--cascade', first).out
    assert 'nothing analysed: all confidently negative' in text, text
    found = detect(slide, folder / 'out', model, '--cascade', first)
    assert found['lesions'] == [] and found['slide_score'] is None
    assert found['analysed_mm2'] == 0 < found['cascade']['skipped_mm2']


@case
def cascade_refusals(folder):
    slide = make_slide('tissue', folder / 's.tif', 256, 256)
    model = write_nest_model(folder / 'nest.safetensors')

    def refuse(pattern, first):
        fail(1, pattern, 'detect', slide, '-o', folder / 'out', '--store',
             'none', '--model', model, '--cascade', first)
        assert not (folder / 'out').exists()

    refuse("nest: cannot be the first network of a cascade: its card has no "
           "'cascade', which must state a lesion recall of 99.5 % or more$",
           model)
    refuse('low: cannot be .*: its card states a lesion recall of 99.4 %, not '
           '99.5 or more$',
           write_first(folder / 'low.safetensors', recall=0.994))
    refuse('--cascade: same works at 0.972 µm/px, which is not coarser than '
           'the 0.972 of nest$',
           write_first(folder / 'same.safetensors', mpp='0.972'))
    refuse("no model 'nothing'", 'nothing')


if __name__ == '__main__':
    harness.main()
