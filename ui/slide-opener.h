#pragma once

#include "core/slide/tile-cache.h"
#include "core/store/store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxOpenedSlide: what is known of a slide once it is open.
 *
 * @mpp: from the file, else from the store; zero when nobody knows
 * @sidecar: (nullable): an annotation file of the slide's name beside it
 *   that this program has not written
 */
typedef struct
{
  AxSlide *slide;
  AxTileCache *tiles;
  AxScale mpp;
  char *sidecar;
} AxOpenedSlide;

/** Opens off the main thread.  Errors: as ax_slide_open().  Thread: main. */
void ax_slide_open_async (const char *path, gsize cache_bytes, AxStore *store,
                          GCancellable *cancellable, GAsyncReadyCallback ready,
                          gpointer user_data);
AxOpenedSlide *ax_slide_open_finish (GAsyncResult *result, GError **error);
void ax_opened_slide_free (AxOpenedSlide *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxOpenedSlide, ax_opened_slide_free)

/** Keeps the µm/px that the user gave in the store, off the main thread. */
void ax_slide_remember_mpp_async (AxSlide *slide, AxScale mpp, AxStore *store,
                                  GAsyncReadyCallback ready,
                                  gpointer user_data);
gboolean ax_slide_remember_mpp_finish (GAsyncResult *result, GError **error);

G_END_DECLS
