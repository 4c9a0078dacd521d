#!/usr/bin/env python3
"""convert: every format into every other, real files, hostile files."""
import gzip
import json
import xml.etree.ElementTree as ElementTree

import harness
from harness import DATA, ask, case, fail, need, succeed

ENDINGS = {'asap': '.xml', 'imagescope': '.imagescope.xml',
           'geojson': '.geojson'}


def asap(annotations, groups='<Group Name="Tumor" PartOfGroup="None" '
                             'Color="#ff0000"><Attributes/></Group>'):
    return ('<?xml version="1.0"?>\n<ASAP_Annotations><Annotations>'
            f'{annotations}</Annotations><AnnotationGroups>{groups}'
            '</AnnotationGroups></ASAP_Annotations>')


def polygon(points, name='A', group='Tumor'):
    rows = ''.join(f'<Coordinate Order="{i}" X="{x}" Y="{y}"/>\n'
                   for i, (x, y) in enumerate(points))
    return (f'<Annotation Name="{name}" Type="Polygon" PartOfGroup="{group}" '
            f'Color="#F4FA58"><Coordinates>{rows}</Coordinates></Annotation>')


SQUARE = [(100, 200), (340.25, 200), (340.25, 410.5), (100, 410.5)]


def read_asap(path):
    """Rings of points; a repeated last point is no vertex."""
    rings = []
    for shape in ElementTree.parse(path).iter('Annotation'):
        ring = sorted(shape.iter('Coordinate'),
                      key=lambda point: int(point.get('Order')))
        points = [(float(p.get('X')), float(p.get('Y'))) for p in ring]
        while len(points) > 1 and points[0] == points[-1]:
            points.pop()
        rings.append(points)
    return rings


def assert_same(before, after):
    assert len(before) == len(after), (len(before), len(after))
    for ring, other in zip(before, after):
        assert len(ring) == len(other), (len(ring), len(other))
        for (x, y), (u, v) in zip(ring, other):
            assert abs(x - u) <= 0.01 and abs(y - v) <= 0.01, (x, y, u, v)


def go_round(source, folder):
    """ASAP to each format, from each to each other, and back to ASAP."""
    before = read_asap(source)
    for first, ending in ENDINGS.items():
        one = folder / ('one' + ending)
        answer = ask('convert', source, one)
        assert answer['annotations'] == len(before), answer
        assert answer['skipped'] == [], answer
        for second, other in ENDINGS.items():
            two = folder / ('two' + other)
            answer = ask('convert', one, two, '--from', first, '--to', second)
            assert (answer['from'], answer['to']) == (first, second)
            back = folder / 'back.xml'
            succeed('convert', two, back)
            assert_same(before, read_asap(back))


@case
def a_square_goes_round_all_formats(folder):
    source = folder / 'in.xml'
    source.write_text(asap(polygon(SQUARE)))
    go_round(source, folder)


@case
def a_real_file_goes_round_all_formats(folder):
    source = need(DATA / 'camelyon17-patient_004_node_4' /
                  'patient_004_node_4.xml')
    assert len(read_asap(source)) == 3
    go_round(source, folder)


@case
def camelyon16_goes_round_all_formats(folder):
    sources = sorted(need(DATA / 'camelyon16-polygons').glob('*.json.gz'))
    assert len(sources) == 20
    for path in sources[:20:5]:
        data = json.loads(gzip.decompress(path.read_bytes()))
        shapes = ''.join(
            polygon(entry['vertices'], f'{group}{i}', group)
            for key, group in (('positive', '_0'), ('negative', '_2'))
            for i, entry in enumerate(data[key])
            if len(distinct(entry['vertices'])) >= 3)
        groups = ''.join(
            f'<Group Name="{name}" PartOfGroup="None" Color="#ff0000">'
            '<Attributes/></Group>' for name in ('_0', '_2'))
        source = folder / 'in.xml'
        source.write_text(asap(shapes, groups))
        clean = folder / 'clean.xml'
        succeed('convert', source, clean)
        go_round(clean, folder)


def distinct(vertices):
    return {tuple(vertex) for vertex in vertices}


@case
def format_is_told_by_content(folder):
    source = folder / 'in.xml'
    source.write_text(asap(polygon(SQUARE)))
    named = folder / 'sheep.txt'
    succeed('convert', source, named, '--to', 'imagescope')
    answer = ask('convert', named, folder / 'out.json')
    assert (answer['from'], answer['to']) == ('imagescope', 'geojson')
    features = json.loads((folder / 'out.json').read_text())['features']
    ring = features[0]['geometry']['coordinates'][0]
    assert ring[0] == ring[-1] and len(ring) == 5


def rings_of(path):
    features = json.loads(path.read_text())['features']
    return [feature['geometry']['coordinates'] for feature in features]


@case
def holes_survive_every_format(folder):
    source = folder / 'in.geojson'
    outer = [[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]
    inner = [[40, 40], [60, 40], [60, 60], [40, 60], [40, 40]]
    source.write_text(json.dumps({
        'type': 'FeatureCollection', 'features': [{
            'type': 'Feature', 'properties': {'name': 'ring'},
            'geometry': {'type': 'Polygon',
                         'coordinates': [outer, inner]}}]}))
    for ending in ENDINGS.values():
        other, back = folder / ('other' + ending), folder / 'back.geojson'
        assert ask('convert', source, other)['lost'] == []
        assert ask('convert', other, back)['annotations'] == 1
        (found_outer, found_inner), = rings_of(back)
        assert len(found_outer) == len(found_inner) == 5


@case
def what_a_format_cannot_hold_is_reported(folder):
    source = folder / 'in.geojson'
    ring = [[0, 0], [100, 0], [100, 100], [0, 100], [0, 0]]
    source.write_text(json.dumps({
        'type': 'Feature', 'properties': {
            'name': 'A', 'measurements': {'Length': 4}},
        'geometry': {'type': 'Polygon', 'coordinates': [ring]}}))
    target = folder / 'out.imagescope.xml'
    result = succeed('convert', source, target, '--json')
    lost, = json.loads(result.out)['lost']
    assert lost['why']
    assert f'axilla-cli: note: {target}: {lost["why"]}\n' in result.err


@case
def what_cannot_be_read_is_skipped_with_its_line(folder):
    source = folder / 'in.xml'
    bad = [(1, 2), (3, 'x'), (5, 6), (7, 1)]
    source.write_text(asap(
        polygon(SQUARE) + polygon(bad, 'B') + polygon([(1, 1), (2, 2)], 'C')))
    result = succeed('convert', source, folder / 'out.geojson', '--json')
    answer = json.loads(result.out)
    assert len(answer['skipped']) >= 2, answer
    assert all(entry['line'] > 0 and entry['why']
               for entry in answer['skipped']), answer
    assert result.err.count('note: ') >= 2
    assert f'{source}:' in result.err


@case
def tolerated_faults_of_other_programs(folder):
    # Duplicate and unsorted Order, no groups, repeated last point.
    source = folder / 'in.xml'
    rows = ''.join(f'<Coordinate Order="{order}" X="{x}" Y="{y}"/>'
                   for order, (x, y) in zip((0, 0, 2, 1, 0), SQUARE +
                                            SQUARE[:1]))
    source.write_text(
        '<ASAP_Annotations><Annotations><Annotation Name="A" Type="Polygon" '
        f'PartOfGroup="Tumor"><Coordinates>{rows}</Coordinates></Annotation>'
        '</Annotations></ASAP_Annotations>')
    succeed('convert', source, folder / 'out.xml')
    tree = ElementTree.parse(folder / 'out.xml')
    orders = [int(point.get('Order')) for point in tree.iter('Coordinate')]
    assert orders == list(range(len(orders))) and len(orders) >= 4, orders
    assert [group.get('Name') for group in tree.iter('Group')] == ['Tumor']


@case
def targets_that_cannot_be_written(folder):
    source = folder / 'in.xml'
    source.write_text(asap(polygon(SQUARE)))
    fail(1, '.*out.xml: ', 'convert', source, folder / 'no' / 'out.xml')
    (folder / 'out.xml').mkdir()
    fail(1, '.*out.xml: ', 'convert', source, folder / 'out.xml')


if __name__ == '__main__':
    harness.main()
