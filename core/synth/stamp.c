#include "core/synth/stamp.h"

#include "core/base/rng.h"
#include "core/synth/noise.h"

#include <math.h>

struct _AxStampBank
{
  AxStamp stamps[AX_N_CELL_KINDS][AX_STAMP_VARIANTS];
  int reach;
  double tumor_pitch_um;
};

/* Looks of a kind; lengths in µm, stains in optical density. */
typedef struct
{
  float radius[2]; /* of the nucleus, least and most */
  float elongation[2];
  float wobble;   /* unevenness of its outline */
  float h[2];     /* stain of the nucleus */
  float e;        /* eosin under it */
  float rim;      /* how much darker its membrane is */
  float mottle;   /* strength of chromatin clumps */
  float clump_um; /* their size */
  int n_nucleoli[2];
  float body; /* radius of the cell over that of the nucleus */
  float body_h, body_e;
  float body_cover;
  float foam;   /* strength of vacuoles in the cytoplasm */
  float border; /* how much stronger the cell's own edge is */
  enum
  {
    WHOLE,
    BODY,
    NUCLEUS
  } part;
} Look;

/* clang-format off */
#define TUMOR_LOOK                                                            \
  .radius = { 3.9f, 5.2f }, .elongation = { 1.f, 1.8f }, .wobble = 0.14f,     \
  .h = { 0.44f, 0.95f }, .e = 0.30f, .rim = 0.95f, .mottle = 0.42f,           \
  .clump_um = 1.0f, .n_nucleoli = { 0, 2 }, .body = 1.75f, .body_h = 0.13f,   \
  .body_e = 0.30f, .foam = 0.55f, .border = 0.60f
/* clang-format on */

static const Look looks[AX_N_CELL_KINDS] = {
  [AX_CELL_LYMPHOCYTE] = { .radius = { 2.6f, 3.4f },
                           .elongation = { 1.f, 1.45f },
                           .wobble = 0.14f,
                           .h = { 1.00f, 1.60f },
                           .e = 0.38f,
                           .rim = 0.25f,
                           .mottle = 0.50f,
                           .clump_um = 1.3f,
                           .body = 1.24f,
                           .body_h = 0.10f,
                           .body_e = 0.10f,
                           .body_cover = 0.45f },
  [AX_CELL_ACTIVATED] = { .radius = { 3.0f, 4.0f },
                          .elongation = { 1.f, 1.5f },
                          .wobble = 0.16f,
                          .h = { 0.60f, 1.00f },
                          .e = 0.32f,
                          .rim = 0.50f,
                          .mottle = 0.55f,
                          .clump_um = 1.2f,
                          .n_nucleoli = { 0, 2 },
                          .body = 1.3f,
                          .body_h = 0.14f,
                          .body_e = 0.17f,
                          .body_cover = 0.6f },
  [AX_CELL_CENTROCYTE] = { .radius = { 2.9f, 4.3f },
                           .elongation = { 1.f, 1.9f },
                           .wobble = 0.22f,
                           .h = { 0.55f, 0.95f },
                           .e = 0.32f,
                           .rim = 0.45f,
                           .mottle = 0.55f,
                           .clump_um = 1.3f,
                           .n_nucleoli = { 0, 3 },
                           .body = 1.25f,
                           .body_h = 0.16f,
                           .body_e = 0.16f,
                           .body_cover = 0.6f },
  [AX_CELL_MACROPHAGE] = { .radius = { 3.2f, 4.2f },
                           .elongation = { 1.2f, 1.7f },
                           .wobble = 0.12f,
                           .h = { 0.40f, 0.55f },
                           .e = 0.15f,
                           .rim = 0.55f,
                           .mottle = 0.4f,
                           .clump_um = 1.2f,
                           .n_nucleoli = { 1, 1 },
                           .body = 2.6f,
                           .body_h = 0.02f,
                           .body_e = 0.09f,
                           .body_cover = 0.95f,
                           .foam = 0.4f },
  [AX_CELL_HISTIOCYTE] = { .radius = { 3.0f, 3.9f },
                           .elongation = { 1.2f, 1.8f },
                           .wobble = 0.15f,
                           .h = { 0.45f, 0.75f },
                           .e = 0.28f,
                           .rim = 0.60f,
                           .mottle = 0.42f,
                           .clump_um = 1.1f,
                           .n_nucleoli = { 0, 1 },
                           .body = 2.0f,
                           .body_h = 0.05f,
                           .body_e = 0.26f,
                           .body_cover = 0.85f,
                           .foam = 0.60f,
                           .border = 0.25f },
  [AX_CELL_SPINDLE] = { .radius = { 1.4f, 2.1f },
                        .elongation = { 2.6f, 5.4f },
                        .wobble = 0.14f,
                        .h = { 0.75f, 1.40f },
                        .e = 0.3f,
                        .rim = 0.2f,
                        .mottle = 0.35f,
                        .clump_um = 1.0f,
                        .body = 1.2f,
                        .body_h = 0.08f,
                        .body_e = 0.40f,
                        .body_cover = 0.4f },
  [AX_CELL_RED] = { .radius = { 2.9f, 3.5f },
                    .elongation = { 1.f, 1.5f },
                    .wobble = 0.05f,
                    .h = { 0.03f, 0.06f },
                    .e = 0.95f,
                    .rim = 0.25f,
                    .mottle = 0.05f,
                    .clump_um = 2.0f,
                    .body = 1.0f },
  [AX_CELL_TUMOR_BODY] = { TUMOR_LOOK, .body_cover = 0.80f, .part = BODY },
  [AX_CELL_TUMOR] = { TUMOR_LOOK, .part = NUCLEUS },
  [AX_CELL_MITOSIS] = { .radius = { 2.4f, 3.4f },
                        .elongation = { 1.6f, 2.8f },
                        .wobble = 0.30f,
                        .h = { 1.6f, 2.0f },
                        .e = 0.2f,
                        .rim = 0.f,
                        .mottle = 0.15f,
                        .clump_um = 0.9f,
                        .body = 3.2f,
                        .body_h = 0.10f,
                        .body_e = 0.26f,
                        .body_cover = 0.92f,
                        .border = 0.35f },
};

/* One cell, its chance settled. */
typedef struct
{
  const Look *look;
  guint64 seed;
  double radius, elongation, angle;
  double h, cover_strength;
  double blur; /* µm over which edges fade */
  double rim, mottle;
  double body, eosin;
  double offset[2]; /* of the nucleus within the cell */
  int n_nucleoli;
  double nucleoli[3][3]; /* x, y, radius */
} Cell;

static double
pick (AxRng *rng, const float range[2])
{
  return ax_rng_range (rng, range[0], range[1]);
}

static void
draw_lots (Cell *cell, AxCellKind kind, guint64 seed, guint variant,
           const AxTumorCells *tumor)
{
  const Look *look = &looks[kind];
  guint64 stream = look->part == BODY ? kind + 1 : kind;
  AxRng rng = ax_rng_init (seed, 1000 * (stream + 1) + variant);
  gboolean is_tumor = kind >= AX_CELL_TUMOR_BODY;
  double spread = is_tumor ? tumor->pleomorphism : 0.0;

  cell->look = look;
  cell->seed = ax_rng_next (&rng);
  cell->radius = pick (&rng, look->radius)
                 * (1.0 + spread * ax_rng_range (&rng, -0.25, 0.35));
  cell->elongation = pick (&rng, look->elongation);
  cell->angle = kind == AX_CELL_SPINDLE ? G_PI * variant / AX_STAMP_VARIANTS
                                        : ax_rng_range (&rng, 0.0, G_PI);
  cell->h = pick (&rng, look->h);
  cell->rim = look->rim;
  cell->mottle = look->mottle;
  cell->body = look->body;
  cell->eosin = look->body_e;
  if (is_tumor)
    {
      cell->radius *= tumor->size;
      cell->h *= 1.0 + spread * ax_rng_range (&rng, -0.3, 0.5);
      cell->body = 1.0 + (look->body - 1.0) * tumor->cytoplasm;
      cell->eosin *= tumor->eosin;
    }
  if (look->part != WHOLE)
    {
      cell->h *= 1.35 - 0.70 * tumor->pallor;
      cell->rim *= 0.4 + 0.8 * tumor->pallor;
      cell->mottle *= 0.8 + 0.3 * tumor->pallor;
    }
  /* Some cells lie above or below the focus, or only partly in the section. */
  cell->blur = 0.45;
  cell->cover_strength = ax_rng_range (&rng, 0.92, 1.0);
  if (ax_rng_uniform (&rng) < 0.3)
    {
      cell->blur = ax_rng_range (&rng, 0.7, 1.8);
      cell->cover_strength = ax_rng_range (&rng, 0.5, 0.85);
      cell->mottle *= 0.5;
      cell->rim *= 0.4;
    }
  for (int k = 0; k < 2; k++)
    cell->offset[k] = (cell->body - 1.0) * cell->radius * 0.35
                      * ax_rng_range (&rng, -1.0, 1.0);
  cell->n_nucleoli
      = look->n_nucleoli[0]
        + (int)ax_rng_below (
            &rng, (guint64)(look->n_nucleoli[1] - look->n_nucleoli[0] + 1));
  for (int k = 0; k < cell->n_nucleoli; k++)
    {
      cell->nucleoli[k][0] = cell->radius * ax_rng_range (&rng, -0.5, 0.5);
      cell->nucleoli[k][1] = cell->radius * ax_rng_range (&rng, -0.5, 0.5);
      cell->nucleoli[k][2] = ax_rng_range (&rng, 0.6, 1.2);
    }
}

/* µm inside an uneven ellipse around the origin. */
static double
inside (const Cell *cell, double x, double y, double radius, double elongation,
        double wobble, guint64 salt)
{
  double c = cos (cell->angle), s = sin (cell->angle);
  double along = (x * c + y * s) / sqrt (elongation);
  double across = (y * c - x * s) * sqrt (elongation);
  double distance = hypot (along, across);
  double uneven = 1.0;

  if (distance > 1e-6)
    uneven += wobble
              * ax_noise_fractal (cell->seed + salt, 1.6 * along / distance,
                                  1.6 * across / distance, 2);
  return radius * uneven - distance;
}

static double
ramp (double v, double width)
{
  return CLAMP (v / width + 0.5, 0.0, 1.0);
}

/* Chromatin in clumps: noise pushed towards its extremes. */
static double
chromatin (const Cell *cell, double x, double y)
{
  double v = ax_noise_fractal (cell->seed + 5, x / cell->look->clump_um,
                               y / cell->look->clump_um, 2);

  return 1.5 * v / (0.5 + fabs (v));
}

static double
shade_nucleus (const Cell *cell, double x, double y, double depth)
{
  double rim = exp (-depth * depth / 0.35);
  double h = cell->h
             * (1.0 + cell->mottle * chromatin (cell, x, y) + cell->rim * rim);

  for (int k = 0; k < cell->n_nucleoli; k++)
    {
      double d = cell->nucleoli[k][2]
                 - hypot (x - cell->nucleoli[k][0], y - cell->nucleoli[k][1]);

      h += 0.75 * ramp (d, 0.3 + cell->blur);
    }
  return MAX (h, 0.12 * cell->h);
}

static void
shade (const Cell *cell, double x, double y, double out[3])
{
  const Look *look = cell->look;
  double body = inside (cell, x, y, cell->radius * cell->body,
                        sqrt (cell->elongation), 1.4 * look->wobble, 3);
  double nx = x - cell->offset[0], ny = y - cell->offset[1];
  double nucleus
      = inside (cell, nx, ny, cell->radius, cell->elongation, look->wobble, 7);
  double cover = look->body_cover * ramp (body, 0.7);
  double h = look->body_h, e = cell->eosin;
  double in = look->part == BODY ? 0.0 : ramp (nucleus, cell->blur);

  if (look->foam > 0.f)
    {
      double foam
          = 1.0
            + look->foam
                  * ax_noise_fractal (cell->seed + 9, x / 1.8, y / 1.8, 3);

      h *= MAX (foam, 0.1);
      e *= MAX (foam, 0.1);
    }
  e *= 1.0 + look->border * exp (-body * body / 0.5);
  if (in > 0.0)
    {
      h += in * (shade_nucleus (cell, nx, ny, nucleus) - h);
      e += in * (look->e - e);
      cover += in * (cell->cover_strength - cover);
    }
  out[0] = CLAMP (cover, 0.0, 1.0);
  out[1] = MAX (h, 0.0);
  out[2] = MAX (e, 0.0);
}

/* What a macrophage has swallowed: dark crumbs. */
static void
add_debris (AxStamp *stamp, const Cell *cell, double mpp)
{
  AxRng rng = ax_rng_init (cell->seed, 77);
  int n = 2 + (int)ax_rng_below (&rng, 4);

  for (int k = 0; k < n; k++)
    {
      double cx = cell->radius * ax_rng_range (&rng, -1.6, 1.6);
      double cy = cell->radius * ax_rng_range (&rng, -1.6, 1.6);
      double radius = ax_rng_range (&rng, 0.5, 1.3);

      for (int i = 0; i < stamp->size * stamp->size; i++)
        {
          double x = (i % stamp->size + 0.5 - stamp->size / 2.0) * mpp;
          double y = (i / stamp->size + 0.5 - stamp->size / 2.0) * mpp;
          double in = ramp (radius - hypot (x - cx, y - cy), 0.5);

          stamp->cover[i] = MAX (stamp->cover[i], (guint8)(255 * in));
          stamp->h[i] = MAX (stamp->h[i], (guint8)(180 * in));
        }
    }
}

static void
draw_stamp (AxStamp *stamp, const Cell *cell, double mpp)
{
  double extent = cell->radius
                  * MAX (cell->body * pow (cell->elongation, 0.25),
                         sqrt (cell->elongation) * 1.1)
                  * (1.0 + 2.0 * cell->look->wobble);
  double reach = extent + 0.6 + hypot (cell->offset[0], cell->offset[1]);
  int size = 2 * (int)ceil (reach / mpp);
  guint8 *planes = g_malloc (3 * (gsize)size * size);

  stamp->size = size;
  stamp->cover = planes;
  stamp->h = planes + size * size;
  stamp->e = planes + 2 * size * size;
  for (int i = 0; i < size * size; i++)
    {
      double out[3];

      shade (cell, (i % size + 0.5 - size / 2.0) * mpp,
             (i / size + 0.5 - size / 2.0) * mpp, out);
      stamp->cover[i] = (guint8)(255.0 * out[0] + 0.5);
      stamp->h[i] = (guint8)MIN (255.0, AX_STAIN_UNIT * out[1]);
      stamp->e[i] = (guint8)MIN (255.0, AX_STAIN_UNIT * out[2]);
    }
}

AxTumorCells
ax_tumor_cells_draw (guint64 seed)
{
  AxRng rng = ax_rng_init (seed, 900);

  return (AxTumorCells){ .size = ax_rng_range (&rng, 0.88, 1.18),
                         .pallor = ax_rng_uniform (&rng),
                         .pleomorphism = ax_rng_range (&rng, 0.3, 1.0),
                         .cytoplasm = ax_rng_range (&rng, 0.7, 1.35),
                         .eosin = ax_rng_range (&rng, 0.45, 1.3) };
}

AxStampBank *
ax_stamp_bank_new (guint64 seed, double mpp, const AxTumorCells *tumor)
{
  AxStampBank *self = g_new0 (AxStampBank, 1);

  self->tumor_pitch_um = 12.0 * tumor->size * (0.7 + 0.3 * tumor->cytoplasm);
  for (int kind = 0; kind < AX_N_CELL_KINDS; kind++)
    for (guint v = 0; v < AX_STAMP_VARIANTS; v++)
      {
        AxStamp *stamp = &self->stamps[kind][v];
        Cell cell;

        draw_lots (&cell, kind, seed, v, tumor);
        draw_stamp (stamp, &cell, mpp);
        if (kind == AX_CELL_MACROPHAGE)
          add_debris (stamp, &cell, mpp);
        self->reach = MAX (self->reach, stamp->size / 2);
      }
  return self;
}

void
ax_stamp_bank_free (AxStampBank *self)
{
  if (self == NULL)
    return;
  for (int kind = 0; kind < AX_N_CELL_KINDS; kind++)
    for (guint v = 0; v < AX_STAMP_VARIANTS; v++)
      g_free (self->stamps[kind][v].cover);
  g_free (self);
}

const AxStamp *
ax_stamp_bank_get (const AxStampBank *self, AxCellKind kind, guint variant)
{
  return &self->stamps[kind][variant % AX_STAMP_VARIANTS];
}

double
ax_stamp_bank_get_tumor_pitch_um (const AxStampBank *self)
{
  return self->tumor_pitch_um;
}

int
ax_stamp_bank_get_reach (const AxStampBank *self)
{
  return self->reach;
}
