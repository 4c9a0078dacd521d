#!/usr/bin/env python3
"""The workflow: whole cohorts, from slides to kappa, AUC and FROC."""
import csv
import json
import math
import os
import shutil
import signal
import subprocess
import time

import harness
from harness import CLI, MODEL, ROOT, Skip, ask, case, make_slide, \
    need, succeed, write_nest_model

WORKFLOW = ROOT / 'data' / 'workflow'
TIMEOUT_S = 900
# Nests of these sizes stand for the classes; glass has none.
SIZES = {'negative': ('glass', 256, 256), 'itc': ('tissue', 256, 192),
         'micro': ('tissue', 512, 384), 'macro': ('tissue', 1024, 768)}
PATIENTS = {
    'center_0': {'patient_000': ('macro', 'negative', 'itc', 'negative'),
                 'patient_001': ('negative', 'itc', 'micro', 'negative')},
    'center_1': {'patient_020': ('itc', 'micro', 'negative', 'macro')},
}
STAGES = {'patient_000': 'pN1', 'patient_001': 'pN1mi', 'patient_020': 'pN1'}
XML = '''<?xml version="1.0"?>
<ASAP_Annotations><Annotations><Annotation Name="a" Type="Polygon"
PartOfGroup="_0" Color="#ff0000"><Coordinates>{}</Coordinates></Annotation>
</Annotations><AnnotationGroups><Group Name="_0" PartOfGroup="None"
Color="#ff0000"><Attributes/></Group></AnnotationGroups></ASAP_Annotations>'''


def command(*options, profile='local', **settings):
    if shutil.which('snakemake') is None:
        raise Skip('no snakemake here')
    settings = {'axilla': CLI, **settings}
    return ['snakemake', '--snakefile', str(WORKFLOW / 'Snakefile'),
            '--profile', str(WORKFLOW / profile), '--cores', '2',
            *map(str, options), '--config',
            *(f'{name}={value}' for name, value in settings.items())]


def environment(folder, **changes):
    return dict(harness.environment(), HOME=str(folder), **changes)


def snake(folder, *options, env=None, **settings):
    done = subprocess.run(command(*options, **settings), cwd=folder,
                          env=env or environment(folder), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT_S,
                          check=False)
    return harness.Result(done.returncode, done.stdout, '')


def draw_slide(path, kind):
    path.parent.mkdir(parents=True, exist_ok=True)
    return make_slide(SIZES[kind][0], path, *SIZES[kind][1:])


def outline_nest(path, kind):
    """The nest as an ellipse, without its waves."""
    _, width, height = SIZES[kind]
    points = [(width * (0.62 + 0.13 * math.cos(step / 9)),
               height * (0.5 + 0.15 * math.sin(step / 9)))
              for step in range(56)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(XML.format(''.join(
        f'<Coordinate Order="{i}" X="{x:.2f}" Y="{y:.2f}"/>'
        for i, (x, y) in enumerate(points))))


def make_camelyon17(folder):
    """Its training data; (settings, the table of stages)."""
    training = folder / 'CAMELYON17' / 'training'
    table = training / 'stage_labels.csv'
    rows = ['patient,stage']
    for center, patients in PATIENTS.items():
        for patient, nodes in patients.items():
            rows.append(f'{patient}.zip,{STAGES[patient]}')
            for number, kind in enumerate(nodes):
                name = f'{patient}_node_{number}'
                draw_slide(training / center / f'{name}.tif', kind)
                rows.append(f'{name}.tif,{kind}')
                # Not all: tumour without outlines is to be left out.
                if kind in ('micro', 'macro') and patient != 'patient_001':
                    outline_nest(training / 'lesion_annotations' /
                                 f'{name}.xml', kind)
    (training / 'lesion_annotations').mkdir(exist_ok=True)
    table.write_text('\n'.join(rows) + '\n')
    return table


def settings_for(folder, **more):
    model = folder / 'nest.safetensors'
    if not model.exists():
        write_nest_model(model)
    return {'model': model, 'detect': '--roi 48', 'froc': '--mpp 2 --step 4',
            **more}


def read_table(path):
    with open(path, newline='', encoding='utf-8') as stream:
        return list(csv.DictReader(stream))


def read_json(path):
    return json.loads(path.read_text())


@case
def camelyon17_from_slides_to_kappa(folder):
    """One slide is broken, one has no µm/px, one is known to be faulty."""
    table = make_camelyon17(folder)
    center = table.parent / 'center_1'
    (center / 'patient_021_node_0.tif').write_text('no slide')
    for number in range(1, 4):
        draw_slide(center / f'patient_021_node_{number}.tif', 'itc')
        draw_slide(center / f'patient_022_node_{number}.tif', 'itc')
    draw_slide(center / 'patient_022_node_0.tif', 'itc')
    make_slide('no-mpp', center / 'patient_021_node_1.tif', 256, 192)
    with open(table, 'a', encoding='utf-8') as stream:
        stream.write('patient_021.zip,pN0(i+)\npatient_022.zip,pN0(i+)\n' +
                     ''.join(f'patient_02{patient}_node_{node}.tif,itc\n'
                             for patient in (1, 2) for node in range(4)))
    faulty = folder / 'faulty.csv'
    faulty.write_text('slide,what,why\npatient_022_node_3,slide,"upside, down"'
                      '\npatient_020_node_1,lesions,half outlined\n')
    result = snake(folder, '--configfile', WORKFLOW / 'camelyon17.yaml',
                   **settings_for(folder, exclude=faulty))
    assert result.status == 0, result
    assert f'failed: {center.relative_to(folder)}/patient_021_node_0.tif: ' \
        in result.out, result
    assert 'patient_021 is left out: \'patient_021_node_0.tif\' is missing' \
        in result.out, result
    assert 'patient_022 is left out' in result.out, result
    assert 'patient_020_node_1 is left out: half outlined' in result.out

    out = folder / 'results-camelyon17'
    outcomes = {row['slide']: row for row in read_table(out / 'slides.csv')}
    assert len(outcomes) == 20
    assert outcomes['patient_021_node_0.tif']['outcome'] == 'failed'
    assert outcomes['patient_022_node_3.tif']['outcome'] == 'left out'
    assert outcomes['patient_022_node_3.tif']['why'] == 'upside, down'
    assert 'give it with --mpp' in outcomes['patient_021_node_1.tif']['why']
    assert sum(row['outcome'] == 'done' for row in outcomes.values()) == 17

    kappa = read_json(out / 'kappa.json')
    assert kappa['n'] == 3
    assert kappa == ask('evaluate', 'kappa', table, out / 'stages.csv',
                        '--partial')
    roc = read_json(out / 'roc.json')
    assert roc['n'] == 17 and roc['auc'] > 0.9, roc
    froc = read_json(out / 'froc-github.json')
    # Five slides without tumour and two with outlines.
    assert froc['slides'] == 7 and froc['lesions'] == 2, froc
    report = (out / 'report.txt').read_text()
    assert report in result.out
    for line in ('17 slides done', '1 slides left out', '2 slides failed',
                 '  patient_022_node_3.tif: upside, down', 'AUC of 17 slides',
                 'kappa of 3 patients', 'FROC, challenge scorer'):
        assert line in report, report


def is_working(out):
    """Some slides are done, and another one is worked on."""
    done = len(list((out / 'slides').glob('*.json')))
    return done >= 2 and len(list((out / 'store').glob('*_?'))) > done


def kill_half_way(folder, **settings):
    process = subprocess.Popen(
        command(**settings), cwd=folder, env=environment(folder),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True)
    end = time.monotonic() + TIMEOUT_S
    while not is_working(folder / 'results'):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@case
def killed_and_resumed_it_ends_the_same(folder):
    table = make_camelyon17(folder)
    settings = settings_for(folder, slides=table.parent, labels=table,
                            stages=table, detect='--roi 24')
    kill_half_way(folder, **settings)
    out = folder / 'results'
    assert not (out / 'slides.csv').exists()
    finished = {path: path.stat().st_mtime_ns
                for path in (out / 'slides').glob('*.json')
                if path.stat().st_size > 0}
    assert len(finished) < 12

    result = snake(folder, **settings)
    assert result.status == 0, result
    whole = snake(folder, output='whole', **settings)
    assert whole.status == 0, whole
    for path, changed in list(finished.items())[:2]:
        assert path.stat().st_mtime_ns == changed, path
    for name in ('slides.csv', 'stages.csv', 'kappa.json', 'nodes/center_0.csv',
                 'features/center_1.csv', 'report.txt'):
        assert (out / name).read_bytes() \
            == (folder / 'whole' / name).read_bytes(), name
    # Nothing is left to do.
    again = snake(folder, **settings)
    assert again.status == 0 and 'Nothing to be done' in again.out, again


def make_camelyon16(folder):
    root = folder / 'CAMELYON16'
    for number, kind in enumerate(('negative', 'negative', 'negative'), 1):
        draw_slide(root / f'training/normal/normal_{number:03}.tif', kind)
    draw_slide(root / 'training/normal/normal_086.tif', 'macro')
    for number, kind in enumerate(('micro', 'macro', 'micro'), 1):
        draw_slide(root / f'training/tumor/tumor_{number:03}.tif', kind)
        outline_nest(root / 'training/lesion_annotations' /
                     f'tumor_{number:03}.xml', kind)
    testing = root / 'testing'
    rows = []
    for number, kind in ((1, 'macro'), (2, 'micro'), (3, 'negative'),
                         (4, 'negative'), (49, 'negative'), (114, 'micro')):
        name = f'test_{number:03}'
        draw_slide(testing / 'images' / f'{name}.tif', kind)
        tumor = kind != 'negative'
        rows.append(f'{name},{"Tumor" if tumor else "Normal"},'
                    f'{"IDC,Macro" if tumor else "None,None"}\n')
        if tumor:
            outline_nest(testing / 'lesion_annotations' / f'{name}.xml', kind)
    (testing / 'reference.csv').write_text(''.join(rows))


@case
def camelyon16_from_slides_to_froc_and_auc(folder):
    make_camelyon16(folder)
    result = snake(folder, '--configfile', WORKFLOW / 'camelyon16.yaml',
                   **settings_for(folder))
    assert result.status == 0, result
    out = folder / 'results-camelyon16'
    outcomes = {row['slide']: row['outcome']
                for table in ('train-slides.csv', 'slides.csv')
                for row in read_table(out / table)}
    assert [name for name in outcomes if outcomes[name] == 'left out'] \
        == ['normal_086.tif', 'test_049.tif']
    labels = read_table(out / 'labels.csv')
    assert {row['stage'] for row in labels} == {'normal', 'tumor', 'images'}
    roc = read_json(out / 'roc.json')
    assert roc['n'] == 5 and roc['auc'] == 1, roc
    for scorer in ('github', 'challenge'):
        froc = read_json(out / f'froc-{scorer}.json')
        assert froc['slides'] == 4 and froc['lesions'] == 2, froc
        # Of two found lesions the scorers drop the smallest probability.
        assert froc['score'] == 0.5, froc
        assert (out / f'froc-{scorer}.png').exists()
    assert 'test_114 is left out: not all metastases are outlined' \
        in result.out, result


def write_program(path, text):
    path.write_text('#!/bin/sh\n' + text)
    path.chmod(0o755)


@case
def a_cluster_runs_slides_as_jobs(folder):
    """With stand-ins for Slurm's programs; the first job is lost."""
    table = make_camelyon17(folder)
    programs = folder / 'bin'
    programs.mkdir()
    write_program(programs / 'sbatch', f'''
cd "$(dirname "$0")"
job=$(($(cat last 2>/dev/null || echo 0) + 1))
echo $job >last
for script; do :; done
printf '%s ' "$@" >>calls
echo >>calls
if [ $job -eq 1 ]; then
  echo NODE_FAIL >state.$job
elif (cd "{folder}" && sh "$script" >/dev/null 2>&1); then
  echo COMPLETED >state.$job
else
  echo FAILED >state.$job
fi
echo $job
''')
    write_program(programs / 'sacct', '''
cat "$(dirname "$0")/state.$2"
''')
    write_program(programs / 'scancel', 'exit 1\n')
    env = environment(folder,
                      PATH=f'{programs}:{os.environ["PATH"]}')
    result = snake(folder, '--max-status-checks-per-second', '100', env=env,
                   profile='slurm',
                   **settings_for(folder, slides=table.parent / 'center_1'))
    assert result.status == 0, result
    assert len(read_table(folder / 'results/slides.csv')) == 4
    calls = (programs / 'calls').read_text().splitlines()
    assert len(calls) == 5, calls
    assert '--job-name=axilla-patient_020_node_' in calls[0]
    assert '--cpus-per-task=' in calls[0] and '--mem=' in calls[0]


@case
def wrong_settings(folder):
    slides = folder / 'slides'

    def refuse(message, **settings):
        result = snake(folder, **settings)
        assert result.status == 1 and message in result.out, result
        assert not (folder / 'results').exists()

    refuse('config: slides: no such file or folder: slides')
    slides.mkdir()
    refuse('slides: has no slides')
    (slides / 'patient_000.zip').write_text('')
    refuse('slides: unpack patient_000.zip and its like first')
    draw_slide(slides / 'a' / 'x.tif', 'negative')
    refuse("config: 'slide' is not one of", slide=slides)
    refuse('config: labels: no such file', labels='nowhere.csv')
    refuse('config: stages needs a forest or labels', stages=slides)
    refuse('config: train needs labels', train=slides)
    draw_slide(slides / 'a' / 'x_mask.tif', 'negative')
    refuse("all slides are in 'a'", labels='folder')
    draw_slide(slides / 'b' / 'x.tif', 'negative')
    refuse('slides/b/x.tif have one name')


# Patients of drawn slides: metastases, µm.
SYNTH = {'patient_000': ('', '350', '', '110'),
         'patient_001': ('', '', '110', ''),
         'patient_002': ('', '', '', '')}
SYNTH_TRAINING = ('', '', '350', '400', '120', '100')


def class_of(lesion):
    if not lesion:
        return 'negative'
    return 'micro' if int(lesion) > 200 else 'itc'


def draw_node(path, lesion, seed):
    side = 1600 if class_of(lesion) == 'micro' else 900
    outlines = path.parents[1] / 'outlines' / f'{path.stem}.xml'
    for made in (path, outlines):
        made.parent.mkdir(exist_ok=True)
    more = ['--lesions', lesion, '--truth', outlines] if lesion else []
    succeed('synth', '-o', path, '--size', f'{side},{side * 4 // 5}', '--mpp',
            '0.972', '--seed', seed, *more)


@case
def drawn_slides_and_a_real_network(folder):
    if os.environ.get('AX_SANITIZED') == '1':
        raise Skip('too slow under sanitizers')
    shipped = ROOT / 'data' / 'models' / 'scannet-10x.safetensors'
    model = shipped if shipped.exists() else need(MODEL)
    rows, seed = ['slide,stage'], 0
    for number, lesion in enumerate(SYNTH_TRAINING):
        seed += 1
        name = f'patient_{number:03}_node_9.tif'
        draw_node(folder / 'known' / name, lesion, seed)
        rows.append(f'{name},{class_of(lesion)}')
    (folder / 'labels.csv').write_text('\n'.join(rows) + '\n')
    truth = ['patient,stage']
    for patient, nodes in SYNTH.items():
        for number, lesion in enumerate(nodes):
            seed += 1
            name = f'{patient}_node_{number}.tif'
            draw_node(folder / 'slides' / name, lesion, seed)
            truth.append(f'{name},{class_of(lesion)}')
    (folder / 'nodes.csv').write_text('\n'.join(truth) + '\n')
    succeed('stage', folder / 'nodes.csv', '-o', folder / 'truth.csv')
    result = snake(folder, train='known', labels='labels.csv',
                   stages='truth.csv', reference='truth.csv', model=model,
                   lesions='outlines', froc='--mpp 0.972 --step 8')
    assert result.status == 0, result
    for line in (folder / 'results/report.txt').read_text().splitlines():
        print(f'# {line}')
    kappa = read_json(folder / 'results/kappa.json')
    assert kappa['n'] == 3 and sum(map(sum, kappa['confusion'])) == 3


if __name__ == '__main__':
    harness.main()
