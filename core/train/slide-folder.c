#include "core/train/slide-folder.h"

#include "core/base/error.h"
#include "core/train/slide-pool.h"

#include <string.h>

#define DEFAULT_N_OPEN 64
#define DEFAULT_CACHE_BYTES ((gsize)256 << 20)

/* Places drawn for one sample while they turn out to be damaged. */
#define MAX_DRAWS 16

struct _AxSlideFolder
{
  AxSampleSource source;
  AxSlideFolderSpec spec;
  GPtrArray *slides; /* of AxTrainingSlide */
  GArray *items[2];  /* of guint: numbers of slides */
  AxSlidePool *pool;
};

static void
slide_folder_free (AxSampleSource *source)
{
  AxSlideFolder *self = (AxSlideFolder *)source;
  g_ptr_array_unref (self->slides);
  for (int label = 0; label < 2; label++)
    g_array_unref (self->items[label]);
  ax_slide_pool_free (self->pool);
  g_free (self);
}

static guint
get_n_items (const AxSampleSource *source, int label)
{
  const AxSlideFolder *self = (const AxSlideFolder *)source;
  return label < 2 ? self->items[label]->len : 0;
}

static const AxTrainingSlide *
get_slide (const AxSlideFolder *self, int label, guint item, guint *number)
{
  *number = g_array_index (self->items[label], guint, item);
  return g_ptr_array_index (self->slides, *number);
}

/* Paints the truth of the whole picture, which is its mask, and takes the
 * share of tumour in the field from it. */
static void
add_truth (const AxSlideFolder *self, const AxTrainingSlide *slide, gint64 x,
           gint64 y, AxSample *sample)
{
  const int side = self->spec.side, field = self->spec.field;
  const int margin = (side - field) / 2;
  const AxScale scale = ax_training_slide_get_scale (slide);
  AxMask mask = { side, side, sample->mask };
  gsize n_tumor = 0;
  memset (sample->mask, 0, (gsize)side * (gsize)side);
  ax_slide_truth_paint (ax_training_slide_get_truth (slide), &mask,
                        ax_point0_from_space ((double)x, (double)y, scale),
                        scale);
  for (int row = margin; row < margin + field; row++)
    for (int col = margin; col < margin + field; col++)
      n_tumor += sample->mask[(gsize)row * (gsize)side + (gsize)col] == 1;
  sample->fraction = (double)n_tumor / ((double)field * field);
  sample->has_mask = self->spec.masks;
}

/* @damaged: out: whether some of it could not be decoded. */
static gboolean
read_place (AxSlideFolder *self, int label, guint item, AxModelPixel place,
            AxSample *sample, gboolean *damaged, GError **error)
{
  const int side = self->spec.side, field = self->spec.field;
  const gint64 x = place.x - field / 2 - (side - field) / 2;
  const gint64 y = place.y - field / 2 - (side - field) / 2;
  guint number = 0;
  const AxTrainingSlide *slide = get_slide (self, label, item, &number);
  g_autoptr (GArray) rects = g_array_new (FALSE, FALSE, sizeof (AxRect0));
  g_autoptr (AxPooledSlide) pooled = ax_slide_pool_get (
      self->pool, number, ax_training_slide_get_path (slide),
      ax_training_slide_get_mpp (slide), self->spec.mpp, error);
  if (pooled == NULL || !ax_sample_resize (sample, side, side, error)
      || !ax_region_reader_read (pooled->reader, x, y, side, side, sample->rgb,
                                 rects, error))
    return FALSE;
  sample->label = label;
  add_truth (self, slide, x, y, sample);
  *damaged = rects->len > 0;
  return TRUE;
}

static void
set_damaged (const AxSlideFolder *self, int label, guint item, GError **error)
{
  const AxTrainingSlide *slide = ax_slide_folder_get_slide (self, label, item);
  g_autofree char *name
      = g_filename_display_name (ax_training_slide_get_path (slide));
  g_set_error (error, AX_ERROR, AX_ERROR_CORRUPT,
               "%s: damaged wherever a sample of class %d was looked for", name,
               label);
}

static gboolean
read_item (AxSampleSource *source, int label, guint item, AxRng *rng,
           AxSample *sample, GError **error)
{
  AxSlideFolder *self = (AxSlideFolder *)source;
  const AxTrainingSlide *slide = ax_slide_folder_get_slide (self, label, item);
  for (int i = 0; i < MAX_DRAWS; i++)
    {
      const AxModelPixel place
          = label == 1 ? ax_training_slide_draw_tumor (slide, rng)
                       : ax_training_slide_draw_normal (slide, rng);
      gboolean damaged = FALSE;
      if (!read_place (self, label, item, place, sample, &damaged, error))
        return FALSE;
      if (!damaged)
        return TRUE;
    }
  set_damaged (self, label, item, error);
  return FALSE;
}

gboolean
ax_slide_folder_read_at (AxSlideFolder *self, int label, guint item,
                         AxModelPixel place, AxSample *sample, GError **error)
{
  g_return_val_if_fail (self != NULL && sample != NULL, FALSE);
  g_return_val_if_fail (item < get_n_items (&self->source, label), FALSE);
  gboolean damaged = FALSE;
  if (!read_place (self, label, item, place, sample, &damaged, error))
    return FALSE;
  if (damaged)
    set_damaged (self, label, item, error);
  return !damaged;
}

static gboolean
add_slide (AxSlideFolder *self, const AxSlideEntry *entry, GError **error)
{
  AxTrainingSlide *slide
      = ax_training_slide_new (entry, self->spec.mpp, self->spec.window, error);
  if (slide == NULL)
    return FALSE;
  const guint number = self->slides->len;
  g_ptr_array_add (self->slides, slide);
  if (ax_training_slide_has_normal (slide))
    g_array_append_val (self->items[0], number);
  if (ax_training_slide_has_tumor (slide))
    g_array_append_val (self->items[1], number);
  return TRUE;
}

static gboolean
add_slides (AxSlideFolder *self, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) entries = ax_slide_list_read (folder, error);
  if (entries == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      if (!add_slide (self, g_ptr_array_index (entries, i), error))
        return FALSE;
      if (self->spec.on_progress != NULL)
        self->spec.on_progress ((i + 1.0) / entries->len, self->spec.user_data);
    }
  for (int label = 0; label < 2; label++)
    if (self->items[label]->len == 0)
      {
        g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                     label == 1 ? "%s: none of %u slides has tumour outlined"
                                : "%s: none of %u slides has normal tissue",
                     self->source.name, entries->len);
        return FALSE;
      }
  return TRUE;
}

AxSlideFolder *
ax_slide_folder_new (const char *folder, const AxSlideFolderSpec *spec,
                     GError **error)
{
  g_return_val_if_fail (folder != NULL && spec != NULL, NULL);
  g_return_val_if_fail (spec->mpp > 0.0 && spec->field > 0, NULL);
  g_return_val_if_fail (spec->window > 0 && spec->window <= spec->field, NULL);
  g_return_val_if_fail (spec->side >= spec->field, NULL);
  AxSlideFolder *self = g_new0 (AxSlideFolder, 1);
  self->source = (AxSampleSource){ .name = g_filename_display_name (folder),
                                   .has_fractions = TRUE,
                                   .has_masks = spec->masks,
                                   .get_n_items = get_n_items,
                                   .read = read_item,
                                   .free = slide_folder_free };
  self->spec = *spec;
  self->slides
      = g_ptr_array_new_with_free_func ((GDestroyNotify)ax_training_slide_free);
  for (int label = 0; label < 2; label++)
    self->items[label] = g_array_new (FALSE, FALSE, sizeof (guint));
  if (!add_slides (self, folder, error))
    {
      ax_sample_source_free (&self->source);
      return NULL;
    }
  const guint n_open = spec->n_open > 0 ? spec->n_open : DEFAULT_N_OPEN;
  self->pool = ax_slide_pool_new (MIN (n_open, self->slides->len),
                                  spec->cache_bytes > 0 ? spec->cache_bytes
                                                        : DEFAULT_CACHE_BYTES);
  return self;
}

AxSampleSource *
ax_slide_folder_get_source (AxSlideFolder *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return &self->source;
}

AxSlideFolder *
ax_slide_folder_from_source (AxSampleSource *source)
{
  g_return_val_if_fail (source != NULL, NULL);
  return source->read == read_item ? (AxSlideFolder *)source : NULL;
}

const AxTrainingSlide *
ax_slide_folder_get_slide (const AxSlideFolder *self, int label, guint item)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (item < get_n_items (&self->source, label), NULL);
  guint number = 0;
  return get_slide (self, label, item, &number);
}
