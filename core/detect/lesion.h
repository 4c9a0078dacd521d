#pragma once

#include "core/detect/prob-map.h"

G_BEGIN_DECLS

/**
 * Size classes (clinical.md 4.1).  Exactly 0.2 mm is ITC, exactly 2.0 mm is
 * micro; the unrounded diameter decides.
 */
typedef enum
{
  AX_SIZE_UNKNOWN, /* no µm/px */
  AX_SIZE_ITC,
  AX_SIZE_MICRO,
  AX_SIZE_MACRO,
} AxSizeClass;

/**
 * AxSizeMode: what counts as one lesion (clinical.md 4.4).
 *
 * @AX_SIZE_MODE_AJCC: contiguous: components as they are
 * @AX_SIZE_MODE_CAMELYON16: gaps of at most 75 µm are bridged: components that
 *   hang together, or lie one inside the other, once each cell is grown by
 *   37.5 µm (Euclidean, between cell centres), are one lesion.  Everything is
 *   measured over the lesion's own cells: the bridge is neither area nor part
 *   of the outline, and the diameter does not reach 37.5 µm beyond the outer
 *   cells, as the evaluation script's does (it compares with 275 µm for that
 *   reason).  Without µm/px nothing is bridged.
 */
typedef enum
{
  AX_SIZE_MODE_AJCC,
  AX_SIZE_MODE_CAMELYON16,
} AxSizeMode;

/** "unknown", "itc", "micro", "macro"; "ajcc", "camelyon16". */
const char *ax_size_class_get_name (AxSizeClass size_class);
const char *ax_size_mode_get_name (AxSizeMode mode);
/** FALSE, and @mode untouched, where there is no mode of that name. */
gboolean ax_size_mode_from_name (const char *name, AxSizeMode *mode);
/** Unknown unless the diameter is positive. */
AxSizeClass ax_size_class_from_um (double diameter_um);

/**
 * AxLesion: one component of cells with p >= threshold.
 *
 * @id: from 1; stays the same across extractions where components overlap: of
 *   all pairs that share cells the one that shares most comes first, and an id
 *   that has gone is not given again
 * @score, @mean: maximum and mean p of its cells
 * @diameter_um: maximum Feret diameter over the convex hull of cell corners,
 *   0 when µm/px is unknown; @diameter_px in level-0 pixels always
 * @interval_um: that diameter at threshold + 0.15 and - 0.15 (low, high): of
 *   the largest of the components into which the lesion falls at the higher
 *   one, 0 when nothing is left, and of the component that holds it at the
 *   lower one.  Thresholds are cut off at 0 and 1.
 * @borderline: the interval includes 0.2 or 2.0 mm
 * @caliper: the two corners that give the diameter
 * @centroid: of its cells; @hottest: centre of its hottest cell, of equal ones
 *   the first in raster order
 * @bbox: its cells, rounded outwards to whole pixels
 * @contours: (element-type AxLesionRing): outline and holes, level-0 pixels.
 *   In CAMELYON16 mode a lesion may consist of several outlines.
 */
typedef struct
{
  AxPoint0 *points; /* (owned) */
  guint n_points;
  gboolean is_hole;
} AxLesionRing;

typedef struct
{
  guint id;
  AxSizeClass size_class;
  gboolean borderline;
  double score, mean;
  double diameter_um, diameter_px;
  double interval_um[2];
  double area_um2;
  gint64 n_cells;
  AxPoint0 caliper[2];
  AxPoint0 centroid, hottest;
  AxRect0 bbox;
  GArray *contours; /* of AxLesionRing */
} AxLesion;

/**
 * AxLesionSet: what one extraction found, largest diameter first.
 * Thread: any; immutable, refcounted.
 */
typedef struct _AxLesionSet AxLesionSet;

typedef struct
{
  double threshold;
  AxSizeMode mode;
  int opening; /* radius in cells of the disc; 0 off */
} AxLesionParams;

#define AX_LESION_PARAMS_DEFAULT                                               \
  {                                                                            \
    .threshold = 0.5, .mode = AX_SIZE_MODE_AJCC, .opening = 1                  \
  }

/**
 * ax_lesion_set_extract:
 * @previous: (nullable): ids are carried over from it by overlap
 *
 * Errors: AX_ERROR_MEMORY, AX_ERROR_LIMIT (threshold outside (0, 1], opening
 * outside 0 to 64).
 * Thread: any; works on a snapshot of the map, with one more thread.
 */
AxLesionSet *ax_lesion_set_extract (AxProbMap *map,
                                    const AxLesionParams *params,
                                    const AxLesionSet *previous,
                                    GError **error);
AxLesionSet *ax_lesion_set_ref (AxLesionSet *self);
void ax_lesion_set_unref (AxLesionSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxLesionSet, ax_lesion_set_unref)

guint ax_lesion_set_get_n_lesions (const AxLesionSet *self);
const AxLesion *ax_lesion_set_get (const AxLesionSet *self, guint index);
const AxLesion *ax_lesion_set_find (const AxLesionSet *self, guint id);
const AxLesionParams *ax_lesion_set_get_params (const AxLesionSet *self);
guint ax_lesion_set_count (const AxLesionSet *self, AxSizeClass size_class);

/** Cells at or above the threshold that the opening took away. */
gint64 ax_lesion_set_get_n_dropped (const AxLesionSet *self);

/** (nullable): the lesion at a position, through its label map. */
const AxLesion *ax_lesion_set_at (const AxLesionSet *self, AxPoint0 point);

/**
 * (transfer full): "4.12 mm", "0.19 mm (0.14-0.26), borderline ITC/micro",
 * "87 µm"; "126 px" where µm/px is unknown.
 */
char *ax_lesion_describe_size (const AxLesion *lesion);

G_END_DECLS
