"""Opening slides in the real window: whole, broken and vanishing ones."""
import os
import re
import shutil
import subprocess

from driver import CLI, DATA, case, main, need, screenshot, start, wait_for
from fixtures import make_slide, write_color_model


def refusal(path):
    """What the library says of a file, as axilla-cli repeats it."""
    done = subprocess.run([CLI, 'info', path], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 1, done
    return done.stderr.splitlines()[0].removeprefix('axilla-cli: ')


@case
def starts_empty(folder):
    viewer = start(folder)
    viewer.find_window('^Axilla$')
    viewer.see('Open a slide')
    viewer.see('Research use only. Not for diagnosis.')
    assert not viewer.find('push button', '^Detect$').is_enabled
    screenshot('welcome')
    viewer.quit()


@case
def shows_its_keys_and_forgets_them(folder):
    viewer = start(folder)
    viewer.press('ctrl+question')
    viewer.see('^Next, previous lesion$')
    assert len(viewer.windows()) == 2
    viewer.press('Escape')
    wait_for(lambda: len(viewer.windows()) == 1, 'one window again')
    viewer.quit()


@case
def zooms_and_pans(folder):
    slide = make_slide('tissue', folder / 'tissue.tif')
    viewer = start(folder, slide)
    viewer.find_window('^tissue.tif$')

    def magnification():
        return float(viewer.see(r'^[\d.]+×$')[:-1])

    def position():
        return viewer.see(r'\d px').split(' px')[0]

    view = viewer.find('image', '^Slide$')
    whole = magnification()
    viewer.scroll(view, 4)
    wait_for(lambda: magnification() > 1.5 * whole, 'a closer look')
    viewer.point(view)
    before = position()
    viewer.drag(view, (0.5, 0.5), (0.4, 0.4))
    viewer.point(view)
    wait_for(lambda: position() != before, 'another place')
    viewer.press('0')
    wait_for(lambda: magnification() == whole, 'the whole slide')
    viewer.click(viewer.find('image', '^Map of the slide$'), 0.2, 0.2)
    viewer.quit()


@case
def opens_by_its_dialogue(folder):
    slide = make_slide('tissue', folder / 'chosen.tif')
    viewer = start(folder)
    viewer.press('ctrl+o')
    viewer.find_window('Open Slide')
    viewer.focus('Open Slide')
    viewer.type(str(slide))
    viewer.press('Return')
    viewer.find_window('^chosen.tif$')
    viewer.quit()


@case
def opens_what_is_dropped(folder):
    first, second = (make_slide('tissue', folder / f'{name}.tif')
                     for name in ('first', 'second'))
    viewer = start(folder)
    viewer.see('Open a slide')
    viewer.drop(first, second)
    viewer.find_window('^first.tif$')
    viewer.find_window('^second.tif$')
    viewer.quit()


@case
def keeps_the_slide_when_what_is_dropped_is_refused(folder):
    slide = make_slide('tissue', folder / 'slide.tif')
    other = make_slide('tissue', folder / 'other.tif')
    notes = folder / 'notes.txt'
    notes.write_text('no slide')
    viewer = start(folder, slide)
    viewer.find_window('^slide.tif$')
    viewer.drop(notes)
    viewer.see('^' + re.escape(refusal(notes)) + '$')
    viewer.find_window('^slide.tif$')
    screenshot('kept')
    viewer.drop('https://example.org/slide.tif')
    viewer.see('^https://example.org/slide.tif: not a file on this computer$')
    viewer.drop(other)
    viewer.find_window('^other.tif$')
    viewer.quit()


@case
def repeats_the_reason_why_a_file_is_refused(folder):
    broken = folder / 'broken.tif'
    broken.write_bytes(b'II*\0 this is no slide')
    viewer = start(folder, broken)
    reason = refusal(broken)
    viewer.see('^' + re.escape(reason) + '$')
    viewer.see('Open a slide')
    screenshot('refused')
    viewer.quit()


@case
def repeats_the_reason_of_real_files(folder):
    path = need(DATA / 'slides' / 'unopenable.tiff')
    viewer = start(folder, path)
    viewer.see('^' + re.escape(refusal(path)) + '$')
    viewer.quit()


def ask_for_scale(viewer, preset):
    viewer.see('does not say how many µm a pixel is')
    viewer.see('µm/px unknown')
    assert not viewer.find('push button', '^Detect$').is_enabled
    viewer.click(viewer.find('push button', '^Give Scale…$'))
    viewer.find_window('^Scale of the Slide$')
    viewer.focus('Scale of the Slide')
    screenshot('scale')
    viewer.click(viewer.find('push button', preset))
    viewer.press('Return')


def remembers_scale(folder, slide):
    viewer = start(folder, slide)
    ask_for_scale(viewer, '^20×')
    viewer.see(r'^0\.500 µm/px')
    wait_for(lambda: viewer.find('push button', '^Detect$').is_enabled,
             'detection')
    assert not viewer.sees('does not say')
    viewer.quit()
    viewer = start(folder, slide)
    viewer.see(r'^0\.500 µm/px')
    assert not viewer.sees('does not say')
    viewer.quit()


@case
def asks_for_the_scale_once(folder):
    remembers_scale(folder, make_slide('no-mpp', folder / 'no-mpp.tif'))


@case
def asks_for_the_scale_of_a_real_slide(folder):
    slide = need(DATA / 'slides' / 'tcga-cr-7395-01a-01-ts1.svs')
    remembers_scale(folder, shutil.copy(slide, folder))


@case
def survives_a_slide_that_is_cut_short(folder):
    slide = make_slide('tissue', folder / 'cut.tif')
    model = write_color_model(folder / 'color.safetensors')
    viewer = start(folder, slide, settings={'model': str(model)})
    viewer.find_window('^cut.tif$')
    view = viewer.find('image', '^Slide$')
    os.truncate(slide, slide.stat().st_size // 4)
    viewer.scroll(view, 8)
    viewer.press('d')
    viewer.see(r'unreadable|cut\.tif')
    screenshot('cut-short')
    viewer.quit()


@case
def survives_a_slide_that_is_removed(folder):
    slide = make_slide('tissue', folder / 'gone.tif')
    model = write_color_model(folder / 'color.safetensors')
    viewer = start(folder, slide, settings={'model': str(model)})
    viewer.find_window('^gone.tif$')
    slide.unlink()
    viewer.scroll(viewer.find('image', '^Slide$'), 8)
    viewer.press('d')
    viewer.see(r'^Done|unreadable|gone\.tif: ')
    screenshot('removed')
    viewer.quit()


@case
def is_one_program_however_often_it_is_started(folder):
    first = make_slide('tissue', folder / 'first.tif')
    second = make_slide('tissue', folder / 'second.tif')
    viewer = start(folder, first)
    viewer.find_window('^first.tif$')
    again = viewer.run_again(second)
    assert again.returncode == 0, again
    viewer.find_window('^second.tif$')
    assert len(viewer.windows()) == 2
    viewer.quit()


main()
