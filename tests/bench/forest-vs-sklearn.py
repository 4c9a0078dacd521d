#!/usr/bin/env python3
"""Our random forest beside scikit-learn's on the CAMELYON16 features.

Usage: forest-vs-sklearn.py AXILLA-CLI [TREES]

Grows both with the same number of trees on ../shared/data/slide-features and
prints out-of-bag AUC and seconds of each, over five seeds; fails where the
mean of our AUC is more than 0.01 below scikit-learn's.
"""
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLES = sorted((ROOT.parent / 'shared/data/slide-features').glob('*.csv'))
TOLERANCE = 0.01
SEEDS = range(1, 6)


def read_tables():
    rows = []
    for path in TABLES:
        with open(path, newline='', encoding='utf-8') as stream:
            rows += list(csv.DictReader(stream))
    names = [name for name in rows[0] if name not in ('', 'name', 'tumor')]
    return (numpy.array([[float(row[name]) for name in names]
                         for row in rows]),
            numpy.array([int(row['tumor']) for row in rows]))


def grow_theirs(values, truth, n_trees, seed):
    start = time.perf_counter()
    forest = RandomForestClassifier(n_trees, oob_score=True, random_state=seed)
    forest.fit(values, truth)
    seconds = time.perf_counter() - start
    return roc_auc_score(truth, forest.oob_decision_function_[:, 1]), seconds


def grow_ours(cli, n_trees, seed):
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        done = subprocess.run(
            [cli, 'forest', 'train', *TABLES, '--label', 'tumor', '--trees',
             str(n_trees), '--seed', str(seed), '--json', '-o',
             f'{folder}/forest.json'],
            capture_output=True, check=True)
        seconds = time.perf_counter() - start
    return json.loads(done.stdout)['oob']['auc'], seconds


def main():
    cli = sys.argv[1]
    n_trees = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    if not TABLES:
        sys.exit('no ../shared/data/slide-features here')
    values, truth = read_tables()
    print(f'{len(truth)} slides, {values.shape[1]} features, {n_trees} trees')
    ours = [grow_ours(cli, n_trees, seed) for seed in SEEDS]
    theirs = [grow_theirs(values, truth, n_trees, seed) for seed in SEEDS]
    means = []
    for name, results in (('axilla', ours), ('scikit-learn', theirs)):
        aucs, seconds = zip(*results)
        means.append(statistics.mean(aucs))
        print(f'{name:13} out-of-bag AUC {means[-1]:.4f} '
              f'({min(aucs):.4f} to {max(aucs):.4f}), '
              f'{statistics.median(seconds):.2f} s')
    sys.exit(int(means[0] < means[1] - TOLERANCE))


main()
