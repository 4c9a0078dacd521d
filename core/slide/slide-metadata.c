#include "core/slide/slide-metadata.h"

#include "core/base/error.h"
#include "core/base/parse.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>

#define MIN_MPP 0.05
#define MAX_MPP 20.0

#define HASHED_BYTES (1024 * 1024)

gboolean
ax_slide_metadata_get_number (GHashTable *properties, const char *name,
                              double min, double max, double *value)
{
  const char *text = g_hash_table_lookup (properties, name);

  return text != NULL && ax_parse_double (text, name, min, max, value, NULL);
}

static gboolean
get_tagged_mpp (GHashTable *properties, const char *tag, double *mpp)
{
  const char *unit = g_hash_table_lookup (properties, "tiff.ResolutionUnit");
  double um_per_unit, per_unit;

  if (g_strcmp0 (unit, "centimeter") == 0)
    um_per_unit = 1e4;
  else if (g_strcmp0 (unit, "inch") == 0)
    um_per_unit = 25.4e3;
  else
    return FALSE;
  if (!ax_slide_metadata_get_number (properties, tag, um_per_unit / MAX_MPP,
                                     um_per_unit / MIN_MPP, &per_unit))
    return FALSE;
  *mpp = um_per_unit / per_unit;
  return TRUE;
}

gboolean
ax_slide_metadata_get_mpp (GHashTable *properties, AxScale *mpp)
{
  AxScale found;

  if ((ax_slide_metadata_get_number (properties, "openslide.mpp-x", MIN_MPP,
                                     MAX_MPP, &found.x)
       && ax_slide_metadata_get_number (properties, "openslide.mpp-y", MIN_MPP,
                                        MAX_MPP, &found.y))
      || (get_tagged_mpp (properties, "tiff.XResolution", &found.x)
          && get_tagged_mpp (properties, "tiff.YResolution", &found.y)))
    {
      *mpp = found;
      return TRUE;
    }
  return FALSE;
}

AxRect0
ax_slide_metadata_get_bounds (GHashTable *properties, AxRect0 extent)
{
  static const char *const names[]
      = { "openslide.bounds-x", "openslide.bounds-y", "openslide.bounds-width",
          "openslide.bounds-height" };
  double numbers[4];
  AxRect0 bounds;

  for (int i = 0; i < 4; i++)
    if (!ax_slide_metadata_get_number (properties, names[i], -G_MAXINT32,
                                       G_MAXINT32, &numbers[i]))
      return extent;
  bounds = ax_rect0_intersect (
      extent, (AxRect0){ (gint64)numbers[0], (gint64)numbers[1],
                         (gint64)numbers[2], (gint64)numbers[3] });
  return ax_rect0_is_empty (bounds) ? extent : bounds;
}

static gboolean
is_rounded_by (const AxSlideLevel *base, const AxSlideLevel *level,
               double scale)
{
  return fabs (base->width / scale - level->width) < 1
         && fabs (base->height / scale - level->height) < 1;
}

AxScale
ax_slide_metadata_get_scale (const AxSlideLevel *base,
                             const AxSlideLevel *level, double downsample)
{
  double x = (double)base->width / level->width;
  double y = (double)base->height / level->height;
  double power = exp2 (round (log2 ((x + y) / 2)));
  double whole = round (base->width > base->height ? x : y);

  /* OpenSlide takes the mean of the sides' ratios unless the vendor's own
     metadata say otherwise. */
  if (fabs (downsample - (x + y) / 2) > 1e-6 * downsample)
    return (AxScale){ downsample, downsample };
  if (is_rounded_by (base, level, power))
    return (AxScale){ power, power };
  if (is_rounded_by (base, level, whole))
    return (AxScale){ whole, whole };
  return (AxScale){ x, y };
}

static gboolean
hash_parts (FILE *file, GChecksum *checksum)
{
  g_autofree guint8 *buffer = g_malloc (HASHED_BYTES);
  gint64 size, starts[2] = { 0 };
  guint64 little;

  if (fseeko (file, 0, SEEK_END) != 0 || (size = ftello (file)) < 0)
    return FALSE;
  little = GUINT64_TO_LE ((guint64)size);
  g_checksum_update (checksum, (const guint8 *)&little, sizeof little);

  starts[1] = MAX (size - HASHED_BYTES, 0);
  for (int i = 0; i < 2; i++)
    {
      gsize n_bytes;

      if (fseeko (file, starts[i], SEEK_SET) != 0)
        return FALSE;
      n_bytes = fread (buffer, 1, HASHED_BYTES, file);
      g_checksum_update (checksum, buffer, n_bytes);
    }
  return !ferror (file);
}

char *
ax_slide_metadata_hash_file (const char *path, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  FILE *file = g_fopen (path, "rb");
  gboolean done = file != NULL && hash_parts (file, checksum);
  int code = errno;

  if (file != NULL)
    fclose (file);
  if (done)
    return g_strdup (g_checksum_get_string (checksum));
  g_set_error (error, AX_ERROR, AX_ERROR_IO, "%s: %s", path, g_strerror (code));
  return NULL;
}
