#!/usr/bin/env python3
"""Training: what is written, kept, gone on with and refused."""
import json
import random
import re
import signal

import harness
from harness import (Terminal, ask, case, fail, make_slide, read_safetensors,
                     refuse, run, succeed, write_png, write_tiny_model)

SIDE = 8
EPOCHS = 6
KEYS = ['epoch', 'loss', 'valid_loss', 'valid_auc', 'valid_accuracy',
        'valid_ece', 'lr', 'samples_per_s', 'consumer_wait', 'failed_samples']


def write_patches(folder, per_class=24):
    """Grey noise, of which tumour is the darker."""
    for part in 'train', 'valid':
        for label in 0, 1:
            inside = folder / part / str(label)
            inside.mkdir(parents=True)
            for i in range(per_class):
                chance = random.Random(f'{part} {label} {i}')
                write_png(inside / f'{i:03}.png', SIDE, SIDE,
                          lambda x, y, c=chance, b=label:
                          c.randrange(30, 130) if b else c.randrange(90, 230))
    return folder


def call(folder, out, *more):
    model = folder / 'tiny.safetensors'
    if not model.exists():
        write_tiny_model(model)
        write_patches(folder / 'data')
    return ('train', '--model', model, '--data', folder / 'data', '-o', out,
            '--optimizer', 'adam', '--lr', '0.03', '--batch', '8',
            '--average', '0.8', '--threads', '1', '--epochs', EPOCHS, *more)


@case
def learns_and_tells(folder):
    out = folder / 'out.safetensors'
    result = succeed(*call(folder, out, '--json', '--half', '--license', 'CC0',
                           '--trained-on', 'noise'))
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert [row['epoch'] for row in rows] == list(range(1, EPOCHS + 1))
    assert list(rows[0]) == KEYS, rows[0]
    assert rows[-1]['valid_auc'] > 0.95 and rows[-1]['failed_samples'] == 0
    assert sorted(path.name for path in folder.glob('out*')) == [
        'out.curve.csv', 'out.curve.png', 'out.reliability.png',
        'out.safetensors']
    assert len((folder / 'out.curve.csv').read_text().splitlines()) \
        == EPOCHS + 1
    card, tensors = read_safetensors(out)
    assert card['trained_on'] == 'noise' and card['license'] == 'CC0'
    figures = json.loads(card['validated_on'])['data/valid']
    low, high = figures['auc_interval']
    assert low <= figures['auc'] <= high and figures['pictures'] == 48
    points = json.loads(card['operating_points'])
    assert set(points['0.5']) == {'sensitivity', 'specificity'}
    assert tensors['features.0.weight'][0] == 'F16'
    assert tensors['features.0.bias'][0] == 'F32'
    succeed('model', 'check', out)


@case
def what_the_card_says_is_what_predict_gives(folder):
    out = folder / 'out.safetensors'
    succeed(*call(folder, out))
    card, _ = read_safetensors(out)
    figures, = json.loads(card['validated_on']).values()
    right = 0
    for label in 0, 1:
        pictures = sorted((folder / 'data' / 'valid' / str(label)).iterdir())
        rows = ask('predict', '--model', out, *pictures)['rows']
        right += sum((row['probability'] > 0.5) == label for row in rows)
    assert abs(right / 48 - figures['accuracy']) < 1e-3, (right, figures)


def train_in_pieces(folder, number):
    """Ended by a signal in the midst, and gone on with: the same bytes."""
    epochs = ('--epochs', '60')
    whole = folder / 'whole.safetensors'
    succeed(*call(folder, whole, *epochs))
    out = folder / 'out.safetensors'
    arguments = call(folder, out, *epochs)
    ended = Terminal(*arguments)
    ended.wait_for(r'epoch ([3-9]|[1-4][0-9]) of 60')
    ended.send(number)
    result = ended.finish()
    assert result.status == (1 if number == signal.SIGINT else -number), result
    assert not out.exists()
    fail(1, '.*out.checkpoint.safetensors: an unfinished run', *arguments)
    succeed(*arguments, '--resume')
    assert out.read_bytes() == whole.read_bytes()
    assert not (folder / 'out.checkpoint.safetensors').exists()
    return result


@case
def interrupted_it_goes_on_to_the_same_bytes(folder):
    result = train_in_pieces(folder, signal.SIGINT)
    assert '--resume goes on' in result.err, result
    assert re.search(r'epoch \d+ of 60, left [0-9.]+ ', result.err), result


@case
def killed_it_goes_on_to_the_same_bytes(folder):
    train_in_pieces(folder, signal.SIGKILL)


@case
def another_run_is_not_gone_on_with(folder):
    out = folder / 'out.safetensors'
    ended = Terminal(*call(folder, out, '--epochs', '200'))
    ended.wait_for(r'epoch ([3-9]|[1-9][0-9]) of')
    ended.send(signal.SIGINT)
    ended.finish()
    fail(1, '.*checkpoint.safetensors: a checkpoint of another run: it has '
         'epochs=200, this run epochs=6$', *call(folder, out, '--resume'))
    fail(1, '.* it has mine=usual, this run mine=2$',
         *call(folder, out, '--epochs', '200', '--resume', '--mine', '2'))
    fail(1, '.*no such run to go on with',
         *call(folder, folder / 'new.safetensors', '--resume'))


@case
def begins_with_other_weights(folder):
    out = folder / 'out.safetensors'
    succeed(*call(folder, out))
    again = run(*call(folder, folder / 'b.safetensors', '--init', out,
                      '--epochs', '1', '--lr', '0.0001'))
    assert again.status == 0 and '6 tensors taken' in again.err, again
    assert 'check.input' in again.err, again
    card, _ = read_safetensors(folder / 'b.safetensors')
    figures, = json.loads(card['validated_on']).values()
    assert figures['auc'] > 0.95, figures


@case
def claims_nothing_of_the_weights_it_began_as(folder):
    began, out = folder / 'began.safetensors', folder / 'out.safetensors'
    card, tensors = read_safetensors(write_tiny_model(began))
    write_tiny_model(began, dict(
        card, temperature='0.5', validated_on='{"other":{"auc":1}}',
        operating_points='{"0.5":{"sensitivity":1}}',
        cascade='{"threshold":0.02,"lesion_recall":1,"lesions":9}'))
    slides = write_slides(folder / 'slides')
    succeed('train', '--model', began, '--data', slides, '--batch', '4',
            '--samples', '8', '--epochs', '1', '--threads', '1', '-o', out)
    card, _ = read_safetensors(out)
    assert not card.keys() & {'validated_on', 'operating_points', 'cascade'}
    assert card['temperature'] == '0.5', card
    assert re.fullmatch('1 slides of slides/train, 1 epochs, begun as '
                        '[^/]*/began.safetensors', card['trained_on']), card


@case
def ends_early(folder):
    out = folder / 'out.safetensors'
    succeed(*call(folder, out, '--until', '2'))
    rows = (folder / 'out.curve.csv').read_text().splitlines()
    assert len(rows) == 3 and out.exists(), rows


@case
def mines_in_rounds(folder):
    out = folder / 'out.safetensors'
    result = succeed(*call(folder, out, '--mine', '2', '--mine-threshold',
                           '0.01', '--json'))
    rows = [json.loads(line) for line in result.out.splitlines()]
    rounds = [row for row in rows if 'mining_round' in row]
    assert [row['mining_round'] for row in rounds] == [1, 2], rows
    assert rounds[0]['false_positives'] > 0
    mined = json.loads((folder / 'out.mined-1.json').read_text())
    assert len(mined['rounds']) == 2
    refuse("--mine-from: '2'", *call(folder, folder / 'b.safetensors', '--mine',
                                     '1', '--mine-from', '2'))
    result = succeed(*call(folder, folder / 'c.safetensors', '--mine', '1',
                            '--mine-from', '1', '--keep-last', '--json'))
    assert 'mining_round' in result.out, result


@case
def mines_for_itself_alone(folder):
    """What another run of that name found is not taken for the run's own."""
    more = ('--lr', '0.001', '--epochs', '60', '--mine', '1',
            '--mine-threshold', '0.3')
    whole, out = folder / 'whole.safetensors', folder / 'out.safetensors'
    succeed(*call(folder, whole, *more))
    assert json.loads((folder / 'whole.mined-1.json').read_text())['rounds'][0]
    arguments = call(folder, out, *more)
    succeed(*arguments, '--seed', '2')
    ended = Terminal(*arguments)
    ended.wait_for(r'epoch [2-9] of 60')
    ended.send(signal.SIGINT)
    ended.finish()
    mined = folder / 'out.mined-1.json'
    kept = mined.read_bytes()
    mined.unlink()
    fail(1, '.*out.mined-1.json', *arguments, '--resume')
    mined.write_bytes(kept)
    succeed(*arguments, '--resume')
    assert out.read_bytes() == whole.read_bytes()


@case
def shows_samples(folder):
    call(folder, folder / 'out.safetensors')
    sheet = folder / 'sheet.png'
    succeed('train', '--model', folder / 'tiny.safetensors', '--data',
            folder / 'data', '--show-samples', sheet)
    assert sheet.read_bytes().startswith(b'\x89PNG')


ANNOTATIONS = '''<?xml version="1.0"?>
<ASAP_Annotations><Annotations>
<Annotation Name="a" Type="Polygon" PartOfGroup="metastases" Color="#F4FA58">
<Coordinates>{}</Coordinates></Annotation></Annotations>
<AnnotationGroups><Group Name="metastases" PartOfGroup="None" Color="#ff0000">
<Attributes/></Group></AnnotationGroups></ASAP_Annotations>'''


def write_box(path, left, top, right, bottom):
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    path.write_text(ANNOTATIONS.format(''.join(
        f'<Coordinate Order="{i}" X="{x}" Y="{y}"/>'
        for i, (x, y) in enumerate(corners))))


def write_slides(folder):
    """One slide to learn from, with a box of tumour."""
    (folder / 'train').mkdir(parents=True)
    slide = make_slide('tissue', folder / 'train' / 'a.tif', 1536, 1024)
    write_box(slide.with_suffix('.xml'), 500, 300, 800, 600)
    return folder


@case
def learns_from_slides(folder):
    out = folder / 'out.safetensors'
    arguments = call(folder, out)
    slides = write_slides(folder / 'slides')
    annotations = slides / 'train' / 'a.xml'
    outlines = annotations.read_text()
    annotations.unlink()
    fail(1, '.*a.tif', *arguments, '--data', slides)
    annotations.write_text(outlines)
    succeed(*arguments, '--data', slides, '--shares', '1,2', '--samples', '32')
    card, _ = read_safetensors(out)
    assert '1 slides of' in card['trained_on'], card['trained_on']


@case
def unreadable_pictures_are_left_out(folder):
    out = folder / 'out.safetensors'
    arguments = call(folder, out, '--json')
    (folder / 'data' / 'train' / '0' / 'bad.png').write_text('no picture')
    write_png(folder / 'data' / 'train' / '1' / 'small.png', 3, 3,
              lambda x, y: 0)
    result = run(*arguments)
    assert result.status == 0, result
    rows = [json.loads(line) for line in result.out.splitlines()]
    assert all(row['failed_samples'] <= 2 for row in rows)
    assert any(row['failed_samples'] == 2 for row in rows), rows
    assert 'samples could not be read and were left out' in result.err
    write_png(folder / 'data' / 'valid' / '1' / 'small.png', 3, 3,
              lambda x, y: 0)
    fail(1, '.*small.png: 3 × 3 px is smaller than the network',
         *call(folder, folder / 'b.safetensors'))


@case
def refusals(folder):
    out = folder / 'out.safetensors'
    arguments = call(folder, out)
    for pattern, more in (
            ("--optimizer: 'rms' is neither", ('--optimizer', 'rms')),
            ("--schedule: 'x' is not one of", ('--schedule', 'x')),
            ("--recipe: 'x' is not one of", ('--recipe', 'x')),
            ('--lr', ('--lr', '0')),
            ('--batch', ('--batch', '0')),
            ('--shares: 2 numbers for 1 folder', ('--shares', '1,2')),
            ('--class-shares: 1 numbers for 2', ('--class-shares', '1'))):
        refuse(pattern, *arguments, *more)
    refuse('needs --data', 'train', '-o', out)
    refuse('needs -o', 'train', '--model', folder / 'tiny.safetensors',
           '--data', folder / 'data')
    refuse('--mine: 6 rounds need at least 7 epochs, not 6', *arguments,
           '--mine', '6')
    fail(1, '.*an epoch of 7 samples is less than one batch of 8', *arguments,
         '--samples', '7')
    fail(1, '.*none/x.checkpoint.safetensors: cannot create',
         *call(folder, folder / 'none' / 'x.safetensors'))
    fail(1, 'step [0-9]+: .*', *arguments, '--optimizer', 'sgd', '--lr', '100',
         '--head-rate', '1000000', '--average', '0')
    for path in (folder / 'data' / 'train' / '1').iterdir():
        path.unlink()
    fail(1, '.*train/1: no pictures .* of class 1', *arguments)


if __name__ == '__main__':
    harness.main()
