#pragma once

#include "core/slide/region.h"

G_BEGIN_DECLS

/**
 * AxSlidePool:
 *
 * Slides that are open for reading, as many as the pool holds: the one read
 * longest ago is closed for another.  Each has an equal part of the budget for
 * decoded tiles.
 *
 * Thread: any.
 */
typedef struct _AxSlidePool AxSlidePool;

/** @cache_bytes: for the decoded tiles of all of them. */
AxSlidePool *ax_slide_pool_new (guint n_slides, gsize cache_bytes);
/** Accepts NULL.  Nobody may be reading any more. */
void ax_slide_pool_free (AxSlidePool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxSlidePool, ax_slide_pool_free)

/** AxPooledSlide: stays open for as long as there is a reference. */
typedef struct
{
  AxRegionReader *reader;
  gatomicrefcount n_refs;
} AxPooledSlide;

void ax_pooled_slide_unref (AxPooledSlide *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxPooledSlide, ax_pooled_slide_unref)

/**
 * (transfer full): opens the slide where it is not in the pool.
 * @number: of the slide, which stands for the following
 * @mpp, @model_mpp: see ax_region_reader_new()
 *
 * Errors: those of ax_slide_open() and ax_region_reader_new().
 */
AxPooledSlide *ax_slide_pool_get (AxSlidePool *self, guint number,
                                  const char *path, AxScale mpp,
                                  double model_mpp, GError **error);

G_END_DECLS
