#pragma once

#include "core/base/geometry.h"
#include "core/base/run.h"

G_BEGIN_DECLS

/**
 * The public script's figures (algorithms.md 6.1): µm per level-0 pixel, and
 * level-0 pixels per mask pixel, level 5.
 */
#define AX_EVAL_MPP 0.243
#define AX_EVAL_STEP 32

/**
 * AxEvalLesion: one 8-connected component of an evaluation mask.
 *
 * @n_cells: mask pixels, the added rim included
 * @major_axis_um: see AxEllipse, the rim included
 * @is_itc: that axis is under 275 µm, 200 µm and the rim of 75 µm: the lesion
 *   counts neither as found nor as missed
 */
typedef struct
{
  gint64 n_cells;
  double major_axis_um;
  gboolean is_itc;
} AxEvalLesion;

/**
 * AxEvalMask: the ground truth of one slide as the CAMELYON16 evaluation sees
 * it (algorithms.md 6.1, steps 1 to 4).  Every mask pixel nearer than 37.5 µm
 * to a tumour pixel is tumour, so that lesions less than 75 µm apart become
 * one; holes are filled (4-connected background); what is 8-connected is one
 * lesion.
 *
 * @width, @height: mask pixels
 * @is_open: the mask was drawn from outlines, which know no size of the slide:
 *   there is no tumour beyond its edges, and places there are no mistake.  New
 *   masks are closed; who drew it says so.
 * @runs: (n_runs): in raster order, labelled with their lesion from 0
 * @lesions: (n_lesions): in raster order of their first pixels
 *
 * Thread: any; immutable once handed on.
 */
typedef struct
{
  int width, height;
  gboolean is_open;
  AxRun *runs; /* (owned) */
  gsize n_runs;
  AxEvalLesion *lesions; /* (owned) */
  guint n_lesions, n_itc;
} AxEvalMask;

/**
 * ax_eval_mask_new:
 * @tumor: (height, width) row-major; 255 is tumour, as the script has it, every
 *   other value is not
 * @um_per_px: size of a mask pixel in µm
 *
 * A mask without tumour has no lesions (the script would measure distances
 * from nowhere).  Errors: AX_ERROR_MEMORY.
 */
AxEvalMask *ax_eval_mask_new (const guint8 *tumor, int width, int height,
                              double um_per_px, GError **error);
/** Accepts NULL. */
void ax_eval_mask_free (AxEvalMask *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxEvalMask, ax_eval_mask_free)

/** The lesion at a mask pixel, -1 for none. */
int ax_eval_mask_at (const AxEvalMask *self, int col, int row);

G_END_DECLS
