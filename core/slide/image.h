#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxImage: a small whole picture in memory, (height, width, channels) packed,
 * 8 or 16 bits or float32 a sample: training patches, masks, maps, PNG output.
 * Slides are not read this way.
 *
 * Thread: owner.
 */
typedef enum
{
  AX_SAMPLE_U8,
  AX_SAMPLE_U16,
  AX_SAMPLE_F32,
} AxSampleType;

typedef struct
{
  int width, height, n_channels;
  AxSampleType type;
  gpointer data; /* (owned) */
} AxImage;

/**
 * Reads JPEG, PNG or TIFF (first page), told by content, with 1, 3 (alpha is
 * blended on white) channels as in the file.  Larger than @max_pixels:
 * AX_ERROR_LIMIT.  Others: AX_ERROR_IO, AX_ERROR_FORMAT.
 */
AxImage *ax_image_load (const char *path, gint64 max_pixels, GError **error);

/** As ax_image_load(), converted to 3 x U8. */
AxImage *ax_image_load_rgb (const char *path, gint64 max_pixels,
                            GError **error);
AxImage *ax_image_new (int width, int height, int n_channels, AxSampleType type,
                       GError **error);
void ax_image_free (AxImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxImage, ax_image_free)

/** 8-bit grey or RGB PNG, complete or not at all. */
gboolean ax_image_save_png (const AxImage *self, const char *path,
                            GError **error);

G_END_DECLS
