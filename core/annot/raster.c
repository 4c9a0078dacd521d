#include "core/annot/raster.h"

#include "core/base/contour.h"
#include "core/base/error.h"

#include <math.h>
#include <string.h>

/* New edges of a row beyond which it is sorted from scratch. */
#define MANY_EDGES 32

/* An edge in mask space, upper end first.  A row's line runs through the
   centres of its cells; the edge crosses those of rows [first, end). */
typedef struct
{
  double x, y;     /* upper end */
  double step;     /* of x for one row */
  double crossing; /* x on the current row */
  gint first, end;
  gint direction; /* 1 when the ring runs down, -1 when up */
  guint ring;
} Edge;

typedef struct
{
  Edge *edges; /* by first row */
  gsize n_edges, n_started;
  Edge **active; /* edges that cross the current row, by crossing */
  gsize n_active;
  gint *windings; /* one a ring, all 0 between rows */
} Scan;

AxMask *
ax_mask_new (gint width, gint height, GError **error)
{
  AxMask *self = NULL;
  guint8 *data = NULL;

  g_return_val_if_fail (width > 0 && height > 0, NULL);

  data = g_try_malloc0_n (height, width);
  if (data == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for a mask of %d x %d cells", width, height);
      return NULL;
    }
  self = g_new (AxMask, 1);
  *self = (AxMask){ width, height, data };
  return self;
}

void
ax_mask_free (AxMask *self)
{
  if (self == NULL)
    return;
  g_free (self->data);
  g_free (self);
}

/* The first row or column whose centre is not before @position. */
static gint
first_cell (double position, gint n_cells)
{
  double cell = ceil (position - 0.5);

  if (!(cell > 0))
    return 0;
  return cell < n_cells ? (gint)cell : n_cells;
}

static AxPoint0
to_mask (AxPoint0 point, AxPoint0 origin, AxScale cell)
{
  return (AxPoint0){ (point.x - origin.x) / cell.x,
                     (point.y - origin.y) / cell.y };
}

static gboolean
init_edge (Edge *edge, AxPoint0 a, AxPoint0 b, guint ring, gint height)
{
  gboolean down = a.y < b.y;
  AxPoint0 upper = down ? a : b;
  AxPoint0 lower = down ? b : a;

  *edge = (Edge){ .x = upper.x,
                  .y = upper.y,
                  .step = (lower.x - upper.x) / (lower.y - upper.y),
                  .first = first_cell (upper.y, height),
                  .end = first_cell (lower.y, height),
                  .direction = down ? 1 : -1,
                  .ring = ring };
  return edge->first < edge->end;
}

static gint
compare_first (gconstpointer a, gconstpointer b)
{
  return ((const Edge *)a)->first - ((const Edge *)b)->first;
}

static void
collect_edges (Scan *self, const AxPolyRing *rings, guint n_rings,
               AxPoint0 origin, AxScale cell, gint height)
{
  gsize n_points = 0;

  for (guint i = 0; i < n_rings; i++)
    n_points += rings[i].n_points;
  self->edges = g_new (Edge, n_points);
  for (guint i = 0; i < n_rings; i++)
    for (guint j = 0; j < rings[i].n_points; j++)
      {
        guint next = j + 1 < rings[i].n_points ? j + 1 : 0;
        AxPoint0 a = to_mask (rings[i].points[j], origin, cell);
        AxPoint0 b = to_mask (rings[i].points[next], origin, cell);

        if (init_edge (&self->edges[self->n_edges], a, b, i, height))
          self->n_edges++;
      }
  if (self->n_edges > 0)
    qsort (self->edges, self->n_edges, sizeof *self->edges, compare_first);
  self->active = g_new (Edge *, self->n_edges);
  self->windings = g_new0 (gint, n_rings);
}

static gint
compare_crossing (gconstpointer a, gconstpointer b)
{
  const Edge *edge_a = *(Edge *const *)a;
  const Edge *edge_b = *(Edge *const *)b;

  return (edge_a->crossing > edge_b->crossing)
         - (edge_a->crossing < edge_b->crossing);
}

/* From one row to the next hardly any two edges change places. */
static void
insertion_sort (Edge **active, gsize n_active)
{
  for (gsize i = 1; i < n_active; i++)
    {
      Edge *edge = active[i];
      gsize j = i;

      for (; j > 0 && active[j - 1]->crossing > edge->crossing; j--)
        active[j] = active[j - 1];
      active[j] = edge;
    }
}

/* Leaves in active what crosses the row, by crossing. */
static void
go_to_row (Scan *self, gint row)
{
  gsize n_kept = 0;
  gsize n_new = 0;

  for (gsize i = 0; i < self->n_active; i++)
    if (self->active[i]->end > row)
      self->active[n_kept++] = self->active[i];
  for (; self->n_started < self->n_edges
         && self->edges[self->n_started].first <= row;
       n_new++)
    self->active[n_kept++] = &self->edges[self->n_started++];
  self->n_active = n_kept;

  for (gsize i = 0; i < n_kept; i++)
    {
      Edge *edge = self->active[i];

      edge->crossing = edge->x + (row + 0.5 - edge->y) * edge->step;
    }
  if (n_new > MANY_EDGES)
    qsort (self->active, n_kept, sizeof *self->active, compare_crossing);
  else
    insertion_sort (self->active, n_kept);
}

static void
paint_row (Scan *self, guint8 *cells, gint width, guint8 value)
{
  gboolean inside = FALSE;
  gint n_holes = 0; /* holes that the place lies in */
  gint start = 0;

  for (gsize i = 0; i < self->n_active; i++)
    {
      const Edge *edge = self->active[i];
      gint *winding = &self->windings[edge->ring];
      gboolean was_in_ring = *winding != 0;
      gboolean now_inside = FALSE;
      gint column = 0;

      *winding += edge->direction;
      if (edge->ring > 0)
        n_holes += (*winding != 0) - was_in_ring;
      now_inside = self->windings[0] != 0 && n_holes == 0;
      if (now_inside == inside)
        continue;

      inside = now_inside;
      column = first_cell (edge->crossing, width);
      if (inside)
        start = column;
      else if (column > start)
        memset (cells + start, value, column - start);
    }
}

void
ax_mask_fill_rings (AxMask *self, const AxPolyRing *rings, guint n_rings,
                    AxPoint0 origin, AxScale cell, guint8 value)
{
  Scan scan = { 0 };

  g_return_if_fail (self != NULL && rings != NULL);
  g_return_if_fail (cell.x > 0 && cell.y > 0);

  collect_edges (&scan, rings, n_rings, origin, cell, self->height);
  for (gint row = scan.n_edges > 0 ? scan.edges[0].first : self->height;
       row < self->height; row++)
    {
      go_to_row (&scan, row);
      if (scan.n_active == 0 && scan.n_started == scan.n_edges)
        break;
      paint_row (&scan, self->data + (gsize)row * self->width, self->width,
                 value);
    }
  g_free (scan.edges);
  g_free (scan.active);
  g_free (scan.windings);
}

static void
fill_annotation (AxMask *self, const AxAnnotation *annotation, AxPoint0 origin,
                 AxScale cell, guint8 value)
{
  if (ax_annotation_is_area (annotation))
    ax_mask_fill_rings (self, (const AxPolyRing *)annotation->rings->data,
                        annotation->rings->len, origin, cell, value);
}

void
ax_mask_fill_annotations (AxMask *self, const AxAnnotationSet *set,
                          AxPoint0 origin, AxScale cell)
{
  g_return_if_fail (self != NULL && set != NULL);

  for (guint i = 0; i < set->annotations->len; i++)
    if (ax_annotation_is_tumor (set->annotations->pdata[i]))
      fill_annotation (self, set->annotations->pdata[i], origin, cell, 255);
  for (guint i = 0; i < set->annotations->len; i++)
    if (ax_annotation_is_normal (set->annotations->pdata[i]))
      fill_annotation (self, set->annotations->pdata[i], origin, cell, 0);
}

static void
ring_clear (gpointer data)
{
  g_free (((AxPolyRing *)data)->points);
}

static GArray *
ring_array_new (void)
{
  GArray *rings = g_array_new (FALSE, FALSE, sizeof (AxPolyRing));

  g_array_set_clear_func (rings, ring_clear);
  return rings;
}

static AxPolyRing
ring_from_contour (const AxContour *contour, AxPoint0 origin, AxScale cell)
{
  AxPolyRing ring
      = { g_new (AxPoint0, contour->n_corners), contour->n_corners };

  for (guint i = 0; i < ring.n_points; i++)
    {
      AxPoint0 corner = ax_point0_from_space (contour->corners[i].x,
                                              contour->corners[i].y, cell);

      ring.points[i] = (AxPoint0){ origin.x + corner.x, origin.y + corner.y };
    }
  return ring;
}

GPtrArray *
ax_mask_trace (const AxMask *self, AxPoint0 origin, AxScale cell,
               GError **error)
{
  g_autoptr (GArray) contours = NULL;
  GPtrArray *components = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (cell.x > 0 && cell.y > 0, NULL);

  contours = ax_contour_trace (self->data, self->width, self->height,
                               self->width, error);
  if (contours == NULL)
    return NULL;
  components = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  for (guint i = 0; i < contours->len; i++)
    {
      const AxContour *contour = &g_array_index (contours, AxContour, i);
      AxPolyRing ring = ring_from_contour (contour, origin, cell);

      while (components->len <= contour->component)
        g_ptr_array_add (components, ring_array_new ());
      g_array_append_val ((GArray *)components->pdata[contour->component],
                          ring);
    }
  return components;
}
