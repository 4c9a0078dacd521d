#pragma once

#include "core/base/geometry.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxAnatomy:
 *
 * The plan of a synthetic lymph node: where capsule, sinuses, cortex with
 * follicles, medulla, fat, vessels and metastases are.  All lengths in µm from
 * the slide's top left.
 *
 * Thread: any; immutable after ax_anatomy_new().
 */
typedef struct _AxAnatomy AxAnatomy;

/** AxTissueSample: what the tissue is like at a point. */
typedef struct
{
  float depth;    /* µm under the capsule's outer face; negative outside */
  float follicle; /* 0..1: 1 in the middle of a germinal centre */
  float mantle;   /* 0..1: its dark rim */
  float sinus;    /* 0..1: open lymph space */
  float cord;     /* 0..1: packing of the lymphoid tissue */
  float stroma;   /* 0..1: collagen */
  float fiber;    /* a field whose contour lines are fibres, in µm */
  float fat;      /* 0..1 */
  float septum;   /* µm inside collagen outside the node */
  float wall;     /* µm inside a vessel's outer face; negative outside */
  float lumen;    /* µm inside its lumen; negative outside */
  float lesion;   /* µm inside a metastasis; negative outside */
  float nest;     /* there: > 0 epithelium, < 0 what lies between */
  float gland;    /* µm inside the lumen of a tumour gland */
  float mingle;   /* 0..1: lymphoid tissue between, rather than collagen */
  float foam;     /* 0..1: histiocytes crowd in sinuses; dying fat */
  float stain;    /* local strength, about 1 */
  float tear;     /* 0..1: a crack of bare glass */
} AxTissueSample;

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

/** One metastasis as a star-shaped outline around its centre. */
typedef struct
{
  AxPoint0 center;    /* µm */
  double diameter_um; /* maximum Feret diameter of the outline */
  guint n_points;
  AxPoint0 *points; /* µm; point i at angle 2 pi i / n_points */
  AxTumorGrowth growth;
} AxSynthLesion;

/**
 * ax_anatomy_new:
 * @diameters_um: wanted diameters of metastases, largest first
 *
 * Errors: AX_ERROR_LIMIT when a metastasis does not fit into the node, with
 * the sizes.
 */
AxAnatomy *ax_anatomy_new (guint64 seed, double width_um, double height_um,
                           const double *diameters_um, guint n_diameters,
                           GError **error);
void ax_anatomy_free (AxAnatomy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxAnatomy, ax_anatomy_free)

void ax_anatomy_sample (const AxAnatomy *self, double x_um, double y_um,
                        AxTissueSample *sample);
guint ax_anatomy_get_n_lesions (const AxAnatomy *self);
const AxSynthLesion *ax_anatomy_get_lesion (const AxAnatomy *self, guint index);

/** FALSE when the rectangle is certain to be bare glass. */
gboolean ax_anatomy_touches (const AxAnatomy *self, double x_um, double y_um,
                             double width_um, double height_um);

G_END_DECLS
