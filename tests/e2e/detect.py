#!/usr/bin/env python3
"""detect: whole runs, their options and files, and what goes wrong."""
import json
import math
import resource
import signal
import xml.etree.ElementTree as ElementTree

import harness
from harness import (DATA, MODEL, ask, case, environment, fail, make_slide,
                     need, succeed)

SLIDES = DATA / 'slides'
SUFFIXES = ('.csv', '.geojson', '.imagescope.xml', '.json', '.xml',
            '_likelihood_map.tif')
SLIDE_KEYS = {'file', 'model', 'engine', 'alpha', 'threshold', 'mpp',
              'tissue_mm2', 'analysed_mm2', 'failed_mm2', 'seconds',
              'mpx_per_s', 'slide_score', 'lesions', 'counts'}


def detect(slide, out, *options, store='none'):
    slide, = ask('detect', slide, '-o', out, '--model', need(MODEL),
                 '--store', store, *options)['slides']
    return slide


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


def map_of(out, stem='s'):
    return (out / f'{stem}_likelihood_map.tif').read_bytes()


@case
def a_made_slide(folder):
    slide = make_slide('tissue', folder / 's.tif')
    out = folder / 'new' / 'out'
    found = detect(slide, out, '--threshold', '0.3')
    assert SLIDE_KEYS <= found.keys(), SLIDE_KEYS - found.keys()
    assert found['alpha'] == 2 and found['threshold'] == 0.3
    assert abs(found['mpp'] - 0.486) < 1e-4
    assert found['failed_mm2'] == 0 and found['seconds'] > 0
    assert found['mpx_per_s'] > 0 and 0 < found['slide_score'] < 1
    assert 0 < found['tissue_mm2'] <= found['analysed_mm2'] * 1.05
    assert sum(found['counts'].values()) == len(found['lesions'])
    assert names_in(out) == sorted('s' + suffix for suffix in SUFFIXES)

    tree = ElementTree.parse(out / 's.xml')
    shapes = len(tree.findall(".//Annotation[@PartOfGroup='Tumor']"))
    features = json.loads((out / 's.geojson').read_text())['features']
    assert shapes == len(features) == len(found['lesions'])
    assert len((out / 's.csv').read_text().splitlines()) == shapes
    written = json.loads((out / 's.json').read_text())
    assert written == found
    assert written['notice'] == 'Research use only. Not for diagnosis.'

    text = succeed('detect', slide, '-o', out, '--model', MODEL, '--store',
                   'none').out
    assert text.startswith(f'{slide}\n')
    assert 'Research use only. Not for diagnosis.' in text


@case
def threads_and_regions_do_not_change_the_map(folder):
    slide = make_slide('tissue', folder / 's.tif')
    one = detect(slide, folder / 'one', '--threads', '1')
    detect(slide, folder / 'two', '--threads', '2')
    assert map_of(folder / 'one') == map_of(folder / 'two')
    for roi in ('92', '300'):
        other = detect(slide, folder / roi, '--roi', roi)
        assert other['analysed_mm2'] == one['analysed_mm2']
        assert math.isclose(other['slide_score'], one['slide_score'],
                            abs_tol=1e-4)


@case
def naive_form_gives_the_same_lesions(folder):
    slide = make_slide('tissue', folder / 's.tif', 1024, 768)
    options = ('--threshold', '0.3', '--alpha', '4', '--opening', '0')
    shared = detect(slide, folder / 'shared', *options)
    naive = detect(slide, folder / 'naive', '--naive', *options)
    assert math.isclose(shared['slide_score'], naive['slide_score'],
                        abs_tol=1e-4)
    assert shared['analysed_mm2'] == naive['analysed_mm2']
    assert abs(len(shared['lesions']) - len(naive['lesions'])) <= 1


@case
def reference_engine_agrees(folder):
    slide = make_slide('tissue', folder / 's.tif', 512, 384)
    cpu = detect(slide, folder / 'cpu', '--engine', 'cpu')
    ref = detect(slide, folder / 'ref', '--engine', 'ref')
    assert cpu['engine'] == 'cpu' and ref['engine'] == 'ref'
    assert math.isclose(cpu['slide_score'], ref['slide_score'], abs_tol=1e-4)


@case
def only_the_region_is_looked_at(folder):
    slide = make_slide('tissue', folder / 's.tif')
    found = detect(slide, folder / 'out', '--region', '600,400,256,256',
                   '--threshold', '0.01')
    area = 256 * 256 * 0.486 ** 2 / 1e6
    assert found['analysed_mm2'] < area * 1.3, found['analysed_mm2']
    for lesion in found['lesions']:
        left, top, width, height = lesion['bbox']
        assert left >= 600 - 16 and left + width <= 856 + 16, lesion
        assert top >= 400 - 16 and top + height <= 656 + 16, lesion
    fail(1, f'{slide}: .*region', 'detect', slide, '-o', folder / 'out',
         '--model', MODEL, '--store', 'none', '--region', '9000,9000,10,10')


@case
def tissue_is_found_given_or_ignored(folder):
    slide = make_slide('tissue', folder / 's.tif')
    succeed('tissue', slide, '-o', folder / 'mask.png')
    found = detect(slide, folder / 'auto')
    given = detect(slide, folder / 'given', '--tissue', folder / 'mask.png')
    everything = detect(slide, folder / 'none', '--tissue', 'none')
    assert math.isclose(found['tissue_mm2'], given['tissue_mm2'],
                        rel_tol=0.01)
    assert math.isclose(everything['tissue_mm2'],
                        1536 * 1024 * 0.486 ** 2 / 1e6, rel_tol=1e-3)
    fail(1, '.*missing.png', 'detect', slide, '-o', folder / 'out', '--model',
         MODEL, '--store', 'none', '--tissue', folder / 'missing.png')


@case
def no_tissue_no_lesions(folder):
    slide = make_slide('glass', folder / 's.tif')
    found = detect(slide, folder / 'out')
    assert found['lesions'] == [] and found['slide_score'] is None
    assert found['tissue_mm2'] == 0 and found['analysed_mm2'] == 0
    assert len(names_in(folder / 'out')) == len(SUFFIXES)


@case
def one_pixel(folder):
    found = detect(make_slide('glass', folder / 's.tif', 1, 1),
                   folder / 'out', '--tissue', 'none')
    assert len(found['lesions']) <= 1


@case
def scale_must_be_known(folder):
    slide = make_slide('no-mpp', folder / 's.tif', 768, 512)
    store = folder / 'store'
    call = ('detect', slide, '-o', folder / 'out', '--model', need(MODEL),
            '--store', store)
    fail(1, f'{slide}: the file has no µm/px; give it with --mpp$', *call)
    assert names_in(folder / 'out') == []
    found, = ask(*call, '--mpp', '0.486')['slides']
    assert found['mpp'] == 0.486
    # It is remembered for the slide.
    again, = ask(*call)['slides']
    assert again['mpp'] == 0.486 and again['lesions'] == found['lesions']


@case
def scale_of_the_file_goes_before_the_option(folder):
    slide = make_slide('tissue', folder / 's.tif', 768, 512)
    result = succeed('detect', slide, '-o', folder / 'out', '--model',
                     need(MODEL), '--store', 'none', '--mpp', '1', '--json')
    assert 'note: ' in result.err and '--mpp 1 is not used' in result.err
    assert abs(json.loads(result.out)['slides'][0]['mpp'] - 0.486) < 1e-4


@case
def damaged_tiles_are_counted_and_the_rest_is_analysed(folder):
    whole = detect(make_slide('tissue', folder / 'whole.tif'),
                   folder / 'whole')
    found = detect(make_slide('damaged', folder / 's.tif'), folder / 'out')
    # The network reads level 1, where a tile covers four of level 0.
    tile = 512 * 512 * 0.486 ** 2 / 1e6
    assert tile * 0.9 < found['failed_mm2'] < tile * 3, found['failed_mm2']
    assert math.isclose(found['analysed_mm2'] + found['failed_mm2'],
                        whole['analysed_mm2'], rel_tol=0.01)


@case
def others_go_on_when_one_slide_fails(folder):
    good = make_slide('tissue', folder / 'good.tif', 768, 512)
    more = make_slide('tissue', folder / 'more.tif', 768, 512)
    bad = folder / 'bad.tif'
    bad.write_bytes(b'no slide')
    result = fail(1, f'{bad}: .', 'detect', good, bad, more, '-o',
                  folder / 'out', '--model', need(MODEL), '--store', 'none',
                  '--json')
    answer = json.loads(result.out)
    assert [entry['file'] for entry in answer['slides']] \
        == [str(good), str(more)]
    assert [entry['file'] for entry in answer['failed']] == [str(bad)]
    assert not any(name.startswith('bad') for name in names_in(folder / 'out'))


@case
def folders_that_cannot_be_written(folder):
    slide = make_slide('tissue', folder / 's.tif', 768, 512)
    (folder / 'file').write_text('in the way')
    call = ('detect', slide, '--model', need(MODEL), '--store', 'none', '-o')
    fail(1, f"{folder / 'file'}: ", *call, folder / 'file')
    fail(1, f"{folder / 'file' / 'out'}: ", *call, folder / 'file' / 'out')
    fail(1, '/proc/axilla: ', *call, '/proc/axilla')


@case
def annotations_of_others_are_not_replaced(folder):
    slide = make_slide('tissue', folder / 's.tif', 768, 512)
    theirs = folder / 's.xml'
    theirs.write_text('<ASAP_Annotations><Annotations/></ASAP_Annotations>')
    before = theirs.read_bytes()
    fail(1, '.*s.xml: not written by this program', 'detect', slide, '-o',
         folder, '--model', need(MODEL), '--store', 'none')
    assert theirs.read_bytes() == before
    detect(slide, folder, '--formats', 'csv')
    theirs.unlink()
    for _ in range(2):
        detect(slide, folder)


def limit_files(bytes_):
    """Stands for a full disk: writing beyond fails."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, bytes_))
    return limit


@case
def full_disk_leaves_no_half_files(folder):
    slide = make_slide('tissue', folder / 's.tif', 768, 512)
    out = folder / 'out'
    call = ('detect', slide, '-o', out, '--model', need(MODEL), '--store')
    fail(1, '.*s_likelihood_map.tif: ', *call, 'none', '--formats', 'tiff',
         preexec_fn=limit_files(256))
    assert names_in(out) == [], names_in(out)
    fail(1, '.*store', *call, folder / 'store', '--formats', 'csv',
         preexec_fn=limit_files(4096))
    assert names_in(out) == [], names_in(out)


@case
def stores_that_are_none(folder):
    slide = make_slide('tissue', folder / 's.tif', 768, 512)
    store = folder / 'store'
    call = ('detect', slide, '-o', folder / 'out', '--model', need(MODEL),
            '--store', store)
    store.write_bytes(b'this is no store' * 100)
    fail(1, '.*store: ', *call)
    assert store.read_bytes() == b'this is no store' * 100
    fail(1, '.*: ', *call[:-1], folder / 'no' / 'such' / 'folder' / 'store')


@case
def default_store_is_in_the_data_folder(folder):
    slide = make_slide('tissue', folder / 's.tif', 768, 512)
    env = environment()
    env['XDG_DATA_HOME'] = str(folder / 'data')
    succeed('detect', slide, '-o', folder / 'out', '--model', need(MODEL),
            env=env)
    assert any((folder / 'data' / 'axilla').iterdir())


@case
def a_map_larger_than_the_budget_is_refused(folder):
    slide = make_slide('no-mpp', folder / 's.tif', 768, 512)
    fail(1, f'{slide}: ', 'detect', slide, '-o', folder / 'out', '--model',
         need(MODEL), '--store', 'none', '--mpp', '100')


@case
def alpha_up_to_the_stride(folder):
    slide = make_slide('tissue', folder / 's.tif', 512, 384)
    fail(1, f'{slide}: dense coefficient 32 ', 'detect', slide, '-o', folder / 'out',
         '--model', need(MODEL), '--store', 'none', '--alpha', '32')
    for alpha in ('1', '8', '16'):
        found = detect(slide, folder / 'out', '--alpha', alpha)
        assert found['alpha'] == int(alpha)


@case
def real_slides(folder):
    found = detect(need(SLIDES / 'CMU-1-Small-Region.svs'), folder / 'cmu')
    assert found['mpp'] == 0.499 and found['analysed_mm2'] > 0
    assert names_in(folder / 'cmu') == sorted(
        'CMU-1-Small-Region' + suffix for suffix in SUFFIXES)
    part = detect(SLIDES / 'CMU-1-Small-Region.svs', folder / 'part',
                  '--region', '512,512,1024,1024')
    assert 0 < part['analysed_mm2'] < found['analysed_mm2']

    slide = need(SLIDES / 'tcga-cr-7395-01a-01-ts1.svs')
    fail(1, f'{slide}: the file has no µm/px', 'detect', slide, '-o', folder,
         '--model', MODEL, '--store', 'none')
    found = detect(slide, folder / 'tcga', '--mpp', '0.25')
    assert found['analysed_mm2'] > 0
    slide = need(SLIDES / 'unreadable.svs')
    fail(1, f'{slide}: none of its tissue could be read$', 'detect', slide,
         '-o', folder / 'bad', '--model', MODEL, '--store', 'none')
    assert names_in(folder / 'bad') == []
    found = detect(need(SLIDES / 'fluorescence-dapi.ndpi'), folder / 'dapi')
    assert found['analysed_mm2'] == 0 and found['lesions'] == []


@case
def shipped_model_is_looked_for(folder):
    slide = make_slide('glass', folder / 's.tif', 256, 256)
    fail(1, "no model 'nothing'", 'detect', slide, '-o', folder / 'out',
         '--model', 'nothing', '--store', 'none')


if __name__ == '__main__':
    harness.main()
