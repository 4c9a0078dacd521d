#include "core/synth/cells.h"

#include "core/synth/fat.h"
#include "core/synth/noise.h"

#include <math.h>

#define LYMPHOID_PITCH_UM 5.6
/* µm that cells keep to the walls between fat cells */
#define FAT_WALL_UM 4.0

/* One walk over the cells of a rectangle. */
typedef struct
{
  const AxStampBank *bank;
  guint64 seed;
  double mpp;
  const AxLattice *lattice;
  AxStainPlanes *planes;
} Scene;

/* A place of a grid of cells with its chances, 0..1 each. */
typedef struct
{
  double x, y;
  float kind, variant;
} Place;

typedef void (*PlaceFunc) (const Scene *scene, const Place *place);

static void
stamp_cell (const Scene *scene, AxCellKind kind, guint variant,
            const Place *place, float strength)
{
  const AxStamp *stamp = ax_stamp_bank_get (scene->bank, kind, variant);
  AxStainPlanes *planes = scene->planes;
  gint64 left = (gint64)place->x - stamp->size / 2 - planes->x;
  gint64 top = (gint64)place->y - stamp->size / 2 - planes->y;
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

typedef enum
{
  CORTEX,
  MANTLE,
  FOLLICLE,
  SINUS,
  COLLAGEN,
  TUMOR_NEST,
  TUMOR_STROMA,
  FAT,
  ENDOTHELIUM,
  N_SITES,
} Site;

static Site
get_site (const AxTissueSample *s)
{
  if (s->lumen > -3.5f)
    return ENDOTHELIUM;
  if (s->depth < 2.f)
    return s->septum > 0.f ? COLLAGEN : FAT;
  if (s->lesion > 0.f && s->nest > 0.f)
    return TUMOR_NEST;
  if (s->lesion > 0.f && s->mingle < 0.5f)
    return TUMOR_STROMA;
  if (s->stroma > 0.5f || s->wall > 0.f)
    return COLLAGEN;
  if (s->sinus > 0.5f)
    return SINUS;
  if (s->follicle > 0.5f)
    return FOLLICLE;
  return s->mantle > 0.5f ? MANTLE : CORTEX;
}

/* Which cell, if any, lives at a place of the lymphoid grid. */
static gboolean
choose_cell (const AxTissueSample *s, float chance, AxCellKind *kind)
{
  static const struct
  {
    AxCellKind kind;
    float share[N_SITES];
  } table[] = {
    { AX_CELL_LYMPHOCYTE,
      { 0.76f, 0.96f, .14f, .10f, .012f, .02f, .07f, .02f, .01f } },
    { AX_CELL_ACTIVATED, { 0.10f, 0.02f, .12f, .03f, .00f, .00f, .01f, 0 } },
    { AX_CELL_CENTROCYTE, { 0.03f, 0.00f, .52f, .00f, .00f, .00f, .00f, 0 } },
    { AX_CELL_MACROPHAGE, { .001f, 0.00f, .012f, .00f, .00f, .00f, .00f, 0 } },
    { AX_CELL_SPINDLE,
      { 0.02f, 0.00f, .00f, .02f, .09f, .00f, .10f, .07f, .42f } },
    { AX_CELL_HISTIOCYTE,
      { 0.02f, 0.00f, .00f, .32f, .00f, .00f, .01f, .50f } },
  };
  Site site = get_site (s);
  float from = 0.f;

  if (site == CORTEX)
    chance /= CLAMP (s->cord, 0.2f, 1.f);
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      float share = table[i].share[site];

      if (table[i].kind == AX_CELL_HISTIOCYTE && (site == SINUS || site == FAT))
        share *= s->foam;
      from += share;
      if (chance < from)
        {
          *kind = table[i].kind;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
is_bare (const Scene *scene, const Place *place, const AxTissueSample *s)
{
  if (s->tear > 0.4f || (s->lesion > 0.f && s->gland > 0.f))
    return TRUE;
  if (s->depth >= 2.f || s->septum > 0.f)
    return FALSE;
  return s->fat < 0.5f
         || ax_fat_get_wall_distance (scene->seed, place->x * scene->mpp,
                                      place->y * scene->mpp)
                > FAT_WALL_UM * (1.f + 3.f * s->foam);
}

static void
place_lymphoid (const Scene *scene, const Place *place)
{
  AxTissueSample sample;
  AxCellKind kind;
  guint variant = (guint)(place->variant * AX_STAMP_VARIANTS);

  ax_lattice_get (scene->lattice, place->x, place->y, &sample);
  if (is_bare (scene, place, &sample))
    return;
  if (sample.lumen > 0.f)
    {
      /* about every other vessel holds blood */
      if (place->kind > 0.75f || sample.stain < 0.98f)
        return;
      kind = AX_CELL_RED;
    }
  else if (!choose_cell (&sample, place->kind, &kind))
    return;
  if (kind == AX_CELL_SPINDLE)
    variant
        = (guint)(ax_lattice_get_direction (scene->lattice, place->x, place->y)
                  / G_PI * AX_STAMP_VARIANTS);
  stamp_cell (scene, kind, variant, place, sample.stain);
}

static void
place_tumor (const Scene *scene, const Place *place, AxCellKind kind)
{
  AxTissueSample sample;

  ax_lattice_get (scene->lattice, place->x, place->y, &sample);
  if (sample.lesion > 3.f && sample.nest > 0.f && sample.gland < -3.f
      && sample.tear < 0.4f && place->kind < 0.96f)
    stamp_cell (scene, kind, (guint)(place->variant * AX_STAMP_VARIANTS), place,
                sample.stain);
}

static void
place_tumor_body (const Scene *scene, const Place *place)
{
  place_tumor (scene, place, AX_CELL_TUMOR_BODY);
}

static void
place_tumor_nucleus (const Scene *scene, const Place *place)
{
  place_tumor (scene, place,
               place->kind < 0.008f ? AX_CELL_MITOSIS : AX_CELL_TUMOR);
}

/* Cells live on a jittered grid of the whole slide, in raster order. */
static void
walk_grid (const Scene *scene, int reach, double pitch, guint64 seed,
           PlaceFunc func)
{
  const AxStainPlanes *planes = scene->planes;
  gint64 from_c = (gint64)floor ((planes->x - reach) / pitch) - 1;
  gint64 to_c = (gint64)floor ((planes->x + planes->width + reach) / pitch) + 1;
  gint64 from_r = (gint64)floor ((planes->y - reach) / pitch) - 1;
  gint64 to_r
      = (gint64)floor ((planes->y + planes->height + reach) / pitch) + 1;

  for (gint64 r = from_r; r <= to_r; r++)
    for (gint64 c = from_c; c <= to_c; c++)
      {
        Place place = { .kind = ax_noise_hash (seed, c, r),
                        .variant = ax_noise_hash (seed + 1, c, r) };
        double shift = r & 1 ? 0.5 : 0.0;

        place.x
            = (c + shift + 0.5 + 0.75 * (ax_noise_hash (seed + 2, c, r) - 0.5))
              * pitch;
        place.y
            = (r + 0.5 + 0.75 * (ax_noise_hash (seed + 3, c, r) - 0.5)) * pitch;
        if (ax_lattice_contains (scene->lattice, place.x, place.y))
          func (scene, &place);
      }
}

void
ax_cells_place (const AxStampBank *bank, guint64 seed, double mpp,
                const AxLattice *lattice, AxStainPlanes *planes)
{
  Scene scene = { bank, seed, mpp, lattice, planes };
  double tumor_pitch = ax_stamp_bank_get_tumor_pitch_um (bank) / mpp;
  int reach = ax_stamp_bank_get_reach (bank) + 1;

  walk_grid (&scene, reach, LYMPHOID_PITCH_UM / mpp, seed + 200,
             place_lymphoid);
  walk_grid (&scene, reach, tumor_pitch, seed + 300, place_tumor_body);
  walk_grid (&scene, reach, tumor_pitch, seed + 300, place_tumor_nucleus);
}
