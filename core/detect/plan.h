#pragma once

#include "core/detect/dense.h"
#include "core/detect/prob-map.h"
#include "core/models/model.h"
#include "core/slide/region.h"
#include "core/slide/tissue.h"

G_BEGIN_DECLS

/**
 * AxScanPlan:
 *
 * What a scan has to do: the cells of a slide that hold tissue, cut into ROIs
 * with stable ids.  ROI (i, j) covers cells [i*cells, (i+1)*cells) of the
 * slide's own grid, so the same slide, model and settings give the same ROIs
 * whatever is on screen.
 *
 * Thread: any; immutable, refcounted.
 */
typedef struct _AxScanPlan AxScanPlan;

typedef struct
{
  guint id;         /* j * n_columns + i */
  AxCellRect cells; /* clipped to the map */
  gint64 x, y;      /* first model pixel to read */
  double tissue;    /* share of its area */
} AxRoi;

typedef struct
{
  int alpha;
  gboolean naive;    /* alpha^2 shifted passes instead of the shared form */
  guint output;      /* what the map shows, of ax_model_get_tasks() */
  int roi_px;        /* wanted side of a ROI, see ax_dense_init() */
  double min_tissue; /* share of a cell that makes it worth a look; 0: any */
  AxRect0 region;    /* level-0 part to look at; empty: everything */
  gsize map_bytes;   /* budget of the map; 0: none */
} AxScanOptions;

/** alpha 2, shared, the first output, ROI by the model, 1 % tissue, everything,
 * 1 GiB. */
void ax_scan_options_init (AxScanOptions *options, const AxModel *model);

/** Most ROIs that a plan may have. */
#define AX_SCAN_MAX_ROIS (1 << 18)

/**
 * ax_scan_plan_new:
 * @mpp: µm per level-0 pixel, known or given by the user
 *
 * Errors: AX_ERROR_UNSUPPORTED for the naive form of a network that has none
 * (ax_model_has_naive_form()); AX_ERROR_LIMIT when the map would exceed the
 * budget (with the figure), the region lies outside the slide, the ROIs are too
 * many, or as ax_dense_init() and ax_region_reader_new().
 */
AxScanPlan *ax_scan_plan_new (AxSlide *slide, AxTissue *tissue, AxModel *model,
                              AxScale mpp, const AxScanOptions *options,
                              GError **error);
AxScanPlan *ax_scan_plan_ref (AxScanPlan *self);
void ax_scan_plan_unref (AxScanPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxScanPlan, ax_scan_plan_unref)

guint ax_scan_plan_get_n_rois (const AxScanPlan *self);
/** In reading order: row by row, so that neighbours share tiles. */
const AxRoi *ax_scan_plan_get_roi (const AxScanPlan *self, guint index);
/** Finds a ROI by its id; FALSE when the plan has none such. */
gboolean ax_scan_plan_find_roi (const AxScanPlan *self, guint id, guint *index);
const AxDense *ax_scan_plan_get_dense (const AxScanPlan *self);
const AxScanOptions *ax_scan_plan_get_options (const AxScanPlan *self);
AxSlide *ax_scan_plan_get_slide (const AxScanPlan *self);
AxModel *ax_scan_plan_get_model (const AxScanPlan *self);
AxTissue *ax_scan_plan_get_tissue (const AxScanPlan *self);
const AxProbGeometry *ax_scan_plan_get_geometry (const AxScanPlan *self);

/** Whether a cell is to be analysed: inside the region, with tissue. */
gboolean ax_scan_plan_wants_cell (const AxScanPlan *self, gint64 col,
                                  gint64 row);

/** Level-0 rectangle of cells. */
AxRect0 ax_scan_plan_cells_to_rect (const AxScanPlan *self, AxCellRect cells);

/** SHA-256 over everything that settles the map besides slide and weights:
 * geometry, tissue mask, region, form.  Hexadecimal. */
const char *ax_scan_plan_get_hash (const AxScanPlan *self);
/** Tissue in the plan's region, mm^2. */
double ax_scan_plan_get_tissue_mm2 (const AxScanPlan *self);

G_END_DECLS
