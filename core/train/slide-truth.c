#include "core/train/slide-truth.h"

#include "core/annot/asap-xml.h"
#include "core/base/error.h"
#include "core/train/sample.h"

#include <math.h>

typedef enum
{
  KIND_TUMOR,
  KIND_UNKNOWN,
  KIND_NORMAL,
  N_KINDS
} Kind;

typedef struct
{
  const AxAnnotation *annotation;
  AxPoint0 first, end; /* of the box around its rings */
} Area;

struct _AxSlideTruth
{
  AxAnnotationSet *set; /* (nullable) */
  GArray *areas[N_KINDS];
};

AxSlideTruth *
ax_slide_truth_new (void)
{
  AxSlideTruth *self = g_new0 (AxSlideTruth, 1);
  for (int kind = 0; kind < N_KINDS; kind++)
    self->areas[kind] = g_array_new (FALSE, FALSE, sizeof (Area));
  return self;
}

void
ax_slide_truth_free (AxSlideTruth *self)
{
  if (self == NULL)
    return;
  for (int kind = 0; kind < N_KINDS; kind++)
    g_array_unref (self->areas[kind]);
  if (self->set != NULL)
    ax_annotation_set_unref (self->set);
  g_free (self);
}

static const AxPolyRing *
get_ring (const AxAnnotation *annotation, guint index)
{
  return &g_array_index (annotation->rings, AxPolyRing, index);
}

static Area
area_init (const AxAnnotation *annotation)
{
  const AxPoint0 start = get_ring (annotation, 0)->points[0];
  Area self = { annotation, start, start };
  for (guint r = 0; r < annotation->rings->len; r++)
    {
      const AxPolyRing *ring = get_ring (annotation, r);
      for (guint i = 0; i < ring->n_points; i++)
        {
          const AxPoint0 point = ring->points[i];
          self.first.x = fmin (self.first.x, point.x);
          self.first.y = fmin (self.first.y, point.y);
          self.end.x = fmax (self.end.x, point.x);
          self.end.y = fmax (self.end.y, point.y);
        }
    }
  return self;
}

static Kind
get_kind (const AxAnnotation *annotation)
{
  if (ax_annotation_is_tumor (annotation))
    return KIND_TUMOR;
  return ax_annotation_is_normal (annotation) ? KIND_NORMAL : KIND_UNKNOWN;
}

static gboolean
check_area (const Area *area, AxRect0 extent, const char *path, GError **error)
{
  const double dx = extent.width * AX_SLIDE_TRUTH_MARGIN;
  const double dy = extent.height * AX_SLIDE_TRUTH_MARGIN;
  if (area->first.x >= -dx && area->end.x <= extent.width + dx
      && area->first.y >= -dy && area->end.y <= extent.height + dy)
    return TRUE;
  g_autofree char *name = g_filename_display_name (path);
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: '%s' reaches from (%.0f, %.0f) to (%.0f, %.0f), outside "
               "the slide of %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT " px",
               name, area->annotation->name, area->first.x, area->first.y,
               area->end.x, area->end.y, extent.width, extent.height);
  return FALSE;
}

AxSlideTruth *
ax_slide_truth_read (const char *path, AxRect0 extent, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);
  g_autoptr (AxSlideTruth) self = ax_slide_truth_new ();
  self->set = ax_asap_xml_read (path, error);
  if (self->set == NULL)
    return NULL;
  for (guint i = 0; i < self->set->annotations->len; i++)
    {
      const AxAnnotation *annotation
          = g_ptr_array_index (self->set->annotations, i);
      if (!ax_annotation_is_area (annotation))
        continue;
      const Area area = area_init (annotation);
      if (!check_area (&area, extent, path, error))
        return NULL;
      g_array_append_val (self->areas[get_kind (annotation)], area);
    }
  return g_steal_pointer (&self);
}

static const Area *
get_area (const AxSlideTruth *self, Kind kind, guint index)
{
  return &g_array_index (self->areas[kind], Area, index);
}

guint
ax_slide_truth_get_n_lesions (const AxSlideTruth *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->areas[KIND_TUMOR]->len;
}

AxRect0
ax_slide_truth_get_box (const AxSlideTruth *self, guint lesion)
{
  g_return_val_if_fail (self != NULL, (AxRect0){ 0 });
  g_return_val_if_fail (lesion < self->areas[KIND_TUMOR]->len, (AxRect0){ 0 });
  const Area *area = get_area (self, KIND_TUMOR, lesion);
  const gint64 x = (gint64)floor (area->first.x);
  const gint64 y = (gint64)floor (area->first.y);
  return (AxRect0){ x, y, (gint64)ceil (area->end.x) - x,
                    (gint64)ceil (area->end.y) - y };
}

static void
paint_area (const Area *area, AxMask *mask, AxPoint0 origin, AxScale cell,
            guint8 value)
{
  if (area->end.x < origin.x || area->end.y < origin.y
      || area->first.x > origin.x + mask->width * cell.x
      || area->first.y > origin.y + mask->height * cell.y)
    return;
  ax_mask_fill_rings (mask, get_ring (area->annotation, 0),
                      area->annotation->rings->len, origin, cell, value);
}

static void
paint_kind (const AxSlideTruth *self, Kind kind, AxMask *mask, AxPoint0 origin,
            AxScale cell, guint8 value)
{
  for (guint i = 0; i < self->areas[kind]->len; i++)
    paint_area (get_area (self, kind, i), mask, origin, cell, value);
}

void
ax_slide_truth_paint (const AxSlideTruth *self, AxMask *mask, AxPoint0 origin,
                      AxScale cell)
{
  g_return_if_fail (self != NULL && mask != NULL);
  paint_kind (self, KIND_UNKNOWN, mask, origin, cell, AX_SAMPLE_UNKNOWN);
  paint_kind (self, KIND_TUMOR, mask, origin, cell, 1);
  paint_kind (self, KIND_NORMAL, mask, origin, cell, 0);
}

void
ax_slide_truth_paint_lesion (const AxSlideTruth *self, guint lesion,
                             AxMask *mask, AxPoint0 origin, AxScale cell)
{
  g_return_if_fail (self != NULL && mask != NULL);
  g_return_if_fail (lesion < self->areas[KIND_TUMOR]->len);
  paint_area (get_area (self, KIND_TUMOR, lesion), mask, origin, cell, 1);
  paint_kind (self, KIND_NORMAL, mask, origin, cell, 0);
}

static void
mark_block (AxMask *mask, double col, double row, int dx, int dy)
{
  const int first_col = (int)CLAMP (col - dx, 0, mask->width);
  const int end_col = (int)CLAMP (col + dx + 1, 0, mask->width);
  const int first_row = (int)CLAMP (row - dy, 0, mask->height);
  const int end_row = (int)CLAMP (row + dy + 1, 0, mask->height);
  for (int y = first_row; y < end_row; y++)
    for (int x = first_col; x < end_col; x++)
      mask->data[(gsize)y * (gsize)mask->width + x] = 1;
}

/* Steps of half a cell leave out at most a corner of one, whose neighbours are
 * marked instead. */
static void
mark_edge (AxMask *mask, AxPoint0 from, AxPoint0 to, AxScale cell, int dx,
           int dy)
{
  const double x = from.x / cell.x, y = from.y / cell.y;
  const double width = to.x / cell.x - x, height = to.y / cell.y - y;
  const int n_steps = (int)ceil (2.0 * fmax (fabs (width), fabs (height))) + 1;
  for (int i = 0; i < n_steps; i++)
    mark_block (mask, floor (x + width * i / n_steps),
                floor (y + height * i / n_steps), dx, dy);
}

static void
mark_edges (const Area *area, AxMask *mask, AxScale cell, int dx, int dy)
{
  for (guint r = 0; r < area->annotation->rings->len; r++)
    {
      const AxPolyRing *ring = get_ring (area->annotation, r);
      for (guint i = 0; i < ring->n_points; i++)
        mark_edge (mask, ring->points[i],
                   ring->points[i + 1 < ring->n_points ? i + 1 : 0], cell, dx,
                   dy);
    }
}

/* A set grown by a square is the set and the squares along its edge. */
void
ax_slide_truth_mark_unclear (const AxSlideTruth *self, AxMask *mask,
                             AxScale cell, AxScale half)
{
  g_return_if_fail (self != NULL && mask != NULL);
  const AxPoint0 origin = { 0.0, 0.0 };
  const int dx = (int)ceil (half.x / cell.x) + 1;
  const int dy = (int)ceil (half.y / cell.y) + 1;
  if (self->areas[KIND_TUMOR]->len + self->areas[KIND_UNKNOWN]->len == 0)
    return;
  paint_kind (self, KIND_TUMOR, mask, origin, cell, 1);
  paint_kind (self, KIND_NORMAL, mask, origin, cell, 0);
  paint_kind (self, KIND_UNKNOWN, mask, origin, cell, 1);
  for (int kind = 0; kind < N_KINDS; kind++)
    for (guint i = 0; i < self->areas[kind]->len; i++)
      mark_edges (get_area (self, kind, i), mask, cell, dx, dy);
}
