#pragma once

#include "core/base/rng.h"
#include "core/train/slide-list.h"
#include "core/train/slide-truth.h"

G_BEGIN_DECLS

/**
 * AxTrainingSlide:
 *
 * Where in a slide there is something to learn: its truth, and the places at
 * which samples are drawn.  The slide itself is not kept open.
 *
 * Places are pixels of the model ("model pixels" of region.h), around which
 * the field lies as around a cell of a scan (algorithms.md 1.6).
 *
 * Memory: the outlines, and tissue and lesions as runs of cells.
 * Thread: immutable; any.
 */
typedef struct _AxTrainingSlide AxTrainingSlide;

typedef struct
{
  gint64 x, y;
} AxModelPixel;

/**
 * ax_training_slide_new:
 * @model_mpp: µm per model pixel
 * @window: side of the window, in model pixels, that labels a place
 *
 * Opens the slide, reads its annotations and finds its tissue.
 *
 * Errors: those of ax_slide_open(), ax_slide_truth_read(), ax_tissue_detect()
 * and ax_region_reader_new(); AX_ERROR_FORMAT for a slide without µm/px,
 * without tissue, with tumour though it should be normal, or the other way
 * round.
 */
AxTrainingSlide *ax_training_slide_new (const AxSlideEntry *entry,
                                        double model_mpp, int window,
                                        GError **error);
/** Accepts NULL. */
void ax_training_slide_free (AxTrainingSlide *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTrainingSlide, ax_training_slide_free)

const char *ax_training_slide_get_path (const AxTrainingSlide *self);
const AxSlideTruth *ax_training_slide_get_truth (const AxTrainingSlide *self);
/** µm per level-0 pixel. */
AxScale ax_training_slide_get_mpp (const AxTrainingSlide *self);
/** Level-0 pixels per model pixel. */
AxScale ax_training_slide_get_scale (const AxTrainingSlide *self);

gboolean ax_training_slide_has_tumor (const AxTrainingSlide *self);
gboolean ax_training_slide_has_normal (const AxTrainingSlide *self);

/**
 * Tumour: a lesion, all being equally likely half of the time and likely by
 * their area otherwise, and then a place in it, in tissue where it has any.
 */
AxModelPixel ax_training_slide_draw_tumor (const AxTrainingSlide *self,
                                           AxRng *rng);

/**
 * Normal: a place in tissue whose window has no tumour in it, nor any of an
 * area of which nothing is known.
 */
AxModelPixel ax_training_slide_draw_normal (const AxTrainingSlide *self,
                                            AxRng *rng);

/** Level-0 pixels from a place to the far edge of its window. */
AxScale ax_training_slide_get_reach (const AxTrainingSlide *self);

G_END_DECLS
