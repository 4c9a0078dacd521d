#include "core/slide/image.h"

#include "core/base/error.h"
#include "core/slide/image-formats.h"

#include <string.h>

gsize
ax_sample_type_get_bytes (AxSampleType type)
{
  switch (type)
    {
    case AX_SAMPLE_U8:
      return 1;
    case AX_SAMPLE_U16:
      return 2;
    default:
      return 4;
    }
}

gboolean
ax_image_check_size (const char *path, gint64 width, gint64 height,
                     gint64 max_pixels, GError **error)
{
  if (width > 0 && height > 0 && width <= G_MAXINT && height <= G_MAXINT
      && width <= max_pixels / height)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
               "%s: %" G_GINT64_FORMAT " x %" G_GINT64_FORMAT
               " pixels, more than the %" G_GINT64_FORMAT " allowed",
               path, width, height, max_pixels);
  return FALSE;
}

AxImage *
ax_image_new (int width, int height, int n_channels, AxSampleType type,
              GError **error)
{
  AxImage *self;
  gpointer data;

  g_return_val_if_fail (width > 0 && height > 0, NULL);
  g_return_val_if_fail (n_channels == 1 || n_channels == 3, NULL);
  data = g_try_malloc0_n ((gsize)width * height,
                          n_channels * ax_sample_type_get_bytes (type));
  if (data == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a picture of %d x %d pixels", width, height);
      return NULL;
    }
  self = g_new0 (AxImage, 1);
  *self = (AxImage){ .width = width,
                     .height = height,
                     .n_channels = n_channels,
                     .type = type,
                     .data = data };
  return self;
}

void
ax_image_free (AxImage *self)
{
  if (self == NULL)
    return;
  g_free (self->data);
  g_free (self);
}

static const struct
{
  const char *magic;
  gsize n_bytes;
  AxImageLoadFunc load;
} formats[] = {
  { "\xff\xd8\xff", 3, ax_image_load_jpeg },
  { "\x89PNG\r\n\x1a\n", 8, ax_image_load_png },
  { "II", 2, ax_image_load_tiff },
  { "MM", 2, ax_image_load_tiff },
};

static GMappedFile *
map_file (const char *path, GError **error)
{
  g_autoptr (GError) fault = NULL;
  GMappedFile *file;

  /* Mapping a folder fails with words about mapping. */
  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: is a folder", path);
      return NULL;
    }
  file = g_mapped_file_new (path, FALSE, &fault);
  if (file == NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: cannot be read: %s", path,
                 fault->message);
  return file;
}

AxImage *
ax_image_load (const char *path, gint64 max_pixels, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  const guint8 *bytes;
  gsize n_bytes;

  g_return_val_if_fail (path != NULL && max_pixels > 0, NULL);
  file = map_file (path, error);
  if (file == NULL)
    return NULL;
  bytes = (const guint8 *)g_mapped_file_get_contents (file);
  n_bytes = g_mapped_file_get_length (file);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (n_bytes >= formats[i].n_bytes
        && memcmp (bytes, formats[i].magic, formats[i].n_bytes) == 0)
      return formats[i].load (path, bytes, n_bytes, max_pixels, error);
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: %s", path,
               n_bytes == 0 ? "is empty" : "not a JPEG, PNG or TIFF");
  return NULL;
}

static guint8
get_u8 (const AxImage *image, gsize i)
{
  switch (image->type)
    {
    case AX_SAMPLE_U8:
      return ((const guint8 *)image->data)[i];
    case AX_SAMPLE_U16:
      return (guint8)(((const guint16 *)image->data)[i] >> 8);
    default:
      return (guint8)(CLAMP (((const float *)image->data)[i], 0.f, 1.f) * 255.f
                      + 0.5f);
    }
}

AxImage *
ax_image_load_rgb (const char *path, gint64 max_pixels, GError **error)
{
  g_autoptr (AxImage) image = ax_image_load (path, max_pixels, error);
  AxImage *rgb;
  gsize n;

  if (image == NULL)
    return NULL;
  if (image->n_channels == 3 && image->type == AX_SAMPLE_U8)
    return g_steal_pointer (&image);
  rgb = ax_image_new (image->width, image->height, 3, AX_SAMPLE_U8, error);
  if (rgb == NULL)
    return NULL;
  n = (gsize)image->width * image->height;
  for (gsize i = 0; i < 3 * n; i++)
    ((guint8 *)rgb->data)[i]
        = get_u8 (image, image->n_channels == 3 ? i : i / 3);
  return rgb;
}
