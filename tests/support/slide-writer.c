#include "tests/support/slide-writer.h"

#include "core/base/error.h"
#include "tests/support/tile-coder.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MAX_PIXELS_IN_MEMORY (G_GINT64_CONSTANT (1) << 29)
#define MAX_LEVELS 32

enum
{
  TIFF_ASCII = 2,
  TIFF_SHORT = 3,
  TIFF_LONG = 4,
  TIFF_RATIONAL = 5,
  TIFF_UNDEFINED = 7,
  TIFF_LONG8 = 16,
};

typedef struct
{
  guint64 offset, bytes;
} Extent;

typedef struct
{
  const AxSlideSpec *spec;
  int tile, n_levels;
  FILE *file;
  guint64 at;         /* bytes written */
  guint64 next_field; /* where the next directory's offset belongs */
  AxTileCoder *coder;
  GError *error; /* the first one; later work is skipped */
} Writer;

typedef struct
{
  int index;
  gint64 width, height, n_cols, n_rows;
  guint8 *rgb; /* (nullable): whole level, unless tiles have ids */
  Extent *extents;
} Level;

static void
fail (Writer *self, AxErrorCode code, const char *what)
{
  if (self->error == NULL)
    self->error = g_error_new_literal (AX_ERROR, code, what);
}

static void
put (Writer *self, const void *data, gsize bytes)
{
  if (self->error != NULL)
    return;
  if (fwrite (data, 1, bytes, self->file) != bytes)
    fail (self, AX_ERROR_IO, g_strerror (errno));
  self->at += bytes;
}

/* All numbers of the file are little endian. */
static void
append_number (GByteArray *out, guint64 value, int bytes)
{
  guint64 little = GUINT64_TO_LE (value);

  g_byte_array_append (out, (const guint8 *)&little, bytes);
}

static void
put_number (Writer *self, guint64 value, int bytes)
{
  guint64 little = GUINT64_TO_LE (value);

  put (self, &little, bytes);
}

static void
put_number_at (Writer *self, guint64 offset, guint64 value, int bytes)
{
  guint64 end = self->at;

  if (self->error != NULL)
    return;
  if (fseeko (self->file, offset, SEEK_SET) != 0)
    fail (self, AX_ERROR_IO, g_strerror (errno));
  put_number (self, value, bytes);
  if (fseeko (self->file, end, SEEK_SET) != 0)
    fail (self, AX_ERROR_IO, g_strerror (errno));
  self->at = end;
}

/* Tiles. */

static const AxSlideDamage *
find_damage (const AxSlideSpec *spec, int level, gint64 col, gint64 row)
{
  for (guint i = 0; i < spec->n_damages; i++)
    if (spec->damages[i].level == level && spec->damages[i].col == col
        && spec->damages[i].row == row)
      return &spec->damages[i];
  return NULL;
}

/* Beyond the level's edge its last pixels are repeated. */
static void
cut_tile (const Level *level, gint64 x, gint64 y, int tile, guint8 *rgb)
{
  for (int i = 0; i < tile; i++)
    for (int j = 0; j < tile; j++)
      {
        gint64 from_x = MIN (x + j, level->width - 1);
        gint64 from_y = MIN (y + i, level->height - 1);

        memcpy (rgb + 3 * ((gsize)i * tile + j),
                level->rgb + 3 * (from_y * level->width + from_x), 3);
      }
}

static Extent
put_tile (Writer *self, const Level *level, gint64 col, gint64 row,
          const AxSlideDamage *damage)
{
  gint64 x = col * self->tile, y = row * self->tile;
  g_autofree guint8 *rgb = g_malloc (3 * (gsize)self->tile * self->tile);
  g_autoptr (GByteArray) stored = NULL;
  Extent extent = { 0 };

  if (damage != NULL && damage->kind == AX_SLIDE_DAMAGE_ABSENT)
    return extent;
  if (level->rgb != NULL)
    cut_tile (level, x, y, self->tile, rgb);
  else
    self->spec->pixels (level->index, x, y, self->tile, self->tile, rgb,
                        self->spec->user_data);
  stored = ax_tile_coder_encode (self->coder, rgb);

  if (damage != NULL && damage->kind == AX_SLIDE_DAMAGE_GARBAGE)
    memset (stored->data, 0x55, stored->len);
  if (damage != NULL && damage->kind == AX_SLIDE_DAMAGE_CUT)
    g_byte_array_set_size (stored, stored->len / 2);
  extent = (Extent){ self->at, stored->len };
  put (self, stored->data, stored->len);
  if (damage != NULL && damage->kind == AX_SLIDE_DAMAGE_BEYOND_END)
    extent.offset = self->spec->big ? G_GUINT64_CONSTANT (1) << 40 : 0xF0000000;
  return extent;
}

static void
put_tiles (Writer *self, Level *level)
{
  const AxSlideSpec *spec = self->spec;
  g_autoptr (GHashTable) stored = NULL; /* id -> Extent */

  stored = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  for (gint64 row = 0; row < level->n_rows; row++)
    for (gint64 col = 0; col < level->n_cols && self->error == NULL; col++)
      {
        const AxSlideDamage *damage
            = find_damage (spec, level->index, col, row);
        Extent *extent = &level->extents[row * level->n_cols + col];
        const Extent *shared = NULL;
        guint64 id = 0;

        if (spec->tile_id != NULL && damage == NULL)
          {
            id = spec->tile_id (level->index, col, row, spec->user_data);
            shared = g_hash_table_lookup (stored, &id);
          }
        *extent = shared != NULL ? *shared
                                 : put_tile (self, level, col, row, damage);
        if (spec->tile_id != NULL && damage == NULL && shared == NULL)
          g_hash_table_insert (stored, g_memdup2 (&id, sizeof id),
                               g_memdup2 (extent, sizeof *extent));
      }
}

/* Directories. */

static int
bytes_of_type (int type)
{
  switch (type)
    {
    case TIFF_SHORT:
      return 2;
    case TIFF_LONG:
      return 4;
    case TIFF_RATIONAL:
    case TIFF_LONG8:
      return 8;
    default:
      return 1;
    }
}

/* Adds one entry to @directory; a value too long for it is put before. */
static void
add_entry (Writer *self, GByteArray *directory, guint tag, int type,
           const GByteArray *value)
{
  gsize inline_bytes = self->spec->big ? 8 : 4;

  append_number (directory, tag, 2);
  append_number (directory, type, 2);
  append_number (directory, value->len / bytes_of_type (type), inline_bytes);
  if (value->len <= inline_bytes)
    {
      g_byte_array_append (directory, value->data, value->len);
      append_number (directory, 0, inline_bytes - value->len);
      return;
    }
  append_number (directory, self->at, inline_bytes);
  put (self, value->data, value->len);
  if (self->at % 2 != 0)
    put_number (self, 0, 1);
}

static void
add_numbers (Writer *self, GByteArray *directory, guint tag, int type, guint n,
             const guint64 *numbers)
{
  g_autoptr (GByteArray) value = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    append_number (value, numbers[i], bytes_of_type (type));
  add_entry (self, directory, tag, type, value);
}

static void
add_number (Writer *self, GByteArray *directory, guint tag, int type,
            guint64 number)
{
  add_numbers (self, directory, tag, type, 1, &number);
}

static void
add_bytes (Writer *self, GByteArray *directory, guint tag, int type,
           const void *data, gsize bytes)
{
  g_autoptr (GByteArray) value = g_byte_array_new ();

  g_byte_array_append (value, data, bytes);
  add_entry (self, directory, tag, type, value);
}

static void
add_text (Writer *self, GByteArray *directory, guint tag, const char *text)
{
  if (text != NULL)
    add_bytes (self, directory, tag, TIFF_ASCII, text, strlen (text) + 1);
}

static void
add_resolution (Writer *self, GByteArray *directory, guint tag, int level)
{
  const double um_per_cm = 1e4, denominator = 1000;
  double mpp = ldexp (self->spec->mpp, level);
  guint64 numerator = llround (um_per_cm / mpp * denominator);

  add_number (self, directory, tag, TIFF_RATIONAL,
              numerator | (guint64)denominator << 32);
}

static void
add_extents (Writer *self, GByteArray *directory, const Level *level)
{
  int type = self->spec->big ? TIFF_LONG8 : TIFF_LONG;
  gsize n = level->n_cols * level->n_rows;
  g_autofree guint64 *numbers = g_new (guint64, n);

  for (gsize i = 0; i < n; i++)
    numbers[i] = level->extents[i].offset;
  add_numbers (self, directory, 324, type, n, numbers);
  for (gsize i = 0; i < n; i++)
    numbers[i] = level->extents[i].bytes;
  add_numbers (self, directory, 325, type, n, numbers);
}

static void
put_directory (Writer *self, const Level *level)
{
  const AxSlideSpec *spec = self->spec;
  gboolean is_jpeg = spec->coding != AX_SLIDE_RAW;
  gboolean is_ycc
      = (spec->coding == AX_SLIDE_JPEG || spec->coding == AX_SLIDE_JPEG_444)
        && !spec->tagged_rgb;
  guint64 subsampling = spec->coding == AX_SLIDE_JPEG ? 2 : 1;
  int word = spec->big ? 8 : 4, count = spec->big ? 8 : 2;
  gsize entry_bytes = 4 + 2 * word;
  g_autoptr (GByteArray) entries = g_byte_array_new ();

  add_number (self, entries, 254, TIFF_LONG, level->index > 0);
  add_number (self, entries, 256, TIFF_LONG, level->width);
  add_number (self, entries, 257, TIFF_LONG, level->height);
  add_numbers (self, entries, 258, TIFF_SHORT, 3, (guint64[]){ 8, 8, 8 });
  add_number (self, entries, 259, TIFF_SHORT, is_jpeg ? 7 : 1);
  add_number (self, entries, 262, TIFF_SHORT, is_ycc ? 6 : 2);
  if (level->index == 0)
    add_text (self, entries, 270, spec->description);
  add_number (self, entries, 277, TIFF_SHORT, 3);
  if (spec->mpp > 0)
    {
      add_resolution (self, entries, 282, level->index);
      add_resolution (self, entries, 283, level->index);
    }
  add_number (self, entries, 284, TIFF_SHORT, 1);
  if (spec->mpp > 0)
    add_number (self, entries, 296, TIFF_SHORT, 3);
  if (level->index == 0)
    add_text (self, entries, 305, spec->software);
  add_number (self, entries, 322, TIFF_SHORT, self->tile);
  add_number (self, entries, 323, TIFF_SHORT, self->tile);
  add_extents (self, entries, level);
  if (spec->shared_tables && is_jpeg)
    {
      const GByteArray *tables = ax_tile_coder_get_tables (self->coder);

      add_bytes (self, entries, 347, TIFF_UNDEFINED, tables->data, tables->len);
    }
  if (is_ycc)
    add_numbers (self, entries, 530, TIFF_SHORT, 2,
                 (guint64[]){ subsampling, subsampling });

  put_number_at (self, self->next_field, self->at, word);
  put_number (self, entries->len / entry_bytes, count);
  put (self, entries->data, entries->len);
  self->next_field = self->at;
  put_number (self, 0, word);
}

static void
put_header (Writer *self)
{
  put (self, "II", 2);
  put_number (self, self->spec->big ? 43 : 42, 2);
  if (self->spec->big)
    put_number (self, 8, 4); /* bytes of an offset, and a zero */
  self->next_field = self->at;
  put_number (self, 0, self->spec->big ? 8 : 4);
}

/* Levels. */

static guint8 *
halve (const guint8 *rgb, gint64 width, gint64 height)
{
  gint64 to_width = MAX (width / 2, 1), to_height = MAX (height / 2, 1);
  guint8 *to = g_malloc (3 * to_width * to_height);

  for (gint64 y = 0; y < to_height; y++)
    for (gint64 x = 0; x < to_width; x++)
      for (int c = 0; c < 3; c++)
        {
          gint64 right = MIN (2 * x + 1, width - 1);
          gint64 below = MIN (2 * y + 1, height - 1);
          int sum = rgb[3 * (2 * y * width + 2 * x) + c]
                    + rgb[3 * (2 * y * width + right) + c]
                    + rgb[3 * (below * width + 2 * x) + c]
                    + rgb[3 * (below * width + right) + c];

          to[3 * (y * to_width + x) + c] = (sum + 2) / 4;
        }
  return to;
}

static void
put_level (Writer *self, Level *level)
{
  level->n_cols = (level->width + self->tile - 1) / self->tile;
  level->n_rows = (level->height + self->tile - 1) / self->tile;
  level->extents = g_new0 (Extent, level->n_cols * level->n_rows);
  put_tiles (self, level);
  put_directory (self, level);
  g_clear_pointer (&level->extents, g_free);
}

static void
put_levels (Writer *self)
{
  const AxSlideSpec *spec = self->spec;
  Level level = { .width = spec->width, .height = spec->height };

  if (spec->tile_id == NULL)
    {
      if (level.width * level.height > MAX_PIXELS_IN_MEMORY)
        {
          fail (self, AX_ERROR_LIMIT, "too large without tile ids");
          return;
        }
      level.rgb = g_malloc (3 * level.width * level.height);
      spec->pixels (0, 0, 0, level.width, level.height, level.rgb,
                    spec->user_data);
    }
  for (;;)
    {
      put_level (self, &level);
      if (++level.index == self->n_levels || self->error != NULL)
        break;
      if (level.rgb != NULL)
        {
          guint8 *half = halve (level.rgb, level.width, level.height);

          g_free (level.rgb);
          level.rgb = half;
        }
      level.width = MAX (level.width / 2, 1);
      level.height = MAX (level.height / 2, 1);
    }
  g_free (level.rgb);
}

static int
count_levels (const AxSlideSpec *spec, int tile)
{
  int n = 1;

  if (spec->n_levels > 0)
    return spec->n_levels;
  while (MAX (spec->width, spec->height) >> (n - 1) > tile)
    n++;
  return n;
}

gboolean
ax_slide_spec_write (const AxSlideSpec *spec, const char *path, GError **error)
{
  Writer self = { .spec = spec };

  g_return_val_if_fail (spec != NULL && spec->pixels != NULL, FALSE);
  g_return_val_if_fail (spec->width > 0 && spec->height > 0, FALSE);
  g_return_val_if_fail (spec->tile >= 0 && spec->tile % 16 == 0, FALSE);
  g_return_val_if_fail (spec->n_levels <= MAX_LEVELS, FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  self.tile = spec->tile > 0 ? spec->tile : 256;
  self.n_levels = count_levels (spec, self.tile);
  self.file = g_fopen (path, "wb");
  if (self.file == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: %s", path,
                   g_strerror (errno));
      return FALSE;
    }
  self.coder = ax_tile_coder_new (spec, self.tile);
  put_header (&self);
  put_levels (&self);
  if (!spec->big && self.at > G_MAXUINT32)
    fail (&self, AX_ERROR_LIMIT, "more than 4 GiB need BigTIFF");
  if (fclose (self.file) != 0)
    fail (&self, AX_ERROR_IO, g_strerror (errno));
  ax_tile_coder_free (self.coder);

  if (self.error != NULL)
    {
      g_propagate_prefixed_error (error, self.error, "%s: ", path);
      return FALSE;
    }
  return TRUE;
}

void
ax_slide_picture_pixels (int level, gint64 x, gint64 y, int width, int height,
                         guint8 *rgb, gpointer picture)
{
  const AxSlidePicture *self = picture;

  memset (rgb, 255, 3 * (gsize)width * height);
  for (gint64 i = MAX (y, 0); i < MIN (y + height, self->height); i++)
    for (gint64 j = MAX (x, 0); j < MIN (x + width, self->width); j++)
      memcpy (rgb + 3 * ((i - y) * width + j - x),
              self->rgb + 3 * (i * self->width + j), 3);
}
