#!/usr/bin/env python3
"""Our metrics beside scipy's, scikit-image's and scikit-learn's.

Usage: metrics-vs-references.py AXILLA-CLI [ROUNDS]

Draws cohorts with a seed for each round: few and many detections, ties, places
outside of the mask, slides without lesions, lesions that touch, that the rim
joins, that ring holes, that are ITC; scores; patients.  Compares FROC with both
scorers, AUC, kappa and their bootstrap intervals with tests/e2e/references.py
and the libraries, prints the greatest difference of each, and fails above 1e-9.
"""
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
from sklearn import metrics

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'e2e'))
import references

TOLERANCE = 1e-9
RESAMPLES = 25
STEP = references.STEP
STAGES = ('pN0', 'pN0(i+)', 'pN1mi', 'pN1', 'pN2')


class Compared:
    """The greatest differences so far."""

    def __init__(self, cli):
        self.cli = cli
        self.worst = {}

    def ask(self, *arguments):
        done = subprocess.run(
            [self.cli, 'evaluate', *map(str, arguments), '--json',
             '--resamples', str(RESAMPLES), '--seed', '3'],
            capture_output=True, check=True)
        return json.loads(done.stdout)

    def add(self, name, ours, theirs):
        ours, theirs = list(ours), list(theirs)
        worst = math.inf if len(ours) != len(theirs) else 0
        for a, b in zip(ours, theirs):
            a = math.nan if a is None else a
            if math.isnan(a) != math.isnan(b):
                worst = math.inf
            elif not math.isnan(a):
                worst = max(worst, abs(a - b))
        self.worst[name] = max(self.worst.get(name, 0), worst)


def draw_lesion(generator, mask):
    """A disc, a ring around a hole, a box, a line, a single pixel."""
    height, width = mask.shape
    x, y = generator.randrange(width), generator.randrange(height)
    radius = generator.randrange(1, 26)
    rows, cols = numpy.ogrid[:height, :width]
    distance = numpy.hypot(rows - y, cols - x)
    kind = generator.randrange(5)
    if kind == 0:
        mask[distance <= radius] = 255
    elif kind == 1:
        mask[(distance <= radius) & (distance >= radius * 0.6)] = 255
    elif kind == 2:
        mask[y:y + radius, x:x + radius // 2 + 1] = 255
    elif kind == 3:
        mask[y, x:x + 2 * radius] = 255
    else:
        mask[y, x] = 255


def draw_mask(generator):
    mask = numpy.zeros((generator.randrange(40, 120),
                        generator.randrange(40, 160)), numpy.uint8)
    for _ in range(generator.choice((0, 1, 1, 3, 8))):
        draw_lesion(generator, mask)
    # Values that are not 255 are no tumour.
    mask[generator.randrange(mask.shape[0]), :5] = 254
    return mask


def draw_rows(generator, mask, ties):
    height, width = (100, 100) if mask is None else mask.shape
    rows = []
    for _ in range(generator.choice((0, 1, 5, 40))):
        x = generator.uniform(-2 * STEP, width * STEP - 1)
        y = generator.uniform(-2 * STEP, height * STEP - 1)
        places = [] if mask is None else numpy.argwhere(mask == 255)
        if len(places) and generator.random() < 0.5:
            y, x = places[generator.randrange(len(places))] * STEP
        probability = generator.choice((0, 0.3, 0.3, 0.5, 1)) if ties \
            else generator.random()
        rows.append((probability, round(float(x), 2), round(float(y), 2)))
    return rows


def write_mask(path, mask):
    # Deferred: Pillow comes with scikit-image.
    from PIL import Image
    Image.fromarray(mask).save(path)


def compare_froc(compared, generator, folder):
    truth, detections = folder / 'truth', folder / 'detections'
    truth.mkdir()
    detections.mkdir()
    slides, ties = [], generator.random() < 0.5
    for number in range(generator.randrange(2, 8)):
        mask = draw_mask(generator) if number and generator.random() < 0.7 \
            else None
        rows = draw_rows(generator, mask, ties)
        (detections / f's{number}.csv').write_text(
            ''.join(f'{p!r},{x!r},{y!r}\n' for p, x, y in rows))
        if mask is not None:
            write_mask(truth / f's{number}.png', mask)
        slides.append((rows, mask))
    for scorer in ('github', 'challenge'):
        with numpy.errstate(invalid='ignore'):
            judged = [references.judge(scorer, *slide) for slide in slides]
            sensitivity, rates, found = references.froc(scorer, judged)
        answer = compared.ask('froc', '--truth', truth, '--detections',
                              detections, '--scorer', scorer)
        compared.add(f'FROC {scorer}', answer['sensitivity'], sensitivity)
        compared.add('FROC curve', sum(answer['curve'], []),
                     numpy.stack([rates, found], 1).ravel())
        if answer['lesions'] > 0:
            compared.add('FROC interval', answer['interval'],
                         references.froc_interval(scorer, judged, RESAMPLES,
                                                  3))


def compare_auc(compared, generator, folder):
    count = generator.randrange(3, 80)
    truth = [0, 1] + [generator.randrange(2) for _ in range(count)]
    scores = [generator.choice((-1, 0, 1e-300, 0.5, 1e300))
              if generator.random() < 0.5 else generator.gauss(value, 1)
              for value in truth]
    path = folder / 'scores.csv'
    path.write_text('truth,score\n' + ''.join(
        f'{t},{s!r}\n' for t, s in zip(truth, scores)))
    answer = compared.ask('roc', path)

    def auc(sample):
        drawn = [truth[i] for i in sample]
        if len(set(drawn)) < 2:
            return None
        return metrics.roc_auc_score(drawn, [scores[i] for i in sample])

    compared.add('AUC', [answer['auc']], [auc(range(len(truth)))])
    compared.add('AUC interval', answer['interval'], references.interval(
        len(truth), auc, RESAMPLES, 3))


def compare_kappa(compared, generator, folder):
    stages = STAGES[:generator.randrange(2, 6)]
    truth = list(stages[:2]) + [generator.choice(stages) for _ in range(
        generator.randrange(20, 60))]
    predicted = [stage if generator.random() < 0.6
                 else generator.choice(STAGES) for stage in truth]
    for name, values in (('truth', truth), ('predicted', predicted)):
        (folder / f'{name}.csv').write_text('patient,stage\n' + ''.join(
            f'p{i}.zip,{value}\n' for i, value in enumerate(values)))
    answer = compared.ask('kappa', folder / 'truth.csv',
                          folder / 'predicted.csv')

    def kappa(sample):
        return metrics.cohen_kappa_score(
            [truth[i] for i in sample], [predicted[i] for i in sample],
            labels=STAGES, weights='quadratic')

    compared.add('kappa', [answer['kappa']], [kappa(range(len(truth)))])
    compared.add('kappa interval', answer['interval'], references.interval(
        len(truth), kappa, RESAMPLES, 3))


def main():
    compared = Compared(sys.argv[1])
    n_rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    for seed in range(n_rounds):
        generator = random.Random(seed)
        for compare in (compare_froc, compare_auc, compare_kappa):
            with tempfile.TemporaryDirectory() as folder:
                compare(compared, generator, pathlib.Path(folder))
    for name, worst in compared.worst.items():
        print(f'{name:16} greatest difference in {n_rounds} rounds: {worst:g}')
    sys.exit(int(max(compared.worst.values()) > TOLERANCE))


main()
