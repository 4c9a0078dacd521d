"""What can go wrong around the window: full disks, slides given twice."""
import subprocess

from driver import case, main, screenshot, start, wait_for
from fixtures import detect, synthesize, write_color_model

DONE = '^Done'


def limit_files(viewer, limit):
    """How large a file the viewer may write: what a full disk comes to."""
    subprocess.run(['prlimit', '--pid', str(viewer.process.pid),
                    f'--fsize={limit}:unlimited'], check=True)


def slide_with_model(folder):
    return synthesize(folder / 'node.tif'), \
        write_color_model(folder / 'color.safetensors')


def export(viewer):
    viewer.press('ctrl+e')
    viewer.find_window('Export')
    viewer.focus('Export')
    viewer.click(viewer.find('push button', 'Export$'))


@case
def tells_of_a_full_disk_at_export(folder):
    slide, model = slide_with_model(folder)
    viewer = start(folder, slide, '--detect', settings={'model': str(model)})
    viewer.see(DONE)
    limit_files(viewer, 100)
    export(viewer)
    viewer.see(r'node\.xml.*File too large')
    screenshot('full-disk')
    assert not (folder / 'node.xml').exists()
    limit_files(viewer, 'unlimited')
    viewer.focus('node.tif')
    export(viewer)
    viewer.see('lesions? written to')
    viewer.quit()


@case
def goes_on_when_the_disk_is_no_longer_full(folder):
    slide, model = slide_with_model(folder)
    viewer = start(folder, slide, settings={'model': str(model)})
    wait_for(lambda: viewer.find('push button', '^Detect$').is_enabled,
             'detection')
    limit_files(viewer, 16384)
    viewer.press('d')
    viewer.see('^Stopped')
    viewer.see(r'store\.sqlite')
    limit_files(viewer, 'unlimited')
    viewer.focus('node.tif')
    viewer.press('d')
    viewer.see(DONE)
    export(viewer)
    viewer.see('lesions? written to')
    expected = detect(slide, model, folder / 'expected')
    assert (folder / 'node.xml').read_bytes() \
        == (expected / 'node.xml').read_bytes()
    viewer.quit()


@case
def shows_a_slide_in_one_window(folder):
    slide, model = slide_with_model(folder)
    viewer = start(folder, slide, slide, '--detect',
                   settings={'model': str(model)})
    viewer.see(DONE)
    assert len(viewer.windows()) == 1
    again = viewer.run_again(slide)
    assert again.returncode == 0, again
    assert len(viewer.windows()) == 1
    viewer.quit()


@case
def remembers_recent_slides(folder):
    slide = synthesize(folder / 'node.tif')
    viewer = start(folder, slide)
    viewer.find_window('^node.tif$')
    viewer.quit()
    viewer = start(folder)
    viewer.see('Open a slide')
    viewer.click(viewer.find('push button', '^Recent slides$'))
    wait_for(lambda: viewer.find('menu item', '^node.tif$').has('focused'),
             'the menu to have the keyboard')
    viewer.press('Return')
    viewer.find_window('^node.tif$')
    viewer.quit()


main()
