#include "core/train/sample.h"

#include "core/base/error.h"

gboolean
ax_sample_resize (AxSample *self, int width, int height, GError **error)
{
  g_return_val_if_fail (self != NULL && width > 0 && height > 0, FALSE);
  if (width > AX_SAMPLE_MAX_SIDE || height > AX_SAMPLE_MAX_SIDE)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%d × %d px, more than %d a side for a training picture",
                   width, height, AX_SAMPLE_MAX_SIDE);
      return FALSE;
    }
  const gsize n_pixels = (gsize)width * (gsize)height;
  if (n_pixels > self->capacity)
    {
      guint8 *rgb = g_try_malloc (n_pixels * 3);
      guint8 *mask = g_try_malloc (n_pixels);
      if (rgb == NULL || mask == NULL)
        {
          g_free (rgb);
          g_free (mask);
          g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                       "no memory for a training picture of %d × %d px", width,
                       height);
          return FALSE;
        }
      g_free (self->rgb);
      g_free (self->mask);
      self->rgb = rgb;
      self->mask = mask;
      self->capacity = n_pixels;
    }
  self->width = width;
  self->height = height;
  self->has_mask = FALSE;
  return TRUE;
}

void
ax_sample_clear (AxSample *self)
{
  g_free (self->rgb);
  g_free (self->mask);
  *self = (AxSample){ 0 };
}
