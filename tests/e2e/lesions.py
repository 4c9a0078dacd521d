#!/usr/bin/env python3
"""lesions: maps of known shape, real heat maps, and files that are no maps."""
import json
import math
import xml.etree.ElementTree as ElementTree

import harness
from harness import DATA, ask, case, fail, need, succeed, write_png

LESION_KEYS = {'id', 'score', 'mean', 'class', 'diameter_um', 'interval_um',
               'area_um2', 'caliper', 'centroid', 'bbox'}
SLIDE_KEYS = {'file', 'model', 'engine', 'alpha', 'threshold', 'mpp',
              'tissue_mm2', 'analysed_mm2', 'failed_mm2', 'seconds',
              'mpx_per_s', 'slide_score', 'lesions', 'counts'}


def box(left, top, width, height, value=255):
    def inside(x, y):
        return value if left <= x < left + width and top <= y < top + height \
            else 0
    return inside


def either(*shapes):
    return lambda x, y: max(shape(x, y) for shape in shapes)


def extract(path, *options):
    """Cells as they are; one is 32 pixels of 0.25 µm: 8 µm."""
    answer = ask('lesions', path, '--mpp', '0.25', '--step', '32',
                 '--opening', '0', *options)
    slide, = answer['slides']
    return slide


@case
def a_box_is_measured_corner_to_corner(folder):
    slide = extract(write_png(folder / 'm.png', 64, 48, box(10, 20, 30, 5)))
    assert SLIDE_KEYS <= slide.keys(), SLIDE_KEYS - slide.keys()
    assert slide['mpp'] == 0.25 and slide['threshold'] == 0.5
    assert slide['model'] is None and slide['slide_score'] == 1
    lesion, = slide['lesions']
    assert LESION_KEYS <= lesion.keys(), LESION_KEYS - lesion.keys()
    assert math.isclose(lesion['diameter_um'], math.hypot(30, 5) * 8,
                        abs_tol=0.01)
    assert lesion['class'] == 'micro' and lesion['score'] == 1
    assert lesion['area_um2'] == 30 * 5 * 64
    assert lesion['bbox'] == [320, 640, 960, 160]
    assert lesion['centroid'] == [800, 720]
    assert math.isclose(math.dist(*lesion['caliper']) * 0.25,
                        lesion['diameter_um'], abs_tol=0.01)
    assert slide['counts'] == {'itc': 0, 'micro': 1, 'macro': 0, 'unknown': 0}


@case
def size_classes(folder):
    for cells, expected in ((24, 'itc'), (25, 'micro'), (249, 'micro'),
                            (250, 'macro')):
        path = write_png(folder / 'm.png', 300, 20, box(10, 8, cells, 1))
        lesion, = extract(path)['lesions']
        assert math.isclose(lesion['diameter_um'], math.hypot(cells, 1) * 8,
                            abs_tol=0.01)
        assert lesion['class'] == expected, (cells, lesion)


@case
def corners_join_and_opening_removes_specks(folder):
    path = write_png(folder / 'm.png', 64, 48, either(
        box(10, 10, 6, 6), box(16, 16, 6, 6), box(40, 30, 1, 1)))
    # The cross of the opening takes the two corners that touch as well.
    both = extract(path)['lesions']
    assert len(both) == 2 and both[1]['diameter_um'] < 12
    assert len(extract(path, '--opening', '1')['lesions']) == 2


@case
def gaps_are_bridged_in_camelyon_mode(folder):
    # 5 cells of 8 µm between two boxes: 40 µm; 12 to the third: 96 µm.
    path = write_png(folder / 'm.png', 96, 48, either(
        box(10, 10, 10, 10), box(25, 10, 10, 10), box(47, 10, 10, 10)))
    assert len(extract(path)['lesions']) == 3
    slide = extract(path, '--size-mode', 'camelyon16')
    assert slide['size_mode'] == 'camelyon16'
    assert len(slide['lesions']) == 2, slide['lesions']


@case
def threshold_and_interval(folder):
    # A hill of p = 0.5 around a core of 0.8.
    path = write_png(folder / 'm.png', 64, 48, either(
        box(10, 10, 30, 20, 128), box(20, 15, 10, 10, 204)))
    lesion, = extract(path, '--threshold', '0.7')['lesions']
    core, whole = math.hypot(10, 10) * 8, math.hypot(30, 20) * 8
    assert math.isclose(lesion['diameter_um'], core, abs_tol=0.01)
    assert lesion['interval_um'][0] == 0
    assert math.isclose(lesion['interval_um'][1], core, abs_tol=0.01)
    lesion, = extract(path, '-t', '0.6')['lesions']
    assert math.isclose(lesion['interval_um'][1], whole, abs_tol=0.01), lesion
    assert extract(path, '-t', '0.9')['lesions'] == []


@case
def scale_of_the_values(folder):
    path = write_png(folder / 'm.png', 64, 48, box(10, 10, 10, 10, 120))
    assert extract(path)['lesions'] == []
    lesion, = extract(path, '--scale-max', '200')['lesions']
    assert math.isclose(lesion['score'], 0.6, abs_tol=1e-4)


@case
def result_files(folder):
    path = write_png(folder / 'm.png', 64, 48, either(
        box(10, 10, 20, 20), box(45, 30, 10, 10)))
    out = folder / 'new' / 'out'
    slide = extract(path, '-o', out)
    names = sorted(entry.name for entry in out.iterdir())
    assert names == ['m.csv', 'm.geojson', 'm.imagescope.xml', 'm.json',
                     'm.xml', 'm_likelihood_map.tif'], names

    tree = ElementTree.parse(out / 'm.xml')
    assert len(tree.findall(".//Annotation[@PartOfGroup='Tumor']")) == 2
    tree = ElementTree.parse(out / 'm.imagescope.xml')
    assert len(tree.findall('.//Region')) == 2
    features = json.loads((out / 'm.geojson').read_text())['features']
    assert len(features) == 2
    assert features[0]['properties']['measurements']['Max score'] == 1
    written = json.loads((out / 'm.json').read_text())
    assert written == slide
    assert written['notice'] == 'Research use only. Not for diagnosis.'
    rows = [line.split(',') for line in
            (out / 'm.csv').read_text().splitlines()]
    assert len(rows) == 2
    for row, lesion in zip(rows, slide['lesions']):
        left, top, width, height = lesion['bbox']
        assert float(row[0]) == lesion['score']
        assert left <= int(row[1]) < left + width
        assert top <= int(row[2]) < top + height

    again = ask('lesions', out / 'm_likelihood_map.tif', '--mpp', '0.25',
                '--opening', '0')
    measures = [(entry['diameter_um'], entry['area_um2'], entry['bbox'])
                for entry in again['slides'][0]['lesions']]
    assert measures == [(entry['diameter_um'], entry['area_um2'],
                         entry['bbox']) for entry in slide['lesions']]


@case
def chosen_formats_only(folder):
    path = write_png(folder / 'm.png', 32, 32, box(10, 10, 10, 10))
    extract(path, '-o', folder / 'out', '--formats', 'csv,json')
    assert sorted(entry.name for entry in (folder / 'out').iterdir()) \
        == ['m.csv', 'm.json']


@case
def annotations_of_others_are_not_replaced(folder):
    path = write_png(folder / 'm.png', 32, 32, box(10, 10, 10, 10))
    theirs = folder / 'm.xml'
    theirs.write_text('<ASAP_Annotations><Annotations/></ASAP_Annotations>')
    before = theirs.read_bytes()
    fail(1, '.*m.xml: not written by this program', 'lesions', path, '--mpp',
         '0.25', '--step', '32', '-o', folder)
    assert theirs.read_bytes() == before
    assert sorted(entry.name for entry in folder.iterdir()) \
        == ['m.png', 'm.xml']
    theirs.unlink()
    for _ in range(2):
        extract(path, '-o', folder)


@case
def real_heat_maps(folder):
    found = {}
    for path in sorted(need(DATA / 'heatmaps').glob('out_*.jpg')):
        slide, = ask('lesions', path, '--mpp', '0.243', '--step', '32',
                     '--scale-max', '200')['slides']
        assert 0.5 < slide['slide_score'] <= 1, slide['slide_score']
        assert len(slide['lesions']) > 0
        for lesion in slide['lesions']:
            low, high = lesion['interval_um']
            assert low <= lesion['diameter_um'] + 0.01 \
                and lesion['diameter_um'] <= high + 0.01, lesion
        found[path.name] = slide['lesions'][0]['class']
    assert len(found) == 3, found


@case
def files_that_are_no_maps(folder):
    def refuse(name, data, pattern):
        (folder / name).write_bytes(data)
        fail(1, f'.*{name}: {pattern}', 'lesions', folder / name, '--mpp',
             '0.25', '--step', '32')

    refuse('empty.tif', b'', '.')
    refuse('text.png', b'no picture', '.')
    whole = write_png(folder / 'm.png', 64, 64, box(1, 1, 5, 5)).read_bytes()
    refuse('cut.png', whole[:len(whole) // 2], '.')
    fail(1, '.*missing.tif: ', 'lesions', folder / 'missing.tif', '--mpp', '1')


@case
def a_map_that_does_not_tell_its_step(folder):
    path = write_png(folder / 'm.png', 32, 32, box(10, 10, 10, 10))
    fail(1, '.*m.png: .*no spacing', 'lesions', path, '--mpp', '0.25')


@case
def text_for_people(folder):
    path = write_png(folder / 'm.png', 64, 48, box(10, 20, 30, 5))
    text = succeed('lesions', path, '--mpp', '0.25', '--step', '32').out
    assert 'L01  micro' in text and '0.24' in text, text


if __name__ == '__main__':
    harness.main()
