#include "core/train/slide-pool.h"

#include "core/base/lru.h"

struct _AxSlidePool
{
  AxLru *slides; /* of AxPooledSlide, each counting as 1 */
  gsize bytes_per_slide;
};

static gpointer
pooled_slide_ref (gpointer data)
{
  AxPooledSlide *self = data;
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ax_pooled_slide_unref (AxPooledSlide *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  ax_region_reader_free (self->reader);
  g_free (self);
}

AxSlidePool *
ax_slide_pool_new (guint n_slides, gsize cache_bytes)
{
  g_return_val_if_fail (n_slides > 0, NULL);
  AxSlidePool *self = g_new0 (AxSlidePool, 1);
  self->slides = ax_lru_new (n_slides, pooled_slide_ref,
                             (GDestroyNotify)ax_pooled_slide_unref);
  self->bytes_per_slide = cache_bytes / n_slides;
  return self;
}

void
ax_slide_pool_free (AxSlidePool *self)
{
  if (self == NULL)
    return;
  ax_lru_free (self->slides);
  g_free (self);
}

AxPooledSlide *
ax_slide_pool_get (AxSlidePool *self, guint number, const char *path,
                   AxScale mpp, double model_mpp, GError **error)
{
  g_return_val_if_fail (self != NULL && path != NULL, NULL);
  const AxLruKey key = { 0, number };
  AxPooledSlide *pooled = ax_lru_get (self->slides, key);
  if (pooled != NULL)
    return pooled;
  g_autoptr (AxSlide) slide = ax_slide_open (path, error);
  if (slide == NULL)
    return NULL;
  g_autoptr (AxTileCache) cache
      = ax_tile_cache_new (slide, self->bytes_per_slide);
  AxRegionReader *reader = ax_region_reader_new (cache, mpp, model_mpp, error);
  if (reader == NULL)
    return NULL;
  pooled = g_new0 (AxPooledSlide, 1);
  pooled->reader = reader;
  g_atomic_ref_count_init (&pooled->n_refs);
  ax_lru_put (self->slides, key, pooled, 1, FALSE);
  return pooled;
}
