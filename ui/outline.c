#include "ui/outline.h"

#include <math.h>

/* At 2^-k screen pixels per level-0 pixel a copy k is drawn. */
#define N_OCTAVES 24

/* Screen pixels between vertices of a copy, at the finest zoom it is for. */
#define SPACING_PX 0.75

/* How far outside the view an edge may lie and still leave a mark. */
#define REACH_PX 8.0

typedef struct
{
  AxPoint0 *points; /* NULL until wanted */
  guint n_points;
} Copy;

struct _AxOutline
{
  Copy exact;
  Copy copies[N_OCTAVES];
  AxRect0 bounds;
};

static AxRect0
bounds_of (const AxPoint0 *points, guint n_points)
{
  double left = points->x, top = points->y, right = left, bottom = top;

  for (guint i = 1; i < n_points; i++)
    {
      left = MIN (left, points[i].x);
      top = MIN (top, points[i].y);
      right = MAX (right, points[i].x);
      bottom = MAX (bottom, points[i].y);
    }
  left = floor (left);
  top = floor (top);
  return (AxRect0){ (gint64)left, (gint64)top, (gint64)(ceil (right) - left),
                    (gint64)(ceil (bottom) - top) };
}

static AxOutline *
outline_new_take (AxPoint0 *points, guint n_points)
{
  AxOutline *self = g_new0 (AxOutline, 1);

  self->exact = (Copy){ points, n_points };
  self->bounds = bounds_of (points, n_points);
  return self;
}

AxOutline *
ax_outline_new (const AxPoint0 *points, guint n_points)
{
  g_return_val_if_fail (points != NULL && n_points > 0, NULL);

  return outline_new_take (g_memdup2 (points, n_points * sizeof *points),
                           n_points);
}

/* The point @way from @from towards @to. */
static AxPoint0
step_towards (AxPoint0 from, AxPoint0 to, double way)
{
  double length = hypot (to.x - from.x, to.y - from.y);
  double share = length > 0 ? way / length : 0;

  return (AxPoint0){ from.x + (to.x - from.x) * share,
                     from.y + (to.y - from.y) * share };
}

AxOutline *
ax_outline_new_along_cells (const AxPoint0 *points, guint n_points)
{
  double shortest = G_MAXDOUBLE;
  AxPoint0 *cut;

  g_return_val_if_fail (points != NULL && n_points > 0, NULL);

  for (guint i = 0; i < n_points; i++)
    {
      AxPoint0 next = points[(i + 1) % n_points];

      shortest
          = MIN (shortest, hypot (next.x - points[i].x, next.y - points[i].y));
    }
  cut = g_new (AxPoint0, 2 * (gsize)n_points);
  for (guint i = 0; i < n_points; i++)
    {
      AxPoint0 last = points[(i + n_points - 1) % n_points];
      AxPoint0 next = points[(i + 1) % n_points];

      cut[2 * i] = step_towards (points[i], last, shortest / 2);
      cut[2 * i + 1] = step_towards (points[i], next, shortest / 2);
    }
  return outline_new_take (cut, 2 * n_points);
}

void
ax_outline_free (AxOutline *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < N_OCTAVES; i++)
    g_free (self->copies[i].points);
  g_free (self->exact.points);
  g_free (self);
}

AxRect0
ax_outline_get_bounds (const AxOutline *self)
{
  return self->bounds;
}

AxPoint0
ax_outline_get_top (const AxOutline *self)
{
  AxPoint0 top = self->exact.points[0];

  for (guint i = 1; i < self->exact.n_points; i++)
    if (self->exact.points[i].y < top.y)
      top = self->exact.points[i];
  return top;
}

/* Leaves out vertices nearer than @spacing to the last one kept. */
static Copy
thin_out (const Copy *from, double spacing)
{
  AxPoint0 *points = g_new (AxPoint0, from->n_points);
  guint n_points = 0;

  for (guint i = 0; i < from->n_points; i++)
    {
      AxPoint0 point = from->points[i];

      if (n_points == 0
          || hypot (point.x - points[n_points - 1].x,
                    point.y - points[n_points - 1].y)
                 >= spacing)
        points[n_points++] = point;
    }
  return (Copy){ g_renew (AxPoint0, points, n_points), n_points };
}

static const Copy *
copy_for_zoom (AxOutline *self, double zoom)
{
  int octave = MIN ((int)floor (-log2 (zoom)), N_OCTAVES - 1);
  const Copy *from = &self->exact;

  if (octave < 1)
    return from;
  for (int i = 1; i < octave; i++)
    if (self->copies[i].points != NULL)
      from = &self->copies[i];
  if (self->copies[octave].points == NULL)
    self->copies[octave] = thin_out (from, SPACING_PX * (double)(1 << octave));
  return &self->copies[octave];
}

guint
ax_outline_get_n_points (AxOutline *self, double zoom)
{
  return copy_for_zoom (self, zoom)->n_points;
}

/* On which sides of the view a point lies, as bits. */
static guint
sides_of (double x, double y, double width, double height)
{
  return (x < -REACH_PX) | (x > width + REACH_PX) << 1 | (y < -REACH_PX) << 2
         | (y > height + REACH_PX) << 3;
}

void
ax_outline_trace (AxOutline *self, AxViewport *viewport, cairo_t *cr)
{
  const Copy *copy = copy_for_zoom (self, ax_viewport_get_zoom (viewport));
  double width, height, last_x, last_y;
  guint last_sides;
  gboolean is_down = FALSE;

  ax_viewport_get_size (viewport, &width, &height);
  ax_viewport_to_screen (viewport, copy->points[copy->n_points - 1], &last_x,
                         &last_y);
  last_sides = sides_of (last_x, last_y, width, height);
  for (guint i = 0; i < copy->n_points; i++)
    {
      double x, y;
      guint sides;

      ax_viewport_to_screen (viewport, copy->points[i], &x, &y);
      sides = sides_of (x, y, width, height);
      if ((sides & last_sides) != 0)
        is_down = FALSE;
      else
        {
          if (!is_down)
            cairo_move_to (cr, last_x, last_y);
          cairo_line_to (cr, x, y);
          is_down = TRUE;
        }
      last_x = x;
      last_y = y;
      last_sides = sides;
    }
}
