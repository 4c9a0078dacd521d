#include "core/synth/render.h"

#include "core/base/rng.h"
#include "core/synth/noise.h"
#include "core/synth/stamp.h"

#include <math.h>
#include <string.h>

/* The tissue is sampled on a lattice this many pixels wide and interpolated
 * between. */
#define LATTICE 16
#define FIBER_STEPS 4096
#define FIBER_STEPS_PER_UM 4.f
#define LYMPHOID_PITCH_UM 6.1
#define TUMOR_PITCH_UM 12.0
#define FAT_CELL_UM 62.0
#define PEN_WIDTH_UM 330.0

enum
{
  STREAM_COLORS = 1,
  STREAM_PEN,
};

struct _AxSynthRender
{
  const AxAnatomy *anatomy;
  AxSynthLooks looks;
  double width, height; /* µm */
  AxStampBank *bank;
  AxNoiseTexture *fine, *coarse;
  float fibers[FIBER_STEPS];
  guint8 glass[3];
  guint8 pen_color[3];
  AxPoint0 pen[4]; /* a stroke, µm */
  /* colours by haematoxylin and eosin, 256 x 256 x RGB */
  guint8 (*colors)[3];
};

/* What to paint under the cells at a lattice point; interpolated. */
typedef struct
{
  float h, e;     /* optical density of the ground */
  float grain;    /* strength of its texture */
  float gaps;     /* share of shrinkage clefts */
  float fibrous;  /* strength of fibres */
  float fiber;    /* their field, µm */
  float open;     /* µm inside bare space */
  float fat;      /* 0..1 */
  float strength; /* of all stain: local variation, folds */
  float pen;      /* µm inside a pen stroke */
} Ground;

#define N_GROUND (sizeof (Ground) / sizeof (float))

typedef struct
{
  gint64 x, y; /* first pixel, a multiple of LATTICE */
  int n_cols, n_rows;
  AxTissueSample *samples;
  Ground *grounds;
} Lattice;

typedef struct
{
  gint64 x, y;
  int width, height;
  guint8 *h, *e;
} Planes;

static void
mix_ground (Ground *ground, float weight, float h, float e, float grain,
            float gaps, float fibrous)
{
  ground->h += weight * (h - ground->h);
  ground->e += weight * (e - ground->e);
  ground->grain += weight * (grain - ground->grain);
  ground->gaps += weight * (gaps - ground->gaps);
  ground->fibrous += weight * (fibrous - ground->fibrous);
}

static float
unit (float v)
{
  return CLAMP (v, 0.f, 1.f);
}

static double
segment_distance (AxPoint0 a, AxPoint0 b, double x, double y)
{
  double dx = b.x - a.x, dy = b.y - a.y;
  double t = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy + 1e-9);

  t = CLAMP (t, 0.0, 1.0);
  return hypot (a.x + t * dx - x, a.y + t * dy - y);
}

static float
pen_depth (const AxSynthRender *self, double x, double y)
{
  double nearest = G_MAXDOUBLE;

  if (!self->looks.pen)
    return -1000.f;
  for (int i = 0; i + 1 < (int)G_N_ELEMENTS (self->pen); i++)
    nearest = MIN (nearest,
                   segment_distance (self->pen[i], self->pen[i + 1], x, y));
  return (float)MAX (PEN_WIDTH_UM / 2 - nearest
                         + 12.0
                               * ax_noise_fractal (self->looks.seed + 91,
                                                   x / 40.0, y / 40.0, 2),
                     -1000.0);
}

/* A fold doubles the tissue along a ridge of the noise. */
static float
fold_strength (const AxSynthRender *self, double x, double y)
{
  float ridge;

  if (!self->looks.folds)
    return 0.f;
  ridge = fabsf (
      ax_noise_fractal (self->looks.seed + 95, x / 3600.0, y / 3600.0, 2)
      + 0.35f);
  return unit ((0.012f - ridge) / 0.004f);
}

static void
settle_ground (const AxSynthRender *self, const AxTissueSample *s, double x,
               double y, Ground *ground)
{
  float in_node = unit (s->depth / 4.f + 0.5f);
  float in_lesion = unit (s->lesion / 4.f + 0.5f);

  *ground = (Ground){ .h = 0.13f, .e = 0.20f, .grain = 0.45f, .gaps = 0.30f };
  ground->fiber = s->fiber;
  mix_ground (ground, s->mantle, 0.16f, 0.20f, 0.4f, 0.18f, 0.f);
  mix_ground (ground, s->follicle, 0.20f, 0.24f, 0.45f, 0.10f, 0.f);
  mix_ground (ground, s->sinus, 0.03f, 0.13f, 0.5f, 0.62f, 0.f);
  mix_ground (ground, s->stroma, 0.06f, 0.46f, 0.25f, 0.12f, 0.55f);
  if (in_lesion > 0.f)
    {
      float nest = unit (s->nest / 0.10f + 0.5f);

      mix_ground (ground, in_lesion * (1.f - nest), 0.07f, 0.42f, 0.25f, 0.10f,
                  0.5f);
      mix_ground (ground, in_lesion * nest, 0.13f, 0.32f, 0.35f, 0.10f, 0.f);
      if (s->lesion > 0.f && nest < 0.5f)
        ground->fiber = 90.f * s->nest + 0.15f * s->fiber;
    }
  if (s->wall > -6.f)
    {
      mix_ground (ground, unit (s->wall / 4.f + 0.5f), 0.08f, 0.52f, 0.2f, 0.f,
                  0.5f);
      ground->fiber = 1.3f * s->wall;
    }
  ground->fat = s->fat * (1.f - in_node);
  ground->open = MAX (MAX (-s->depth - 2.f, s->lumen), 60.f * s->tear - 30.f);
  if (ground->fat > 0.f)
    mix_ground (ground, 1.f - in_node, 0.02f, 0.30f, 0.3f, 0.3f, 0.45f);
  ground->strength
      = s->stain * (1.f + 0.8f * in_node * fold_strength (self, x, y));
  ground->pen = pen_depth (self, x, y);
}

static void
lattice_fill (Lattice *lattice, const AxSynthRender *self, gint64 x, gint64 y,
              int width, int height)
{
  double mpp = self->looks.mpp;

  lattice->x = x - ((x % LATTICE) + LATTICE) % LATTICE;
  lattice->y = y - ((y % LATTICE) + LATTICE) % LATTICE;
  lattice->n_cols = (int)((x + width - lattice->x) / LATTICE) + 2;
  lattice->n_rows = (int)((y + height - lattice->y) / LATTICE) + 2;
  lattice->samples
      = g_new (AxTissueSample, (gsize)lattice->n_cols * lattice->n_rows);
  lattice->grounds = g_new (Ground, (gsize)lattice->n_cols * lattice->n_rows);
  for (int r = 0; r < lattice->n_rows; r++)
    for (int c = 0; c < lattice->n_cols; c++)
      {
        double x_um = (lattice->x + c * LATTICE) * mpp;
        double y_um = (lattice->y + r * LATTICE) * mpp;
        int i = r * lattice->n_cols + c;

        ax_anatomy_sample (self->anatomy, x_um, y_um, &lattice->samples[i]);
        settle_ground (self, &lattice->samples[i], x_um, y_um,
                       &lattice->grounds[i]);
      }
}

static void
lattice_clear (Lattice *lattice)
{
  g_free (lattice->samples);
  g_free (lattice->grounds);
}

/* Bilinear interpolation of all fields at a pixel. */
static void
lattice_get (const Lattice *lattice, double x, double y, AxTissueSample *sample)
{
  double fx = (x - lattice->x) / LATTICE, fy = (y - lattice->y) / LATTICE;
  int c = (int)fx, r = (int)fy;
  float tx = (float)(fx - c), ty = (float)(fy - r);
  const float *top = (const float *)&lattice->samples[r * lattice->n_cols + c];
  const float *bottom
      = (const float *)&lattice->samples[(r + 1) * lattice->n_cols + c];
  int n = sizeof (AxTissueSample) / sizeof (float);
  float *out = (float *)sample;

  for (int i = 0; i < n; i++)
    {
      float a = top[i] + tx * (top[i + n] - top[i]);
      float b = bottom[i] + tx * (bottom[i + n] - bottom[i]);

      out[i] = a + ty * (b - a);
    }
}

/* Walls between fat cells, µm of distance from the nearest wall. */
static float
fat_wall_distance (const AxSynthRender *self, double x, double y)
{
  float nearest, second;

  ax_noise_worley (self->looks.seed + 97, x * self->looks.mpp / FAT_CELL_UM,
                   y * self->looks.mpp / FAT_CELL_UM, 0.8, &nearest, &second);
  return (second - nearest) * (float)FAT_CELL_UM / 2;
}

static float
fat_share (const AxSynthRender *self, gint64 x, gint64 y, float fat)
{
  float distance = fat_wall_distance (self, x, y);
  float wall = unit ((1.3f - distance) / 0.8f);

  return 1.f - unit ((fat - 0.06f) / 0.05f) * (1.f - wall);
}

static void
paint_pixel (const AxSynthRender *self, const Ground *g, gint64 x, gint64 y,
             guint8 *h, guint8 *e)
{
  float fine = ax_noise_texture_get (self->fine, x, y) / 128.f - 1.f;
  float coarse
      = ax_noise_texture_get (self->coarse, x + (y >> 2), y - (x >> 3)) / 128.f
        - 1.f;
  float texture = 1.f + g->grain * (0.6f * fine + 0.6f * coarse);
  float solid = unit (0.5f - 1.2f * g->open);
  float cleft = unit ((coarse + 0.25f * fine + 1.f - 1.9f * g->gaps) * 4.f);
  float density = g->strength * texture * (0.18f + 0.82f * cleft);
  float fiber = 0.f;

  if (g->fibrous > 0.02f)
    {
      int i = (int)floorf (g->fiber * FIBER_STEPS_PER_UM + 3.f * coarse)
              & (FIBER_STEPS - 1);

      fiber = g->fibrous * self->fibers[i];
    }
  if (g->fat > 0.02f)
    solid = fat_share (self, x, y, g->fat);
  density *= solid * MAX (1.f + fiber, 0.12f);
  *h = (guint8)MIN (AX_STAIN_UNIT * g->h * density, 255.f);
  *e = (guint8)MIN (AX_STAIN_UNIT * g->e * density, 255.f);
}

static gboolean
is_glass (const Ground *g)
{
  return g->open > 6.f && g->fat <= 0.02f;
}

/* Interpolates the grounds of one lattice row onto pixel row @y. */
static void
interpolate_row (const Lattice *lattice, gint64 y, Ground *row)
{
  int r = (int)((y - lattice->y) / LATTICE);
  float t = (float)((y - lattice->y) % LATTICE) / LATTICE;
  const float *top = (const float *)&lattice->grounds[r * lattice->n_cols];
  const float *bottom
      = (const float *)&lattice->grounds[(r + 1) * lattice->n_cols];
  float *out = (float *)row;

  for (gsize i = 0; i < lattice->n_cols * N_GROUND; i++)
    out[i] = top[i] + t * (bottom[i] - top[i]);
}

static void
ground_between (const Ground *a, const Ground *b, float t, Ground *out)
{
  const float *fa = (const float *)a, *fb = (const float *)b;
  float *fo = (float *)out;

  for (gsize i = 0; i < N_GROUND; i++)
    fo[i] = fa[i] + t * (fb[i] - fa[i]);
}

static void
paint_ground (const AxSynthRender *self, const Lattice *lattice, Planes *planes)
{
  g_autofree Ground *row = g_new (Ground, lattice->n_cols);

  for (int j = 0; j < planes->height; j++)
    {
      guint8 *h = planes->h + (gsize)j * planes->width;
      guint8 *e = planes->e + (gsize)j * planes->width;

      interpolate_row (lattice, planes->y + j, row);
      for (int i = 0; i < planes->width; i++)
        {
          gint64 x = planes->x + i;
          int c = (int)((x - lattice->x) / LATTICE);
          Ground ground;

          if (is_glass (&row[c]) && is_glass (&row[c + 1]))
            {
              h[i] = e[i] = 0;
              continue;
            }
          ground_between (&row[c], &row[c + 1],
                          (float)((x - lattice->x) % LATTICE) / LATTICE,
                          &ground);
          paint_pixel (self, &ground, x, planes->y + j, &h[i], &e[i]);
        }
    }
}

static void
stamp_cell (Planes *planes, const AxStamp *stamp, gint64 x, gint64 y,
            float strength)
{
  gint64 left = x - stamp->size / 2 - planes->x;
  gint64 top = y - stamp->size / 2 - planes->y;
  int from_i = (int)MAX (0, -left), from_j = (int)MAX (0, -top);
  int to_i = (int)MIN (stamp->size, planes->width - left);
  int to_j = (int)MIN (stamp->size, planes->height - top);
  guint scale = (guint)(256.f * strength);

  for (int j = from_j; j < to_j; j++)
    {
      const guint8 *cover = stamp->cover + j * stamp->size;
      const guint8 *stamp_h = stamp->h + j * stamp->size;
      const guint8 *stamp_e = stamp->e + j * stamp->size;
      guint8 *h = planes->h + (top + j) * planes->width + left;
      guint8 *e = planes->e + (top + j) * planes->width + left;

      for (int i = from_i; i < to_i; i++)
        {
          guint a = cover[i] + (cover[i] >> 7);
          guint new_h
              = (h[i] * (256 - a) + ((stamp_h[i] * scale) >> 8) * a) >> 8;
          guint new_e
              = (e[i] * (256 - a) + ((stamp_e[i] * scale) >> 8) * a) >> 8;

          h[i] = (guint8)MIN (new_h, 255);
          e[i] = (guint8)MIN (new_e, 255);
        }
    }
}

/* Which cell, if any, lives at a place of the lymphoid grid. */
static gboolean
choose_cell (const AxTissueSample *s, float chance, AxCellKind *kind)
{
  static const struct
  {
    AxCellKind kind;
    /* share by place: cortex, mantle, follicle, sinus, collagen,
       tumour nest, tumour stroma */
    float share[7];
  } table[] = {
    { AX_CELL_LYMPHOCYTE, { 0.78f, 0.96f, 0.14f, 0.10f, .03f, .02f, .10f } },
    { AX_CELL_ACTIVATED, { 0.10f, 0.02f, 0.12f, 0.03f, .00f, .00f, .01f } },
    { AX_CELL_CENTROCYTE, { 0.02f, 0.00f, 0.52f, 0.00f, .00f, .00f, .00f } },
    { AX_CELL_MACROPHAGE, { .001f, 0.00f, .012f, 0.00f, .00f, .00f, .00f } },
    { AX_CELL_HISTIOCYTE, { 0.02f, 0.00f, 0.00f, 0.17f, .00f, .00f, .00f } },
    { AX_CELL_SPINDLE, { 0.02f, 0.00f, 0.00f, 0.02f, .10f, .00f, .13f } },
  };
  int place = 0;
  float from = 0.f;

  if (s->lesion > 0.f)
    place = s->nest > 0.f ? 5 : 6;
  else if (s->stroma > 0.5f || s->wall > 0.f)
    place = 4;
  else if (s->sinus > 0.5f)
    place = 3;
  else if (s->follicle > 0.5f)
    place = 2;
  else if (s->mantle > 0.5f)
    place = 1;
  if (place == 0)
    chance /= CLAMP (s->cord, 0.2f, 1.f);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      from += table[i].share[place];
      if (chance < from)
        {
          *kind = table[i].kind;
          return TRUE;
        }
    }
  return FALSE;
}

/* Fibres run along the contour lines of their field. */
static guint
spindle_variant (const Lattice *lattice, double x, double y)
{
  AxTissueSample right, left, down, up;
  double angle;

  lattice_get (lattice, x + 4, y, &right);
  lattice_get (lattice, x - 4, y, &left);
  lattice_get (lattice, x, y + 4, &down);
  lattice_get (lattice, x, y - 4, &up);
  if (right.wall > -4.f)
    angle = atan2 (down.wall - up.wall, right.wall - left.wall);
  else
    angle = atan2 (down.fiber - up.fiber, right.fiber - left.fiber);
  angle += G_PI / 2;
  angle -= G_PI * floor (angle / G_PI);
  return (guint)(angle / G_PI * AX_STAMP_VARIANTS);
}

static void
place_lymphoid (const AxSynthRender *self, const Lattice *lattice,
                Planes *planes, double x, double y, const float lots[3])
{
  AxTissueSample sample;
  AxCellKind kind;
  guint variant = (guint)(lots[1] * AX_STAMP_VARIANTS);

  lattice_get (lattice, x, y, &sample);
  if (sample.depth < 2.f || sample.tear > 0.4f)
    return;
  if (sample.lumen > 0.f)
    {
      /* about every other vessel holds blood */
      if (lots[0] > 0.55f || sample.stain < 1.f)
        return;
      kind = AX_CELL_RED;
    }
  else if (!choose_cell (&sample, lots[0], &kind))
    return;
  if (kind == AX_CELL_SPINDLE)
    variant = spindle_variant (lattice, x, y);
  stamp_cell (planes, ax_stamp_bank_get (self->bank, kind, variant), (gint64)x,
              (gint64)y, sample.stain);
}

static gboolean
is_tumor (const Lattice *lattice, double x, double y, const float lots[3],
          AxTissueSample *sample)
{
  lattice_get (lattice, x, y, sample);
  return sample->lesion > 3.f && sample->nest > 0.f && sample->tear < 0.4f
         && lots[0] < 0.96f;
}

static void
place_tumor (const AxSynthRender *self, const Lattice *lattice, Planes *planes,
             AxCellKind kind, double x, double y, const float lots[3])
{
  AxTissueSample sample;
  const AxStamp *stamp = ax_stamp_bank_get (
      self->bank, kind, (guint)(lots[1] * AX_STAMP_VARIANTS));

  if (is_tumor (lattice, x, y, lots, &sample))
    stamp_cell (planes, stamp, (gint64)x, (gint64)y, sample.stain);
}

static void
place_tumor_body (const AxSynthRender *self, const Lattice *lattice,
                  Planes *planes, double x, double y, const float lots[3])
{
  place_tumor (self, lattice, planes, AX_CELL_TUMOR_BODY, x, y, lots);
}

static void
place_tumor_nucleus (const AxSynthRender *self, const Lattice *lattice,
                     Planes *planes, double x, double y, const float lots[3])
{
  place_tumor (self, lattice, planes,
               lots[0] < 0.018f ? AX_CELL_MITOSIS : AX_CELL_TUMOR, x, y, lots);
}

typedef void (*PlaceFunc) (const AxSynthRender *self, const Lattice *lattice,
                           Planes *planes, double x, double y,
                           const float lots[3]);

/* Cells live on a jittered grid of the whole slide, in raster order. */
static void
place_cells (const AxSynthRender *self, const Lattice *lattice, Planes *planes,
             double pitch_um, guint64 salt, PlaceFunc place)
{
  double pitch = pitch_um / self->looks.mpp;
  int reach = ax_stamp_bank_get_reach (self->bank) + 1;
  gint64 from_c = (gint64)floor ((planes->x - reach) / pitch) - 1;
  gint64 to_c = (gint64)floor ((planes->x + planes->width + reach) / pitch) + 1;
  gint64 from_r = (gint64)floor ((planes->y - reach) / pitch) - 1;
  gint64 to_r
      = (gint64)floor ((planes->y + planes->height + reach) / pitch) + 1;
  guint64 seed = self->looks.seed + salt;

  for (gint64 r = from_r; r <= to_r; r++)
    for (gint64 c = from_c; c <= to_c; c++)
      {
        float lots[3]
            = { ax_noise_hash (seed, c, r), ax_noise_hash (seed + 1, c, r),
                ax_noise_hash (seed + 2, c, r) };
        double shift = r & 1 ? 0.5 : 0.0;
        double x = (c + shift + 0.5 + 0.62 * (lots[2] - 0.5)) * pitch;
        double y
            = (r + 0.5 + 0.62 * (ax_noise_hash (seed + 3, c, r) - 0.5)) * pitch;

        if (x >= lattice->x + 4 && y >= lattice->y + 4
            && x < lattice->x + (lattice->n_cols - 1) * LATTICE - 5
            && y < lattice->y + (lattice->n_rows - 1) * LATTICE - 5)
          place (self, lattice, planes, x, y, lots);
      }
}

static void
mark_pen (const AxSynthRender *self, guint8 *rgb, float depth)
{
  float ink = 0.82f * unit (depth / 25.f);

  for (int k = 0; k < 3; k++)
    rgb[k] = (guint8)(rgb[k] * (1.f - ink + ink * self->pen_color[k] / 255.f));
}

static inline void
put_color (const AxSynthRender *self, int stains, gint64 x, gint64 y,
           guint8 *out)
{
  int noise = (ax_noise_texture_get (self->fine, 5 * x + y, 3 * y) - 128) / 42;

  for (int k = 0; k < 3; k++)
    out[k] = (guint8)CLAMP (self->colors[stains][k] + noise, 0, 255);
}

static void
develop (const AxSynthRender *self, const Lattice *lattice,
         const Planes *planes, guint8 *rgb)
{
  g_autofree Ground *row = g_new (Ground, lattice->n_cols);

  for (int j = 0; j < planes->height; j++)
    {
      interpolate_row (lattice, planes->y + j, row);
      for (int i = 0; i < planes->width; i++)
        {
          gsize p = (gsize)j * planes->width + i;
          gint64 x = planes->x + i;
          int c = (int)((x - lattice->x) / LATTICE);
          guint8 *out = rgb + 3 * p;

          put_color (self, planes->h[p] << 8 | planes->e[p], x, planes->y + j,
                     out);
          if (row[c].pen > 0.f || row[c + 1].pen > 0.f)
            {
              float t = (float)((x - lattice->x) % LATTICE) / LATTICE;

              mark_pen (self, out,
                        row[c].pen + t * (row[c + 1].pen - row[c].pen));
            }
        }
    }
}

/* Bare glass with the scanner's noise. */
static void
develop_glass (const AxSynthRender *self, gint64 x, gint64 y, int width,
               int height, guint8 *rgb)
{
  for (int j = 0; j < height; j++)
    for (int i = 0; i < width; i++)
      put_color (self, 0, x + i, y + j, rgb + ((gsize)j * width + i) * 3);
}

void
ax_synth_render_draw (const AxSynthRender *self, gint64 x, gint64 y, int width,
                      int height, guint8 *rgb)
{
  int margin = ax_stamp_bank_get_reach (self->bank) + 4 * LATTICE;
  g_autofree guint8 *memory = g_malloc0 (2 * (gsize)width * height);
  Planes planes = { .x = x,
                    .y = y,
                    .width = width,
                    .height = height,
                    .h = memory,
                    .e = memory + (gsize)width * height };
  Lattice lattice;

  if (!ax_synth_render_touches (self, x, y, width, height))
    {
      develop_glass (self, x, y, width, height, rgb);
      return;
    }
  lattice_fill (&lattice, self, x - margin, y - margin, width + 2 * margin,
                height + 2 * margin);
  paint_ground (self, &lattice, &planes);
  place_cells (self, &lattice, &planes, LYMPHOID_PITCH_UM, 200, place_lymphoid);
  place_cells (self, &lattice, &planes, TUMOR_PITCH_UM, 300, place_tumor_body);
  place_cells (self, &lattice, &planes, TUMOR_PITCH_UM, 300,
               place_tumor_nucleus);
  develop (self, &lattice, &planes, rgb);
  lattice_clear (&lattice);
}

gboolean
ax_synth_render_touches (const AxSynthRender *self, gint64 x, gint64 y,
                         int width, int height)
{
  double mpp = self->looks.mpp;
  double half = hypot (width, height) * mpp / 2;

  return ax_anatomy_touches (self->anatomy, x * mpp, y * mpp, width * mpp,
                             height * mpp)
         || pen_depth (self, (x + width / 2.0) * mpp, (y + height / 2.0) * mpp)
                > -half - 20.0;
}

/* Optical densities per unit of stain: haematoxylin and eosin as separated by
 * Ruifrok & Johnston (2001), shifted a little from slide to slide. */
static void
mix_colors (AxSynthRender *self)
{
  double stains[2][3] = { { 0.650, 0.704, 0.286 }, { 0.072, 0.890, 0.370 } };
  double strength[2];
  AxRng rng = ax_rng_init (self->looks.seed, STREAM_COLORS);
  double v = self->looks.stain_variation;

  for (int s = 0; s < 2; s++)
    {
      strength[s] = (s == 0 ? 1.02 : 0.92)
                    * (1.0 + 0.28 * v * ax_rng_range (&rng, -1.0, 1.0));
      for (int k = 0; k < 3; k++)
        stains[s][k] *= 1.0 + 0.16 * v * ax_rng_range (&rng, -1.0, 1.0);
    }
  for (int k = 0; k < 3; k++)
    self->glass[k] = (guint8)(243.0 + 5.0 * v * ax_rng_range (&rng, -1.0, 1.0));
  self->colors = g_malloc (65536 * sizeof *self->colors);
  for (int h = 0; h < 256; h++)
    for (int e = 0; e < 256; e++)
      for (int k = 0; k < 3; k++)
        {
          double density = (strength[0] * stains[0][k] * h
                            + strength[1] * stains[1][k] * e)
                           / AX_STAIN_UNIT;

          self->colors[h << 8 | e][k]
              = (guint8)(self->glass[k] * exp (-density) + 0.5);
        }
}

static void
spin_fibers (AxSynthRender *self)
{
  for (int i = 0; i < FIBER_STEPS; i++)
    {
      double um = i / FIBER_STEPS_PER_UM;

      self->fibers[i]
          = 0.8f * ax_noise_value (self->looks.seed + 101, um / 2.4, 0.0)
            + 0.7f * ax_noise_value (self->looks.seed + 102, um / 6.5, 0.0);
    }
}

/* A stroke beside the tissue, as somebody marked the glass. */
static void
draw_pen (AxSynthRender *self)
{
  static const guint8 inks[][3]
      = { { 20, 40, 190 }, { 10, 120, 50 }, { 25, 25, 30 } };
  AxRng rng = ax_rng_init (self->looks.seed, STREAM_PEN);

  memcpy (self->pen_color, inks[ax_rng_below (&rng, G_N_ELEMENTS (inks))], 3);
  for (int i = 0; i < (int)G_N_ELEMENTS (self->pen); i++)
    {
      double t = (double)i / (G_N_ELEMENTS (self->pen) - 1);

      self->pen[i].x = self->width * (0.05 + 0.35 * t);
      self->pen[i].y
          = self->height * (0.06 + 0.05 * ax_rng_uniform (&rng) + 0.04 * t);
    }
}

AxSynthRender *
ax_synth_render_new (const AxAnatomy *anatomy, double width_um,
                     double height_um, const AxSynthLooks *looks)
{
  AxSynthRender *self = g_new0 (AxSynthRender, 1);

  self->anatomy = anatomy;
  self->looks = *looks;
  self->width = width_um;
  self->height = height_um;
  self->bank = ax_stamp_bank_new (looks->seed + 1, looks->mpp, 0.6);
  self->fine = ax_noise_texture_new (looks->seed + 2, 8, 3);
  self->coarse = ax_noise_texture_new (looks->seed + 3, 32, 4);
  spin_fibers (self);
  mix_colors (self);
  draw_pen (self);
  return self;
}

void
ax_synth_render_free (AxSynthRender *self)
{
  if (self == NULL)
    return;
  ax_stamp_bank_free (self->bank);
  g_free (self->fine);
  g_free (self->coarse);
  g_free (self->colors);
  g_free (self);
}
