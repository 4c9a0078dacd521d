#include "core/train/augment.h"
#include "core/train/stain.h"
#include "tests/support/expect-error.h"

#include <math.h>

#define FIELD 12
#define SIDE 16
#define N_FIELD (FIELD * FIELD)

/* Every pixel another colour; the mask is where red is high. */
static void
draw_sample (AxSample *sample, int side)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (ax_sample_resize (sample, side, side, &error));
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++)
      {
        guint8 *pixel = sample->rgb + ((gsize)y * side + x) * 3;
        sample->mask[y * side + x] = x + y > side;
        pixel[0] = x + y > side ? 220 : 90;
        pixel[1] = (guint8)(x * 8 + 60);
        pixel[2] = (guint8)(y * 8 + 60);
      }
  sample->has_mask = TRUE;
}

static void
apply (const AxAugment *augment, guint64 seed, const AxSample *sample,
       guint8 *rgb, guint8 *mask)
{
  g_autoptr (GError) error = NULL;
  AxRng rng = ax_rng_init (seed, 0);
  ax_augment_apply (augment, &rng, sample, FIELD, rgb, mask, &error);
  g_assert_no_error (error);
}

/* Returns: whether what comes out differs from @plain. */
static guint
apply_other (const AxAugment *augment, guint64 seed, const AxSample *sample,
             const guint8 *plain, guint8 *rgb)
{
  apply (augment, seed, sample, rgb, NULL);
  return memcmp (rgb, plain, 3 * N_FIELD) != 0;
}

static void
test_none (void)
{
  const AxAugment none = ax_augment_none ();
  g_auto (AxSample) sample = { 0 };
  guint8 rgb[N_FIELD * 3], mask[N_FIELD];
  draw_sample (&sample, SIDE);
  apply (&none, 1, &sample, rgb, mask);
  for (int y = 0; y < FIELD; y++)
    for (int x = 0; x < FIELD; x++)
      {
        const gsize from = (gsize)(y + 2) * SIDE + (x + 2);
        g_assert_cmpmem (rgb + (y * FIELD + x) * 3, 3, sample.rgb + from * 3,
                         3);
        g_assert_cmpuint (mask[y * FIELD + x], ==, sample.mask[from]);
      }
}

/* Which of the eight symmetries turns the middle of the sample into @rgb. */
static int
find_symmetry (const AxSample *sample, const guint8 *rgb)
{
  for (int s = 0; s < 8; s++)
    {
      gboolean same = TRUE;
      for (int y = 0; y < FIELD && same; y++)
        for (int x = 0; x < FIELD && same; x++)
          {
            int u = s & 1 ? FIELD - 1 - x : x;
            int v = s & 2 ? FIELD - 1 - y : y;
            const gsize from = s & 4 ? (gsize)(u + 2) * SIDE + (v + 2)
                                     : (gsize)(v + 2) * SIDE + (u + 2);
            same = memcmp (rgb + (y * FIELD + x) * 3, sample->rgb + from * 3, 3)
                   == 0;
          }
      if (same)
        return s;
    }
  return -1;
}

static void
test_symmetries (void)
{
  const AxAugment flips = { .flip = TRUE };
  g_auto (AxSample) sample = { 0 };
  guint8 rgb[N_FIELD * 3];
  int seen = 0;
  draw_sample (&sample, SIDE);
  for (guint64 seed = 0; seed < 100; seed++)
    {
      apply (&flips, seed, &sample, rgb, NULL);
      const int symmetry = find_symmetry (&sample, rgb);
      g_assert_cmpint (symmetry, >=, 0);
      seen |= 1 << symmetry;
    }
  g_assert_cmpint (seen, ==, 255);
}

/* However the picture is turned, the mask is turned with it. */
static void
test_mask_follows (void)
{
  const AxAugment turns
      = { .flip = TRUE, .rotation = 45, .scale = 0.1, .shift = 2 };
  g_auto (AxSample) sample = { 0 };
  guint8 rgb[N_FIELD * 3], mask[N_FIELD];
  guint n_wrong = 0, n_tumor = 0;
  draw_sample (&sample, ax_augment_get_side (&turns, FIELD));
  for (guint64 seed = 0; seed < 50; seed++)
    {
      apply (&turns, seed, &sample, rgb, mask);
      for (int i = 0; i < N_FIELD; i++)
        {
          n_wrong += (rgb[i * 3] > 155) != mask[i];
          n_tumor += mask[i];
        }
    }
  g_assert_cmpuint (n_wrong, <, 50 * N_FIELD / 50);
  g_assert_cmpuint (n_tumor, >, 50 * N_FIELD / 4);
}

static void
test_shift_stays_within (void)
{
  const AxAugment shifts = { .shift = 100 };
  g_auto (AxSample) sample = { 0 };
  guint8 rgb[N_FIELD * 3];
  int most = 0, least = SIDE;
  draw_sample (&sample, SIDE);
  for (guint64 seed = 0; seed < 60; seed++)
    {
      apply (&shifts, seed, &sample, rgb, NULL);
      const int left = (rgb[1] - 60) / 8;
      most = MAX (most, left);
      least = MIN (least, left);
    }
  g_assert_cmpint (least, ==, 0);
  g_assert_cmpint (most, ==, SIDE - FIELD);
}

/* A picture no larger than the field is turned all the same. */
static void
test_mirrored_edge (void)
{
  const AxAugment usual = ax_augment_usual (1.0);
  g_auto (AxSample) sample = { 0 };
  guint8 first[N_FIELD * 3], again[N_FIELD * 3], other[N_FIELD * 3];
  draw_sample (&sample, FIELD);
  for (guint64 seed = 0; seed < 40; seed++)
    {
      apply (&usual, seed, &sample, first, NULL);
      apply (&usual, seed, &sample, again, NULL);
      g_assert_cmpmem (first, sizeof first, again, sizeof again);
      apply (&usual, seed + 1000, &sample, other, NULL);
      g_assert_true (memcmp (first, other, sizeof first) != 0);
    }
}

static double
get_mean (const guint8 *rgb, int channel)
{
  double sum = 0;
  for (int i = 0; i < N_FIELD; i++)
    sum += rgb[i * 3 + channel];
  return sum / N_FIELD;
}

static double
get_luma (const guint8 *rgb)
{
  return 0.299 * get_mean (rgb, 0) + 0.587 * get_mean (rgb, 1)
         + 0.114 * get_mean (rgb, 2);
}

static double
get_grey (const guint8 *rgb)
{
  return get_mean (rgb, 0) + get_mean (rgb, 1) + get_mean (rgb, 2);
}

/* Each change of colour alone changes something and stays within what it
 * promises: a turn around the axis of greys keeps the sum of the channels,
 * saturation the luma. */
static void
test_colours (void)
{
  const AxAugment hue = { .hue = 0.04 };
  const AxAugment saturation = { .saturation = 0.25 };
  const AxAugment brightness = { .brightness = 0.2 };
  const AxAugment contrast = { .contrast = 0.5 };
  const AxAugment blur = { .blur = 1.0, .blur_px = 1.0 };
  const AxAugment jpeg = { .jpeg = 1.0 };
  const AxAugment none = ax_augment_none ();
  g_auto (AxSample) sample = { 0 };
  guint8 plain[N_FIELD * 3], rgb[N_FIELD * 3];
  guint n_changed = 0;
  draw_sample (&sample, SIDE);
  apply (&none, 0, &sample, plain, NULL);
  for (guint64 seed = 0; seed < 20; seed++)
    {
      n_changed += apply_other (&hue, seed, &sample, plain, rgb);
      g_assert_cmpfloat (fabs (get_grey (rgb) - get_grey (plain)), <, 2.0);
      n_changed += apply_other (&saturation, seed, &sample, plain, rgb);
      g_assert_cmpfloat (fabs (get_luma (rgb) - get_luma (plain)), <, 1.0);
      n_changed += apply_other (&brightness, seed, &sample, plain, rgb);
      g_assert_cmpfloat (fabs (get_mean (rgb, 1) / get_mean (plain, 1) - 1), <,
                         0.21);
      n_changed += apply_other (&contrast, seed, &sample, plain, rgb);
      g_assert_cmpfloat (fabs (get_luma (rgb) - get_luma (plain)), <, 4.0);
      n_changed += apply_other (&blur, seed, &sample, plain, rgb);
      g_assert_cmpfloat (fabs (get_mean (rgb, 1) - get_mean (plain, 1)), <,
                         2.0);
      n_changed += apply_other (&jpeg, seed, &sample, plain, rgb);
      g_assert_cmpfloat (fabs (get_mean (rgb, 1) - get_mean (plain, 1)), <,
                         8.0);
    }
  /* The least of blurs changes nothing. */
  g_assert_cmpuint (n_changed, >=, 6 * 20 - 5);
}

/* Against numpy: -log ((v + 1) / 256) times the inverse of the matrix of
 * scikit-image's rgb_from_hed with rows of unit length. */
static void
test_stains (void)
{
  const double rgb[3] = { 180, 120, 170 };
  const double expected[3] = { 0.35818075, 0.30671012, 0.34166618 };
  const double changed[3] = { 170.893200, 119.997162, 166.908201 };
  const double factors[3] = { 1.1, 0.9, 1.0 }, shifts[3] = { 0.05, -0.03, 0 };
  const AxStainChange change = ax_stain_change_init (factors, shifts);
  double amounts[3];
  float pixel[3] = { 180, 120, 170 };
  ax_stain_separate (rgb, amounts);
  ax_stain_change_apply (&change, pixel, 1);
  for (int c = 0; c < 3; c++)
    {
      g_assert_cmpfloat_with_epsilon (amounts[c], expected[c], 1e-7);
      g_assert_cmpfloat_with_epsilon (pixel[c], changed[c], 0.15);
    }
}

static void
test_stains_unchanged (void)
{
  const double ones[3] = { 1, 1, 1 }, zeros[3] = { 0, 0, 0 };
  const AxStainChange change = ax_stain_change_init (ones, zeros);
  for (int v = 0; v < 256; v++)
    {
      float pixel[3] = { (float)v, (float)(255 - v), 255.0f };
      ax_stain_change_apply (&change, pixel, 1);
      g_assert_cmpfloat_with_epsilon (pixel[0], v, 0.2);
      g_assert_cmpfloat_with_epsilon (pixel[1], 255 - v, 0.2);
      g_assert_cmpfloat_with_epsilon (pixel[2], 255, 0.2);
    }
}

static void
test_sample_limits (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (AxSample) sample = { 0 };
  g_assert_false (
      ax_sample_resize (&sample, AX_SAMPLE_MAX_SIDE + 1, 1, &error));
  expect_error (&error, AX_ERROR_LIMIT, "8193 × 1 px, more than 8192");
  g_assert_null (sample.rgb);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/augment/none", test_none);
  g_test_add_func ("/augment/symmetries", test_symmetries);
  g_test_add_func ("/augment/mask-follows", test_mask_follows);
  g_test_add_func ("/augment/shift-stays-within", test_shift_stays_within);
  g_test_add_func ("/augment/mirrored-edge", test_mirrored_edge);
  g_test_add_func ("/augment/colours", test_colours);
  g_test_add_func ("/augment/stains", test_stains);
  g_test_add_func ("/augment/stains-unchanged", test_stains_unchanged);
  g_test_add_func ("/augment/sample-limits", test_sample_limits);
  return g_test_run ();
}
