#include "core/annot/point-buffer.h"

#include "core/base/error.h"
#include "core/base/parse.h"

#include <math.h>

#define ELLIPSE_TOLERANCE_PX 0.05
#define ELLIPSE_MIN_POINTS 32
#define ELLIPSE_MAX_POINTS 4096

void
ax_point_buffer_init (AxPointBuffer *self)
{
  *self = (AxPointBuffer){ .points
                           = g_array_new (FALSE, FALSE, sizeof (AxPoint0)) };
}

void
ax_point_buffer_clear (AxPointBuffer *self)
{
  g_clear_pointer (&self->points, g_array_unref);
  g_clear_pointer (&self->bad_why, g_free);
}

void
ax_point_buffer_reset (AxPointBuffer *self)
{
  g_array_set_size (self->points, 0);
  g_clear_pointer (&self->bad_why, g_free);
  self->n_bad = 0;
}

void
ax_point_buffer_add_bad (AxPointBuffer *self, guint line, const char *why)
{
  if (self->n_bad == 0)
    {
      self->bad_line = line;
      self->bad_why = g_strdup (why);
    }
  self->n_bad++;
}

void
ax_point_buffer_report (const AxPointBuffer *self, AxAnnotationSet *set,
                        const char *name)
{
  if (self->n_bad == 1)
    ax_annotation_set_add_skipped (set, self->bad_line,
                                   "a point of '%s' is left out: %s", name,
                                   self->bad_why);
  else if (self->n_bad > 1)
    ax_annotation_set_add_skipped (
        set, self->bad_line, "%u points of '%s' are left out, the first: %s",
        self->n_bad, name, self->bad_why);
}

gboolean
ax_coordinate_parse (const char *text, const char *axis, double *value,
                     GError **error)
{
  if (text == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s is missing", axis);
      return FALSE;
    }
  return ax_parse_double (text, axis, -AX_COORDINATE_MAX, AX_COORDINATE_MAX,
                          value, error);
}

gboolean
ax_shapes_are_full (const AxAnnotationSet *set)
{
  return (gsize)set->annotations->len + set->groups->len + set->skipped->len
         >= AX_SHAPES_MAX;
}

gboolean
ax_shape_accept (AxAnnotationSet *set, AxShapeKind kind, const AxPoint0 *points,
                 guint n_points, const char *name, guint line)
{
  guint n_open = ax_ring_count_points (points, n_points);

  switch (kind)
    {
    case AX_SHAPE_POLYGON:
    case AX_SHAPE_RECTANGLE:
    case AX_SHAPE_SPLINE:
      if (n_open >= 3)
        return TRUE;
      ax_annotation_set_add_skipped (
          set, line, "'%s' has %u different corners; an area needs 3", name,
          n_open);
      return FALSE;
    case AX_SHAPE_MEASUREMENT:
      if (n_points == 2)
        return TRUE;
      ax_annotation_set_add_skipped (
          set, line, "'%s' has %u points; a measurement has 2", name, n_points);
      return FALSE;
    case AX_SHAPE_DOT:
    case AX_SHAPE_POINTS:
      if (n_points > 0)
        return TRUE;
      ax_annotation_set_add_skipped (set, line, "'%s' has no points", name);
      return FALSE;
    }
  g_return_val_if_reached (FALSE);
}

GArray *
ax_ellipse_trace (const AxPoint0 *points, guint n_points)
{
  GArray *outline = g_array_new (FALSE, FALSE, sizeof (AxPoint0));
  AxPoint0 low = points[0], high = points[0];
  AxPoint0 centre, radius;
  double longest = 0;
  guint n = 0;

  for (guint i = 1; i < n_points; i++)
    {
      low.x = MIN (low.x, points[i].x);
      low.y = MIN (low.y, points[i].y);
      high.x = MAX (high.x, points[i].x);
      high.y = MAX (high.y, points[i].y);
    }
  centre = (AxPoint0){ (low.x + high.x) / 2, (low.y + high.y) / 2 };
  radius = (AxPoint0){ (high.x - low.x) / 2, (high.y - low.y) / 2 };

  /* A chord of a circle leaves it by r (1 - cos (pi / n)) ~ r pi^2 / 2 n^2. */
  longest = MAX (radius.x, radius.y);
  n = CLAMP (ceil (G_PI * sqrt (longest / (2 * ELLIPSE_TOLERANCE_PX))),
             ELLIPSE_MIN_POINTS, ELLIPSE_MAX_POINTS);
  for (guint i = 0; i < n; i++)
    {
      double angle = 2 * G_PI * i / n;
      AxPoint0 point = { centre.x + radius.x * cos (angle),
                         centre.y + radius.y * sin (angle) };

      g_array_append_val (outline, point);
    }
  return outline;
}
