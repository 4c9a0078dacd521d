#include "core/annot/outlines.h"

#include <math.h>
#include <string.h>

/* Edges of a hole that are looked at, evenly spread. */
#define MAX_PROBES 64

typedef struct
{
  AxAnnotation *annotation;
  AxPoint0 low, high; /* bounding box */
  double area;
} Outline;

struct _AxOutlines
{
  GArray *outlines; /* of Outline, smallest first once sorted */
  gboolean sorted;
};

AxOutlines *
ax_outlines_new (void)
{
  AxOutlines *self = g_new0 (AxOutlines, 1);

  self->outlines = g_array_new (FALSE, FALSE, sizeof (Outline));
  return self;
}

void
ax_outlines_free (AxOutlines *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->outlines);
  g_free (self);
}

static const AxPolyRing *
outline_ring (const Outline *self)
{
  return &g_array_index (self->annotation->rings, AxPolyRing, 0);
}

void
ax_outlines_add (AxOutlines *self, AxAnnotation *annotation)
{
  Outline outline = { .annotation = annotation };
  const AxPolyRing *ring = NULL;

  g_return_if_fail (self != NULL && annotation != NULL);
  g_return_if_fail (annotation->rings->len > 0);

  ring = outline_ring (&outline);
  outline.area = fabs (ax_poly_ring_area (ring));
  outline.low = outline.high = ring->points[0];
  for (guint i = 1; i < ring->n_points; i++)
    {
      outline.low.x = MIN (outline.low.x, ring->points[i].x);
      outline.low.y = MIN (outline.low.y, ring->points[i].y);
      outline.high.x = MAX (outline.high.x, ring->points[i].x);
      outline.high.y = MAX (outline.high.y, ring->points[i].y);
    }
  g_array_append_val (self->outlines, outline);
  self->sorted = FALSE;
}

static gint
compare_area (gconstpointer a, gconstpointer b)
{
  double area_a = ((const Outline *)a)->area;
  double area_b = ((const Outline *)b)->area;

  return (area_a > area_b) - (area_a < area_b);
}

/* Crossings of the ray to the right, by the non-zero rule. */
static gboolean
contains_point (const Outline *self, AxPoint0 p)
{
  const AxPolyRing *ring = outline_ring (self);
  int winding = 0;

  if (p.x < self->low.x || p.x > self->high.x || p.y < self->low.y
      || p.y > self->high.y)
    return FALSE;

  for (guint i = 0; i < ring->n_points; i++)
    {
      AxPoint0 a = ring->points[i];
      AxPoint0 b = ring->points[i + 1 < ring->n_points ? i + 1 : 0];

      if ((a.y <= p.y) != (b.y <= p.y)
          && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x))
        winding += b.y > a.y ? 1 : -1;
    }
  return winding != 0;
}

/* Middles of edges: corners may lie on the outline, see ax_mask_trace(). */
static gboolean
contains_most (const Outline *self, const AxPolyRing *hole)
{
  guint n_probes = MIN (hole->n_points, MAX_PROBES);
  guint n_inside = 0;

  for (guint i = 0; i < n_probes; i++)
    {
      guint edge = (guint64)i * hole->n_points / n_probes;
      AxPoint0 a = hole->points[edge];
      AxPoint0 b = hole->points[(edge + 1) % hole->n_points];
      AxPoint0 middle = { (a.x + b.x) / 2, (a.y + b.y) / 2 };

      n_inside += contains_point (self, middle);
    }
  return 2 * n_inside > n_probes;
}

AxAnnotation *
ax_outlines_find (AxOutlines *self, const AxPolyRing *hole, const char *name)
{
  g_return_val_if_fail (self != NULL && hole != NULL, NULL);

  if (!self->sorted)
    g_array_sort (self->outlines, compare_area);
  self->sorted = TRUE;

  for (guint i = 0; i < self->outlines->len; i++)
    {
      const Outline *outline = &g_array_index (self->outlines, Outline, i);

      if ((name == NULL || strcmp (outline->annotation->name, name) == 0)
          && contains_most (outline, hole))
        return outline->annotation;
    }
  return NULL;
}
