#include "core/slide/image-formats.h"

#include "core/base/error.h"
#include "core/base/output.h"

#include <png.h>

#include <string.h>

/* libpng leaves by longjmp, so what it must not lose lives here. */

typedef struct
{
  const guint8 *bytes;
  gsize n_bytes, at;
  png_structp png;
  png_infop info;
  png_bytep *rows;
  guint8 *samples; /* (nullable): with alpha */
  AxImage *image;
  GError *error;
  const char *path;
} PngReader;

static void
png_read (png_structp png, png_bytep out, size_t n)
{
  PngReader *reader = png_get_io_ptr (png);

  if (n > reader->n_bytes - reader->at)
    png_error (png, "ends too early");
  memcpy (out, reader->bytes + reader->at, n);
  reader->at += n;
}

static void
on_png_error (png_structp png, const char *message)
{
  PngReader *reader = png_get_error_ptr (png);

  if (reader->error == NULL)
    g_set_error (&reader->error, AX_ERROR, AX_ERROR_FORMAT,
                 "%s: damaged PNG: %s", reader->path, message);
  png_longjmp (png, 1);
}

static void
on_png_warning (png_structp png, const char *message)
{
}

static guint32
lay_on_white (guint32 value, guint32 alpha, guint32 most)
{
  return (guint32)(((guint64)value * alpha + (guint64)most * (most - alpha)
                    + most / 2)
                   / most);
}

/* Samples of an image, its alpha last, become the image's own: libpng's own
   blending does it in linear light. */
static void
drop_alpha (const guint8 *samples, AxImage *image)
{
  gsize n = (gsize)image->width * image->height;
  int n_channels = image->n_channels;

  for (gsize i = 0; i < n * n_channels; i++)
    {
      gsize from = i + i / n_channels;
      gsize alpha = (i / n_channels + 1) * (n_channels + 1) - 1;

      if (image->type == AX_SAMPLE_U16)
        ((guint16 *)image->data)[i]
            = (guint16)lay_on_white (((const guint16 *)samples)[from],
                                     ((const guint16 *)samples)[alpha], 0xFFFF);
      else
        ((guint8 *)image->data)[i]
            = (guint8)lay_on_white (samples[from], samples[alpha], 0xFF);
    }
}

static void
read_png_rows (PngReader *reader, guint8 *samples)
{
  gsize row_bytes = png_get_rowbytes (reader->png, reader->info);

  reader->rows = g_new (png_bytep, reader->image->height);
  for (int y = 0; y < reader->image->height; y++)
    reader->rows[y] = samples + y * row_bytes;
  png_read_image (reader->png, reader->rows);
}

static void
read_png (PngReader *reader, gint64 max_pixels)
{
  png_structp png = reader->png;
  int width, height, n_channels, depth;

  png_set_read_fn (png, reader, png_read);
  png_read_info (png, reader->info);
  width = (int)png_get_image_width (png, reader->info);
  height = (int)png_get_image_height (png, reader->info);
  if (!ax_image_check_size (reader->path, width, height, max_pixels,
                            &reader->error))
    return;
  png_set_expand (png);
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (png);
  png_set_interlace_handling (png);
  png_read_update_info (png, reader->info);

  depth = png_get_bit_depth (png, reader->info);
  n_channels = png_get_channels (png, reader->info);
  reader->image = ax_image_new (width, height, n_channels <= 2 ? 1 : 3,
                                depth == 16 ? AX_SAMPLE_U16 : AX_SAMPLE_U8,
                                &reader->error);
  if (reader->image == NULL)
    return;
  if (n_channels == reader->image->n_channels)
    {
      read_png_rows (reader, reader->image->data);
      return;
    }
  reader->samples
      = g_try_malloc_n (height, png_get_rowbytes (png, reader->info));
  if (reader->samples == NULL)
    png_error (png, "no memory");
  read_png_rows (reader, reader->samples);
  drop_alpha (reader->samples, reader->image);
}

AxImage *
ax_image_load_png (const char *path, const guint8 *bytes, gsize n_bytes,
                   gint64 max_pixels, GError **error)
{
  PngReader reader = { .bytes = bytes, .n_bytes = n_bytes, .path = path };

  reader.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &reader,
                                       on_png_error, on_png_warning);
  reader.info = png_create_info_struct (reader.png);
  if (setjmp (png_jmpbuf (reader.png)) == 0)
    read_png (&reader, max_pixels);
  png_destroy_read_struct (&reader.png, &reader.info, NULL);
  g_free (reader.rows);
  g_free (reader.samples);
  if (reader.error != NULL)
    {
      g_clear_pointer (&reader.image, ax_image_free);
      g_propagate_error (error, reader.error);
    }
  return reader.image;
}

gboolean
ax_image_save_png (const AxImage *self, const char *path, GError **error)
{
  png_image png = { .version = PNG_IMAGE_VERSION };
  g_autofree guint8 *memory = NULL;
  png_alloc_size_t bytes = 0;

  g_return_val_if_fail (self != NULL && path != NULL, FALSE);
  g_return_val_if_fail (self->type == AX_SAMPLE_U8, FALSE);
  png.width = (png_uint_32)self->width;
  png.height = (png_uint_32)self->height;
  png.format = self->n_channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  bytes = PNG_IMAGE_PNG_SIZE_MAX (png);
  memory = g_try_malloc (bytes);
  if (memory == NULL
      || !png_image_write_to_memory (&png, memory, &bytes, 0, self->data, 0,
                                     NULL))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: cannot make a PNG of %d x %d pixels", path, self->width,
                   self->height);
      return FALSE;
    }
  return ax_output_write_file (path, memory, bytes, error);
}
