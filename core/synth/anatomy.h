#pragma once

#include "core/synth/metastasis.h"

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
