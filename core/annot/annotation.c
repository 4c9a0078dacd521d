#include "core/annot/annotation.h"

#include "core/base/parse.h"

#include <math.h>
#include <string.h>

#define MAX_WHY_BYTES 300

static const char *const tumor_names[]
    = { "_0", "_1", "tumor", "metastases", NULL };
static const char *const normal_names[]
    = { "_2", "exclusion", "none", "normal", NULL };

static void
poly_ring_clear (gpointer data)
{
  AxPolyRing *ring = data;

  g_free (ring->points);
}

static void
measurement_free (gpointer data)
{
  AxMeasurement *measurement = data;

  g_free (measurement->name);
  g_free (measurement);
}

static void
metadata_free (gpointer data)
{
  AxMetadata *metadata = data;

  g_free (metadata->key);
  g_free (metadata->value);
  g_free (metadata);
}

static void
annotation_free (gpointer data)
{
  AxAnnotation *self = data;

  g_free (self->name);
  g_free (self->group);
  g_array_unref (self->rings);
  g_clear_pointer (&self->measurements, g_ptr_array_unref);
  g_clear_pointer (&self->metadata, g_ptr_array_unref);
  g_free (self);
}

static void
group_free (gpointer data)
{
  AxAnnotationGroup *self = data;

  g_free (self->name);
  g_free (self->parent);
  g_clear_pointer (&self->attributes, g_ptr_array_unref);
  g_free (self);
}

static void
skipped_free (gpointer data)
{
  AxSkipped *self = data;

  g_free (self->why);
  g_free (self);
}

AxAnnotationSet *
ax_annotation_set_new (void)
{
  AxAnnotationSet *self = g_atomic_rc_box_new0 (AxAnnotationSet);

  self->annotations = g_ptr_array_new_with_free_func (annotation_free);
  self->groups = g_ptr_array_new_with_free_func (group_free);
  self->skipped = ax_skipped_list_new ();
  self->groups_by_name = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

AxAnnotationSet *
ax_annotation_set_ref (AxAnnotationSet *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
set_clear (gpointer data)
{
  AxAnnotationSet *self = data;

  g_hash_table_unref (self->groups_by_name);
  g_ptr_array_unref (self->annotations);
  g_ptr_array_unref (self->groups);
  g_ptr_array_unref (self->skipped);
}

void
ax_annotation_set_unref (AxAnnotationSet *self)
{
  if (self != NULL)
    g_atomic_rc_box_release_full (self, set_clear);
}

AxAnnotation *
ax_annotation_set_add (AxAnnotationSet *self, AxShapeKind kind,
                       const char *name, const char *group)
{
  AxAnnotation *annotation = NULL;

  g_return_val_if_fail (self != NULL && name != NULL, NULL);

  annotation = g_new0 (AxAnnotation, 1);
  annotation->kind = kind;
  annotation->name = g_strdup (name);
  annotation->group = g_strdup (group);
  annotation->color = -1;
  annotation->rings = g_array_new (FALSE, FALSE, sizeof (AxPolyRing));
  g_array_set_clear_func (annotation->rings, poly_ring_clear);
  g_ptr_array_add (self->annotations, annotation);
  return annotation;
}

AxAnnotationGroup *
ax_annotation_set_add_group (AxAnnotationSet *self, const char *name,
                             gint32 color)
{
  AxAnnotationGroup *group = NULL;

  g_return_val_if_fail (self != NULL && name != NULL, NULL);

  group = g_hash_table_lookup (self->groups_by_name, name);
  if (group == NULL)
    {
      group = g_new0 (AxAnnotationGroup, 1);
      group->name = g_strdup (name);
      group->color = -1;
      g_ptr_array_add (self->groups, group);
      g_hash_table_insert (self->groups_by_name, group->name, group);
    }
  if (group->color < 0)
    group->color = color;
  return group;
}

const AxAnnotationGroup *
ax_annotation_set_find_group (const AxAnnotationSet *self, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, NULL);

  return g_hash_table_lookup (self->groups_by_name, name);
}

void
ax_annotation_set_remove_group (AxAnnotationSet *self, const char *name)
{
  gpointer group = NULL;

  g_return_if_fail (self != NULL && name != NULL);

  if (g_hash_table_steal_extended (self->groups_by_name, name, NULL, &group))
    g_ptr_array_remove (self->groups, group);
}

GPtrArray *
ax_skipped_list_new (void)
{
  return g_ptr_array_new_with_free_func (skipped_free);
}

/* Names come from files: their line breaks and lengths are not ours. */
static void
make_one_line (char *text)
{
  if (strlen (text) > MAX_WHY_BYTES)
    *g_utf8_find_prev_char (text, text + MAX_WHY_BYTES) = '\0';
  for (char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
}

void
ax_skipped_list_add (GPtrArray *list, guint line, char *why)
{
  AxSkipped *skipped = NULL;

  g_return_if_fail (list != NULL && why != NULL);

  make_one_line (why);
  skipped = g_new (AxSkipped, 1);
  skipped->line = line;
  skipped->why = why;
  g_ptr_array_add (list, skipped);
}

void
ax_annotation_set_add_skipped (AxAnnotationSet *self, guint line,
                               const char *format, ...)
{
  va_list arguments;

  g_return_if_fail (self != NULL && format != NULL);

  va_start (arguments, format);
  ax_skipped_list_add (self->skipped, line,
                       g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

guint
ax_ring_count_points (const AxPoint0 *points, guint n_points)
{
  g_return_val_if_fail (points != NULL || n_points == 0, 0);

  while (n_points > 1 && points[n_points - 1].x == points[0].x
         && points[n_points - 1].y == points[0].y)
    n_points--;
  return n_points;
}

void
ax_annotation_add_ring (AxAnnotation *self, const AxPoint0 *points,
                        guint n_points)
{
  AxPolyRing ring;

  g_return_if_fail (self != NULL && points != NULL && n_points > 0);

  if (ax_annotation_is_area (self))
    n_points = ax_ring_count_points (points, n_points);

  ring.points = g_memdup2 (points, n_points * sizeof *points);
  ring.n_points = n_points;
  g_array_append_val (self->rings, ring);
}

void
ax_annotation_add_measurement (AxAnnotation *self, const char *name,
                               double value)
{
  AxMeasurement *measurement = NULL;

  g_return_if_fail (self != NULL && name != NULL);

  if (self->measurements == NULL)
    self->measurements = g_ptr_array_new_with_free_func (measurement_free);
  measurement = g_new (AxMeasurement, 1);
  measurement->name = g_strdup (name);
  measurement->value = value;
  g_ptr_array_add (self->measurements, measurement);
}

static void
add_metadata (GPtrArray **list, const char *key, const char *value)
{
  AxMetadata *metadata = g_new (AxMetadata, 1);

  if (*list == NULL)
    *list = g_ptr_array_new_with_free_func (metadata_free);
  metadata->key = g_strdup (key);
  metadata->value = g_strdup (value);
  g_ptr_array_add (*list, metadata);
}

void
ax_annotation_add_metadata (AxAnnotation *self, const char *key,
                            const char *value)
{
  g_return_if_fail (self != NULL && key != NULL && value != NULL);

  add_metadata (&self->metadata, key, value);
}

void
ax_annotation_group_add_attribute (AxAnnotationGroup *self, const char *key,
                                   const char *value)
{
  g_return_if_fail (self != NULL && key != NULL && value != NULL);

  add_metadata (&self->attributes, key, value);
}

const char *
ax_measurement_format (char buffer[AX_MEASUREMENT_BUFFER], double value)
{
  double read_back = 0;

  if (isnan (value))
    return "NaN";
  if (isinf (value))
    return value > 0 ? "Infinity" : "-Infinity";

  g_ascii_formatd (buffer, AX_MEASUREMENT_BUFFER, "%.15g", value);
  if (!ax_measurement_parse (buffer, &read_back) || read_back != value)
    g_ascii_formatd (buffer, AX_MEASUREMENT_BUFFER, "%.17g", value);
  return buffer;
}

gboolean
ax_measurement_parse (const char *text, double *value)
{
  g_return_val_if_fail (text != NULL && value != NULL, FALSE);

  if (g_ascii_strcasecmp (text, "nan") == 0)
    *value = NAN;
  else if (strcmp (text, "Infinity") == 0 || strcmp (text, "inf") == 0)
    *value = INFINITY;
  else if (strcmp (text, "-Infinity") == 0 || strcmp (text, "-inf") == 0)
    *value = -INFINITY;
  else
    return ax_parse_double (text, "measurement", -G_MAXDOUBLE, G_MAXDOUBLE,
                            value, NULL);
  return TRUE;
}

gboolean
ax_annotation_is_area (const AxAnnotation *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->kind == AX_SHAPE_POLYGON || self->kind == AX_SHAPE_RECTANGLE
         || self->kind == AX_SHAPE_SPLINE;
}

double
ax_poly_ring_area (const AxPolyRing *ring)
{
  double sum = 0;

  g_return_val_if_fail (ring != NULL && ring->n_points > 0, 0);

  /* Relative to the first point: coordinates reach 2^18, and their products
     would cost the small areas their last digits. */
  for (guint i = 1; i + 1 < ring->n_points; i++)
    {
      const AxPoint0 *p = &ring->points[0];
      const AxPoint0 *a = &ring->points[i];
      const AxPoint0 *b = &ring->points[i + 1];

      sum += (a->x - p->x) * (b->y - p->y) - (b->x - p->x) * (a->y - p->y);
    }
  return sum / 2;
}

static char *
strip_number (const char *name)
{
  gsize length = strlen (name);

  while (length > 0 && g_ascii_isdigit (name[length - 1]))
    length--;
  return g_strstrip (g_strndup (name, length));
}

static gboolean
is_marked_as (const AxAnnotation *self, const char *const *names)
{
  g_autofree char *label = NULL;
  g_autofree char *stem = NULL;

  label = g_ascii_strdown (self->group ? self->group : self->name, -1);
  g_strstrip (label);
  if (g_strv_contains (names, label))
    return TRUE;
  if (self->group != NULL)
    return FALSE;
  stem = strip_number (label);
  return g_strv_contains (names, stem);
}

gboolean
ax_annotation_is_tumor (const AxAnnotation *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return is_marked_as (self, tumor_names);
}

gboolean
ax_annotation_is_normal (const AxAnnotation *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return is_marked_as (self, normal_names);
}
