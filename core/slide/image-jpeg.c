#include "core/slide/image-formats.h"

#include "core/base/error.h"

#include <turbojpeg.h>

AxImage *
ax_image_load_jpeg (const char *path, const guint8 *bytes, gsize n_bytes,
                    gint64 max_pixels, GError **error)
{
  tjhandle handle = tjInitDecompress ();
  int width = 0, height = 0, subsampling = 0, space = 0;
  gboolean is_grey;
  AxImage *image = NULL;

  if (handle == NULL
      || tjDecompressHeader3 (handle, bytes, n_bytes, &width, &height,
                              &subsampling, &space)
             != 0
      || width <= 0)
    g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: not a readable JPEG",
                 path);
  else if (ax_image_check_size (path, width, height, max_pixels, error))
    {
      is_grey = space == TJCS_GRAY;
      image
          = ax_image_new (width, height, is_grey ? 1 : 3, AX_SAMPLE_U8, error);
      if (image != NULL
          && tjDecompress2 (handle, bytes, n_bytes, image->data, width, 0,
                            height, is_grey ? TJPF_GRAY : TJPF_RGB, 0)
                 != 0)
        {
          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: damaged JPEG: %s",
                       path, tjGetErrorStr2 (handle));
          g_clear_pointer (&image, ax_image_free);
        }
    }
  if (handle != NULL)
    tjDestroy (handle);
  return image;
}
