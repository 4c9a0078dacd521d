#!/usr/bin/env python3
"""info and tissue: made slides, real ones, and files that are none."""
import os
import struct

import harness
from harness import DATA, ask, case, fail, make_slide, need, succeed

SLIDES = DATA / 'slides'


@case
def info_of_a_made_slide(folder):
    info = ask('info', make_slide('tissue', folder / 's.tif', 1536, 1024))
    assert info['file'] == str(folder / 's.tif')
    assert info['vendor'] == 'generic-tiff'
    assert (info['width'], info['height']) == (1536, 1024)
    assert abs(info['mpp_x'] - 0.486) < 1e-4, info['mpp_x']
    assert info['mpp_x'] == info['mpp_y']
    assert info['objective'] is None
    assert info['bounds'] == [0, 0, 1536, 1024]
    assert info['fast_tiles'] is True
    assert len(info['hash']) == 64
    first, second = info['levels'][:2]
    assert (first['width'], first['height']) == (1536, 1024)
    assert first['downsample'] == 1 and second['downsample'] == 2
    assert first['tile_width'] == first['tile_height'] == 256


@case
def info_without_scale(folder):
    slide = make_slide('no-mpp', folder / 's.tif')
    info = ask('info', slide)
    assert info['mpp_x'] is None and info['mpp_y'] is None
    assert 'unknown' in succeed('info', slide).out


@case
def info_of_real_slides(folder):
    info = ask('info', need(SLIDES / 'CMU-1-Small-Region.svs'))
    assert (info['width'], info['height']) == (2220, 2967)
    assert info['vendor'] == 'aperio' and info['objective'] == 20
    assert info['mpp_x'] == info['mpp_y'] == 0.499
    assert sorted(info['associated']) == ['label', 'macro', 'thumbnail']

    info = ask('info', need(SLIDES / 'tcga-cr-7395-01a-01-ts1.svs'))
    assert (info['width'], info['height']) == (4443, 3567)
    assert info['mpp_x'] is None and len(info['levels']) == 2

    info = ask('info', need(SLIDES / 'fluorescence-dapi.ndpi'))
    assert (info['width'], info['height']) == (3968, 4864)
    assert abs(info['mpp_x'] - 0.228) < 1e-3 and info['fast_tiles'] is False

    info = ask('info', need(SLIDES / 'patch-8-level.tif'))
    assert len(info['levels']) == 9


@case
def tissue_of_a_made_slide(folder):
    slide = make_slide('tissue', folder / 's.tif', 3072, 2048)
    mask = folder / 'mask.png'
    tissue = ask('tissue', slide, '-o', mask)
    # An ellipse of 0.38 by 0.38 of the sides covers 45 %, its waves a little
    # less or more.
    assert 0.35 < tissue['fraction'] < 0.55, tissue
    area = tissue['fraction'] * 3072 * 2048 * 0.486 ** 2 / 1e6
    assert abs(tissue['area_mm2'] - area) < 0.01 * area, tissue
    assert tissue['regions'] == 1 and tissue['level'] > 0
    assert 0 < tissue['threshold'] < 255
    data = mask.read_bytes()
    assert data[:8] == b'\x89PNG\r\n\x1a\n'
    assert struct.unpack('>II', data[16:24])[0] >= 96


@case
def tissue_is_a_mask_for_detect(folder):
    slide = make_slide('tissue', folder / 's.tif')
    succeed('tissue', slide, '-o', folder / 'mask.png')
    fail(1, '.*mask.png', 'tissue', slide, '-o',
         folder / 'missing' / 'mask.png')


@case
def nothing_is_tissue_on_glass(folder):
    slide = make_slide('glass', folder / 's.tif')
    tissue = ask('tissue', slide)
    assert tissue['fraction'] == 0 and tissue['regions'] == 0, tissue
    assert tissue['area_mm2'] == 0
    assert 'no tissue' in succeed('tissue', slide).out


@case
def nothing_is_tissue_on_a_dark_ground(folder):
    tissue = ask('tissue', need(SLIDES / 'fluorescence-dapi.ndpi'))
    assert tissue['fraction'] == 0, tissue


@case
def area_is_unknown_without_scale(folder):
    slide = make_slide('no-mpp', folder / 's.tif')
    assert ask('tissue', slide)['area_mm2'] is None
    assert ask('tissue', slide, '--mpp', '0.5')['area_mm2'] > 0


def write_bad_files(folder):
    whole = make_slide('tissue', folder / 'whole.tif').read_bytes()
    files = {
        'empty.tif': b'',
        'text.svs': b'no slide\n' * 100,
        'cut.tif': whole[:len(whole) // 2],
        'head.tif': whole[:8],
        'zeros.tif': bytes(4096),
        'picture.jpg': b'\xff\xd8\xff\xe0' + bytes(100),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return files


@case
def files_that_are_no_slides(folder):
    for name in write_bad_files(folder):
        for command in ('info', 'tissue'):
            fail(1, f'.*{name}: .', command, folder / name)
    fail(1, '.*missing.svs: No such file or directory', 'info',
         folder / 'missing.svs')
    fail(1, f'{folder}: ', 'info', folder)


@case
def a_file_that_may_not_be_read(folder):
    if os.geteuid() == 0:
        raise harness.Skip('root may read everything')
    slide = make_slide('tissue', folder / 's.tif')
    slide.chmod(0)
    fail(1, '.*s.tif: Permission denied', 'info', slide)


@case
def real_files_that_are_broken(folder):
    fail(1, '.*unopenable.tiff: ', 'info', need(SLIDES / 'unopenable.tiff'))


@case
def one_pixel(folder):
    slide = make_slide('glass', folder / 's.tif', 1, 1)
    info = ask('info', slide)
    assert (info['width'], info['height']) == (1, 1)
    assert ask('tissue', slide)['regions'] == 0


if __name__ == '__main__':
    harness.main()
