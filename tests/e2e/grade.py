#!/usr/bin/env python3
"""features, forest and stage: from maps to stages, and bad input."""
import csv
import json
import math
import time

import harness
from harness import DATA, ask, case, fail, make_slide, need, refuse, succeed, \
    write_nest_model, write_png

# Cells of 32 pixels of 0.25 µm: 8 µm.
MPP = 0.25
CELL_MM = 0.008


def box(left, top, width, height):
    return lambda x, y: 255 if left <= x < left + width \
        and top <= y < top + height else 0


def write_result(folder, stem, value, **changes):
    """A result of `detect`, as far as `features` reads it."""
    picture = write_png(folder / f'{stem}.png', 96, 64, value)
    succeed('lesions', picture, '--mpp', MPP, '--step', 32, '-o', folder,
            '--formats', 'tiff,json')
    path = folder / f'{stem}.json'
    result = json.loads(path.read_text())
    result.update(file=f'slides/{stem}.tif', **changes)
    path.write_text(json.dumps(result))
    return path


@case
def features_of_a_box(folder):
    path = write_result(folder, 'a', box(10, 20, 30, 15), tissue_mm2=1)
    row, = ask('features', path)['rows']
    assert row['name'] == 'a.tif' and len(row) == 52
    for percent in (30, 50, 70, 90):
        assert math.isclose(row[f'longest_axis_mm_{percent}'],
                            math.hypot(30, 15) * CELL_MM)
        assert math.isclose(row[f'largest_area_mm2_{percent}'],
                            450 * CELL_MM ** 2)
        assert row[f'regions_{percent}'] == 1
        assert row[f'negative_density_{percent}'] == 0
    assert math.isclose(row['ratio_cancer_tissue50'], 450 * CELL_MM ** 2)
    assert math.isclose(row['ratio_sum_tissue90'], 45 * CELL_MM ** 2)
    assert math.isclose(row['largest_area'], 450 * (8 / 3.402) ** 2)
    assert row['extend_largest'] == row['solidity_largest'] == 1
    assert row['aspect_ratio_bbox_largest'] == 0.5
    assert row['second_largest_area'] == 0


@case
def features_as_a_table(folder):
    paths = [write_result(folder, stem, box(10, 20, size, size))
             for stem, size in (('a, b', 5), ('c', 9))]
    table = folder / 'features.csv'
    assert succeed('features', *paths, '-o', table).out == ''
    assert succeed('features', *paths).out == table.read_text()
    with open(table, newline='', encoding='utf-8') as stream:
        rows = list(csv.DictReader(stream))
    assert [row['name'] for row in rows] == ['a, b.tif', 'c.tif']
    asked = ask('features', *paths)['rows']
    for row, numbers in zip(rows, asked):
        for name, value in numbers.items():
            assert name == 'name' or math.isclose(float(row[name]), value,
                                                  rel_tol=1e-11)
    # The bare map knows no tissue: what was analysed.
    bare, = ask('features', folder / 'c_likelihood_map.tif', '--mpp',
                MPP)['rows']
    assert bare['name'] == 'c'
    assert bare['largest_area'] == asked[1]['largest_area']
    picture, = ask('features', folder / 'c.png', '--mpp', MPP, '--step',
                   32)['rows']
    assert picture['largest_area'] == bare['largest_area']


@case
def features_of_folders_and_of_slides_with_results_beside_them(folder):
    model = write_nest_model(folder / 'nest.safetensors')
    (folder / 'out').mkdir()
    slide = make_slide('tissue', folder / 'out' / 's.tif')
    fail(1, '.*out/s.tif: no map beside this slide: run `detect`', 'features',
         slide)
    fail(1, '.*out: has no results of `detect`', 'features', folder / 'out')
    succeed('detect', slide, '-o', folder / 'out', '--model', model, '--store',
            'none')
    (folder / 'out' / 'other.json').write_text('{}')
    row, = ask('features', folder / 'out' / 's.json')['rows']
    for arguments in ((slide,), (folder / 'out',), (slide, '--mpp', 0.486)):
        assert ask('features', *arguments)['rows'] == [row], arguments
    # Without its result the slide's tissue is not known.
    (folder / 'out' / 's.json').unlink()
    bare, = ask('features', slide)['rows']
    assert bare['name'] == 's.tif'
    assert math.isclose(bare['largest_area'], row['largest_area'],
                        rel_tol=1e-3)
    no_mpp = make_slide('no-mpp', folder / 'out' / 's.tif')
    fail(1, '.*s_likelihood_map.tif: µm/px are unknown; give --mpp', 'features',
         no_mpp)


def write_exclusions(folder, *rows):
    path = folder / 'exclusions.csv'
    path.write_text('slide,what,why\n' + '\n'.join(rows) + '\n')
    return path


@case
def features_leave_faulty_slides_out(folder):
    paths = [write_result(folder, stem, box(10, 20, 5, 5)) for stem in 'abc']
    exclusions = write_exclusions(folder, 'A,slide,"there, twice"',
                                  'b.tif,lesions,half outlined')
    result = succeed('features', *paths, '--exclude', exclusions)
    assert 'note: a.tif is left out: there, twice\n' in result.err, result
    assert [line.split(',')[0] for line in result.out.splitlines()] \
        == ['name', 'b.tif', 'c.tif']
    out = folder / 'features.csv'
    out.write_text('old')
    exclusions.write_text('slide,what,why\na,all,b\n')
    fail(1, ".*exclusions.csv:2: 'all' is not one of lesions, slide$",
         'features', *paths, '--exclude', exclusions, '-o', out)
    fail(1, '.*nowhere.csv', 'features', *paths, '--exclude',
         folder / 'nowhere.csv', '-o', out)
    assert out.read_text() == 'old'


@case
def features_of_bad_input(folder):
    path = write_result(folder, 'a', box(10, 20, 30, 15))
    out = folder / 'features.csv'
    out.write_text('old')

    def refuse_all(pattern, *arguments):
        fail(1, '.*' + pattern, 'features', *arguments, '-o', out)
        assert out.read_text() == 'old'
    refuse_all("slide 'a.tif' comes a second time", path, path)
    refuse_all('a_likelihood_map.tif: µm/px are unknown; give --mpp',
               write_result(folder, 'a', box(1, 1, 9, 9), mpp_x=None,
                            mpp_y=None))
    assert len(ask('features', path, '--mpp', MPP)['rows']) == 1
    refuse_all('a_likelihood_map.tif: µm/px', folder / 'a_likelihood_map.tif')
    (folder / 'a_likelihood_map.tif').unlink()
    refuse_all('a_likelihood_map.tif: no such map', path, '--mpp', MPP)
    path.write_text('{"slides": []}')
    refuse_all('a.json: is no result', path)
    path.write_text('{')
    refuse_all('a.json', path)
    refuse_all(r'a.json:\d+: ', write_cut(path))
    refuse_all('nowhere.svs', folder / 'nowhere.svs')


def write_cut(path):
    """A result of which the end is lost."""
    path.write_text('{"file": "slides/a.tif", "mpp_x": 0.25, "lesions": [{')
    return path


def write_features(path, rows, header='name,size,count,class'):
    path.write_text(header + '\n' + ''.join(
        ','.join(map(str, row)) + '\n' for row in rows))
    return path


def make_rows(count=40):
    classes = ('negative', 'itc', 'micro', 'macro')
    return [(f'patient_{i // 4:03}_node_{i % 4}.tif', i * 7 % 4 + i / 1000,
             i * 3 % 5, classes[i * 7 % 4]) for i in range(count)]


@case
def forest_and_stage_chain_by_files(folder):
    table = write_features(folder / 'train.csv', make_rows())
    forest, nodes = folder / 'forest.json', folder / 'nodes.csv'
    stages = folder / 'stages.csv'
    answer = ask('forest', 'train', table, '-o', forest, '--label', 'class',
                 '--trees', 100, '--oob', folder / 'oob.csv')
    assert answer['labels'] == ['negative', 'itc', 'micro', 'macro']
    assert answer['oob']['error'] < 0.1 and answer['oob']['auc'] is None
    assert answer['importance']['size'] > 0.7
    assert (folder / 'oob.csv').read_text().startswith(
        'name,truth,p_negative,p_itc,p_micro,p_macro\n')

    rows = ask('forest', 'predict', forest, table, '-o', nodes)['rows']
    assert [row['label'] for row in rows] == [row[3] for row in make_rows()]
    assert math.isclose(sum(rows[0]['probabilities'].values()), 1)
    succeed('stage', nodes, '-o', stages)
    patients = ask('stage', nodes)['patients']
    assert patients['patient_000'] == {
        'stage': 'pN1', 'negative': 1, 'itc': 1, 'micro': 1, 'macro': 1,
        'explanation': '2 positive nodes (1 macro, 1 micro), at least one '
                       'macro: pN1 (1 to 3); 1 with ITC alone not counted'}
    assert ask('evaluate', 'kappa', stages, stages)['confusion'][3][3] == 10


@case
def forests_are_seeded_and_read_back(folder):
    table = write_features(folder / 'train.csv', make_rows())
    texts, predicted = [], []
    for seed in (1, 1, 2):
        path = folder / 'forest.json'
        succeed('forest', 'train', table, '-o', path, '--label', 'class',
                '--trees', 20, '--seed', seed, '--min-leaf', 2)
        texts.append(path.read_text())
        predicted.append(succeed('forest', 'predict', path, table).out)
    assert texts[0] == texts[1] != texts[2]
    assert predicted[0] == predicted[1] != predicted[2]
    forest = json.loads(texts[0])
    assert forest['format'] == 'axilla forest' and len(forest['trees']) == 20
    assert forest['features'] == ['size', 'count']


@case
def real_features(folder):
    tables = sorted(need(DATA / 'slide-features').glob('*.csv'))
    forest = folder / 'forest.json'
    start = time.monotonic()
    answer = ask('forest', 'train', *tables, '-o', forest, '--label', 'tumor',
                 '--trees', 500)
    print(f'# 500 trees on {answer["rows"]} slides: '
          f'{time.monotonic() - start:.1f} s')
    assert answer['rows'] == 266 and len(answer['importance']) == 30
    assert answer['oob']['auc'] > 0.97, answer['oob']
    assert answer['oob']['error'] < 0.08
    assert len(ask('forest', 'predict', forest, *tables)['rows']) == 266


@case
def bad_tables(folder):
    forest = folder / 'forest.json'
    table = folder / 'train.csv'

    def refuse_table(pattern, text):
        table.write_bytes(text)
        fail(1, '.*' + pattern, 'forest', 'train', table, '-o', forest,
             '--label', 'class')
        assert not forest.exists()
    refuse_table("train.csv:3: column 'size': 'nan' is not a number",
                 b'\xef\xbb\xbfname,size,class\r\n"a,b",1,x\r\nc,nan,y\r\n')
    refuse_table("train.csv:3: 'a' comes a second time",
                 b'name,size,class\na,1,x\na,2,y\n')
    refuse_table("train.csv: has no column 'class'", b'name,size\na,1\n')
    refuse_table("all 2 slides are 'x'", b'name,size,class\na,1,x\nb,2,x\n')
    refuse_table('train.csv: has no slides', b'')
    refuse_table('train.csv:2: 2 fields', b'name,size,class\na,1\n')
    fail(1, '.*nowhere.csv', 'forest', 'train', folder / 'nowhere.csv', '-o',
         forest, '--label', 'class')


@case
def forests_of_labels_in_another_file(folder):
    """As CAMELYON17 has them, saved by a spreadsheet."""
    rows = make_rows()
    table = write_features(folder / 'features.csv',
                           [row[:3] for row in rows], 'name,size,count')
    labels, forest = folder / 'labels.csv', folder / 'forest.json'
    labels.write_bytes(b'\xef\xbb\xbfpatient,stage\r\npatient_000.zip,pN1\r\n'
                       + b''.join(f'"{row[0]}",{row[3]}\r\n'.encode()
                                  for row in rows))
    calls = ('forest', 'train', table, '-o', forest, '--trees', 50)
    found = ask(*calls, '--labels', labels)
    assert found['rows'] == 40 and found['oob']['error'] < 0.1
    text = forest.read_text()
    both = write_features(folder / 'both.csv', rows)
    succeed('forest', 'train', both, '-o', forest, '--trees', 50, '--label',
            'class')
    assert forest.read_text() == text

    exclusions = write_exclusions(folder, 'patient_000_node_1,slide,twice')
    result = succeed(*calls, '--labels', labels, '--exclude', exclusions,
                     '--json')
    assert json.loads(result.out)['rows'] == 39
    assert 'note: left out: patient_000_node_1.tif: twice\n' in result.err
    rows = ask('forest', 'predict', forest, table, '--exclude',
               exclusions)['rows']
    assert len(rows) == 39

    text = forest.read_text()
    labels.write_text('patient,stage\n' + ''.join(
        f'patient_000_node_{node}.tif,itc\n' for node in range(4)))
    fail(1, ".*features.csv:6: 'patient_001_node_0.tif' is not in .*labels.csv",
         *calls, '--labels', labels)
    labels.write_text('patient,class\na,itc\n')
    fail(1, ".*labels.csv: has no column 'stage'", *calls, '--labels', labels)
    exclusions.write_text('slide,what,why\n' + ''.join(
        f'patient_00{i}_node_{k},slide,x\n' for i in range(10)
        for k in range(4)))
    fail(1, 'all 40 slides are left out', 'forest', 'predict', forest, table,
         '--exclude', exclusions)
    assert forest.read_text() == text


@case
def bad_forests(folder):
    table = write_features(folder / 'train.csv', make_rows())
    path = folder / 'forest.json'
    succeed('forest', 'train', table, '-o', path, '--label', 'class',
            '--trees', 3)
    good = json.loads(path.read_text())

    def refuse_forest(pattern, **changes):
        path.write_text(json.dumps({**good, **changes}))
        fail(1, '.*forest.json' + pattern, 'forest', 'predict', path, table)

    def broken(**changes):
        return [good['trees'][0], {**good['trees'][1], **changes}]
    refuse_forest(': is not a forest of version 1', version=2)
    refuse_forest(': is not a forest of version 1', format='x')
    refuse_forest(': lacks features', features=[])
    refuse_forest(': lacks features', trees=[])
    refuse_forest(': lacks features', importance=[1])
    refuse_forest(': the arrays of tree 1 do not', trees=broken(left=[1]))
    refuse_forest(': the arrays of tree 1 do not', trees=broken(counts=[]))
    refuse_forest(': the arrays of tree 0 do not', trees=[{}])
    size = len(good['trees'][1]['left'])
    refuse_forest(': node 0 of tree 1 is not one',
                  trees=broken(left=[0] * size))
    refuse_forest(':.*not within', trees=broken(feature=[-2] * size))
    refuse_forest(':.*is not', trees=broken(threshold=['x'] * size))
    path.write_text(json.dumps(good)[:-40])
    fail(1, '.*forest.json', 'forest', 'predict', path, table)
    path.write_text('[' * 100000)
    fail(1, '.*forest.json', 'forest', 'predict', path, table)
    path.write_text(json.dumps(good))
    other = write_features(folder / 'other.csv', [('a', 1)], 'name,size')
    fail(1, ".*other.csv: has no column 'count' .it has: name, size.",
         'forest', 'predict', path, other)


@case
def bad_nodes(folder):
    path, stages = folder / 'nodes.csv', folder / 'stages.csv'
    for text, pattern in (
            ('patient,stage\na_node_0.tif,huge\n', "nodes.csv:2: 'huge' is"),
            ('patient,stage\na_node_0.tif,itc\na_node_0.tif,itc\n',
             'nodes.csv:3: node 0 of a comes a second time'),
            ('a_node_0,itc\na_node_1,itc\nb_node_0,itc\n',
             'nodes.csv: node 1 of b is missing'),
            ('patient,stage\n', 'nodes.csv: has no nodes')):
        path.write_text(text)
        fail(1, '.*' + pattern, 'stage', path, '-o', stages)
        assert not stages.exists()
    path.write_text('a_node_0,itc\na_node_1,itc\nb_node_0,itc\n')
    assert len(ask('stage', path, '--any-nodes')['patients']) == 2


@case
def stages_of_whom_all_slides_are_there(folder):
    """A roster leaves out patients who lack a slide; tables are joined."""
    first, second = folder / 'first.csv', folder / 'second.csv'
    first.write_text('patient,stage,p_negative\na_node_0.tif,macro,0.1\n'
                     'a_node_1.tif,itc,0.2\nb_node_0.tif,itc,0.3\n')
    second.write_text('b_node_1.tif,micro\nc_node_0.tif,negative\n')
    roster = folder / 'slides.csv'
    roster.write_bytes(b'\xef\xbb\xbfslide,outcome,why\r\n' + b''.join(
        f'{patient}_node_{node}.tif,done,\r\n'.encode()
        for patient in 'abcd' for node in range(2)))
    stages = folder / 'stages.csv'
    calls = ('stage', first, second, '-o', stages)
    fail(1, '.*first.csv: node 1 of c is missing', *calls)
    assert not stages.exists()
    result = succeed(*calls, '--slides', roster, '--json')
    found = json.loads(result.out)
    assert {name: patient['stage'] for name, patient
            in found['patients'].items()} == {'a': 'pN1', 'b': 'pN1mi'}
    assert found['left_out'] == ["c is left out: 'c_node_1.tif' is missing",
                                 "d is left out: 'd_node_0.tif' is missing"]
    for line in found['left_out']:
        assert f'axilla-cli: note: {line}\n' in result.err

    text = stages.read_text()
    second.write_text('b_node_1.tif,micro\na_node_0,itc\n')
    fail(1, '.*second.csv:2: node 0 of a comes a second time', 'stage', first,
         second, '-o', stages)
    roster.write_text('slide\nscan.tif\n')
    fail(1, ".*slides.csv:2: 'scan.tif' is not named PATIENT_node_NUMBER",
         'stage', first, '--slides', roster, '-o', stages)
    roster.write_text('slide\na_node_7.tif\nb_node_7.tif\n')
    fail(1, '.*slides.csv: no patient has all slides that it names', 'stage',
         first, '--slides', roster, '-o', stages)
    assert stages.read_text() == text


@case
def wrong_usage(folder):
    table = write_features(folder / 'train.csv', make_rows())
    refuse('expected: forest train', 'forest', 'grow', table)
    refuse('expected: forest train', 'forest', 'predict', table)
    refuse('-o is needed', 'forest', 'train', table, '--label', 'class')
    calls = ('forest', 'train', table, '-o', folder / 'f.json')
    refuse('--label is needed', *calls)
    refuse('--trees', *calls, '--label', 'class', '--trees', '0')
    refuse('--seed', *calls, '--label', 'class', '--seed', 'x')
    fail(1, 'forest of 300 trees', *calls, '--label', 'class', '--tried', '9')
    refuse('expected: features', 'features')
    refuse('expected: stage', 'stage')


harness.main()
