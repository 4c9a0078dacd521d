#!/usr/bin/env python3
"""evaluate: equal to numpy, scipy, scikit-image and scikit-learn, and clear
about bad input."""
import json
import math
import os
import random
import sys
import time

# Debian's packages are those of Debian's Python.
DEBIAN_PYTHON = '/usr/bin/python3'
try:
    import numpy
    from sklearn import metrics

    import references
except ImportError:
    if os.path.realpath(sys.executable) != os.path.realpath(DEBIAN_PYTHON) \
            and os.path.exists(DEBIAN_PYTHON):
        os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])
    numpy = None

import harness
from harness import DATA, Skip, ask, case, fail, need, refuse, run, \
    succeed, write_png

WIDTH, HEIGHT = 150, 110
STEP = 32
# What sanitizers and busy machines may take more.
SLOW_FACTOR = 10
SCORERS = ('github', 'challenge')
STAGES = ('pN0', 'pN0(i+)', 'pN1mi', 'pN1', 'pN2')
XML = '''<?xml version="1.0"?>
<ASAP_Annotations><Annotations>{}</Annotations><AnnotationGroups>
<Group Name="Tumor" PartOfGroup="None" Color="#ff0000"><Attributes/></Group>
</AnnotationGroups></ASAP_Annotations>'''
POLYGON = '''<Annotation Name="a" Type="Polygon" PartOfGroup="Tumor"
Color="#ff0000"><Coordinates>{}</Coordinates></Annotation>'''


def need_references():
    if numpy is None:
        raise Skip('no numpy, scipy, scikit-image and scikit-learn here')


def close(ours, theirs):
    assert len(ours) == len(theirs), (len(ours), len(theirs))
    for a, b in zip(ours, theirs):
        assert a is None and math.isnan(b) \
            or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9), (ours, theirs)


def draw_mask(generator, sizes):
    mask = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
    for size in sizes:
        x, y = generator.randrange(WIDTH), generator.randrange(HEIGHT)
        if generator.random() < 0.5:
            mask[y:y + size, x:x + size] = 255
        else:
            mask[y:y + 1 + size // 8, x:x + size] = 255
    return mask


def draw_rows(generator, mask, count, ties):
    """Detections, some of them on tumour."""
    rows = []
    places = numpy.argwhere(mask == 255) if mask is not None else []
    for _ in range(count):
        probability = generator.choice((0.1, 0.2, 0.5, 0.7, 0.9)) if ties \
            else generator.random()
        if len(places) and generator.random() < 0.4:
            y, x = places[generator.randrange(len(places))]
            x, y = x * STEP + generator.randrange(STEP), \
                y * STEP + generator.randrange(STEP)
        else:
            x = generator.randrange(WIDTH * STEP)
            y = generator.randrange(HEIGHT * STEP)
        rows.append((probability, int(x), int(y)))
    return rows


class Cohort:
    """Slides on disk, and what the reference is given of them."""

    def __init__(self, folder):
        self.truth, self.detections = folder / 'truth', folder / 'detections'
        self.truth.mkdir()
        self.detections.mkdir()
        self.slides = []

    def add(self, rows, mask=None):
        stem = f'slide_{len(self.slides):03}'
        text = ''.join(f'{p!r},{x},{y}\n' for p, x, y in rows)
        (self.detections / f'{stem}.csv').write_text(text)
        if mask is not None:
            write_png(self.truth / f'{stem}.png', WIDTH, HEIGHT,
                      lambda x, y: int(mask[y, x]))
        self.slides.append((rows, mask))

    def arguments(self, scorer, *options):
        return ('evaluate', 'froc', '--truth', self.truth, '--detections',
                self.detections, '--scorer', scorer, *options)

    def compare(self, scorer, resamples=20):
        answer = ask(*self.arguments(scorer, '--resamples', resamples,
                                     '--seed', 5))
        with numpy.errstate(invalid='ignore'):
            judged = [references.judge(scorer, *slide)
                      for slide in self.slides]
            sensitivity, rates, found = references.froc(scorer, judged)
        close(answer['sensitivity'], sensitivity)
        close([answer['score']], [sensitivity.mean()])
        close([point[0] for point in answer['curve']], rates)
        close([point[1] for point in answer['curve']], found)
        assert answer['slides'] == len(self.slides)
        assert answer['lesions'] == sum(slide[2] for slide in judged)
        assert answer['lesions'] + answer['itc'] \
            == sum(len(slide[1]) for slide in judged)
        if answer['lesions'] > 0:
            close(answer['interval'], references.froc_interval(
                scorer, judged, resamples, 5))
        else:
            assert answer['interval'] == [None, None]
        return answer


@case
def froc_of_random_slides(folder):
    need_references()
    for seed in range(6):
        generator = random.Random(seed)
        cohort_folder = folder / str(seed)
        cohort_folder.mkdir()
        cohort = Cohort(cohort_folder)
        for number in range(8):
            mask = None
            if number % 2:
                mask = draw_mask(generator, [generator.randrange(1, 50) for _
                                             in range(generator.randrange(5))])
            cohort.add(draw_rows(generator, mask, generator.randrange(30),
                                 ties=seed % 2 == 0), mask)
        for scorer in SCORERS:
            cohort.compare(scorer)


@case
def froc_without_lesions(folder):
    need_references()
    generator = random.Random(1)
    cohort = Cohort(folder)
    cohort.add(draw_rows(generator, None, 5, ties=True))
    cohort.add(draw_rows(generator, None, 3, ties=True),
               numpy.zeros((HEIGHT, WIDTH), numpy.uint8))
    for scorer in SCORERS:
        answer = cohort.compare(scorer)
        assert answer['score'] is None and answer['lesions'] == 0
        assert answer['sensitivity'] == [None] * 6
        curve = folder / 'curve.csv'
        assert 'score undefined' in succeed(
            *cohort.arguments(scorer, '--curve', curve, '--plot',
                              folder / 'plot.png')).out
        assert 'nan' not in curve.read_text()


@case
def froc_of_itc_alone(folder):
    need_references()
    generator = random.Random(2)
    cohort = Cohort(folder)
    for _ in range(3):
        mask = draw_mask(generator, [1, 2, 3])
        cohort.add(draw_rows(generator, mask, 9, ties=False), mask)
    cohort.add(draw_rows(generator, None, 9, ties=False))
    for scorer in SCORERS:
        assert cohort.compare(scorer)['itc'] > 0


@case
def froc_of_missed_and_found_lesions(folder):
    need_references()
    mask = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
    mask[10:50, 10:50] = mask[60:100, 90:140] = 255
    hit = (0.5, 20 * STEP, 20 * STEP)
    for number, rows in enumerate((
            [], [hit], [hit, (0.9, 100 * STEP, 70 * STEP)],
            [hit, (0.5, 70 * STEP, 5 * STEP), (0.5, 100 * STEP, 70 * STEP)])):
        (folder / str(number)).mkdir()
        cohort = Cohort(folder / str(number))
        cohort.add(rows, mask)
        cohort.add([])
        cohort.add([(0.5, 1, 1)])
        for scorer in SCORERS:
            cohort.compare(scorer)


@case
def froc_of_places_outside(folder):
    need_references()
    mask = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
    mask[50:, 100:] = 255
    cohort = Cohort(folder)
    cohort.add([(0.5, -1, -1), (0.4, -40, -40), (0.3, 5, 5)], mask)
    cohort.add([(0.2, 10 ** 6, 10 ** 6)])
    for scorer in SCORERS:
        cohort.compare(scorer)
    result = succeed(*cohort.arguments('github'))
    assert 'slide_000.csv:1: a negative place counts from' in result.err

    cohort.add([(0.8, 120 * STEP, 60 * STEP), (0.9, WIDTH * STEP, 5)], mask)
    cohort.compare('challenge')
    fail(1, r'.*slide_002.csv:2: \(4800, 5\) lies outside of the mask of '
            r'4800 x 3520', *cohort.arguments('github'))


@case
def froc_of_outlines(folder):
    """A mask of the same pixels gives the same."""
    need_references()
    cohort = Cohort(folder)
    mask = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
    mask[20:60, 30:80] = 255
    rows = [(0.9, 35 * STEP, 25 * STEP), (0.8, 26 * STEP, 25 * STEP),
            (0.7, 24 * STEP, 25 * STEP), (0.6, 5, 5)]
    cohort.add(rows, mask)
    cohort.add([(0.5, 1, 1)])
    expected = cohort.compare('github')
    (cohort.truth / 'slide_000.png').unlink()
    points = ''.join(
        f'<Coordinate Order="{i}" X="{x * STEP}" Y="{y * STEP}"/>'
        for i, (x, y) in enumerate(((30, 20), (80, 20), (80, 60), (30, 60))))
    (cohort.truth / 'Slide_000.xml').write_text(
        XML.format(POLYGON.format(points)))
    assert ask(*cohort.arguments('github', '--resamples', 20, '--seed', 5)) \
        == expected


@case
def froc_of_a_pyramid(folder):
    """A mask of full size, of which level 5 is read."""
    need_references()
    try:
        import tifffile
    except ImportError:
        raise Skip('no tifffile here') from None
    cohort = Cohort(folder)
    mask = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
    mask[20:60, 30:80] = mask[100:, 140:] = 255
    cohort.add([(0.9, 35 * STEP, 25 * STEP), (0.6, 5, 5)], mask)
    expected = cohort.compare('github')
    (cohort.truth / 'slide_000.png').unlink()
    path = cohort.truth / 'slide_000_mask.tif'
    with tifffile.TiffWriter(path) as writer:
        for level in range(6):
            scale = 2 ** (5 - level)
            pixels = mask.repeat(scale, 0).repeat(scale, 1)
            writer.write(numpy.stack([pixels] * 3, 2), tile=(256, 256),
                         photometric='rgb', compression='zlib',
                         subfiletype=int(level > 0))
    assert ask(*cohort.arguments('github', '--resamples', 20, '--seed', 5)) \
        == expected
    fail(1, '.*slide_000_mask.tif: has no level of 33 pixels',
         *cohort.arguments('github', '--step', 33))


@case
def challenge_leaves_two_slides_out(folder):
    need_references()
    cohort = Cohort(folder)
    mask = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
    mask[20:60, 30:80] = 255
    cohort.add([(0.9, 35 * STEP, 25 * STEP)], mask)
    cohort.add([(0.5, 1, 1)])
    for name in ('Test_049', 'test_114'):
        (cohort.detections / f'{name}.csv').write_text('0.9,1,1\n')
    assert ask(*cohort.arguments('challenge'))['slides'] == 2
    assert 'Test_049 is left out' in succeed(
        *cohort.arguments('challenge')).err
    assert ask(*cohort.arguments('github'))['slides'] == 4


@case
def froc_files(folder):
    need_references()
    generator = random.Random(3)
    cohort = Cohort(folder)
    mask = draw_mask(generator, [40, 30])
    cohort.add(draw_rows(generator, mask, 20, ties=False), mask)
    cohort.add(draw_rows(generator, None, 20, ties=False))
    curve, plot = folder / 'curve.csv', folder / 'curve.png'
    answer = ask(*cohort.arguments('github', '--curve', curve, '--plot', plot))
    lines = curve.read_text().splitlines()
    assert lines[0] == 'threshold,false_positives,sensitivity'
    assert len(lines) == 1 + len(answer['curve'])
    assert lines[-1] == ',0,0'
    assert plot.read_bytes().startswith(b'\x89PNG')


@case
def froc_of_130_slides_in_time(folder):
    need_references()
    generator = random.Random(4)
    cohort = Cohort(folder)
    small = [(x, y) for x in range(4) for y in range(3)]
    for number in range(130):
        mask = None
        if number % 3 == 0:
            mask = numpy.zeros((HEIGHT, WIDTH), numpy.uint8)
            for x, y in generator.sample(small, 4):
                mask[y * 36:y * 36 + 24, x * 37:x * 37 + 26] = 255
        cohort.add(draw_rows(generator, mask, 200, ties=False), mask)
    start = time.monotonic()
    ask(*cohort.arguments('github', '--plot', folder / 'plot.png'))
    seconds = time.monotonic() - start
    print(f'# 1,000 resamples of 130 slides: {seconds:.1f} s')
    assert seconds < 10 * SLOW_FACTOR, seconds


def write_detections(folder, text, name='a.csv'):
    """A cohort of one slide without truth."""
    (folder / 'truth').mkdir(exist_ok=True)
    (folder / 'found').mkdir(exist_ok=True)
    (folder / 'found' / name).write_bytes(
        text if isinstance(text, bytes) else text.encode())
    return ('evaluate', 'froc', '--truth', folder / 'truth', '--detections',
            folder / 'found')


@case
def detections_as_spreadsheets_write_them(folder):
    calls = write_detections(
        folder, b'\xef\xbb\xbfX,Y,"Probability"\r\n10,"20",0.5\r\n')
    assert ask(*calls)['curve'] == [[0, None]]
    write_detections(folder, '')
    assert ask(*calls)['slides'] == 1


@case
def bad_detections(folder):
    for text, pattern in (
            ('0.5,1,2\nnan,1,2\n', r"a.csv:2: column 'probability': 'nan' is "),
            ('0.5,1,2\n0.5,,2\n', r"a.csv:2: column 'x': '' is not a number"),
            ('0.5,1\n', 'a.csv: rows have 2 of the fields'),
            ('0.5,1,2\n0.5,1\n', 'a.csv:2: 2 fields where the first row has 3'),
            ('score,x,y\n', "a.csv:1: column 'probability': 'score' is not")):
        fail(1, '.*' + pattern, *write_detections(folder, text))
    write_detections(folder, '0.5,1,1\n')
    fail(1, ".*slide 'a' comes a second time",
         *write_detections(folder, '0.5,1,1\n', 'A.csv'))


@case
def bad_truth(folder):
    calls = write_detections(folder, '0.5,1,1\n')
    write_png(folder / 'truth' / 'a.png', 9, 9, lambda x, y: 255)
    fail(1, 'all 1 slides have tumour', *calls, '--scorer', 'challenge')
    (folder / 'truth' / 'a.png').unlink()
    (folder / 'truth' / 'a.xml').write_text('<broken')
    fail(1, '.*a.xml', *calls)
    (folder / 'truth' / 'a.xml').unlink()
    (folder / 'truth' / 'a.png').write_text('no picture')
    fail(1, '.*a.png', *calls)
    write_png(folder / 'truth' / 'a.png', 9, 9, lambda x, y: 255)
    write_png(folder / 'truth' / 'A_mask.png', 9, 9, lambda x, y: 255)
    fail(1, '.*is truth for the same slide', *calls)
    fail(1, '.*nowhere', 'evaluate', 'froc', '--truth', folder / 'nowhere',
         '--detections', folder / 'found')
    fail(1, '.*truth: has no files', 'evaluate', 'froc', '--truth',
         folder / 'truth', '--detections', folder / 'truth')


def write_exclusions(folder, *rows):
    path = folder / 'exclusions.csv'
    path.write_text('slide,what,why\n' + '\n'.join(rows) + '\n')
    return path


@case
def froc_leaves_out_what_is_faulty_or_not_outlined(folder):
    for name in ('a', 'b', 'c', 'd'):
        calls = write_detections(folder, '0.5,1,1\n', f'{name}.csv')
    write_png(folder / 'truth' / 'd_mask.png', 9, 9, lambda x, y: 255)
    labels = folder / 'labels.csv'
    labels.write_text('a,Normal\nb,Tumor\nc,Normal\nd,Tumor\n')
    exclusions = write_exclusions(folder, 'C.tif,lesions,half')
    assert ask(*calls)['slides'] == 4
    result = succeed(*calls, '--labels', labels, '--exclude', exclusions)
    assert 'github scorer: 2 slides' in result.out, result
    assert 'note: b is left out: has tumour, but no truth\n' in result.err
    assert 'note: c is left out: half\n' in result.err
    labels.write_text('a,Normal\n')
    fail(1, ".*labels.csv: has no slide 'b'", *calls, '--labels', labels)
    labels.write_text('a,odd\n')
    fail(1, ".*labels.csv: slide 'a' is 'odd', which is not one of", *calls,
         '--labels', labels)
    write_exclusions(folder, 'a,slide,x', 'b,slide,x', 'c,slide,x',
                     'd,slide,x')
    fail(1, 'no slides to score', *calls, '--exclude', exclusions)


@case
def froc_takes_outlines_beside_slides(folder):
    """A mask goes before outlines, these before what may be the slide."""
    calls = write_detections(folder, '0.9,1100,800\n')
    points = ''.join(f'<Coordinate Order="{i}" X="{x}" Y="{y}"/>' for i, (x, y)
                     in enumerate(((900, 600), (2600, 600), (1700, 2000))))
    (folder / 'truth' / 'a.xml').write_text(
        XML.format(POLYGON.format(points)))
    assert ask(*calls)['lesions'] == 1
    slide = write_png(folder / 'truth' / 'a.png', 99, 99, lambda x, y: 200)
    assert ask(*calls)['lesions'] == 1
    slide.rename(folder / 'truth' / 'a_mask.png')
    assert ask(*calls)['lesions'] == 0


@case
def truth_without_detections_is_named(folder):
    calls = write_detections(folder, '0.5,1,1\n')
    write_png(folder / 'truth' / 'lost_mask.png', 9, 9, lambda x, y: 0)
    assert 'lost has truth but no detections file' in succeed(*calls).err


def make_map(folder, stem, value):
    """A likelihood map of 40 x 30 cells of 32 pixels, from a picture."""
    picture = write_png(folder / f'{stem}.png', 40, 30, value)
    succeed('lesions', picture, '--mpp', '0.243', '--step', STEP, '-o',
            folder / 'maps', '--formats', 'tiff')
    return folder / 'maps' / f'{stem}_likelihood_map.tif'


@case
def dice_of_random_maps(folder):
    generator = random.Random(3)
    values = {(x, y): generator.randrange(256)
              for x in range(40) for y in range(30)}
    # Half a cell in, so that no cell's middle is on an edge.
    corners = [(4, 6), (21, 6), (21, 19), (4, 19)]
    (folder / 'truth').mkdir()
    (folder / 'truth' / 'a.xml').write_text(XML.format(POLYGON.format(''.join(
        f'<Coordinate Order="{i}" X="{x * STEP}" Y="{y * STEP}"/>'
        for i, (x, y) in enumerate(corners)))))
    maps = [make_map(folder, 'a', lambda x, y: values[x, y]),
            make_map(folder, 'b', lambda x, y: values[x, y] // 2),
            make_map(folder, 'c', lambda x, y: 0)]
    true = {(x, y) for x in range(4, 21) for y in range(6, 19)}
    for threshold in (0.3, 0.5):
        found = {place for place, value in values.items()
                 if value >= threshold * 255}
        other = sum(value // 2 >= threshold * 255 for value in values.values())
        expected = 2 * len(found & true) / (len(found) + len(true))
        result = run('evaluate', 'dice', '--truth', folder / 'truth', *maps,
                     '--threshold', threshold, '--json')
        assert result.err.count('so it has no tumour') == 2, result
        result = json.loads(result.out)
        slides = result['slides']
        close([slides[0]['dice']], [expected])
        assert slides[0]['cells_found'] == len(found)
        assert slides[0]['cells_true'] == len(true)
        assert slides[1]['cells_found'] == other
        assert slides[1]['dice'] == (0 if other else None), slides
        assert slides[2]['dice'] is None
        close([result['dice']], [2 * len(found & true)
               / (len(found) + other + len(true))])
        low, high = result['interval']
        assert low - 1e-9 <= result['dice'] <= high + 1e-9, result
    text = run('evaluate', 'dice', '--truth', folder / 'truth', *maps).out
    assert 'no tumour, and none found' in text and 'interval' in text, text


@case
def dice_of_bad_input(folder):
    (folder / 'truth').mkdir()
    (folder / 'truth' / 'a.xml').write_text('<no')
    good = make_map(folder, 'a', lambda x, y: 200)
    refuse('dice needs --truth DIR', 'evaluate', 'dice', good)
    fail(1, '.*a.xml', 'evaluate', 'dice', '--truth', folder / 'truth', good)
    fail(1, '.*no.tif', 'evaluate', 'dice', '--truth', folder, folder / 'no.tif')


@case
def roc_of_random_scores(folder):
    need_references()
    path = folder / 'scores.csv'
    for seed in range(8):
        generator = random.Random(seed)
        count = generator.randrange(5, 60)
        truth = [i % 2 if i < 2 else generator.randrange(2)
                 for i in range(count)]
        scores = [generator.choice((0.1, 0.5, 0.5, 0.9)) if seed % 2
                  else generator.gauss(truth[i], 1) for i in range(count)]
        path.write_text('truth,score\n' + ''.join(
            f'{t},{s!r}\n' for t, s in zip(truth, scores)))
        curve = folder / 'curve.csv'
        answer = ask('evaluate', 'roc', path, '--resamples', 40, '--seed', 9,
                     '--curve', curve, '--plot', folder / 'curve.png')
        close([answer['auc']], [metrics.roc_auc_score(truth, scores)])
        assert answer['n'] == count

        def resample(sample):
            drawn = [truth[i] for i in sample]
            if len(set(drawn)) < 2:
                return None
            return metrics.roc_auc_score(drawn, [scores[i] for i in sample])
        close(answer['interval'],
              references.interval(count, resample, 40, 9))
        false, true, _ = metrics.roc_curve(truth, scores,
                                           drop_intermediate=False)
        rows = [line.split(',') for line in curve.read_text().splitlines()[1:]]
        assert len(rows) == len(false)
        for row, x, y in zip(rows, false, true):
            assert abs(float(row[1]) - x) < 1e-8
            assert abs(float(row[2]) - y) < 1e-8


@case
def bad_scores(folder):
    path = folder / 'scores.csv'
    for text, pattern in (
            ('truth,score\n1,0.5\n0,NaN\n', r"scores.csv:3: column 'score'"),
            ('truth,score\n1,0.5\n', 'all 1 slides are'),
            ('truth,score\n1,0.5\n2,0.5\n', 'truth is 0 or 1, not: 1, 2'),
            ('truth,score\n1,0.5\n,0.5\n', "scores.csv:3: column 'truth': no"),
            ('truth,p\n1,0.5\n0,0.1\n', "has no column 'score'"),
            ('name,truth,score\na,1,0.5\na,0,0.1\n', "'a' comes a second"),
            ('', 'has no slides')):
        path.write_text(text)
        fail(1, '.*' + pattern, 'evaluate', 'roc', path, '--curve',
             folder / 'curve.csv')
        assert not (folder / 'curve.csv').exists()


@case
def roc_of_graded_slides(folder):
    """What `forest predict` writes, and CAMELYON16's reference."""
    nodes, more = folder / 'nodes.csv', folder / 'more.csv'
    nodes.write_text('patient,stage,p_normal,p_tumor\n'
                     'test_001.tif,tumor,0.2,0.8\n'
                     'test_002.tif,normal,0.9,0.1\n')
    more.write_text('patient,stage,p_normal,p_tumor\n'
                    '"test_003, b.tif",normal,0.6,0.4\n'
                    'test_004.tif,normal,0.6,0.4\n')
    reference = folder / 'reference.csv'
    reference.write_bytes(b'\xef\xbb\xbfTest_001,Tumor,IDC,Macro\r\n'
                          b'Test_002,Normal,None,None\r\n'
                          b'"Test_003, B",Tumor,IDC,Micro\r\n'
                          b'Test_004,Normal,None,None\r\n'
                          b'Test_049,Normal,None,None\r\n'
                          b'Test_050,Normal,None,None\r\n')
    exclusions = write_exclusions(folder, 'test_049,slide,twice')
    calls = ('evaluate', 'roc', nodes, more, '--labels', reference)
    result = succeed(*calls, '--exclude', exclusions, '--json')
    # Of four pairs three are right, one is a tie.
    assert json.loads(result.out)['auc'] == 0.875
    assert result.err == 'axilla-cli: note: test_050 has a label but no ' \
        'score: left out\n', result
    scores = folder / 'scores.csv'
    scores.write_text('name,score\ntest_001,7\ntest_002,-1\n')
    assert ask('evaluate', 'roc', scores, '--labels', reference)['auc'] == 1

    curve = folder / 'curve.csv'
    for text, pattern in (
            ('name,p_tumor\ntest_001,1\n', 'scores.csv: has no column score,'),
            ('name,score\ntest_001,nan\n', "scores.csv:2: column 'score'"),
            ('name,score\nx,1\n', "reference.csv: has no slide 'x'"),
            ('name,score\ntest_001,1\n', 'of 1 slides, 1 have tumour')):
        scores.write_text(text)
        fail(1, '.*' + pattern, 'evaluate', 'roc', scores, '--labels',
             reference, '--curve', curve)
        assert not curve.exists()


def write_stages(path, stages):
    path.write_text('patient,stage\n' + ''.join(
        f'p{i}.zip,{stage}\n' for i, stage in enumerate(stages)))
    return path


@case
def kappa_of_random_stages(folder):
    need_references()
    for seed in range(6):
        generator = random.Random(seed)
        truth = [generator.choice(STAGES[:5 - seed % 3]) for _ in range(40)]
        predicted = [generator.choice(STAGES) for _ in truth]
        answer = ask('evaluate', 'kappa',
                     write_stages(folder / 't.csv', truth),
                     write_stages(folder / 'p.csv', predicted),
                     '--resamples', 30, '--seed', 2)

        def kappa(sample):
            return metrics.cohen_kappa_score(
                [truth[i] for i in sample], [predicted[i] for i in sample],
                labels=STAGES, weights='quadratic')
        close([answer['kappa']], [kappa(range(40))])
        close(answer['interval'], references.interval(40, kappa, 30, 2))
        assert answer['labels'] == list(STAGES) and answer['n'] == 40
        assert answer['confusion'] == metrics.confusion_matrix(
            truth, predicted, labels=STAGES).tolist()


@case
def bad_stages(folder):
    truth = write_stages(folder / 't.csv', ('pN0', 'pN1'))
    other = folder / 'p.csv'
    for text, pattern in (
            ('p0.zip,pN0\n', "p.csv: patient 'p1' is missing"),
            ('p0.zip,pN0\np1.zip,pN1\np2.zip,pN2\n',
             "t.csv: patient 'p2' is missing"),
            ('p0.zip,pN0\np1.zip,pN7\n', "p.csv:2: 'pN7' is not one of pN0"),
            ('p0.zip,pN0\np0.zip,pN0\n', 'p.csv:2: p0 comes a second time'),
            ('p0_node_0.tif,itc\n', 'p.csv: has no patients')):
        other.write_text(text)
        fail(1, '.*' + pattern, 'evaluate', 'kappa', truth, other)
    other.write_text('p1.zip,pN1\np2.zip,pN2\n')
    result = succeed('evaluate', 'kappa', truth, other, '--partial', '--json')
    assert json.loads(result.out)['n'] == 1
    assert "p.csv: patient 'p0' is missing and left out" in result.err
    assert "t.csv: patient 'p2' is missing and left out" in result.err
    other.write_text('p2.zip,pN1\n')
    fail(1, '.*p.csv: has no patient of .*t.csv', 'evaluate', 'kappa', truth,
         other, '--partial')
    same = write_stages(folder / 's.csv', ('pN0', 'pN0'))
    answer = ask('evaluate', 'kappa', same, same)
    assert answer['kappa'] is None


@case
def real_stages(folder):
    path = need(DATA / 'camelyon17-stages-000-049.csv')
    stages = folder / 'stages.csv'
    succeed('stage', path, '-o', stages)
    answer = ask('evaluate', 'kappa', path, stages)
    assert answer['kappa'] == 1 and answer['n'] == 50
    assert answer['interval'] == [1, 1]


@case
def wrong_usage(folder):
    refuse('expected: evaluate froc', 'evaluate', 'frog')
    refuse('expected: evaluate froc', 'evaluate', 'roc')
    refuse('expected: evaluate froc', 'evaluate', 'kappa', 'a.csv')
    refuse('froc needs --truth DIR', 'evaluate', 'froc')
    calls = ('evaluate', 'froc', '--truth', folder, '--detections', folder)
    refuse("--scorer: 'x' is not one of github, challenge", *calls,
           '--scorer', 'x')
    refuse('--step', *calls, '--step', '0')
    refuse('a mask pixel of', *calls, '--step', '1024')
    refuse('--resamples', *calls, '--resamples', '0')


harness.main()
