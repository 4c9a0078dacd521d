#include "core/train/augment.h"

#include "core/base/error.h"
#include "core/train/stain.h"

#include <math.h>
#include <string.h>
#include <turbojpeg.h>

#define JPEG_QUALITY_MIN 40
#define JPEG_QUALITY_MAX 90
#define BLUR_MAX_RADIUS 8

AxAugment
ax_augment_none (void)
{
  return (AxAugment){ 0 };
}

AxAugment
ax_augment_usual (double strength)
{
  g_return_val_if_fail (strength >= 0.0, ax_augment_none ());
  if (strength <= 0.0)
    return ax_augment_none ();
  return (AxAugment){
    .flip = TRUE,
    .rotation = 45.0,
    .scale = 0.1,
    .shift = 4.0,
    .hue = 0.04 * strength,
    .saturation = 0.25 * strength,
    .brightness = 0.15 * strength,
    .contrast = 0.2 * strength,
    .stain = 0.1 * strength,
    .blur = 0.1 * strength,
    .blur_px = 1.0,
    .jpeg = 0.1 * strength,
  };
}

int
ax_augment_get_side (const AxAugment *self, int field)
{
  g_return_val_if_fail (self != NULL && field > 0, 0);
  const double turn = fmin (self->rotation, 45.0) * G_PI / 180.0;
  const double side = field * (1.0 + self->scale) * (cos (turn) + sin (turn))
                      + 2.0 * self->shift;
  /* As much is left over on both sides. */
  const int extra = (int)ceil (side) - field;
  return field + extra + extra % 2;
}

static double
draw (AxRng *rng, double reach)
{
  return ax_rng_range (rng, -reach, reach);
}

/* Where a pixel of the field lies in the picture: p = m (q - middle) + origin,
 * q and p being (x, y). */
typedef struct
{
  double m[2][2];
  double origin[2];
} Placement;

/* One of the eight symmetries: a quarter turn n times, after a mirroring. */
static void
draw_symmetry (AxRng *rng, int m[2][2])
{
  static const int turns[4][2][2] = {
    { { 1, 0 }, { 0, 1 } },
    { { 0, -1 }, { 1, 0 } },
    { { -1, 0 }, { 0, -1 } },
    { { 0, 1 }, { -1, 0 } },
  };
  const guint64 which = ax_rng_below (rng, 8);
  const int mirror = which >= 4 ? -1 : 1;
  for (int i = 0; i < 2; i++)
    {
      m[i][0] = turns[which % 4][i][0] * mirror;
      m[i][1] = turns[which % 4][i][1];
    }
}

static Placement
draw_placement (const AxAugment *self, AxRng *rng, const AxSample *sample,
                int field)
{
  int s[2][2] = { { 1, 0 }, { 0, 1 } };
  if (self->flip)
    draw_symmetry (rng, s);
  const double turn = draw (rng, self->rotation) * G_PI / 180.0;
  const double zoom = 1.0 + draw (rng, self->scale);
  const double c = cos (turn) * zoom;
  const double n = sin (turn) * zoom;
  Placement place
      = { { { c * s[0][0] - n * s[1][0], c * s[0][1] - n * s[1][1] },
            { n * s[0][0] + c * s[1][0], n * s[0][1] + c * s[1][1] } } };
  const int extra[2] = { sample->width - field, sample->height - field };
  for (int i = 0; i < 2; i++)
    {
      const double reach = fmin (self->shift, extra[i] / 2);
      place.origin[i]
          = extra[i] / 2 + (field - 1) / 2.0 + rint (draw (rng, reach));
    }
  return place;
}

static void
get_place (const Placement *place, int field, int x, int y, double at[2])
{
  const double q[2] = { x - (field - 1) / 2.0, y - (field - 1) / 2.0 };
  for (int i = 0; i < 2; i++)
    at[i] = place->m[i][0] * q[0] + place->m[i][1] * q[1] + place->origin[i];
}

static int
mirror (int i, int size)
{
  const int period = MAX (2 * (size - 1), 1);
  i = ABS (i) % period;
  return i < size ? i : period - i;
}

static void
cut_pixel (const AxSample *sample, const double at[2], float *pixel)
{
  const double x0 = floor (at[0]);
  const double y0 = floor (at[1]);
  const float fx = (float)(at[0] - x0);
  const float fy = (float)(at[1] - y0);
  const int w = sample->width;
  const gsize left = (gsize)mirror ((int)x0, w) * 3;
  const gsize right = (gsize)mirror ((int)x0 + 1, w) * 3;
  const guint8 *upper
      = sample->rgb + (gsize)mirror ((int)y0, sample->height) * w * 3;
  const guint8 *lower
      = sample->rgb + (gsize)mirror ((int)y0 + 1, sample->height) * w * 3;
  for (int c = 0; c < 3; c++)
    {
      const float a
          = upper[left + c] + fx * (float)(upper[right + c] - upper[left + c]);
      const float b
          = lower[left + c] + fx * (float)(lower[right + c] - lower[left + c]);
      pixel[c] = a + fy * (b - a);
    }
}

static void
cut_field (const AxSample *sample, const Placement *place, int field,
           float *pixels)
{
  for (int y = 0; y < field; y++)
    for (int x = 0; x < field; x++)
      {
        double at[2];
        get_place (place, field, x, y, at);
        cut_pixel (sample, at, pixels + ((gsize)y * field + x) * 3);
      }
}

static void
cut_mask (const AxSample *sample, const Placement *place, int field,
          guint8 *mask)
{
  for (int y = 0; y < field; y++)
    for (int x = 0; x < field; x++)
      {
        double at[2];
        get_place (place, field, x, y, at);
        const int column = mirror ((int)rint (at[0]), sample->width);
        const int row = mirror ((int)rint (at[1]), sample->height);
        mask[(gsize)y * field + x]
            = sample->mask[(gsize)row * sample->width + column];
      }
}

/* a becomes b * a. */
static void
multiply (const double b[3][3], double a[3][3])
{
  double product[3][3] = { { 0.0 } };
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 3; k++)
        product[i][j] += b[i][k] * a[k][j];
  memcpy (a, product, sizeof product);
}

/* Turns colours around the axis of greys. */
static void
turn_hue (double turns, double m[3][3])
{
  const double c = cos (2.0 * G_PI * turns);
  const double along = (1.0 - c) / 3.0;
  const double across = sin (2.0 * G_PI * turns) / sqrt (3.0);
  const double turn[3][3] = {
    { c + along, along - across, along + across },
    { along + across, c + along, along - across },
    { along - across, along + across, c + along },
  };
  multiply (turn, m);
}

/* Rec. 601, as everybody's luma. */
static const double luma[3] = { 0.299, 0.587, 0.114 };

static void
scale_saturation (double factor, double m[3][3])
{
  double scale[3][3];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      scale[i][j] = (1.0 - factor) * luma[j] + (i == j ? factor : 0.0);
  multiply ((const double (*)[3])scale, m);
}

static double
get_mean_luma (const float *pixels, gsize n_pixels)
{
  double sums[3] = { 0.0 };
  for (gsize i = 0; i < n_pixels; i++)
    for (int c = 0; c < 3; c++)
      sums[c] += pixels[i * 3 + c];
  return (sums[0] * luma[0] + sums[1] * luma[1] + sums[2] * luma[2])
         / (double)n_pixels;
}

static void
change_colours (const AxAugment *self, AxRng *rng, float *pixels,
                gsize n_pixels)
{
  double m[3][3] = { { 1.0, 0.0, 0.0 }, { 0.0, 1.0, 0.0 }, { 0.0, 0.0, 1.0 } };
  turn_hue (draw (rng, self->hue), m);
  scale_saturation (1.0 + draw (rng, self->saturation), m);
  const double contrast = 1.0 + draw (rng, self->contrast);
  const double brightness = 1.0 + draw (rng, self->brightness);
  const float offset = (float)(brightness * (1.0 - contrast)
                               * get_mean_luma (pixels, n_pixels));
  float scaled[3][3];
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      scaled[i][j] = (float)(m[i][j] * contrast * brightness);
  for (gsize i = 0; i < n_pixels; i++)
    {
      float *v = pixels + i * 3;
      const float old[3] = { v[0], v[1], v[2] };
      for (int c = 0; c < 3; c++)
        v[c] = offset + scaled[c][0] * old[0] + scaled[c][1] * old[1]
               + scaled[c][2] * old[2];
    }
}

static void
change_stains (const AxAugment *self, AxRng *rng, float *pixels, gsize n_pixels)
{
  double factors[3], shifts[3];
  for (int i = 0; i < 3; i++)
    {
      factors[i] = 1.0 + draw (rng, self->stain);
      shifts[i] = draw (rng, self->stain);
    }
  const AxStainChange change = ax_stain_change_init (factors, shifts);
  ax_stain_change_apply (&change, pixels, n_pixels);
}

/* One line of three channels, @step values between its pixels. */
static void
blur_line (const float *kernel, int radius, int n, gsize step,
           const float *line, float *out)
{
  for (int i = 0; i < n; i++)
    for (int c = 0; c < 3; c++)
      {
        float sum = 0.0f;
        for (int k = -radius; k <= radius; k++)
          sum += kernel[ABS (k)] * line[(gsize)mirror (i + k, n) * step + c];
        out[(gsize)i * step + c] = sum;
      }
}

static void
blur (double deviation, int field, float *pixels, float *other)
{
  const int radius = MIN ((int)ceil (3.0 * deviation), BLUR_MAX_RADIUS);
  float kernel[BLUR_MAX_RADIUS + 1];
  float sum = 0.0f;
  for (int k = 0; k <= radius; k++)
    {
      kernel[k] = (float)exp (-0.5 * k * k / (deviation * deviation));
      sum += k == 0 ? kernel[k] : 2.0f * kernel[k];
    }
  for (int k = 0; k <= radius; k++)
    kernel[k] /= sum;
  const gsize row = (gsize)field * 3;
  for (int y = 0; y < field; y++)
    blur_line (kernel, radius, field, 3, pixels + y * row, other + y * row);
  for (int x = 0; x < field; x++)
    blur_line (kernel, radius, field, row, other + x * 3, pixels + x * 3);
}

static gboolean
recompress (int quality, int field, guint8 *rgb, GError **error)
{
  tjhandle in = tjInitCompress ();
  tjhandle out = tjInitDecompress ();
  unsigned char *jpeg = NULL;
  unsigned long n_bytes = 0;
  const gboolean done
      = in != NULL && out != NULL
        && tjCompress2 (in, rgb, field, 0, field, TJPF_RGB, &jpeg, &n_bytes,
                        TJSAMP_420, quality, 0)
               == 0
        && tjDecompress2 (out, jpeg, n_bytes, rgb, field, 0, field, TJPF_RGB, 0)
               == 0;
  if (!done)
    g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                 "no memory to compress a training picture of %d px", field);
  tjFree (jpeg);
  if (in != NULL)
    tjDestroy (in);
  if (out != NULL)
    tjDestroy (out);
  return done;
}

static void
round_pixels (const float *pixels, gsize n, guint8 *rgb)
{
  for (gsize i = 0; i < n; i++)
    {
      const float v = pixels[i] + 0.5f;
      rgb[i] = v <= 0.0f ? 0 : v >= 255.0f ? 255 : (guint8)v;
    }
}

gboolean
ax_augment_apply (const AxAugment *self, AxRng *rng, const AxSample *sample,
                  int field, guint8 *rgb, guint8 *mask, GError **error)
{
  g_return_val_if_fail (self != NULL && rng != NULL && sample != NULL, FALSE);
  g_return_val_if_fail (field > 0 && sample->width >= field, FALSE);
  g_return_val_if_fail (sample->height >= field && rgb != NULL, FALSE);
  const gsize n_pixels = (gsize)field * (gsize)field;
  g_autofree float *pixels = g_try_new (float, n_pixels * 6);
  if (pixels == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory to change a training picture of %d px", field);
      return FALSE;
    }
  const Placement place = draw_placement (self, rng, sample, field);
  cut_field (sample, &place, field, pixels);
  if (mask != NULL && sample->has_mask)
    cut_mask (sample, &place, field, mask);
  if (self->stain > 0.0)
    change_stains (self, rng, pixels, n_pixels);
  if (self->hue > 0.0 || self->saturation > 0.0 || self->brightness > 0.0
      || self->contrast > 0.0)
    change_colours (self, rng, pixels, n_pixels);
  if (ax_rng_uniform (rng) < self->blur)
    blur (ax_rng_range (rng, 0.3, self->blur_px), field, pixels,
          pixels + n_pixels * 3);
  round_pixels (pixels, n_pixels * 3, rgb);
  if (ax_rng_uniform (rng) < self->jpeg)
    return recompress (
        JPEG_QUALITY_MIN
            + (int)ax_rng_below (rng, JPEG_QUALITY_MAX + 1 - JPEG_QUALITY_MIN),
        field, rgb, error);
  return TRUE;
}
