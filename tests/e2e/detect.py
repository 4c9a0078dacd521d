#!/usr/bin/env python3
"""detect: whole runs, their options and files, and what goes wrong."""
import json
import math
import resource
import signal
import xml.etree.ElementTree as ElementTree

import harness
from harness import (DATA, MODEL, ask, case, environment, fail, make_slide,
                     need, nest_diameter_px, succeed, write_nest_model)

SLIDES = DATA / 'slides'
MPP = 0.486
NOTICE = 'Research use only. Not for diagnosis.'
SUFFIXES = ('.csv', '.geojson', '.imagescope.xml', '.json', '.xml',
            '_likelihood_map.tif')
SLIDE_KEYS = {'file', 'model', 'engine', 'alpha', 'threshold', 'mpp',
              'tissue_mm2', 'analysed_mm2', 'failed_mm2', 'seconds',
              'mpx_per_s', 'slide_score', 'lesions', 'counts'}


def call(slide, out, *options, store='none'):
    """The network that finds the nest of a made slide, unless told so."""
    model = out.parent / 'nest.safetensors'
    if not model.exists():
        write_nest_model(model)
    return ('detect', slide, '-o', out, '--store', store, '--model', model,
            *options)


def detect(slide, out, *options, **more):
    slide, = ask(*call(slide, out, *options, **more))['slides']
    return slide


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


def map_of(out, stem='s'):
    return (out / f'{stem}_likelihood_map.tif').read_bytes()


@case
def the_nest_is_found_where_it_was_drawn(folder):
    slide = make_slide('tissue', folder / 's.tif', 1536, 1024)
    found = detect(slide, folder / 'out')
    lesion, = found['lesions']
    truth = nest_diameter_px(1536, 1024)
    assert math.isclose(lesion['diameter_um'], truth * MPP, rel_tol=0.03), \
        (lesion['diameter_um'], truth * MPP)
    assert lesion['class'] == 'micro' and found['counts']['micro'] == 1
    assert math.dist(lesion['centroid'], (1536 * 0.62, 512)) < 10, lesion
    assert found['slide_score'] == lesion['score'] > 0.9


@case
def result_and_files(folder):
    slide = make_slide('tissue', folder / 's.tif', 1536, 1024)
    out = folder / 'new' / 'out'
    out.parent.mkdir()
    found = detect(slide, out, '--threshold', '0.3')
    assert SLIDE_KEYS <= found.keys(), SLIDE_KEYS - found.keys()
    assert found['alpha'] == 2 and found['threshold'] == 0.3
    assert found['model'] == 'nest' and found['engine'] == 'cpu'
    assert abs(found['mpp'] - MPP) < 1e-4
    assert found['failed_mm2'] == 0 and found['seconds'] > 0
    assert found['mpx_per_s'] > 0
    assert 0 < found['tissue_mm2'] <= found['analysed_mm2'] * 1.05
    assert sum(found['counts'].values()) == len(found['lesions']) > 0
    assert names_in(out) == sorted('s' + suffix for suffix in SUFFIXES)

    tree = ElementTree.parse(out / 's.xml')
    shapes = len(tree.findall(".//Annotation[@PartOfGroup='Tumor']"))
    features = json.loads((out / 's.geojson').read_text())['features']
    assert shapes == len(features) == len(found['lesions'])
    assert len((out / 's.csv').read_text().splitlines()) == shapes
    written = json.loads((out / 's.json').read_text())
    assert written == found
    assert written['notice'] == NOTICE

    text = succeed(*call(slide, out)).out
    assert text.startswith(f'{slide}\n') and text.endswith(f'{NOTICE}\n')


@case
def threads_and_regions_do_not_change_the_map(folder):
    slide = make_slide('tissue', folder / 's.tif', 1536, 1024)
    detect(slide, folder / 'one', '--threads', '1')
    for options in (('--threads', '2'), ('--roi', '32'), ('--roi', '301')):
        detect(slide, folder / 'other', *options)
        assert map_of(folder / 'one') == map_of(folder / 'other'), options


@case
def naive_form_gives_the_same_map(folder):
    slide = make_slide('tissue', folder / 's.tif')
    found = [detect(slide, folder / form, '--opening', '0', *options)
             for form, options in (('shared', ()), ('naive', ('--naive',)))]
    assert found[0]['analysed_mm2'] == found[1]['analysed_mm2']
    for one, other in zip(*(entry['lesions'] for entry in found),
                          strict=True):
        assert one['bbox'] == other['bbox']
        assert math.isclose(one['score'], other['score'], abs_tol=1e-4)


@case
def reference_engine_agrees(folder):
    slide = make_slide('tissue', folder / 's.tif')
    for engine in ('cpu', 'ref'):
        found = detect(slide, folder / engine, '--engine', engine)
        assert found['engine'] == engine
        lesion, = found['lesions']
        assert math.isclose(lesion['diameter_um'],
                            nest_diameter_px(768, 512) * MPP, rel_tol=0.05)


@case
def only_the_region_is_looked_at(folder):
    slide = make_slide('tissue', folder / 's.tif', 1536, 1024)
    found = detect(slide, folder / 'out', '--region', '800,400,256,256')
    area = 256 * 256 * MPP ** 2 / 1e6
    assert math.isclose(found['analysed_mm2'], area, rel_tol=0.05)
    lesion, = found['lesions']
    left, top, width, height = lesion['bbox']
    assert left >= 800 - 2 and left + width <= 1056 + 2, lesion
    assert top >= 400 - 2 and top + height <= 656 + 2, lesion
    fail(1, f'{slide}: .*region',
         *call(slide, folder / 'out', '--region', '9000,9000,10,10'))


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
                        768 * 512 * MPP ** 2 / 1e6, rel_tol=1e-3)
    fail(1, '.*missing.png',
         *call(slide, folder / 'out', '--tissue', folder / 'missing.png'))


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
    assert found['lesions'] == []


@case
def scale_must_be_known(folder):
    slide = make_slide('no-mpp', folder / 's.tif')
    store = folder / 'store'
    arguments = call(slide, folder / 'out', store=store)
    fail(1, f'{slide}: the file has no µm/px; give it with --mpp$',
         *arguments)
    assert names_in(folder / 'out') == []
    found, = ask(*arguments, '--mpp', '0.486')['slides']
    assert found['mpp'] == 0.486
    # It is remembered for the slide.
    again, = ask(*arguments)['slides']
    assert again['mpp'] == 0.486 and again['lesions'] == found['lesions']


@case
def scale_of_the_file_goes_before_the_option(folder):
    slide = make_slide('tissue', folder / 's.tif')
    result = succeed(*call(slide, folder / 'out', '--mpp', '1', '--json'))
    assert 'note: ' in result.err and '--mpp 1 is not used' in result.err
    assert abs(json.loads(result.out)['slides'][0]['mpp'] - MPP) < 1e-4


@case
def damaged_tiles_are_counted_and_the_rest_is_analysed(folder):
    whole = detect(make_slide('tissue', folder / 'whole.tif', 1536, 1024),
                   folder / 'whole')
    found = detect(make_slide('damaged', folder / 's.tif', 1536, 1024),
                   folder / 'out')
    # The network reads level 1, where a tile covers four of level 0; not all
    # of it is tissue.
    tile = 512 * 512 * MPP ** 2 / 1e6
    assert tile * 0.5 < found['failed_mm2'] < tile * 1.1, found['failed_mm2']
    assert math.isclose(found['analysed_mm2'] + found['failed_mm2'],
                        whole['analysed_mm2'], rel_tol=0.01)


@case
def others_go_on_when_one_slide_fails(folder):
    good = make_slide('tissue', folder / 'good.tif')
    more = make_slide('tissue', folder / 'more.tif')
    bad = folder / 'bad.tif'
    bad.write_bytes(b'no slide')
    result = fail(1, f'{bad}: .', *call(good, folder / 'out', bad, more,
                                        '--json'))
    answer = json.loads(result.out)
    assert [entry['file'] for entry in answer['slides']] \
        == [str(good), str(more)]
    assert [entry['file'] for entry in answer['failed']] == [str(bad)]
    assert not any(name.startswith('bad') for name in names_in(folder / 'out'))


@case
def folders_that_cannot_be_written(folder):
    slide = make_slide('tissue', folder / 's.tif')
    file = folder / 'file'
    file.write_text('in the way')
    arguments = call(slide, folder / 'out')
    for out in (file, file / 'out', '/proc/axilla'):
        fail(1, f'{out}: ', *arguments, '-o', out)


@case
def annotations_of_others_are_not_replaced(folder):
    slide = make_slide('tissue', folder / 's.tif')
    out = folder / 'out'
    out.mkdir()
    theirs = out / 's.xml'
    theirs.write_text('<ASAP_Annotations><Annotations/></ASAP_Annotations>')
    before = theirs.read_bytes()
    fail(1, '.*s.xml: not written by this program', *call(slide, out))
    assert theirs.read_bytes() == before
    detect(slide, out, '--formats', 'csv')
    theirs.unlink()
    for _ in range(2):
        detect(slide, out)


def limit_files(bytes_):
    """Stands for a full disk: writing beyond fails."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, bytes_))
    return limit


@case
def full_disk_leaves_no_half_files(folder):
    slide = make_slide('tissue', folder / 's.tif')
    out = folder / 'out'
    for name, suffix in (('tiff', '_likelihood_map.tif'), ('xml', '.xml'),
                         ('json', '.json')):
        fail(1, f'.*s{suffix}: ', *call(slide, out, '--formats', name),
             preexec_fn=limit_files(256))
        assert names_in(out) == [], names_in(out)
    fail(1, '.*store', *call(slide, out, '--formats', 'csv',
                             store=folder / 'store'),
         preexec_fn=limit_files(4096))
    assert names_in(out) == [], names_in(out)


@case
def stores_that_are_none(folder):
    slide = make_slide('tissue', folder / 's.tif')
    store = folder / 'store'
    store.write_bytes(b'this is no store' * 100)
    fail(1, '.*store: ', *call(slide, folder / 'out', store=store))
    assert store.read_bytes() == b'this is no store' * 100
    fail(1, '.*: ', *call(slide, folder / 'out',
                          store=folder / 'no' / 'folder' / 'store'))


@case
def default_store_is_in_the_data_folder(folder):
    slide = make_slide('tissue', folder / 's.tif')
    write_nest_model(folder / 'nest.safetensors')
    env = environment()
    env['XDG_DATA_HOME'] = str(folder / 'data')
    succeed('detect', slide, '-o', folder / 'out', '--model',
            folder / 'nest.safetensors', env=env)
    assert any((folder / 'data' / 'axilla').iterdir())


@case
def absurd_scales_are_refused(folder):
    slide = make_slide('no-mpp', folder / 's.tif')
    fail(1, f'{slide}: ', *call(slide, folder / 'out', '--mpp', '100'))


@case
def alpha_up_to_the_stride(folder):
    slide = make_slide('tissue', folder / 's.tif')
    fail(1, f'{slide}: dense coefficient 4 ',
         *call(slide, folder / 'out', '--alpha', '4'))
    for alpha in ('1', '2'):
        found = detect(slide, folder / 'out', '--alpha', alpha)
        assert found['alpha'] == int(alpha)
        assert len(found['lesions']) == 1


@case
def real_slides(folder):
    def look(name, out, *options):
        return detect(need(SLIDES / name), folder / out, '--model',
                      need(MODEL), *options)

    name = 'CMU-1-Small-Region'
    found = look(f'{name}.svs', 'cmu')
    assert found['mpp'] == 0.499 and found['analysed_mm2'] > 0
    assert names_in(folder / 'cmu') == sorted(
        name + suffix for suffix in SUFFIXES)
    part = look(f'{name}.svs', 'part', '--region', '512,512,1024,1024',
                '--alpha', '8')
    assert 0 < part['analysed_mm2'] < found['analysed_mm2']

    tcga = 'tcga-cr-7395-01a-01-ts1.svs'
    fail(1, f'{need(SLIDES / tcga)}: the file has no µm/px',
         *call(SLIDES / tcga, folder / 'tcga'))
    found = look(tcga, 'tcga', '--mpp', '0.25')
    assert found['analysed_mm2'] > 0
    found = look('fluorescence-dapi.ndpi', 'dapi')
    assert found['analysed_mm2'] == 0 and found['lesions'] == []
    bad = need(SLIDES / 'unreadable.svs')
    fail(1, f'{bad}: none of its tissue could be read$',
         *call(bad, folder / 'bad'))
    assert names_in(folder / 'bad') == []


@case
def networks_that_are_not_there(folder):
    slide = make_slide('glass', folder / 's.tif', 256, 256)
    fail(1, "no model 'nothing'",
         *call(slide, folder / 'out', '--model', 'nothing'))
    assert not (folder / 'out').exists()


if __name__ == '__main__':
    harness.main()
