#pragma once

#include "core/annot/annot-format.h"
#include "tests/support/data.h"

#include <math.h>

/** Scratch file with @text; the caller frees the path. */
static inline char *
annot_save (const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  char *path = scratch_path (name);

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static inline AxAnnotationSet *
annot_parse (AxAnnotFormat format, const char *text)
{
  g_autofree char *path = annot_save ("input", text);
  g_autoptr (GError) error = NULL;
  AxAnnotationSet *set = ax_annot_read (path, format, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (set);
  return set;
}

/** The file @name of cases/annot/read. */
static inline AxAnnotationSet *
annot_read_case (AxAnnotFormat format, const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "cases", "annot",
                                                 "read", name, NULL);
  g_autoptr (GError) error = NULL;
  AxAnnotationSet *set = ax_annot_read (path, format, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (set);
  return set;
}

/** Text of the file that @set is written to. */
static inline char *
annot_print (const AxAnnotationSet *set, AxAnnotFormat format,
             const AxAnnotContext *context, GPtrArray *lost)
{
  g_autofree char *path = scratch_path ("output");
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  ax_annot_write (set, path, format, context, lost, &error);
  g_assert_no_error (error);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/** @set after writing and reading; nothing of it may be skipped. */
static inline AxAnnotationSet *
annot_convert (const AxAnnotationSet *set, AxAnnotFormat format,
               const AxAnnotContext *context)
{
  g_autofree char *path = scratch_path ("converted");
  g_autoptr (GError) error = NULL;
  AxAnnotationSet *read = NULL;

  ax_annot_write (set, path, format, context, NULL, &error);
  g_assert_no_error (error);
  read = ax_annot_read (path, format, context, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->skipped->len, ==, 0);
  return read;
}

static inline AxAnnotation *
annot_at (const AxAnnotationSet *set, guint index)
{
  g_assert_cmpuint (index, <, set->annotations->len);
  return set->annotations->pdata[index];
}

static inline const AxPolyRing *
annot_ring (const AxAnnotation *annotation, guint index)
{
  g_assert_cmpuint (index, <, annotation->rings->len);
  return &g_array_index (annotation->rings, AxPolyRing, index);
}

/** The ring as "x,y x,y". */
static inline char *
annot_describe_ring (const AxPolyRing *ring)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < ring->n_points; i++)
    g_string_append_printf (text, "%s%g,%g", i > 0 ? " " : "",
                            ring->points[i].x, ring->points[i].y);
  return g_string_free (text, FALSE);
}

#define annot_assert_ring(ring, expected)                                      \
  G_STMT_START                                                                 \
  {                                                                            \
    g_autofree char *described = annot_describe_ring (ring);                   \
    g_assert_cmpstr (described, ==, expected);                                 \
  }                                                                            \
  G_STMT_END

/** The entries as "line: why", one a line. */
static inline char *
annot_describe_skipped (const GPtrArray *list)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      const AxSkipped *skipped = list->pdata[i];

      g_string_append_printf (text, "%s%u: %s", i > 0 ? "\n" : "",
                              skipped->line, skipped->why);
    }
  return g_string_free (text, FALSE);
}

#define annot_assert_skipped(list, expected)                                   \
  G_STMT_START                                                                 \
  {                                                                            \
    g_autofree char *described = annot_describe_skipped (list);                \
    g_assert_cmpstr (described, ==, expected);                                 \
  }                                                                            \
  G_STMT_END

/** The same shapes in the same order, no point moved by more than @px. */
static inline void
annot_assert_same_shapes (const AxAnnotationSet *a, const AxAnnotationSet *b,
                          double px)
{
  g_assert_cmpuint (a->annotations->len, ==, b->annotations->len);
  for (guint i = 0; i < a->annotations->len; i++)
    {
      const AxAnnotation *p = annot_at (a, i);
      const AxAnnotation *q = annot_at (b, i);

      g_assert_cmpstr (p->name, ==, q->name);
      g_assert_cmpstr (p->group, ==, q->group);
      g_assert_cmpuint (p->rings->len, ==, q->rings->len);
      for (guint j = 0; j < p->rings->len; j++)
        {
          const AxPolyRing *r = annot_ring (p, j);
          const AxPolyRing *s = annot_ring (q, j);

          g_assert_cmpuint (r->n_points, ==, s->n_points);
          for (guint k = 0; k < r->n_points; k++)
            g_assert_true (fabs (r->points[k].x - s->points[k].x) <= px
                           && fabs (r->points[k].y - s->points[k].y) <= px);
        }
    }
}

/** The measurement called @name; the test fails without one. */
static inline double
annot_measurement (const AxAnnotation *annotation, const char *name)
{
  g_assert_nonnull (annotation->measurements);
  for (guint i = 0; i < annotation->measurements->len; i++)
    {
      const AxMeasurement *entry = annotation->measurements->pdata[i];

      if (g_str_equal (entry->name, name))
        return entry->value;
    }
  g_error ("no measurement '%s'", name);
}

/** (nullable): the value of @key. */
static inline const char *
annot_value (const GPtrArray *metadata, const char *key)
{
  for (guint i = 0; metadata != NULL && i < metadata->len; i++)
    {
      const AxMetadata *entry = metadata->pdata[i];

      if (g_str_equal (entry->key, key))
        return entry->value;
    }
  return NULL;
}
