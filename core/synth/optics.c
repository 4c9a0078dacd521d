#include "core/synth/optics.h"

#include <string.h>

#define FINE_RADIUS 4
#define WIDE_RADIUS 6
#define WIDE_PASSES 3

int
ax_optics_get_margin (float least)
{
  int margin = FINE_RADIUS;

  if (least < -0.5f)
    margin += WIDE_PASSES * WIDE_RADIUS;
  return margin;
}

/* The mean of 2 * radius + 1 neighbours in one direction, @stride bytes apart;
 * pixels nearer to an end than that stay as they are. */
static void
blur_along (const guint8 *in, guint8 *out, gsize n, gsize stride, int radius)
{
  guint16 sums[64];
  guint scale = 65536 / (2 * (guint)radius + 1) + 1;
  gsize reach = radius * stride;

  if (n <= 2 * reach)
    return;
  for (gsize from = reach; from < n - reach; from += G_N_ELEMENTS (sums))
    {
      gsize count = MIN (G_N_ELEMENTS (sums), n - reach - from);

      memset (sums, 0, sizeof sums);
      for (int k = -radius; k <= radius; k++)
        {
          const guint8 *p = in + from + (gssize)k * (gssize)stride;

          for (gsize i = 0; i < count; i++)
            sums[i] = (guint16)(sums[i] + p[i]);
        }
      for (gsize i = 0; i < count; i++)
        out[from + i] = (guint8)((sums[i] * scale) >> 16);
    }
}

/* A box blur; what it does next to the edges is of no use. */
static void
blur (const guint8 *in, guint8 *out, guint8 *scratch, gsize width, gsize n,
      int radius)
{
  memcpy (scratch, in, n);
  if (out != in)
    memcpy (out, in, n);
  blur_along (in, scratch, n, 1, radius);
  blur_along (scratch, out, n, width, radius);
}

static void
mix_row (guint8 *plane, const guint8 *fine, const guint8 *wide,
         const float *focus, int width)
{
  for (int i = 0; i < width; i++)
    {
      float sharp = plane[i], soft = fine[i], v;

      if (focus[i] > -0.5f)
        v = sharp
            + (focus[i] > 0.f ? focus[i] : 2.f * focus[i]) * (sharp - soft);
      else
        v = soft + (2.f * -focus[i] - 1.f) * (wide[i] - soft);
      plane[i] = (guint8)CLAMP (v + 0.5f, 0.f, 255.f);
    }
}

static void
focus_plane (guint8 *plane, const AxStainPlanes *planes, const float *focus,
             float least, guint8 *scratch)
{
  gsize n = (gsize)planes->width * planes->height;
  guint8 *fine = scratch + n, *wide = scratch + 2 * n;

  blur (plane, fine, scratch, planes->width, n, FINE_RADIUS);
  if (least < -0.5f)
    {
      blur (fine, wide, scratch, planes->width, n, WIDE_RADIUS);
      for (int i = 1; i < WIDE_PASSES; i++)
        blur (wide, wide, scratch, planes->width, n, WIDE_RADIUS);
    }
  for (int j = 0; j < planes->height; j++)
    {
      gsize at = (gsize)j * planes->width;

      mix_row (plane + at, fine + at, wide + at, focus + at, planes->width);
    }
}

static void
get_focus (const AxLattice *lattice, const AxStainPlanes *planes, float *focus)
{
  g_autofree AxGround *row = g_new (AxGround, lattice->n_cols);

  for (int j = 0; j < planes->height; j++)
    {
      ax_lattice_get_row (lattice, planes->y + j, row);
      for (int i = 0; i < planes->width; i++)
        {
          gint64 x = planes->x + i - lattice->x;
          const AxGround *at = &row[x / AX_LATTICE_STEP];
          float t = (float)(x % AX_LATTICE_STEP) / AX_LATTICE_STEP;

          *focus++ = at[0].focus + t * (at[1].focus - at[0].focus);
        }
    }
}

void
ax_optics_apply (AxStainPlanes *planes, const AxLattice *lattice, float least)
{
  gsize n = (gsize)planes->width * planes->height;
  g_autofree float *focus = g_new (float, n);
  g_autofree guint8 *scratch = g_malloc (3 * n);

  get_focus (lattice, planes, focus);
  focus_plane (planes->h, planes, focus, least, scratch);
  focus_plane (planes->e, planes, focus, least, scratch);
}
