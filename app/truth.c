#include "app/truth.h"

#include "core/annot/annot-format.h"
#include "core/annot/raster.h"
#include "core/base/error.h"
#include "core/slide/image.h"
#include "core/slide/slide.h"

#include <math.h>
#include <string.h>

#define MASK_ENDING "_mask"
#define MASK_MAX_PIXELS ((gint64)1 << 30)

/* µm that evaluation adds around a lesion, and a little. */
#define RIM_UM 40

/* The later goes before the earlier: a picture of the slide's own name, beside
 * outlines, is the slide. */
typedef enum
{
  PICTURE,
  OUTLINES,
  MASK,
} Kind;

/* Truth of one slide. */
typedef struct
{
  char *path; /* (owned) */
  Kind kind;
  gboolean is_used;
} Entry;

struct _AxTruth
{
  GHashTable *entries; /* folded stem (owned) -> Entry (owned) */
};

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_free (self->path);
  g_free (self);
}

/* (transfer full) (nullable): the slide that a file is about. */
static char *
fold_stem (const char *name, Kind *kind)
{
  static const char *const endings[] = { ".xml", ".tif", ".tiff", ".png" };
  g_autofree char *folded = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (folded, endings[i]))
      {
        folded[strlen (folded) - strlen (endings[i])] = '\0';
        *kind = i == 0 ? OUTLINES : PICTURE;
        if (*kind == PICTURE && g_str_has_suffix (folded, MASK_ENDING))
          {
            folded[strlen (folded) - strlen (MASK_ENDING)] = '\0';
            *kind = MASK;
          }
        return g_steal_pointer (&folded);
      }
  return NULL;
}

static gboolean
add_file (AxTruth *self, const char *folder, const char *name, GError **error)
{
  Kind kind = PICTURE;
  g_autofree char *stem = fold_stem (name, &kind);
  Entry *old = NULL, *entry = NULL;

  if (stem == NULL)
    return TRUE;
  old = g_hash_table_lookup (self->entries, stem);
  if (old != NULL && (old->kind == OUTLINES) == (kind == OUTLINES))
    {
      g_autofree char *first = g_filename_display_name (old->path);
      g_autofree char *second = g_filename_display_name (name);

      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: '%s' is truth for the same slide", first, second);
      return FALSE;
    }
  if (old != NULL && old->kind > kind)
    return TRUE;

  entry = g_new0 (Entry, 1);
  entry->path = g_build_filename (folder, name, NULL);
  entry->kind = kind;
  g_hash_table_replace (self->entries, g_steal_pointer (&stem), entry);
  return TRUE;
}

AxTruth *
ax_truth_open (const char *folder, GError **error)
{
  g_autoptr (AxTruth) self = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) local = NULL;
  const char *name = NULL;

  dir = g_dir_open (folder, 0, &local);
  if (dir == NULL)
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_IO, local->message);
      return NULL;
    }
  self = g_new0 (AxTruth, 1);
  self->entries
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (!add_file (self, folder, name, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
ax_truth_free (AxTruth *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_free (self);
}

/* Mask pixels from the slide's corner to beyond the rim of all outlines. */
static void
measure_outlines (const AxAnnotationSet *set, int step, double mpp,
                  double *width, double *height)
{
  double right = 0, bottom = 0, rim = RIM_UM / mpp;

  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];

      for (guint r = 0; r < annotation->rings->len; r++)
        {
          const AxPolyRing *ring
              = &g_array_index (annotation->rings, AxPolyRing, r);

          for (guint p = 0; p < ring->n_points; p++)
            {
              right = MAX (right, ring->points[p].x);
              bottom = MAX (bottom, ring->points[p].y);
            }
        }
    }
  *width = ceil ((right + rim) / step) + 1;
  *height = ceil ((bottom + rim) / step) + 1;
}

static AxEvalMask *
load_outlines (const char *path, int step, double mpp, GError **error)
{
  g_autoptr (AxAnnotationSet) set
      = ax_annot_read (path, AX_ANNOT_FORMAT_ASAP, NULL, error);
  g_autoptr (AxMask) mask = NULL;
  AxEvalMask *eval_mask = NULL;
  double width, height;

  if (set == NULL)
    return NULL;
  measure_outlines (set, step, mpp, &width, &height);
  if (width * height > MASK_MAX_PIXELS)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: outlines reach over %.0f x %.0f mask pixels", name,
                   width, height);
      return NULL;
    }
  mask = ax_mask_new ((int)width, (int)height, error);
  if (mask == NULL)
    return NULL;
  ax_mask_fill_annotations (mask, set, (AxPoint0){ 0, 0 },
                            (AxScale){ step, step });
  eval_mask = ax_eval_mask_new (mask->data, mask->width, mask->height,
                                step * mpp, error);
  if (eval_mask != NULL)
    eval_mask->is_open = TRUE;
  return eval_mask;
}

/* The first channel of one tile, which is red, as the public script reads. */
static void
copy_tile (const AxTile *tile, int left, int top, int width, int height,
           guint8 *pixels)
{
  for (int y = 0; y < MIN (tile->height, height - top); y++)
    for (int x = 0; x < MIN (tile->width, width - left); x++)
      pixels[(gsize)(top + y) * width + left + x]
          = tile->pixels[y * (tile->stride / 4) + x] >> 16;
}

static AxEvalMask *
load_level (AxSlide *slide, int level, double um_per_px, GError **error)
{
  const AxSlideLevel *info = ax_slide_get_level (slide, level);
  int width = info->width, height = info->height;
  g_autofree guint8 *pixels = g_try_malloc0 ((gsize)width * height);

  if (pixels == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "%s: no memory for %d x %d mask pixels",
                   ax_slide_get_path (slide), width, height);
      return NULL;
    }
  for (int row = 0; row * info->tile_height < height; row++)
    for (int col = 0; col * info->tile_width < width; col++)
      {
        g_autoptr (AxTile) tile
            = ax_slide_read_tile (slide, level, col, row, error);

        if (tile == NULL)
          return NULL;
        copy_tile (tile, col * info->tile_width, row * info->tile_height, width,
                   height, pixels);
      }
  return ax_eval_mask_new (pixels, width, height, um_per_px, error);
}

static AxEvalMask *
load_pyramid (AxSlide *slide, int step, double mpp, GError **error)
{
  for (int i = 0; i < ax_slide_get_n_levels (slide); i++)
    {
      const AxSlideLevel *level = ax_slide_get_level (slide, i);

      if (fabs (level->scale.x / step - 1) < 0.02
          && fabs (level->scale.y / step - 1) < 0.02)
        return load_level (slide, i, step * mpp, error);
    }
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: has no level of %d pixels a mask pixel",
               ax_slide_get_path (slide), step);
  return NULL;
}

static AxEvalMask *
load_picture (const char *path, int step, double mpp, GError **error)
{
  g_autoptr (AxImage) image = ax_image_load (path, MASK_MAX_PIXELS, error);
  g_autofree guint8 *pixels = NULL;
  gsize n_pixels;

  if (image == NULL)
    return NULL;
  if (image->type != AX_SAMPLE_U8)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: a mask has 8 bits a sample", name);
      return NULL;
    }
  n_pixels = (gsize)image->width * image->height;
  pixels = g_malloc (n_pixels);
  for (gsize i = 0; i < n_pixels; i++)
    pixels[i] = ((const guint8 *)image->data)[i * image->n_channels];
  return ax_eval_mask_new (pixels, image->width, image->height, step * mpp,
                           error);
}

static AxEvalMask *
load_mask (const char *path, int step, double mpp, GError **error)
{
  g_autoptr (AxSlide) slide = ax_slide_open (path, NULL);

  if (slide != NULL && ax_slide_get_n_levels (slide) > 1)
    return load_pyramid (slide, step, mpp, error);
  return load_picture (path, step, mpp, error);
}

gboolean
ax_truth_load (AxTruth *self, const char *stem, int step, double mpp,
               AxEvalMask **mask, GError **error)
{
  g_autofree char *folded = g_ascii_strdown (stem, -1);
  Entry *entry = g_hash_table_lookup (self->entries, folded);

  *mask = NULL;
  if (entry == NULL)
    return TRUE;
  entry->is_used = TRUE;
  *mask = entry->kind == OUTLINES
              ? load_outlines (entry->path, step, mpp, error)
              : load_mask (entry->path, step, mpp, error);
  return *mask != NULL;
}

gboolean
ax_truth_has (const AxTruth *self, const char *stem)
{
  g_autofree char *folded = g_ascii_strdown (stem, -1);

  return g_hash_table_contains (self->entries, folded);
}

GList *
ax_truth_list_unused (AxTruth *self)
{
  GList *unused = NULL;
  GHashTableIter iter;
  gpointer stem, entry;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &stem, &entry))
    if (!((Entry *)entry)->is_used)
      unused = g_list_prepend (unused, stem);
  return g_list_sort (unused, (GCompareFunc)strcmp);
}
