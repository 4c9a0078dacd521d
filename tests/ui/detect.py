"""Detection in the real window: judging, exporting, being interrupted."""
import re

from driver import BUILD, case, main, screenshot, start, wait_for
from fixtures import (detect, make_slide, synthesize, write_attention,
                      write_color_model)

DONE = '^Done'


def title(viewer):
    """How many lesions the panel counts: '1 micro · 3 ITC ≥ 0.50'."""
    return viewer.see(r'≥ 0\.\d\d')


def rows(viewer):
    """The list, a line a lesion: [number, class, size, score, area]."""
    table = viewer.find('tree table', 'Lesions')
    return [[cell.name for cell in row.walk() if cell.role == 'label']
            for row in table.walk()
            if row.role == 'table row' and any(
                child.role == 'table cell' for child in row.children)]


def shown_lesion(viewer):
    """The number on the lesion card."""
    label = viewer.look('label', r'^Lesion \d+: [^\n]*$')
    return int(re.search(r'\d+', label.name)[0]) if label else 0


def magnification(viewer):
    return float(viewer.see(r'^[\d.]+×$')[:-1])


def open_export(viewer):
    viewer.press('ctrl+e')
    viewer.find_window('Export')
    viewer.focus('Export')


def export(viewer):
    open_export(viewer)
    viewer.click(viewer.find('push button', 'Export$'))


def slide_with_model(folder, *arguments):
    return synthesize(folder / 'node.tif'), \
        write_color_model(folder / 'color.safetensors', *arguments)


@case
def finds_judges_and_exports(folder):
    slide, model = slide_with_model(folder)
    viewer = start(folder, slide, settings={'model': str(model)})
    viewer.find_window('^node.tif$')
    viewer.press('d')
    viewer.see(DONE)
    found = title(viewer)
    n_found = len(rows(viewer))
    assert n_found > 1, found
    screenshot('detected')

    viewer.press('period')
    wait_for(lambda: viewer.sees(r'≥ 0\.51'), 'another threshold')
    viewer.drag(viewer.find('image', '^Histogram'), (0.51, 0.5), (0.8, 0.5))
    wait_for(lambda: re.search(r'≥ 0\.(79|80|81)', title(viewer)),
             'the dragged threshold')
    assert len(rows(viewer)) != n_found
    viewer.press('ctrl+z')
    wait_for(lambda: viewer.sees(r'≥ 0\.51'), 'the drag undone')
    viewer.press('ctrl+z')
    wait_for(lambda: title(viewer) == found and len(rows(viewer)) == n_found,
             'the first threshold')

    view = viewer.find('image', '^Slide$')
    viewer.press('n')
    wait_for(lambda: shown_lesion(viewer), 'the card')
    viewer.press('Return')
    wait_for(lambda: magnification(viewer) == 20, 'the hottest cell')
    viewer.click(view)
    popover = viewer.see(r'^Lesion \d+: [^\n]+\n.*score')
    assert re.search(r'\d (µm|mm).*score \d\.\d\d', popover), popover
    assert popover.startswith(f'Lesion {shown_lesion(viewer)}: '), popover
    screenshot('lesion')

    open_export(viewer)
    screenshot('export')
    for name in ('ImageScope', 'QuPath', 'Score and place'):
        viewer.click(viewer.find('check box', name))
    viewer.click(viewer.find('push button', 'Export$'))
    viewer.see(f'^{n_found} lesions written to {folder}: ')
    assert not viewer.window('Export')
    expected = detect(slide, model, folder / 'expected')
    for name in ('node.xml', 'node.imagescope.xml', 'node.geojson',
                 'node.csv'):
        assert (folder / name).read_bytes() \
            == (expected / name).read_bytes(), name
    viewer.quit()


@case
def steps_by_keyboard(folder):
    slide, model = slide_with_model(folder)
    viewer = start(folder, slide, '--detect', settings={'model': str(model)})
    viewer.see(DONE)
    order = [int(row[0]) for row in rows(viewer)]

    def expect(number):
        wait_for(lambda: shown_lesion(viewer) == number, f'lesion {number}')

    for key, number in (('n', order[0]), ('n', order[1]), ('p', order[0]),
                        ('p', order[-1]), ('n', order[0])):
        viewer.press(key)
        expect(number)
    for times in (20, 40):
        viewer.press('Return')
        wait_for(lambda: magnification(viewer) == times, f'{times}×')
    for key, times in (('5', 20), ('4', 10), ('3', 5)):
        viewer.press(key)
        wait_for(lambda: magnification(viewer) == times, f'{times}×')
    opacity = viewer.find('slider', 'Opacity').value
    viewer.press('bracketright')
    wait_for(lambda: viewer.find('slider', 'Opacity').value > opacity,
             'more opacity')
    viewer.quit()


@case
def picks_from_the_list(folder):
    slide, model = slide_with_model(folder)
    viewer = start(folder, slide, '--detect', settings={'model': str(model)})
    viewer.see(DONE)
    number, name = rows(viewer)[1][:2]
    cells = [node for node in
             viewer.find('tree table', 'Lesions').walk()
             if node.role == 'label' and node.name == number]
    viewer.click(cells[0])
    card = viewer.see(rf'^Lesion {number}: ')
    assert {'ITC': 'isolated', 'micro': 'micro'}[name] in card, card
    viewer.quit()


@case
def shows_the_map_that_is_asked_for(folder):
    slide = make_slide('tissue', folder / 'tissue.tif')
    model = write_attention(folder / 'attention.safetensors')
    viewer = start(folder, slide, '--detect', settings={
        'model': str(model), 'threshold': 0.3})
    viewer.see(DONE)
    viewer.click(viewer.find('combo box', '^Map$'))
    wait_for(lambda: viewer.find('list item').has('focused'),
             'the choice to have the keyboard')
    viewer.press('Down', 'Return')
    wait_for(lambda: viewer.find('push button', '^Detect$').is_enabled,
             'another map')
    viewer.press('d')
    viewer.see(DONE)
    screenshot('map-kind')
    export(viewer)
    viewer.see('lesions? written to')
    expected = detect(slide, model, folder / 'expected', '--map', 'fraction',
                      '--threshold', '0.3')
    assert (folder / 'tissue.xml').read_bytes() \
        == (expected / 'tissue.xml').read_bytes()
    viewer.quit()
    viewer = start(folder, slide)
    viewer.see(DONE)
    viewer.see('^Share of tumour$')
    viewer.quit()


def slow_engine(**changes):
    """An engine that takes its time, and fails where it is told to."""
    return {'AX_ENGINE_PATH': str(BUILD / 'tests' / 'fake-engine'),
            'AX_FAILING_MS': '20', **changes}


def very_slow_engine():
    """Not done by the time that a slow machine has looked."""
    return slow_engine(AX_FAILING_MS='200')


@case
def shows_what_was_done_before_the_window_was_closed(folder):
    slide, model = slide_with_model(folder, 1.0)
    settings = {'model': str(model), 'engine': 'failing'}
    viewer = start(folder, slide, '--detect', settings=settings,
                   env=very_slow_engine())
    viewer.see(r'^Detecting +0\.[1-9] of ')
    viewer.press('ctrl+w')
    viewer.wait_for_end()
    viewer = start(folder, slide, settings=settings, env=slow_engine())
    viewer.see(r'^ *0\.[1-9] of \d\.\d mm²')
    title(viewer)
    viewer.press('d')
    viewer.see(DONE)
    export(viewer)
    viewer.see('lesions? written to')
    expected = detect(slide, model, folder / 'expected', '--engine', 'failing',
                      env=slow_engine(AX_FAILING_MS='0'))
    assert (folder / 'node.xml').read_bytes() \
        == (expected / 'node.xml').read_bytes()
    viewer.quit()


@case
def pauses_and_goes_on(folder):
    slide, model = slide_with_model(folder, 1.0)
    viewer = start(folder, slide, '--detect', env=very_slow_engine(),
                   settings={'model': str(model), 'engine': 'failing'})
    viewer.see('^Detecting')
    viewer.click(viewer.find('push button', '^Pause$'))
    viewer.see('^Paused')
    viewer.click(viewer.find('push button', '^Resume$'))
    viewer.see('^Detecting')
    viewer.quit()


@case
def goes_on_with_the_next_engine(folder):
    slide, model = slide_with_model(folder)
    viewer = start(folder, slide, '--detect',
                   env=slow_engine(AX_FAILING_AT='5'),
                   settings={'model': str(model), 'engine': 'failing'})
    viewer.see('told to fail.*next engine goes on')
    viewer.see(DONE + '.* cpu,')
    screenshot('engine-failed')
    viewer.quit()


@case
def keeps_the_model_it_has(folder):
    """The weights are replaced in place and cut short while they are in use;
    the engine that takes over reads them again."""
    slide, model = slide_with_model(folder, 1.0)
    viewer = start(folder, slide, '--detect',
                   env=slow_engine(AX_FAILING_AT='50', AX_FAILING_MS='200'),
                   settings={'model': str(model), 'engine': 'failing'})
    viewer.see('^Detecting')
    model.write_bytes(b'something else')
    viewer.see(DONE + '.* cpu,')
    viewer.quit()


main()
