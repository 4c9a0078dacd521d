#pragma once

#include "core/annot/annotation.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * Synthetic lymph-node slides: tissue drawn by rule, with metastases whose
 * outlines are known exactly.  For demonstration, tests and training; never a
 * substitute for real slides in judging a model.
 */
typedef struct
{
  guint64 seed;
  gint64 width, height;       /* level-0 pixels */
  double mpp;                 /* µm per pixel; 0.243 is 40x */
  const double *diameters_um; /* of metastases */
  guint n_diameters;
  double stain_variation; /* 0..1, as wide as between centres */
  gboolean folds, pen, defocus;
  int quality;   /* of JPEG */
  int n_threads; /* 0: all cores */
} AxSynthSpec;

/** 0.243 µm/px, no metastases, stain variation 1, folds, no pen, places out of
 * focus, quality 85. */
void ax_synth_spec_init (AxSynthSpec *spec, guint64 seed, gint64 width,
                         gint64 height);

/**
 * ax_synth_lesions_parse:
 *
 * "macro:1,micro:2,itc:3", or diameters in µm ("2600,400,90"), or both mixed.
 * A class draws its diameter from the class's range, up to what a node of the
 * slide's size can hold.
 *
 * Returns: (transfer full) (element-type gdouble): largest first.
 * Errors: AX_ERROR_FORMAT naming the part.
 */
GArray *ax_synth_lesions_parse (const char *text, const AxSynthSpec *spec,
                                GError **error);

/**
 * ax_synth_write:
 * @truth: (out) (optional) (transfer full): the outlines, group "metastases",
 *   named by class and diameter
 * @progress: (nullable): share done; on workers' threads, one call at a time
 * @cancellable: (nullable): stops it; nothing of the slide stays
 *
 * Writes the slide as a pyramidal JPEG TIFF.  The same spec gives the same
 * pixels whatever the number of threads.
 *
 * Errors: AX_ERROR_LIMIT (a metastasis does not fit), AX_ERROR_IO,
 * AX_ERROR_CANCELLED.
 * Thread: any; uses threads of its own.
 */
gboolean ax_synth_write (const AxSynthSpec *spec, const char *path,
                         AxAnnotationSet **truth,
                         void (*progress) (double share, gpointer user_data),
                         gpointer user_data, GCancellable *cancellable,
                         GError **error);

G_END_DECLS
