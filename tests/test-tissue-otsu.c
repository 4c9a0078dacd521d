#include "core/slide/tissue-otsu.h"

#include "core/slide/image.h"
#include "core/slide/tissue.h"

#include "tests/support/data.h"

#include <math.h>
#include <string.h>

/* A picture of cells of 8 µm, to draw on. */
#define SIDE 200

typedef struct
{
  guint8 rgb[SIDE * SIDE * 3];
} Canvas;

static const guint8 glass[3] = { 243, 242, 244 };
static const guint8 eosin[3] = { 226, 160, 198 };
static const guint8 nuclei[3] = { 110, 70, 150 };

static void
fill (Canvas *self, int x, int y, int width, int height, const guint8 *colour)
{
  for (int i = y; i < y + height; i++)
    for (int j = x; j < x + width; j++)
      memcpy (self->rgb + (i * SIDE + j) * 3, colour, 3);
}

static Canvas *
canvas_new (const guint8 *colour)
{
  Canvas *self = g_new (Canvas, 1);

  fill (self, 0, 0, SIDE, SIDE, colour);
  return self;
}

static AxTissue *
detect_picture (const guint8 *rgb, int width, int height, double cell_um)
{
  AxScale scale = { 32, 32 };
  AxScale mpp = { cell_um / 32, cell_um / 32 };
  g_autoptr (GError) error = NULL;
  AxTissue *tissue
      = ax_tissue_detect_image (rgb, width, height, scale, mpp, &error);

  g_assert_no_error (error);
  return tissue;
}

static AxTissue *
detect (const Canvas *canvas)
{
  return detect_picture (canvas->rgb, SIDE, SIDE, 8);
}

static gboolean
is_tissue (const AxTissue *tissue, int x, int y)
{
  int width, height;
  AxScale scale;
  const guint8 *mask = ax_tissue_get_mask (tissue, &width, &height, &scale);

  g_assert_true (x < width && y < height);
  return mask[y * width + x] != 0;
}

/* Cells of tissue. */
static int
count_tissue (const AxTissue *tissue)
{
  return (int)lround (ax_tissue_get_area_px (tissue) / (32 * 32));
}

static void
test_threshold_by_hand (void)
{
  guint64 histogram[256] = { 0 };

  g_assert_cmpint (ax_tissue_otsu_threshold (histogram), ==, 0);
  histogram[70] = 5;
  g_assert_cmpint (ax_tissue_otsu_threshold (histogram), ==, 70);
  /* Every t in 70..199 splits alike; the lowest is taken. */
  histogram[200] = 3;
  g_assert_cmpint (ax_tissue_otsu_threshold (histogram), ==, 70);
  /* t = 70: 5 * 4 * (70 - 172.5)^2 = 210125;
     t = 90: 6 * 3 * (73 1/3 - 200)^2 = 288800. */
  histogram[90] = 1;
  g_assert_cmpint (ax_tissue_otsu_threshold (histogram), ==, 90);
}

/* skimage.filters.threshold_otsu (hist=...) of scikit-image 0.26 on the same
   histograms. */
static void
test_threshold_of_skimage (void)
{
  static const struct
  {
    const char *name;
    int saturation, luminance;
  } cases[] = {
    { "tissue/lymph-node-1152x700-28.97um.png", 61, 169 },
    { "camelyon17-patient_004_node_4/level8_377x770.png", 34, 111 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = data_path (cases[i].name);
      guint64 saturation[256] = { 0 }, luminance[256] = { 0 };
      g_autoptr (AxImage) image = NULL;
      const guint8 *rgb;

      if (path == NULL)
        return;
      image = ax_image_load_rgb (path, 1 << 20, NULL);
      rgb = image->data;
      for (int j = 0; j < image->width * image->height; j++, rgb += 3)
        {
          int max = MAX (rgb[0], MAX (rgb[1], rgb[2]));
          int min = MIN (rgb[0], MIN (rgb[1], rgb[2]));

          saturation[(max - min) * 255 / MAX (max, 1)]++;
          luminance[(299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500)
                    / 1000]++;
        }
      g_assert_cmpint (ax_tissue_otsu_threshold (saturation), ==,
                       cases[i].saturation);
      g_assert_cmpint (ax_tissue_otsu_threshold (luminance), ==,
                       cases[i].luminance);
    }
}

static void
test_grounds (void)
{
  static const guint8 grounds[][3] = {
    { 243, 242, 244 }, { 235, 228, 238 }, { 240, 236, 222 }, { 255, 255, 255 },
    { 0, 0, 0 },       { 6, 5, 9 },       { 30, 34, 30 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (grounds); i++)
    {
      g_autofree Canvas *canvas = canvas_new (grounds[i]);
      g_autoptr (AxTissue) tissue = NULL;

      /* The noise of a camera, for Otsu to split. */
      for (int j = 0; j < SIDE * SIDE * 3; j++)
        if (grounds[i][0] > 10 && grounds[i][0] < 250)
          canvas->rgb[j] += j * 7919 % 5 - 2;
      tissue = detect (canvas);
      g_assert_cmpint (count_tissue (tissue), ==, 0);
      g_assert_cmpuint (ax_tissue_get_n_regions (tissue), ==, 0);
    }
}

static void
test_tissue_on_glass (void)
{
  g_autofree Canvas *canvas = canvas_new (glass);
  g_autoptr (AxTissue) tissue = NULL;

  fill (canvas, 20, 20, 100, 60, eosin);
  fill (canvas, 50, 30, 40, 40, nuclei);
  fill (canvas, 130, 120, 30, 30, eosin);
  tissue = detect (canvas);
  g_assert_cmpint (count_tissue (tissue), ==, 100 * 60 + 30 * 30);
  g_assert_cmpuint (ax_tissue_get_n_regions (tissue), ==, 2);
  g_assert_cmpint (ax_tissue_get_level (tissue), ==, -1);
  g_assert_cmpint (ax_tissue_get_threshold (tissue), >=, 24);
}

/* Otsu alone would give up the pale half. */
static void
test_nothing_but_tissue (void)
{
  g_autofree Canvas *canvas = canvas_new (eosin);
  g_autoptr (AxTissue) tissue = NULL;

  fill (canvas, 0, 0, SIDE, SIDE / 2, nuclei);
  tissue = detect (canvas);
  g_assert_cmpfloat (ax_tissue_get_fraction (tissue), ==, 1);
}

static void
test_dark_tissue (void)
{
  static const guint8 folded[3] = { 96, 90, 98 };
  g_autofree Canvas *canvas = canvas_new (glass);
  g_autoptr (AxTissue) tissue = NULL;

  fill (canvas, 50, 50, 40, 40, folded);
  fill (canvas, 10, 0, 4, SIDE, folded); /* the edge of a cover slip */
  fill (canvas, 0, 190, SIDE, 6, folded);
  fill (canvas, 150, 50, 8, 8, folded); /* dust */
  tissue = detect (canvas);
  g_assert_cmpint (count_tissue (tissue), ==, 40 * 40);
  g_assert_true (is_tissue (tissue, 50, 50));
}

static void
test_padding (void)
{
  static const guint8 black[3] = { 0, 0, 0 }, white[3] = { 255, 255, 255 };
  g_autofree Canvas *canvas = canvas_new (black);
  g_autoptr (AxTissue) tissue = NULL;

  fill (canvas, 40, 40, 80, 80, glass);
  fill (canvas, 60, 60, 40, 40, eosin);
  fill (canvas, 150, 0, 50, SIDE, white);
  tissue = detect (canvas);
  g_assert_cmpint (count_tissue (tissue), ==, 40 * 40);
}

static void
test_ink (void)
{
  static const guint8 inks[][3] = {
    { 60, 90, 200 },   /* blue */
    { 120, 150, 225 }, /* blue, thin */
    { 40, 150, 70 },   /* green */
    { 120, 200, 140 }, /* green, thin */
    { 215, 40, 45 },   /* red */
    { 35, 33, 38 },    /* black */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (inks); i++)
    {
      g_autofree Canvas *canvas = canvas_new (glass);
      g_autoptr (AxTissue) tissue = NULL;
      guint8 rim[3];

      for (int c = 0; c < 3; c++)
        rim[c] = (inks[i][c] + glass[c]) / 2;
      fill (canvas, 20, 20, 100, 60, eosin);
      fill (canvas, 40, 30, 40, 40, nuclei);
      fill (canvas, 0, 110, SIDE, 42, rim);
      fill (canvas, 0, 111, SIDE, 40, inks[i]);
      fill (canvas, 80, 20, 30, 60, inks[i]);
      tissue = detect (canvas);
      g_assert_cmpint (count_tissue (tissue), ==, 100 * 60 - 30 * 60);
      g_assert_false (is_tissue (tissue, 100, 50));
    }
}

/* Pens leave streaks that are paler than ink has to be. */
static void
test_streaky_ink (void)
{
  static const guint8 ink[3] = { 60, 90, 200 }, streak[3] = { 180, 190, 225 };
  g_autofree Canvas *canvas = canvas_new (glass);
  g_autoptr (AxTissue) tissue = NULL;

  fill (canvas, 20, 100, 100, 60, eosin);
  fill (canvas, 0, 20, SIDE, 40, ink);
  for (int y = 23; y < 60; y += 6)
    fill (canvas, 0, y, SIDE, 1, streak);
  tissue = detect (canvas);
  g_assert_cmpint (count_tissue (tissue), ==, 100 * 60);
}

/* Of ink's hue, but no stroke: bleedings and pigment stay tissue. */
static void
test_no_ink (void)
{
  static const guint8 spots[][3]
      = { { 180, 30, 35 }, { 40, 38, 42 }, { 70, 80, 160 } };

  for (gsize i = 0; i < G_N_ELEMENTS (spots); i++)
    {
      g_autofree Canvas *canvas = canvas_new (glass);
      g_autoptr (AxTissue) tissue = NULL;

      fill (canvas, 20, 20, 160, 160, eosin);
      for (int y = 30; y < 160; y += 30)
        fill (canvas, y, 40 + y / 2, 20, 20, spots[i]);
      tissue = detect (canvas);
      g_assert_cmpint (count_tissue (tissue), ==, 160 * 160);
    }
}

/* Cells are 64 µm^2: 100 are 0.0064 mm^2, 169 0.0108, 64 0.0041, 81 0.0052. */
static void
test_holes_and_specks (void)
{
  g_autofree Canvas *canvas = canvas_new (glass);
  g_autoptr (AxTissue) tissue = NULL;

  fill (canvas, 0, 20, 100, 60, eosin);
  fill (canvas, 20, 40, 10, 10, glass);
  fill (canvas, 60, 40, 13, 13, glass);
  fill (canvas, 0, 40, 5, 5, glass); /* a bay at the border: no hole */
  fill (canvas, 130, 20, 8, 8, eosin);
  fill (canvas, 130, 60, 9, 9, eosin);
  tissue = detect (canvas);
  g_assert_true (is_tissue (tissue, 25, 45));
  g_assert_false (is_tissue (tissue, 65, 45));
  g_assert_false (is_tissue (tissue, 2, 42));
  g_assert_false (is_tissue (tissue, 133, 23));
  g_assert_true (is_tissue (tissue, 133, 63));
  g_assert_cmpint (count_tissue (tissue), ==, 6000 - 169 - 25 + 81);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tissue-otsu/threshold-by-hand", test_threshold_by_hand);
  g_test_add_func ("/tissue-otsu/threshold-of-skimage",
                   test_threshold_of_skimage);
  g_test_add_func ("/tissue-otsu/grounds", test_grounds);
  g_test_add_func ("/tissue-otsu/tissue-on-glass", test_tissue_on_glass);
  g_test_add_func ("/tissue-otsu/nothing-but-tissue", test_nothing_but_tissue);
  g_test_add_func ("/tissue-otsu/dark-tissue", test_dark_tissue);
  g_test_add_func ("/tissue-otsu/padding", test_padding);
  g_test_add_func ("/tissue-otsu/ink", test_ink);
  g_test_add_func ("/tissue-otsu/streaky-ink", test_streaky_ink);
  g_test_add_func ("/tissue-otsu/no-ink", test_no_ink);
  g_test_add_func ("/tissue-otsu/holes-and-specks", test_holes_and_specks);
  return g_test_run ();
}
