#pragma once

#include "core/base/geometry.h"
#include "core/synth/tissue.h"

G_BEGIN_DECLS

/** How a metastasis grows. */
typedef enum
{
  AX_GROWTH_SHEET,
  AX_GROWTH_NESTS,
  AX_GROWTH_GLANDS,
  AX_GROWTH_CORDS,     /* one or two cells wide */
  AX_GROWTH_SCATTERED, /* single cells among lymphocytes */
  AX_N_GROWTHS,
} AxTumorGrowth;

/** One metastasis as a star-shaped outline around its centre.  Thread: any;
 * immutable once placed. */
typedef struct
{
  guint64 seed;
  AxPoint0 center;    /* µm */
  double diameter_um; /* maximum Feret diameter of the outline */
  guint n_points;
  AxPoint0 *points; /* µm; point i at angle 2 pi i / n_points */
  AxTumorGrowth growth;
} AxSynthLesion;

/**
 * ax_synth_lesion_init:
 * @slide_seed: gives the habit that most metastases of a slide share
 * @seed: of this one
 *
 * Shapes an outline of that diameter around the origin.
 */
void ax_synth_lesion_init (AxSynthLesion *self, guint64 slide_seed,
                           guint64 seed, double diameter_um);
void ax_synth_lesion_clear (AxSynthLesion *self);

/** Moves it there from where it is. */
void ax_synth_lesion_move (AxSynthLesion *self, AxPoint0 center);

/** µm inside the outline, along the ray from its centre; far outside, less
 * than the distance. */
float ax_synth_lesion_get_depth (const AxSynthLesion *self, double x, double y);

/** Sets what the tumour is like at a point: nest, gland, mingle. */
void ax_synth_lesion_sample (const AxSynthLesion *self, double x, double y,
                             AxTissueSample *sample);

G_END_DECLS
