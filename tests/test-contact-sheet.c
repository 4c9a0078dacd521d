#include "core/train/contact-sheet.h"

#include "core/slide/image.h"
#include "tests/support/data.h"
#include "tests/support/drawn-source.h"
#include "tests/support/expect-error.h"

#include <glib/gstdio.h>

#define SIDE 16
/* A border of 3 around a picture, 4 between two and around all. */
#define CELL (SIDE + 6 + 4)

/* Grey by item, a little redder where it is tumour. */
static void
draw_flat (int label, guint item, int side, guint8 *rgb)
{
  for (int i = 0; i < side * side; i++)
    {
      rgb[3 * i] = (guint8)(50 + 10 * item + 5 * label);
      rgb[3 * i + 1] = (guint8)(50 + 10 * item);
      rgb[3 * i + 2] = 7;
    }
}

/* Five normal samples and two of tumour, mixed. */
static AxEpoch *
make_epoch (DrawnSource *source, const AxAugment *augment)
{
  static const int labels[] = { 0, 1, 0, 0, 1, 0, 0 };
  AxEpoch *epoch = ax_epoch_new (SIDE, augment, 1);
  guint n_used[2] = { 0 };
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    ax_epoch_add (epoch, &source->source, labels[i], n_used[labels[i]]++);
  return epoch;
}

static void
expect_pixel (const AxImage *image, int x, int y, int r, int g, int b)
{
  const guint8 *pixel
      = (const guint8 *)image->data + 3 * (y * image->width + x);
  g_assert_cmpint (pixel[0], ==, r);
  g_assert_cmpint (pixel[1], ==, g);
  g_assert_cmpint (pixel[2], ==, b);
}

/* The picture in a cell of the sheet, and its border. */
static void
expect_picture (const AxImage *image, int column, int row, int label,
                guint item)
{
  const int x = 4 + column * CELL, y = 4 + row * CELL;
  const int r = 50 + 10 * (int)item + 5 * label, g = 50 + 10 * (int)item;
  const int corners[4][2]
      = { { 0, 0 }, { SIDE + 5, 0 }, { 0, SIDE + 5 }, { SIDE + 5, SIDE + 5 } };
  for (int i = 0; i < 4; i++)
    expect_pixel (image, x + corners[i][0], y + corners[i][1],
                  label == 1 ? 210 : 0, label == 1 ? 20 : 140,
                  label == 1 ? 30 : 60);
  expect_pixel (image, x + 3, y + 3, r, g, 7);
  expect_pixel (image, x + SIDE + 2, y + SIDE + 2, r, g, 7);
  expect_pixel (image, x - 1, y, 255, 255, 255);
  expect_pixel (image, x + SIDE + 6, y, 255, 255, 255);
}

static void
test_layout (void)
{
  const AxAugment none = ax_augment_none ();
  DrawnSource *source = drawn_source_new (5, 2, SIDE, draw_flat);
  g_autoptr (AxSampleSource) owner = &source->source;
  g_autoptr (AxEpoch) epoch = make_epoch (source, &none);
  g_autofree char *path = scratch_path ("sheet.png");
  g_autoptr (AxImage) image = NULL;
  g_autoptr (GError) error = NULL;
  ax_contact_sheet_save (epoch, 3, path, &error);
  g_assert_no_error (error);
  image = ax_image_load_rgb (path, 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_cmpint (image->width, ==, 3 * CELL + 4);
  g_assert_cmpint (image->height, ==, 3 * CELL + 4);
  for (guint i = 0; i < 5; i++)
    expect_picture (image, (int)i % 3, (int)i / 3, 0, i);
  for (guint i = 0; i < 2; i++)
    expect_picture (image, (int)i, 2, 1, i);
  /* The cell behind the last normal picture stays empty. */
  expect_pixel (image, 4 + 2 * CELL, 4 + CELL, 255, 255, 255);
}

static void
draw_halves (int label, guint item, int side, guint8 *rgb)
{
  for (int i = 0; i < side * side * 3; i++)
    rgb[i] = i / 3 % side < side / 2 ? 30 : 200;
}

/* What is drawn is what ax_epoch_read() gives, changes included. */
static void
test_changes (void)
{
  const AxAugment usual = ax_augment_usual (1.0);
  const int side = ax_augment_get_side (&usual, SIDE);
  DrawnSource *source = drawn_source_new (5, 2, side, draw_halves);
  g_autoptr (AxSampleSource) owner = &source->source;
  g_autoptr (AxEpoch) epoch = make_epoch (source, &usual);
  g_autofree char *path = scratch_path ("changed.png");
  g_autoptr (GError) error = NULL;
  g_auto (AxSample) scratch = { 0 };
  guint8 rgb[3 * SIDE * SIDE];
  AxEpochSample sample = { .rgb = rgb };
  ax_contact_sheet_save (epoch, 5, path, &error);
  g_assert_no_error (error);
  g_autoptr (AxImage) image = ax_image_load_rgb (path, 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_true (ax_epoch_read (epoch, 4, &scratch, &sample, &error));
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      {
        const guint8 *p = rgb + 3 * (y * SIDE + x);
        expect_pixel (image, 4 + CELL + 3 + x, 4 + CELL + 3 + y, p[0], p[1],
                      p[2]);
      }
}

static void
test_failures (void)
{
  const AxAugment none = ax_augment_none ();
  DrawnSource *source = drawn_source_new (5, 2, SIDE, draw_flat);
  g_autoptr (AxSampleSource) owner = &source->source;
  g_autoptr (AxEpoch) epoch = make_epoch (source, &none);
  g_autofree char *path = scratch_path ("failed.png");
  g_autoptr (GError) error = NULL;
  g_remove (path);
  g_assert_false (ax_contact_sheet_save (epoch, 1 << 24, path, &error));
  expect_error (&error, AX_ERROR_LIMIT,
                "a sheet of 436207620 × 56 px has more than 67108864 of them");
  source->broken = 2;
  g_assert_false (ax_contact_sheet_save (epoch, 3, path, &error));
  expect_error (&error, AX_ERROR_FORMAT, "item 2 is broken");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  source->broken = -1;
  g_assert_false (ax_contact_sheet_save (epoch, 3, "/no-such/a.png", &error));
  expect_error (&error, AX_ERROR_IO, "/no-such");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/contact-sheet/layout", test_layout);
  g_test_add_func ("/contact-sheet/changes", test_changes);
  g_test_add_func ("/contact-sheet/failures", test_failures);
  return g_test_run ();
}
