#include "core/synth/ground.h"

#include "core/synth/blend.h"
#include "core/synth/fat.h"
#include "core/synth/noise.h"

#include <math.h>

#define FIBER_STEPS 4096
#define FIBER_STEPS_PER_UM 4.f
#define LEAST_FAT 0.02f

struct _AxGroundPainter
{
  guint64 seed;
  double mpp;
  AxNoiseTexture *fine, *coarse;
  float fibers[FIBER_STEPS];
};

/* Density over the width of fibres of several sizes, clefts between. */
static void
spin_fibers (AxGroundPainter *self)
{
  for (int i = 0; i < FIBER_STEPS; i++)
    {
      double um = i / FIBER_STEPS_PER_UM;
      float v = 0.7f * ax_noise_value (self->seed + 101, um / 1.6, 0.0)
                + 0.6f * ax_noise_value (self->seed + 102, um / 4.0, 0.0)
                + 0.4f * ax_noise_value (self->seed + 103, um / 12.0, 0.0);

      self->fibers[i] = v < -0.55f ? -1.6f : v;
    }
}

AxGroundPainter *
ax_ground_painter_new (guint64 seed, double mpp)
{
  AxGroundPainter *self = g_new (AxGroundPainter, 1);

  self->seed = seed;
  self->mpp = mpp;
  self->fine = ax_noise_texture_new (seed + 2, 8, 3);
  self->coarse = ax_noise_texture_new (seed + 3, 32, 4);
  spin_fibers (self);
  return self;
}

void
ax_ground_painter_free (AxGroundPainter *self)
{
  if (self == NULL)
    return;
  g_free (self->fine);
  g_free (self->coarse);
  g_free (self);
}

static void
mix_ground (AxGround *ground, float weight, float h, float e, float grain,
            float gaps, float fibrous)
{
  ground->h += weight * (h - ground->h);
  ground->e += weight * (e - ground->e);
  ground->grain += weight * (grain - ground->grain);
  ground->gaps += weight * (gaps - ground->gaps);
  ground->fibrous += weight * (fibrous - ground->fibrous);
}

static void
settle_lesion (const AxTissueSample *s, AxGround *ground)
{
  float in = ax_blend_unit (s->lesion / 4.f + 0.5f);
  float nest = ax_blend_unit (s->nest / 0.10f + 0.5f);
  float collagen = in * (1.f - nest) * (1.f - s->mingle);

  mix_ground (ground, collagen, 0.06f, 0.38f, 0.5f, 0.14f, 0.75f);
  mix_ground (ground, in * nest, 0.11f, 0.22f, 0.8f, 0.32f, 0.f);
  ground->open = MAX (ground->open, in * s->gland - (1.f - in) * 100.f);
}

AxGround
ax_ground_settle (const AxTissueSample *s)
{
  float in_node = ax_blend_unit (s->depth / 4.f + 0.5f);
  AxGround ground = { .h = 0.10f, .e = 0.17f, .grain = 0.7f, .gaps = 0.46f };

  ground.fiber = s->fiber;
  ground.fat = s->fat * (1.f - in_node);
  ground.open = MAX (MAX (MIN (-s->depth - 2.f, -s->septum), s->lumen),
                     60.f * s->tear - 30.f);
  ground.strength = s->stain;
  mix_ground (&ground, s->mantle, 0.14f, 0.18f, 0.6f, 0.34f, 0.f);
  mix_ground (&ground, s->follicle, 0.17f, 0.21f, 0.7f, 0.28f, 0.f);
  mix_ground (&ground, s->sinus, 0.03f, 0.13f, 0.8f, 0.64f, 0.f);
  mix_ground (&ground, s->stroma, 0.05f, 0.42f, 0.5f, 0.14f, 0.7f);
  if (s->lesion > -2.f)
    settle_lesion (s, &ground);
  if (s->wall > -6.f)
    {
      mix_ground (&ground, ax_blend_unit (s->wall / 4.f + 0.5f), 0.07f, 0.46f,
                  0.4f, 0.1f, 0.6f);
      ground.fiber = 1.3f * s->wall;
    }
  if (ground.fat > 0.f)
    {
      float septum = ax_blend_unit (s->septum / 4.f + 0.5f);

      mix_ground (&ground, 1.f - in_node, 0.05f, 0.36f + 0.2f * s->foam, 0.3f,
                  0.04f, 0.2f);
      mix_ground (&ground, (1.f - in_node) * septum, 0.05f, 0.42f, 0.5f, 0.14f,
                  0.7f);
    }
  return ground;
}

static void
paint_pixel (const AxGroundPainter *self, const AxGround *g,
             const AxFatWalls *walls, gint64 x, gint64 y, guint8 *h, guint8 *e)
{
  float fine = ax_noise_texture_get (self->fine, x, y) / 128.f - 1.f;
  float coarse
      = ax_noise_texture_get (self->coarse, x + (y >> 2), y - (x >> 3)) / 128.f
        - 1.f;
  float texture = 1.f + g->grain * (0.7f * fine + 0.7f * coarse);
  float solid = ax_blend_unit (0.5f - 1.2f * g->open);
  float cleft
      = ax_blend_unit ((coarse + 0.35f * fine + 1.f - 1.9f * g->gaps) * 5.f);
  float density = g->strength * MAX (texture, 0.f) * (0.10f + 0.90f * cleft);
  float fiber = 0.f;

  if (g->fibrous > 0.02f)
    {
      int i = (int)floorf (g->fiber * FIBER_STEPS_PER_UM + 5.f * coarse)
              & (FIBER_STEPS - 1);

      fiber = g->fibrous * self->fibers[i];
    }
  if (g->fat > LEAST_FAT)
    solid = MAX (solid, ax_blend_unit (4.f * g->fat)
                            * ax_blend_unit (1.2f + 0.9f * coarse
                                             - ax_fat_walls_get (walls, x, y)));
  density *= solid * MAX (1.f + fiber, 0.08f);
  *h = (guint8)MIN (AX_STAIN_UNIT * g->h * density, 255.f);
  *e = (guint8)MIN (AX_STAIN_UNIT * g->e * density, 255.f);
}

static gboolean
is_glass (const AxGround *g)
{
  return g->open > 6.f && g->fat <= LEAST_FAT;
}

static AxGround
ground_between (const AxGround *a, const AxGround *b, float t)
{
  const float *fa = (const float *)a, *fb = (const float *)b;
  AxGround ground;
  float *out = (float *)&ground;

  for (gsize i = 0; i < sizeof (AxGround) / sizeof (float); i++)
    out[i] = fa[i] + t * (fb[i] - fa[i]);
  return ground;
}

static gboolean
has_fat (const AxLattice *lattice)
{
  for (int i = 0; i < lattice->n_cols * lattice->n_rows; i++)
    if (lattice->grounds[i].fat > LEAST_FAT)
      return TRUE;
  return FALSE;
}

void
ax_ground_painter_paint (const AxGroundPainter *self, const AxLattice *lattice,
                         AxStainPlanes *planes)
{
  g_autofree AxGround *row = g_new (AxGround, lattice->n_cols);
  AxFatWalls walls = { 0 };

  if (has_fat (lattice))
    ax_fat_walls_init (&walls, self->seed, self->mpp, planes->x, planes->y,
                       planes->width, planes->height);
  for (int j = 0; j < planes->height; j++)
    {
      guint8 *h = planes->h + (gsize)j * planes->width;
      guint8 *e = planes->e + (gsize)j * planes->width;

      ax_lattice_get_row (lattice, planes->y + j, row);
      for (int i = 0; i < planes->width; i++)
        {
          gint64 x = planes->x + i - lattice->x;
          const AxGround *at = &row[x / AX_LATTICE_STEP];
          AxGround ground;

          if (is_glass (&at[0]) && is_glass (&at[1]))
            {
              h[i] = e[i] = 0;
              continue;
            }
          ground = ground_between (
              &at[0], &at[1], (float)(x % AX_LATTICE_STEP) / AX_LATTICE_STEP);
          paint_pixel (self, &ground, &walls, planes->x + i, planes->y + j,
                       &h[i], &e[i]);
        }
    }
  ax_fat_walls_clear (&walls);
}
