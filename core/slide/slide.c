#include "core/slide/slide.h"

#include "core/base/error.h"
#include "core/slide/openslide-source.h"
#include "core/slide/slide-metadata.h"
#include "core/slide/tiff-source.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#define MAX_OBJECTIVE 1000.0
#define MAX_ASSOCIATED_PIXELS (64 * 1024 * 1024)

/* OpenSlide's own tiles may be whole rows of the slide. */
#define MIN_TILE 128
#define MAX_TILE 1024
#define DEFAULT_TILE 512

#define BEST_LEVEL_GRACE 1.01

struct _AxSlide
{
  /* immutable */
  gatomicrefcount n_refs;
  char *path;
  char *vendor;
  AxSlideLevel *levels;
  double *downsamples; /* OpenSlide's, for its positions only */
  int n_levels;
  AxRect0 bounds;
  AxScale mpp; /* 0: unknown */
  double objective;
  char *hash;
  GHashTable *properties;
  char **property_names;
  char **associated_names;
  int (*associated_sizes)[2];

  AxOpenslideSource *openslide;
  AxTiffSource *tiff; /* (nullable) */
};

/* Opening. */

static gboolean
check_file (const char *path, GError **error)
{
  GStatBuf info;
  const char *reason = NULL;
  AxErrorCode code = AX_ERROR_IO;

  if (g_stat (path, &info) != 0 || g_access (path, R_OK) != 0)
    reason = g_strerror (errno);
  else if (S_ISDIR (info.st_mode))
    reason = "a folder, not a slide";
  else if (!S_ISREG (info.st_mode))
    reason = "not a regular file";
  else if (info.st_size == 0)
    {
      reason = "the file is empty";
      code = AX_ERROR_FORMAT;
    }
  if (reason == NULL)
    return TRUE;
  g_set_error (error, AX_ERROR, code, "%s: %s", path, reason);
  return FALSE;
}

static void
read_properties (AxSlide *self, openslide_t *handle)
{
  const char *const *names = openslide_get_property_names (handle);

  self->properties
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->property_names = g_strdupv ((char **)names);
  for (; *names != NULL; names++)
    g_hash_table_insert (
        self->properties, g_strdup (*names),
        g_strdup (openslide_get_property_value (handle, *names)));
}

static int
get_tile_side (const AxSlide *self, int level, const char *key)
{
  g_autofree char *name
      = g_strdup_printf ("openslide.level[%d].tile-%s", level, key);
  double side;

  return ax_slide_metadata_get_number (self->properties, name, MIN_TILE,
                                       MAX_TILE, &side)
             ? (int)side
             : DEFAULT_TILE;
}

static gboolean
read_level (AxSlide *self, openslide_t *handle, int index)
{
  AxSlideLevel *level = &self->levels[index];
  double downsample = openslide_get_level_downsample (handle, index);

  openslide_get_level_dimensions (handle, index, &level->width, &level->height);
  if (level->width <= 0 || level->height <= 0 || level->width > G_MAXINT32
      || level->height > G_MAXINT32 || !(downsample > 0))
    return FALSE;
  level->scale
      = ax_slide_metadata_get_scale (&self->levels[0], level, downsample);
  level->tile_width = get_tile_side (self, index, "width");
  level->tile_height = get_tile_side (self, index, "height");
  self->downsamples[index] = downsample;
  return TRUE;
}

static gboolean
read_levels (AxSlide *self, openslide_t *handle, GError **error)
{
  gboolean usable = TRUE;

  self->n_levels = openslide_get_level_count (handle);
  self->levels = g_new0 (AxSlideLevel, MAX (self->n_levels, 1));
  self->downsamples = g_new0 (double, MAX (self->n_levels, 1));
  for (int i = 0; i < self->n_levels && usable; i++)
    usable = read_level (self, handle, i);
  if (self->n_levels > 0 && usable)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: no usable levels",
               self->path);
  return FALSE;
}

static void
open_tiff_source (AxSlide *self)
{
  self->tiff = ax_tiff_source_new (self->path, self->vendor, self->levels,
                                   self->n_levels);
  if (self->tiff == NULL)
    return;
  for (int i = 0; i < self->n_levels; i++)
    ax_tiff_source_has_level (self->tiff, i, &self->levels[i].tile_width,
                              &self->levels[i].tile_height);
}

static gboolean
find_hash (AxSlide *self, GError **error)
{
  self->hash = g_strdup (ax_slide_get_property (self, "openslide.quickhash-1"));
  if (self->hash == NULL)
    self->hash = ax_slide_metadata_hash_file (self->path, error);
  return self->hash != NULL;
}

static void
read_associated (AxSlide *self, openslide_t *handle)
{
  const char *const *names = openslide_get_associated_image_names (handle);
  guint n;

  self->associated_names = g_strdupv ((char **)names);
  n = g_strv_length (self->associated_names);
  self->associated_sizes
      = g_malloc0_n (MAX (n, 1), sizeof *self->associated_sizes);
  for (guint i = 0; i < n; i++)
    {
      gint64 width = 0, height = 0;

      openslide_get_associated_image_dimensions (handle, names[i], &width,
                                                 &height);
      self->associated_sizes[i][0] = (int)CLAMP (width, 0, G_MAXINT);
      self->associated_sizes[i][1] = (int)CLAMP (height, 0, G_MAXINT);
    }
}

AxSlide *
ax_slide_open (const char *path, GError **error)
{
  g_autoptr (AxSlide) self = NULL;
  openslide_t *handle;

  g_return_val_if_fail (path != NULL, NULL);

  if (!check_file (path, error))
    return NULL;
  self = g_new0 (AxSlide, 1);
  g_atomic_ref_count_init (&self->n_refs);
  self->path = g_strdup (path);
  self->openslide = ax_openslide_source_new (path, error);
  if (self->openslide == NULL)
    return NULL;

  handle = ax_openslide_source_get_handle (self->openslide);
  read_properties (self, handle);
  self->vendor
      = g_strdup (ax_slide_get_property (self, OPENSLIDE_PROPERTY_NAME_VENDOR));
  if (!read_levels (self, handle, error) || !find_hash (self, error))
    return NULL;
  read_associated (self, handle);
  open_tiff_source (self);
  self->bounds = ax_slide_metadata_get_bounds (self->properties,
                                               ax_slide_get_extent (self));
  ax_slide_metadata_get_mpp (self->properties, &self->mpp);
  ax_slide_metadata_get_number (self->properties,
                                OPENSLIDE_PROPERTY_NAME_OBJECTIVE_POWER, 0,
                                MAX_OBJECTIVE, &self->objective);
  return g_steal_pointer (&self);
}

AxSlide *
ax_slide_ref (AxSlide *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ax_slide_unref (AxSlide *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->n_refs))
    return;
  ax_tiff_source_free (self->tiff);
  ax_openslide_source_free (self->openslide);
  g_clear_pointer (&self->properties, g_hash_table_unref);
  g_strfreev (self->property_names);
  g_strfreev (self->associated_names);
  g_free (self->associated_sizes);
  g_free (self->levels);
  g_free (self->downsamples);
  g_free (self->hash);
  g_free (self->vendor);
  g_free (self->path);
  g_free (self);
}

/* What is known. */

const char *
ax_slide_get_path (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->path;
}

const char *
ax_slide_get_vendor (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->vendor;
}

int
ax_slide_get_n_levels (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_levels;
}

const AxSlideLevel *
ax_slide_get_level (const AxSlide *self, int level)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (level >= 0 && level < self->n_levels, NULL);

  return &self->levels[level];
}

AxRect0
ax_slide_get_extent (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, (AxRect0){ 0 });

  return (AxRect0){ 0, 0, self->levels[0].width, self->levels[0].height };
}

AxRect0
ax_slide_get_bounds (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, (AxRect0){ 0 });

  return self->bounds;
}

gboolean
ax_slide_get_mpp (const AxSlide *self, AxScale *mpp)
{
  g_return_val_if_fail (self != NULL && mpp != NULL, FALSE);

  if (self->mpp.x <= 0)
    return FALSE;
  *mpp = self->mpp;
  return TRUE;
}

double
ax_slide_get_objective (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->objective;
}

const char *
ax_slide_get_hash (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->hash;
}

gboolean
ax_slide_has_fast_tiles (const AxSlide *self, int level)
{
  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (level >= 0 && level < self->n_levels, FALSE);

  return self->tiff != NULL
         && ax_tiff_source_has_level (self->tiff, level, NULL, NULL);
}

const char *
ax_slide_get_property (const AxSlide *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);

  return g_hash_table_lookup (self->properties, name);
}

const char *const *
ax_slide_get_property_names (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *)self->property_names;
}

const char *const *
ax_slide_get_associated_names (const AxSlide *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *)self->associated_names;
}

int
ax_slide_get_best_level (const AxSlide *self, double scale)
{
  int best = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (int i = 1; i < self->n_levels; i++)
    {
      AxScale it = self->levels[i].scale;

      if (MAX (it.x, it.y) <= scale * BEST_LEVEL_GRACE
          && it.x > self->levels[best].scale.x)
        best = i;
    }
  return best;
}

/* Pixels. */

static guint32 *
new_pixels (const AxSlide *self, gsize width, gsize height, GError **error)
{
  guint32 *pixels = g_try_malloc_n (width * height, sizeof *pixels);

  if (pixels == NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                 "%s: no memory for %zu x %zu pixels", self->path, width,
                 height);
  return pixels;
}

AxTile *
ax_slide_read_associated (AxSlide *self, const char *name, GError **error)
{
  g_autofree guint32 *pixels = NULL;
  int i = 0, width, height;

  g_return_val_if_fail (self != NULL && name != NULL, NULL);

  while (self->associated_names[i] != NULL
         && strcmp (self->associated_names[i], name) != 0)
    i++;
  if (self->associated_names[i] == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "%s: no associated image \"%s\"", self->path, name);
      return NULL;
    }
  width = self->associated_sizes[i][0];
  height = self->associated_sizes[i][1];
  if (width == 0 || height == 0 || width > MAX_ASSOCIATED_PIXELS / height)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: associated image \"%s\" has %d x %d of at most %d "
                   "pixels",
                   self->path, name, width, height, MAX_ASSOCIATED_PIXELS);
      return NULL;
    }
  pixels = new_pixels (self, width, height, error);
  if (pixels == NULL
      || !ax_openslide_source_read_associated (self->openslide, name, width,
                                               height, pixels, error))
    return NULL;
  return ax_tile_new_take (width, height, g_steal_pointer (&pixels));
}

/* Whitens the part of a tile that lies beyond the level's edges. */
static void
clip_to_level (const AxSlideLevel *level, int col, int row, guint32 *pixels)
{
  gint64 right = level->width - (gint64)col * level->tile_width;
  gint64 bottom = level->height - (gint64)row * level->tile_height;

  if (right >= level->tile_width && bottom >= level->tile_height)
    return;
  for (int y = 0; y < level->tile_height; y++)
    for (int x = y < bottom ? (int)MIN (right, level->tile_width) : 0;
         x < level->tile_width; x++)
      pixels[(gsize)y * level->tile_width + x] = 0xFFFFFFFFu;
}

/* Aperio leaves tiles out of a level where the one before has them; OpenSlide
   draws them from there. */
static gboolean
is_tiff_tile (const AxSlide *self, int level, int col, int row)
{
  return ax_slide_has_fast_tiles (self, level)
         && (level == 0 || g_strcmp0 (self->vendor, "aperio") != 0
             || ax_tiff_source_has_tile (self->tiff, level, col, row));
}

static gboolean
read_pixels (AxSlide *self, int index, int col, int row, guint32 *pixels,
             GError **error)
{
  const AxSlideLevel *level = &self->levels[index];
  double downsample = self->downsamples[index];

  if (!is_tiff_tile (self, index, col, row))
    return ax_openslide_source_read_region (
        self->openslide, index,
        llround ((double)col * level->tile_width * downsample),
        llround ((double)row * level->tile_height * downsample),
        level->tile_width, level->tile_height, pixels, error);
  if (ax_tiff_source_has_tile (self->tiff, index, col, row))
    return ax_tiff_source_read_tile (self->tiff, index, col, row, pixels,
                                     error);
  memset (pixels, 0xFF,
          sizeof *pixels * level->tile_width * level->tile_height);
  return TRUE;
}

AxTile *
ax_slide_read_tile (AxSlide *self, int level, int col, int row, GError **error)
{
  g_autofree guint32 *pixels = NULL;
  const AxSlideLevel *grid;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (level >= 0 && level < self->n_levels, NULL);
  grid = &self->levels[level];
  g_return_val_if_fail (
      col >= 0 && (gint64)col * grid->tile_width < grid->width, NULL);
  g_return_val_if_fail (
      row >= 0 && (gint64)row * grid->tile_height < grid->height, NULL);

  pixels = new_pixels (self, grid->tile_width, grid->tile_height, error);
  if (pixels == NULL || !read_pixels (self, level, col, row, pixels, error))
    return NULL;
  clip_to_level (grid, col, row, pixels);
  return ax_tile_new_take (grid->tile_width, grid->tile_height,
                           g_steal_pointer (&pixels));
}
