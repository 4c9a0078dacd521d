#pragma once

#include "core/detect/prob-map.h"

G_BEGIN_DECLS

/**
 * AxGradedSlide: a slide's probability map and what is needed to measure it.
 *
 * @name: the slide's file name
 * @tissue_mm2: 0 when unknown
 *
 * Thread: owner.
 */
typedef struct
{
  char *name;     /* (owned) */
  AxProbMap *map; /* (owned) */
  double tissue_mm2;
} AxGradedSlide;

/**
 * ax_graded_slide_load:
 * @path: a result of `detect` (STEM.json, with STEM_likelihood_map.tif beside
 *   it), a likelihood map, or a slide with result or map beside it
 * @mpp: µm per level-0 pixel, 0 for what result or slide say
 * @step: level-0 pixels per cell, 0 for what the map says
 *
 * Errors: those of reading; AX_ERROR_FORMAT where µm/px are unknown;
 * AX_ERROR_NOT_FOUND where there is no map.
 */
AxGradedSlide *ax_graded_slide_load (const char *path, AxScale mpp, double step,
                                     GError **error);
/**
 * ax_graded_slide_list:
 * @paths: (element-type filename): gets the results of `detect` that lie in the
 *   folder, by name
 *
 * Errors: AX_ERROR_IO; AX_ERROR_NOT_FOUND where there are none.
 */
gboolean ax_graded_slide_list (const char *folder, GPtrArray *paths,
                               GError **error);
/** Accepts NULL. */
void ax_graded_slide_free (AxGradedSlide *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxGradedSlide, ax_graded_slide_free)

G_END_DECLS
