#include "core/train/training-slide.h"

#include "core/base/error.h"
#include "core/slide/region.h"
#include "core/slide/tissue.h"
#include "core/train/places.h"

#include <math.h>
#include <string.h>

/* Cells along the longer side of a lesion, at most. */
#define LESION_CELLS 1024

/* Cell (c, r) stands for place (x + c * pitch, y + r * pitch). */
typedef struct
{
  AxPlaces *places;
  gint64 x, y;
  int pitch;
} Lesion;

struct _AxTrainingSlide
{
  char *path;
  AxScale mpp, scale;
  gint64 width, height; /* model pixels */
  int window;
  AxSlideTruth *truth;
  GArray *lesions; /* of Lesion */
  double area;     /* of all lesions, model pixels */
  AxPlaces *normal;
  AxScale cell; /* of normal, level-0 pixels */
};

static void
lesion_clear (gpointer data)
{
  ax_places_free (((Lesion *)data)->places);
}

void
ax_training_slide_free (AxTrainingSlide *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  ax_slide_truth_free (self->truth);
  g_clear_pointer (&self->lesions, g_array_unref);
  ax_places_free (self->normal);
  g_free (self);
}

static gboolean
measure (AxTrainingSlide *self, AxSlide *slide, double model_mpp,
         GError **error)
{
  if (!ax_slide_get_mpp (slide, &self->mpp))
    {
      g_autofree char *name = g_filename_display_name (self->path);
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: the file has no µm/px", name);
      return FALSE;
    }
  g_autoptr (AxTileCache) cache = ax_tile_cache_new (slide, 0);
  g_autoptr (AxRegionReader) reader
      = ax_region_reader_new (cache, self->mpp, model_mpp, error);
  if (reader == NULL)
    return FALSE;
  self->scale = ax_region_reader_get_scale (reader);
  ax_region_reader_get_size (reader, &self->width, &self->height);
  return TRUE;
}

static gboolean
read_truth (AxTrainingSlide *self, const AxSlideEntry *entry, AxRect0 extent,
            GError **error)
{
  self->truth = entry->annotations != NULL
                    ? ax_slide_truth_read (entry->annotations, extent, error)
                    : ax_slide_truth_new ();
  if (self->truth == NULL)
    return FALSE;
  const gboolean has_tumor = ax_slide_truth_get_n_lesions (self->truth) > 0;
  if (entry->kind == AX_SLIDE_KIND_UNSORTED
      || has_tumor == (entry->kind == AX_SLIDE_KIND_TUMOR))
    return TRUE;
  g_autofree char *name = g_filename_display_name (entry->annotations);
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               has_tumor ? "%s: outlines tumour in a slide of the normal ones"
                         : "%s: outlines no tumour (_0, _1, Tumor, metastases)",
               name);
  return FALSE;
}

static double
get_area (const Lesion *lesion)
{
  return (double)ax_places_get_n_cells (lesion->places) * lesion->pitch
         * lesion->pitch;
}

/* Leaves what is in tissue, unless nothing is. */
static void
keep_tissue (AxMask *mask, const AxTissue *tissue, AxPoint0 origin,
             AxScale cell)
{
  const gsize n_cells = (gsize)mask->width * (gsize)mask->height;
  g_autofree guint8 *kept = g_malloc0 (n_cells);
  gboolean any = FALSE;
  for (gsize i = 0; i < n_cells; i++)
    {
      if (mask->data[i] == 0)
        continue;
      const gint64 col = (gint64)(i % (gsize)mask->width);
      const gint64 row = (gint64)(i / (gsize)mask->width);
      const AxRect0 rect = { (gint64)floor (origin.x + col * cell.x),
                             (gint64)floor (origin.y + row * cell.y),
                             (gint64)ceil (cell.x), (gint64)ceil (cell.y) };
      kept[i] = ax_tissue_get_fraction_in (tissue, rect) > 0.0;
      any |= kept[i];
    }
  if (any)
    memcpy (mask->data, kept, n_cells);
}

/* The places of a lesion, @pitch apart; none in *@lesion where all cells'
 * middles lie beside it. */
static gboolean
find_places (const AxTrainingSlide *self, guint index, const AxTissue *tissue,
             AxRect0 box, int pitch, Lesion *lesion, GError **error)
{
  const int n_cols = (int)((box.width + pitch - 1) / pitch);
  const int n_rows = (int)((box.height + pitch - 1) / pitch);
  g_autoptr (AxMask) mask = ax_mask_new (n_cols, n_rows, error);
  if (mask == NULL)
    return FALSE;
  /* A cell's middle is that of the model pixel which it stands for. */
  const double before = (pitch - 1) / 2.0;
  const AxPoint0 origin
      = { (box.x - before) * self->scale.x, (box.y - before) * self->scale.y };
  const AxScale cell = { pitch * self->scale.x, pitch * self->scale.y };
  ax_slide_truth_paint_lesion (self->truth, index, mask, origin, cell);
  keep_tissue (mask, tissue, origin, cell);
  *lesion = (Lesion){ ax_places_new (mask->data, n_cols, n_rows), box.x, box.y,
                      pitch };
  if (ax_places_get_n_cells (lesion->places) == 0)
    g_clear_pointer (&lesion->places, ax_places_free);
  return TRUE;
}

/* In model pixels of the slide. */
static AxRect0
get_model_box (const AxTrainingSlide *self, guint index)
{
  const AxScale cell = { 1.0 / self->scale.x, 1.0 / self->scale.y };
  const AxRect0 box = ax_slide_truth_get_box (self->truth, index);
  return ax_rect0_intersect (
      ax_rect0_from_cells (box.x, box.y, box.width, box.height, cell),
      (AxRect0){ 0, 0, self->width, self->height });
}

static gboolean
find_lesion (AxTrainingSlide *self, guint index, const AxTissue *tissue,
             GError **error)
{
  const AxRect0 box = get_model_box (self, index);
  Lesion lesion = { 0 };
  if (ax_rect0_is_empty (box))
    return TRUE;
  for (int pitch = (int)(MAX (box.width, box.height) / LESION_CELLS) + 1;
       pitch > 0 && lesion.places == NULL; pitch /= 2)
    if (!find_places (self, index, tissue, box, pitch, &lesion, error))
      return FALSE;
  if (lesion.places == NULL)
    return TRUE;
  self->area += get_area (&lesion);
  g_array_append_val (self->lesions, lesion);
  return TRUE;
}

static gboolean
find_lesions (AxTrainingSlide *self, const AxTissue *tissue, GError **error)
{
  const guint n_lesions = ax_slide_truth_get_n_lesions (self->truth);
  self->lesions = g_array_new (FALSE, FALSE, sizeof (Lesion));
  g_array_set_clear_func (self->lesions, lesion_clear);
  for (guint i = 0; i < n_lesions; i++)
    if (!find_lesion (self, i, tissue, error))
      return FALSE;
  if (n_lesions == 0 || self->lesions->len > 0)
    return TRUE;
  g_autofree char *name = g_filename_display_name (self->path);
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: none of its %u tumour outlines holds a pixel of the model",
               name, n_lesions);
  return FALSE;
}

static gboolean
find_normal (AxTrainingSlide *self, const AxTissue *tissue, GError **error)
{
  int width = 0, height = 0;
  const guint8 *cells
      = ax_tissue_get_mask (tissue, &width, &height, &self->cell);
  g_autoptr (AxMask) mask = ax_mask_new (width, height, error);
  if (mask == NULL)
    return FALSE;
  ax_slide_truth_mark_unclear (self->truth, mask, self->cell,
                               ax_training_slide_get_reach (self));
  for (gsize i = 0; i < (gsize)width * (gsize)height; i++)
    mask->data[i] = cells[i] != 0 && mask->data[i] == 0;
  self->normal = ax_places_new (mask->data, width, height);
  return TRUE;
}

static gboolean
find_all_places (AxTrainingSlide *self, AxSlide *slide, GError **error)
{
  g_autoptr (AxTissue) tissue = ax_tissue_detect (slide, self->mpp, error);
  if (tissue == NULL)
    return FALSE;
  if (ax_tissue_get_area_px (tissue) <= 0.0)
    {
      g_autofree char *name = g_filename_display_name (self->path);
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: no tissue was found",
                   name);
      return FALSE;
    }
  return find_lesions (self, tissue, error)
         && find_normal (self, tissue, error);
}

AxTrainingSlide *
ax_training_slide_new (const AxSlideEntry *entry, double model_mpp, int window,
                       GError **error)
{
  g_return_val_if_fail (entry != NULL, NULL);
  g_return_val_if_fail (model_mpp > 0.0 && window > 0, NULL);
  g_autoptr (AxSlide) slide = ax_slide_open (entry->path, error);
  if (slide == NULL)
    return NULL;
  g_autoptr (AxTrainingSlide) self = g_new0 (AxTrainingSlide, 1);
  self->path = g_strdup (entry->path);
  self->window = window;
  if (!measure (self, slide, model_mpp, error)
      || !read_truth (self, entry, ax_slide_get_extent (slide), error)
      || !find_all_places (self, slide, error))
    return NULL;
  return g_steal_pointer (&self);
}

const char *
ax_training_slide_get_path (const AxTrainingSlide *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->path;
}

const AxSlideTruth *
ax_training_slide_get_truth (const AxTrainingSlide *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->truth;
}

AxScale
ax_training_slide_get_mpp (const AxTrainingSlide *self)
{
  g_return_val_if_fail (self != NULL, (AxScale){ 0 });
  return self->mpp;
}

AxScale
ax_training_slide_get_scale (const AxTrainingSlide *self)
{
  g_return_val_if_fail (self != NULL, (AxScale){ 0 });
  return self->scale;
}

AxScale
ax_training_slide_get_reach (const AxTrainingSlide *self)
{
  g_return_val_if_fail (self != NULL, (AxScale){ 0 });
  const int reach = self->window / 2 + 1;
  return (AxScale){ reach * self->scale.x, reach * self->scale.y };
}

gboolean
ax_training_slide_has_tumor (const AxTrainingSlide *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->lesions->len > 0;
}

gboolean
ax_training_slide_has_normal (const AxTrainingSlide *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return ax_places_get_n_cells (self->normal) > 0;
}

static const Lesion *
draw_lesion (const AxTrainingSlide *self, AxRng *rng)
{
  const guint n = self->lesions->len;
  if (ax_rng_uniform (rng) < 0.5)
    return &g_array_index (self->lesions, Lesion, ax_rng_below (rng, n));
  double left = ax_rng_range (rng, 0.0, self->area);
  guint i = 0;
  while (i + 1 < n)
    {
      left -= get_area (&g_array_index (self->lesions, Lesion, i));
      if (left < 0.0)
        break;
      i++;
    }
  return &g_array_index (self->lesions, Lesion, i);
}

AxModelPixel
ax_training_slide_draw_tumor (const AxTrainingSlide *self, AxRng *rng)
{
  g_return_val_if_fail (ax_training_slide_has_tumor (self),
                        (AxModelPixel){ 0 });
  const Lesion *lesion = draw_lesion (self, rng);
  int col = 0, row = 0;
  ax_places_draw (lesion->places, rng, &col, &row);
  return (AxModelPixel){ lesion->x + (gint64)col * lesion->pitch,
                         lesion->y + (gint64)row * lesion->pitch };
}

AxModelPixel
ax_training_slide_draw_normal (const AxTrainingSlide *self, AxRng *rng)
{
  g_return_val_if_fail (ax_training_slide_has_normal (self),
                        (AxModelPixel){ 0 });
  int col = 0, row = 0;
  ax_places_draw (self->normal, rng, &col, &row);
  const double x = (col + ax_rng_uniform (rng)) * self->cell.x;
  const double y = (row + ax_rng_uniform (rng)) * self->cell.y;
  return (AxModelPixel){ MIN ((gint64)(x / self->scale.x), self->width - 1),
                         MIN ((gint64)(y / self->scale.y), self->height - 1) };
}
