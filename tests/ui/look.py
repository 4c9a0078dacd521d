"""Pictures of the window for a person to look at, and what can be said of its
looks without one: every control has a name."""
import re

from driver import DATA, case, main, need, screenshot, start, wait_for
from fixtures import make_slide, synthesize, write_color_model

DONE = '^Done'
CONTROLS = {'push button', 'toggle button', 'check box', 'combo box',
            'slider', 'spin button', 'image', 'tree table', 'progress bar'}


def open_done(folder, slide, settings=None, **options):
    model = write_color_model(folder / 'color.safetensors')
    viewer = start(folder, slide, '--detect', **options,
                   settings=dict(settings or {}, model=str(model)))
    return viewer


@case
def every_control_has_a_name(folder):
    viewer = open_done(folder, synthesize(folder / 'node.tif'))
    viewer.see(DONE)
    viewer.press('n')
    viewer.see('^Lesion 1: ')
    nameless = [
        f'{node.role} {node.name}'
        for node in viewer.window().walk()
        if node.role in CONTROLS and re.match('$|Gtk|Ax', node.name)
        # A combo box is named as a whole, a menu button by its inner one,
        # a picture in a button by the button.
        and node.name not in ('GtkToggleButton', 'GtkMenuButton', 'GtkImage')]
    assert not nameless, nameless
    for name in ('^Recent slides$', '^Menu$', 'Open', '^Detect$'):
        viewer.find('push button', name)
    viewer.quit()


def look_at(folder, name, style, size=None, language='C'):
    slide = synthesize(folder / f'{name}.tif')
    viewer = open_done(folder, slide, {'style': style},
                       env={'LANGUAGE': language})
    if size is not None:
        viewer.resize(*size)
    viewer.find('label', r'≥ 0[.,]\d\d$')
    viewer.press('n')
    viewer.find('label', r' 1: ')
    screenshot(name)
    viewer.quit()


@case
def light(folder):
    look_at(folder, 'light', 'light')


@case
def dark(folder):
    look_at(folder, 'dark', 'dark')


@case
def small(folder):
    slide = synthesize(folder / 'small.tif')
    model = folder / 'a-network-with-a-name-that-is-far-too-long.safetensors'
    write_color_model(model)
    viewer = start(folder, slide, '--detect', settings={
        'model': str(model), 'window-width': 800, 'window-height': 500})
    viewer.see(DONE)
    viewer.press('n')
    viewer.see('^Lesion 1: ')
    _, _, width, height = viewer.window().box
    assert width <= 800 and height <= 500, f'it takes {width} x {height}'
    _, _, width, height = viewer.find('image', '^Slide$').box
    assert width > 800 / 2, 'little is left for the slide'
    _, _, map_width, map_height = viewer.find('image', '^Map of ').box
    assert map_width < width / 3 and map_height < height / 3
    screenshot('small')
    viewer.quit()


@case
def long_name(folder):
    look_at(folder, 'a-slide-with-a-name-that-is-far-too-long-' * 4, 'light',
            (900, 600))


@case
def negative(folder):
    slide = make_slide('tissue', folder / 'negative.tif', 3072, 2048)
    model = write_color_model(folder / 'strict.safetensors', cut=3.0)
    viewer = start(folder, slide, '--detect', settings={'model': str(model)})
    viewer.see(r'^0 regions ≥ 0\.50\. 100\.0 % of tissue analysed')
    viewer.see('Isolated tumour cells may be missed')
    screenshot('negative')
    viewer.quit()


@case
def glass(folder):
    viewer = open_done(folder, make_slide('glass', folder / 'glass.tif'))
    viewer.see('^No tissue was found')
    viewer.see('^Nothing was analysed$')
    viewer.see(DONE)
    viewer.quit()


@case
def real_model(folder):
    need(DATA / 'models' / 'scannet-10x-pytorch.safetensors')
    model = DATA / 'models' / 'scannet-10x-pytorch.safetensors'
    viewer = start(folder, synthesize(folder / 'real.tif'), '--detect',
                   settings={'model': str(model)})
    viewer.see(DONE)
    screenshot('real-model')
    viewer.quit()


@case
def german(folder):
    look_at(folder, 'german', 'light', language='de')


@case
def windows_beside_it(folder):
    viewer = open_done(folder, synthesize(folder / 'node.tif'))
    viewer.see(DONE)
    # Items of the menu from its end.
    for n_up, title in ((1, 'About'), (2, 'Shortcuts'), (3, 'Preferences'),
                        (4, 'What This Rests On')):
        viewer.focus('node.tif')
        viewer.press('F10')
        wait_for(lambda: viewer.look('menu item'), 'the menu')
        viewer.press(*['Up'] * n_up, 'Return')
        viewer.find_window(title)
        viewer.focus(title)
        screenshot(title.lower().replace(' ', '-'))
        viewer.press('Escape')
        wait_for(lambda: not viewer.window(title), f'{title} to close')
    viewer.quit()


main()
