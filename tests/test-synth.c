#include "core/slide/tissue.h"
#include "core/synth/anatomy.h"
#include "core/synth/render.h"
#include "core/synth/synth.h"
#include "tests/support/data.h"
#include "tests/support/expect-error.h"

#include <glib/gstdio.h>

#include <math.h>
#include <string.h>

#define MPP 1.0
#define WIDTH 1700
#define HEIGHT 1300

/* Few pixels: a node of about a millimetre. */
static AxSynthSpec
make_spec (guint64 seed, const double *diameters_um, guint n_diameters)
{
  AxSynthSpec spec;

  ax_synth_spec_init (&spec, seed, WIDTH, HEIGHT);
  spec.mpp = MPP;
  spec.diameters_um = diameters_um;
  spec.n_diameters = n_diameters;
  return spec;
}

static AxSlide *
write_slide (const AxSynthSpec *spec, const char *name, AxAnnotationSet **truth)
{
  g_autofree char *path = scratch_path (name);
  g_autoptr (GError) error = NULL;
  AxSlide *slide;

  ax_synth_write (spec, path, truth, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  slide = ax_slide_open (path, &error);
  g_assert_no_error (error);
  return slide;
}

/* All pixels of a level as 0xFFRRGGBB, row by row. */
static guint32 *
read_level (AxSlide *slide, int level)
{
  const AxSlideLevel *l = ax_slide_get_level (slide, level);
  guint32 *pixels = g_new (guint32, l->width * l->height);

  for (int row = 0; row * l->tile_height < l->height; row++)
    for (int col = 0; col * l->tile_width < l->width; col++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (AxTile) tile
            = ax_slide_read_tile (slide, level, col, row, &error);
        gint64 x = (gint64)col * l->tile_width;
        gint64 y = (gint64)row * l->tile_height;

        g_assert_no_error (error);
        for (int j = 0; j < tile->height && y + j < l->height; j++)
          memcpy (pixels + (y + j) * l->width + x,
                  tile->pixels + (gsize)j * tile->stride / 4,
                  4 * (gsize)MIN (tile->width, l->width - x));
      }
  return pixels;
}

static void
test_threads_and_seeds (void)
{
  static const double diameters[] = { 300, 90 };
  static const int n_threads[] = { 1, 2, 5 };
  AxSynthSpec spec = make_spec (4, diameters, 2);
  g_autofree guint32 *first = NULL;
  gsize bytes = 4 * WIDTH * HEIGHT;

  spec.pen = TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (n_threads); i++)
    {
      g_autoptr (AxSlide) slide = NULL;
      g_autofree guint32 *pixels = NULL;

      spec.n_threads = n_threads[i];
      slide = write_slide (&spec, "threads.tif", NULL);
      pixels = read_level (slide, 0);
      if (first == NULL)
        first = g_steal_pointer (&pixels);
      else
        g_assert_cmpmem (pixels, bytes, first, bytes);
    }
  {
    g_autoptr (AxSlide) slide = NULL;
    g_autofree guint32 *pixels = NULL;

    spec.seed = 5;
    slide = write_slide (&spec, "threads.tif", NULL);
    pixels = read_level (slide, 0);
    g_assert_true (memcmp (pixels, first, bytes) != 0);
  }
}

/* Wherever a rectangle begins, its pixels are the same; on a slide with places
 * far out of focus, where the most surroundings count. */
static void
test_rectangles_agree (void)
{
  static const double diameter = 400;
  static const int pieces[][4]
      = { { 0, 0, 1, 1 }, { 37, 11, 300, 201 }, { 511, 512, 129, 88 } };
  const int side = 640;
  AxSynthLooks looks = { .seed = 103,
                         .mpp = 0.5,
                         .stain_variation = 1,
                         .folds = TRUE,
                         .pen = TRUE,
                         .defocus = TRUE };
  g_autoptr (AxAnatomy) anatomy
      = ax_anatomy_new (103, 1200, 1000, &diameter, 1, NULL);
  g_autoptr (AxSynthRender) render
      = ax_synth_render_new (anatomy, 1200, 1000, &looks);
  const AxSynthLesion *lesion = ax_anatomy_get_lesion (anatomy, 0);
  gint64 x = (gint64)(lesion->center.x / 0.5) - side / 2;
  gint64 y = (gint64)(lesion->center.y / 0.5) - side / 2;
  g_autofree guint8 *whole = g_malloc (3 * side * side);

  ax_synth_render_draw (render, x, y, side, side, whole);
  for (gsize p = 0; p < G_N_ELEMENTS (pieces); p++)
    {
      const int *at = pieces[p];
      gsize row = 3 * (gsize)at[2];
      g_autofree guint8 *piece = g_malloc (row * at[3]);

      ax_synth_render_draw (render, x + at[0], y + at[1], at[2], at[3], piece);
      for (int j = 0; j < at[3]; j++)
        g_assert_cmpmem (piece + j * row, row,
                         whole + 3 * ((at[1] + j) * side + at[0]), row);
    }
}

static double
get_feret (const AxPolyRing *ring)
{
  double best = 0;

  for (guint i = 0; i < ring->n_points; i++)
    for (guint j = 0; j < i; j++)
      best = MAX (best, hypot (ring->points[i].x - ring->points[j].x,
                               ring->points[i].y - ring->points[j].y));
  return best;
}

static void
test_truth (void)
{
  static const double diameters[] = { 2600, 700, 150 };
  static const char *names[]
      = { "macro 2600 µm", "micro 700 µm", "ITC 150 µm" };
  AxSynthSpec spec = make_spec (8, diameters, 3);
  g_autoptr (AxAnnotationSet) truth = NULL;
  g_autoptr (AxSlide) slide = NULL;

  spec.mpp = 8.0;
  spec.width = 1300;
  spec.height = 1000;
  slide = write_slide (&spec, "truth.tif", &truth);
  g_assert_cmpuint (truth->annotations->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const AxAnnotation *annotation
          = g_ptr_array_index (truth->annotations, i);
      const AxPolyRing *ring
          = &g_array_index (annotation->rings, AxPolyRing, 0);

      g_assert_cmpstr (annotation->name, ==, names[i]);
      g_assert_cmpstr (annotation->group, ==, "metastases");
      g_assert_cmpuint (annotation->rings->len, ==, 1);
      g_assert_cmpfloat_with_epsilon (get_feret (ring) * spec.mpp, diameters[i],
                                      1e-6 * diameters[i]);
    }
}

static double
get_area (const AxSynthLesion *lesion)
{
  double sum = 0;

  for (guint i = 0; i < lesion->n_points; i++)
    {
      AxPoint0 a = lesion->points[i];
      AxPoint0 b = lesion->points[(i + 1) % lesion->n_points];

      sum += a.x * b.y - b.x * a.y;
    }
  return fabs (sum) / 2;
}

/* What is painted as metastasis around @lesion, µm^2; @epithelium: the part
 * with tumour cells. */
static double
measure_lesion (const AxAnatomy *anatomy, const AxSynthLesion *lesion,
                double *epithelium)
{
  double step = lesion->diameter_um / 200, sum = 0;
  AxTissueSample sample;

  *epithelium = 0;
  for (int j = -205; j < 205; j++)
    for (int i = -205; i < 205; i++)
      {
        ax_anatomy_sample (anatomy, lesion->center.x + i * step,
                           lesion->center.y + j * step, &sample);
        sum += sample.lesion > 0 ? step * step : 0;
        if (sample.lesion > 0 && sample.nest > 0 && sample.gland < 0)
          *epithelium += step * step;
      }
  return sum;
}

static void
test_area (void)
{
  static const double diameters[] = { 2400, 120, 60 };

  for (guint k = 0; k < G_N_ELEMENTS (diameters); k++)
    for (guint64 seed = 1; seed <= 6; seed++)
      {
        double side = 1000 + 5 * diameters[k], area, epithelium;
        g_autoptr (AxAnatomy) anatomy
            = ax_anatomy_new (seed, side, side, &diameters[k], 1, NULL);
        const AxSynthLesion *lesion = ax_anatomy_get_lesion (anatomy, 0);

        area = get_area (lesion);
        g_assert_cmpfloat_with_epsilon (
            measure_lesion (anatomy, lesion, &epithelium) / area, 1.0, 0.02);
        g_assert_cmpfloat (epithelium / area, >, 0.2);
      }
}

static void
assert_apart (const AxAnatomy *anatomy, guint index)
{
  const AxSynthLesion *lesion = ax_anatomy_get_lesion (anatomy, index);
  AxTissueSample sample;

  for (guint i = 0; i < lesion->n_points; i++)
    {
      ax_anatomy_sample (anatomy, lesion->points[i].x, lesion->points[i].y,
                         &sample);
      g_assert_cmpfloat (sample.depth, >, 0.f);
      g_assert_cmpfloat (sample.follicle, <, 0.5f);
      for (guint k = 0; k < ax_anatomy_get_n_lesions (anatomy); k++)
        if (k != index)
          g_assert_cmpfloat (ax_synth_lesion_get_depth (
                                 ax_anatomy_get_lesion (anatomy, k),
                                 lesion->points[i].x, lesion->points[i].y),
                             <, 0.f);
    }
}

static void
test_placement (void)
{
  static const double diameters[] = { 1500, 700, 400, 150, 100, 80, 60 };

  for (guint64 seed = 1; seed <= 20; seed++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AxAnatomy) anatomy = ax_anatomy_new (
          seed, 8000, 6000, diameters, G_N_ELEMENTS (diameters), &error);

      g_assert_no_error (error);
      g_assert_cmpuint (ax_anatomy_get_n_lesions (anatomy), ==,
                        G_N_ELEMENTS (diameters));
      for (guint i = 0; i < G_N_ELEMENTS (diameters); i++)
        assert_apart (anatomy, i);
    }
}

/* The mask covers the node and leaves bare glass. */
static void
test_tissue (void)
{
  g_autoptr (GError) error = NULL;
  guint n_node = 0, n_found = 0, n_glass = 0, n_wrong = 0;

  for (guint64 seed = 1; seed <= 4; seed++)
    {
      AxSynthSpec spec = make_spec (seed, NULL, 0);
      g_autoptr (AxAnatomy) anatomy = NULL;
      g_autoptr (AxSlide) slide = NULL;
      g_autoptr (AxTissue) tissue = NULL;

      spec.mpp = 4.0;
      anatomy = ax_anatomy_new (seed, WIDTH * 4, HEIGHT * 4, NULL, 0, NULL);
      slide = write_slide (&spec, "tissue.tif", NULL);
      tissue = ax_tissue_detect (slide, (AxScale){ 4.0, 4.0 }, &error);
      g_assert_no_error (error);
      for (int y = 0; y + 8 < HEIGHT; y += 8)
        for (int x = 0; x + 8 < WIDTH; x += 8)
          {
            double share
                = ax_tissue_get_fraction_in (tissue, (AxRect0){ x, y, 8, 8 });
            AxTissueSample sample;

            ax_anatomy_sample (anatomy, 4.0 * x + 16, 4.0 * y + 16, &sample);
            n_node += sample.depth > 60;
            n_found += sample.depth > 60 && share > 0.5;
            n_glass += sample.depth < -60 && sample.fat < 0.01f;
            n_wrong += sample.depth < -60 && sample.fat < 0.01f && share > 0.5;
          }
    }
  g_assert_cmpfloat (n_found, >, 0.97 * n_node);
  g_assert_cmpfloat (n_wrong, <, 0.03 * n_glass);
}

static int
channel (guint32 pixel, int k)
{
  return (int)(pixel >> (8 * k) & 0xff);
}

/* Each level is the 2 x 2 mean of the one below, but for two JPEG codings with
 * colour at half the resolution. */
static void
test_levels (void)
{
  AxSynthSpec spec = make_spec (3, NULL, 0);
  g_autoptr (AxSlide) slide = NULL;
  AxScale mpp;

  spec.quality = 98;
  slide = write_slide (&spec, "levels.tif", NULL);
  g_assert_true (ax_slide_get_mpp (slide, &mpp));
  g_assert_cmpfloat_with_epsilon (mpp.x, MPP, 1e-6);
  g_assert_cmpint (ax_slide_get_n_levels (slide), ==, 3);
  for (int level = 1; level < 3; level++)
    {
      const AxSlideLevel *l = ax_slide_get_level (slide, level);
      gint64 below_width = ax_slide_get_level (slide, level - 1)->width;
      g_autofree guint32 *below = read_level (slide, level - 1);
      g_autofree guint32 *pixels = read_level (slide, level);
      double sum = 0;

      g_assert_true (ax_slide_has_fast_tiles (slide, level));
      for (gint64 i = 0; i < l->width * l->height; i++)
        {
          const guint32 *p
              = below + i / l->width * 2 * below_width + i % l->width * 2;

          for (int k = 0; k < 3; k++)
            sum += fabs (channel (pixels[i], k)
                         - (channel (p[0], k) + channel (p[1], k)
                            + channel (p[below_width], k)
                            + channel (p[below_width + 1], k))
                               / 4.0);
        }
      g_assert_cmpfloat (sum / (3.0 * l->width * l->height), <, 3.0);
    }
}

static void
test_refuses (void)
{
  static const double diameters[] = { 1200 };
  AxSynthSpec spec = make_spec (1, diameters, 1);
  g_autofree char *folder = g_dir_make_tmp ("axilla-synth-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.tif", NULL);
  g_autofree char *nowhere = g_build_filename (folder, "no", "a.tif", NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (ax_synth_write (&spec, path, NULL, NULL, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_LIMIT,
                "^no room for a metastasis of 1200 µm in a slide of "
                "1700 x 1300 µm: ");
  spec.n_diameters = 0;
  g_assert_false (
      ax_synth_write (&spec, nowhere, NULL, NULL, NULL, NULL, &error));
  expect_error (&error, AX_ERROR_IO, "no/a.tif: .*No such file or directory$");
  g_cancellable_cancel (cancelled);
  g_assert_false (
      ax_synth_write (&spec, path, NULL, NULL, NULL, cancelled, &error));
  expect_error (&error, AX_ERROR_CANCELLED, "a.tif: stopped$");
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_parses_lesions (void)
{
  static const struct
  {
    const char *text, *regex;
  } bad[] = {
    { "huge:1", "huge" },
    { "macro:x", "number of lesions" },
    { "micro:-1", "number of lesions" },
    { "5", "diameter" },
    { "400,,90", "diameter" },
  };
  AxSynthSpec spec = make_spec (1, NULL, 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) diameters = NULL;

  spec.width = spec.height = 20000;
  diameters
      = ax_synth_lesions_parse ("itc:2,micro:1,90.5,macro", &spec, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (diameters->len, ==, 5);
  g_assert_cmpfloat (g_array_index (diameters, double, 0), >, 2000);
  g_assert_cmpfloat (g_array_index (diameters, double, 1), >, 200);
  g_assert_cmpfloat (g_array_index (diameters, double, 1), <=, 2000);
  for (guint i = 2; i < 5; i++)
    g_assert_cmpfloat (g_array_index (diameters, double, i), <=, 200);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (ax_synth_lesions_parse (bad[i].text, &spec, &error));
      expect_error (&error, AX_ERROR_FORMAT, bad[i].regex);
    }
}

static void
on_progress (double share, gpointer last)
{
  g_assert_cmpfloat (share, >, *(double *)last);
  *(double *)last = share;
}

static void
test_progress (void)
{
  AxSynthSpec spec = make_spec (2, NULL, 0);
  g_autofree char *path = scratch_path ("progress.tif");
  g_autoptr (GError) error = NULL;
  double last = 0;

  spec.mpp = 8.0;
  spec.n_threads = 3;
  g_assert_true (
      ax_synth_write (&spec, path, NULL, on_progress, &last, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (last, ==, 1.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/synth/threads-and-seeds", test_threads_and_seeds);
  g_test_add_func ("/synth/rectangles-agree", test_rectangles_agree);
  g_test_add_func ("/synth/truth", test_truth);
  g_test_add_func ("/synth/area", test_area);
  g_test_add_func ("/synth/placement", test_placement);
  g_test_add_func ("/synth/tissue", test_tissue);
  g_test_add_func ("/synth/levels", test_levels);
  g_test_add_func ("/synth/refuses", test_refuses);
  g_test_add_func ("/synth/parses-lesions", test_parses_lesions);
  g_test_add_func ("/synth/progress", test_progress);
  return g_test_run ();
}
