#include "core/slide/tissue.h"

#include "core/base/contour.h"
#include "core/base/error.h"
#include "core/slide/image.h"
#include "core/slide/tissue-otsu.h"
#include "core/slide/tissue-picture.h"
#include "core/slide/tissue-regions.h"

#include <math.h>
#include <string.h>

/* Rows that are summed up together: one in so many leaves the table small
 * beside the mask, and few rows to be counted for each question. */
#define STRIP_ROWS 16

struct _AxTissue
{
  gatomicrefcount n_refs;

  /* immutable */
  AxRect0 extent;
  int width, height;
  AxScale scale;
  guint8 *mask;
  guint32 *sums; /* (strips, width + 1): tissue cells of a strip to the left */
  int level, threshold;
  guint n_regions;
  char *hash;
};

static int
count_strips (const AxTissue *self)
{
  return (self->height + STRIP_ROWS - 1) / STRIP_ROWS;
}

static guint32 *
get_sums (const AxTissue *self, int strip)
{
  return self->sums + strip * ((gsize)self->width + 1);
}

static void
sum_mask (AxTissue *self)
{
  for (int y = 0; y < self->height; y++)
    {
      const guint8 *row = self->mask + (gsize)y * self->width;
      guint32 *sums = get_sums (self, y / STRIP_ROWS);

      for (int x = 0; x < self->width; x++)
        sums[x + 1] += row[x] != 0;
    }
  for (int strip = 0; strip < count_strips (self); strip++)
    {
      guint32 *sums = get_sums (self, strip);

      for (int x = 0; x < self->width; x++)
        sums[x + 1] += sums[x];
    }
}

/* The scale is part of it: equal cells of other sizes are other tissue. */
static char *
hash_mask (const AxTissue *self)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  char x[G_ASCII_DTOSTR_BUF_SIZE], y[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *head = NULL;

  g_ascii_dtostr (x, sizeof x, self->scale.x);
  g_ascii_dtostr (y, sizeof y, self->scale.y);
  head = g_strdup_printf ("%d %d %s %s\n", self->width, self->height, x, y);
  g_checksum_update (checksum, (const guchar *)head, -1);
  for (int row = 0; row < self->height; row++)
    g_checksum_update (checksum, self->mask + (gsize)row * self->width,
                       self->width);
  return g_strdup (g_checksum_get_string (checksum));
}

/* Takes @mask. */
static AxTissue *
new_take (guint8 *mask, int width, int height, AxRect0 extent, AxScale scale,
          GError **error)
{
  g_autoptr (AxTissue) self = g_new0 (AxTissue, 1);

  g_atomic_ref_count_init (&self->n_refs);
  self->mask = mask;
  self->width = width;
  self->height = height;
  self->extent = extent;
  self->scale = scale;
  self->level = self->threshold = -1;
  self->sums = g_try_new0 (guint32, ((gsize)width + 1) * count_strips (self));
  if (self->sums == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for the sums of %d x %d tissue cells", width,
                   height);
      return NULL;
    }
  if (!ax_tissue_regions_drop (mask, width, height, 255, 0, &self->n_regions,
                               error))
    return NULL;
  sum_mask (self);
  self->hash = hash_mask (self);
  return g_steal_pointer (&self);
}

static AxTissue *
detect (const guint8 *rgb, const guint8 *damaged, int width, int height,
        AxRect0 extent, AxScale scale, AxScale mpp, GError **error)
{
  gboolean known = mpp.x > 0 && mpp.y > 0;
  AxScale cell_um = { scale.x * (known ? mpp.x : AX_TISSUE_ASSUMED_MPP),
                      scale.y * (known ? mpp.y : AX_TISSUE_ASSUMED_MPP) };
  g_autofree guint8 *mask = NULL;
  AxTissue *self;
  int threshold;

  mask = ax_tissue_otsu_find (rgb, damaged, width, height, cell_um, &threshold,
                              error);
  if (mask == NULL)
    return NULL;
  self
      = new_take (g_steal_pointer (&mask), width, height, extent, scale, error);
  if (self != NULL)
    self->threshold = threshold;
  return self;
}

AxTissue *
ax_tissue_detect (AxSlide *slide, AxScale mpp, GError **error)
{
  g_autoptr (AxTissuePicture) picture = NULL;
  AxTissue *self;

  g_return_val_if_fail (slide != NULL, NULL);

  picture = ax_tissue_picture_new (slide, mpp, error);
  if (picture == NULL)
    return NULL;
  self
      = detect (picture->rgb, picture->damaged, picture->width, picture->height,
                ax_slide_get_extent (slide), picture->scale, mpp, error);
  if (self != NULL)
    self->level = picture->level;
  return self;
}

AxTissue *
ax_tissue_detect_image (const guint8 *rgb, int width, int height, AxScale scale,
                        AxScale mpp, GError **error)
{
  AxRect0 extent;

  g_return_val_if_fail (rgb != NULL && width > 0 && height > 0, NULL);
  g_return_val_if_fail (scale.x > 0 && scale.y > 0, NULL);

  extent = ax_rect0_from_cells (0, 0, width, height, scale);
  return detect (rgb, NULL, width, height, extent, scale, mpp, error);
}

AxTissue *
ax_tissue_new_full (AxSlide *slide)
{
  AxRect0 extent;
  AxScale scale;
  guint8 *mask;

  g_return_val_if_fail (slide != NULL, NULL);

  extent = ax_slide_get_extent (slide);
  scale = (AxScale){ extent.width, extent.height };
  mask = g_new (guint8, 1);
  *mask = 255;
  return new_take (mask, 1, 1, extent, scale, NULL);
}

/* Zeroed. */
static guint8 *
new_mask (int width, int height, GError **error)
{
  guint8 *mask = g_try_malloc0 ((gsize)width * height);

  if (mask == NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                 "no memory for %d x %d tissue cells", width, height);
  return mask;
}

static guint8 *
mask_from_image (const AxImage *image, GError **error)
{
  gsize n_cells = (gsize)image->width * image->height;
  gsize n_bytes = image->n_channels
                  * (image->type == AX_SAMPLE_U8    ? 1
                     : image->type == AX_SAMPLE_U16 ? 2
                                                    : 4);
  const guint8 *samples = image->data;
  guint8 *mask = new_mask (image->width, image->height, error);

  if (mask == NULL)
    return NULL;
  for (gsize i = 0; i < n_cells; i++)
    for (gsize j = 0; j < n_bytes; j++)
      if (samples[i * n_bytes + j] != 0)
        mask[i] = 255;
  return mask;
}

AxTissue *
ax_tissue_load (AxSlide *slide, const char *path, GError **error)
{
  g_autoptr (AxImage) image = NULL;
  guint8 *mask;
  AxRect0 extent;
  AxScale scale;

  g_return_val_if_fail (slide != NULL && path != NULL, NULL);

  image = ax_image_load (path, AX_TISSUE_MAX_CELLS, error);
  if (image == NULL)
    return NULL;
  mask = mask_from_image (image, error);
  if (mask == NULL)
    return NULL;
  extent = ax_slide_get_extent (slide);
  scale = (AxScale){ (double)extent.width / image->width,
                     (double)extent.height / image->height };
  return new_take (mask, image->width, image->height, extent, scale, error);
}

AxTissue *
ax_tissue_new_mask (AxSlide *slide, const guint8 *mask, int width, int height,
                    AxScale scale, GError **error)
{
  gsize n_cells = (gsize)width * height;
  guint8 *copy;

  g_return_val_if_fail (slide != NULL && mask != NULL, NULL);
  g_return_val_if_fail (width > 0 && height > 0, NULL);
  g_return_val_if_fail (scale.x > 0 && scale.y > 0, NULL);

  copy = new_mask (width, height, error);
  if (copy == NULL)
    return NULL;
  for (gsize i = 0; i < n_cells; i++)
    copy[i] = mask[i] != 0 ? 255 : 0;
  return new_take (copy, width, height, ax_slide_get_extent (slide), scale,
                   error);
}

AxTissue *
ax_tissue_ref (AxTissue *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ax_tissue_unref (AxTissue *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->n_refs))
    return;
  g_free (self->mask);
  g_free (self->sums);
  g_free (self->hash);
  g_free (self);
}

/* [first, last) in cells, which are of one value each: the outer two count as
 * far as they are covered. */
typedef struct
{
  double first, last;
} Span;

static double
strip_sum_before (const AxTissue *self, int strip, double x)
{
  int col = CLAMP ((int)x, 0, self->width - 1);
  double share = CLAMP (x - col, 0, 1);
  const guint32 *sums = get_sums (self, strip) + col;

  return (1 - share) * sums[0] + share * sums[1];
}

/* How much of cell @index @span covers. */
static double
get_cover (Span span, int index)
{
  return CLAMP (MIN (span.last, index + 1) - MAX (span.first, index), 0, 1);
}

static double
sum_row (const AxTissue *self, int y, Span columns)
{
  const guint8 *row = self->mask + (gsize)y * self->width;
  int first = MAX ((int)columns.first, 0);
  int last = MIN ((int)ceil (columns.last), self->width) - 1;
  guint n = 0;

  for (int x = first + 1; x < last; x++)
    n += row[x] != 0;
  return n + (row[first] != 0) * get_cover (columns, first)
         + (last > first ? (row[last] != 0) * get_cover (columns, last) : 0);
}

static double
sum_in (const AxTissue *self, Span columns, Span rows)
{
  int end = MIN ((int)ceil (rows.last), self->height);
  double sum = 0;

  for (int y = MAX ((int)rows.first, 0); y < end;)
    if (y % STRIP_ROWS == 0 && y >= rows.first && y + STRIP_ROWS <= rows.last)
      {
        sum += strip_sum_before (self, y / STRIP_ROWS, columns.last)
               - strip_sum_before (self, y / STRIP_ROWS, columns.first);
        y += STRIP_ROWS;
      }
    else
      {
        sum += sum_row (self, y, columns) * get_cover (rows, y);
        y++;
      }
  return sum;
}

double
ax_tissue_get_fraction_in (const AxTissue *self, AxRect0 rect)
{
  Span columns, rows;
  double n_cells;

  g_return_val_if_fail (self != NULL, 0);

  rect = ax_rect0_intersect (rect, self->extent);
  if (ax_rect0_is_empty (rect))
    return 0;
  columns
      = (Span){ rect.x / self->scale.x, (rect.x + rect.width) / self->scale.x };
  rows = (Span){ rect.y / self->scale.y,
                 (rect.y + rect.height) / self->scale.y };
  n_cells = (columns.last - columns.first) * (rows.last - rows.first);
  return CLAMP (sum_in (self, columns, rows) / n_cells, 0, 1);
}

double
ax_tissue_get_fraction (const AxTissue *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return ax_tissue_get_fraction_in (self, self->extent);
}

double
ax_tissue_get_area_px (const AxTissue *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return sum_in (self, (Span){ 0, self->extent.width / self->scale.x },
                 (Span){ 0, self->extent.height / self->scale.y })
         * self->scale.x * self->scale.y;
}

int
ax_tissue_get_level (const AxTissue *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->level;
}

int
ax_tissue_get_threshold (const AxTissue *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->threshold;
}

guint
ax_tissue_get_n_regions (const AxTissue *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_regions;
}

const char *
ax_tissue_get_hash (const AxTissue *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->hash;
}

const guint8 *
ax_tissue_get_mask (const AxTissue *self, int *width, int *height,
                    AxScale *scale)
{
  g_return_val_if_fail (self != NULL, NULL);

  *width = self->width;
  *height = self->height;
  *scale = self->scale;
  return self->mask;
}

GArray *
ax_tissue_trace (const AxTissue *self, GError **error)
{
  g_return_val_if_fail (self != NULL, NULL);

  return ax_contour_trace (self->mask, self->width, self->height, self->width,
                           error);
}
