#include "ui/extractor.h"

#define SIDE 256 /* cells */

typedef struct
{
  AxProbMap *map;
  AxExtractor *extractor;
  AxLesionSet *lesions; /* of the last answer */
  guint n_answers;
} Fixture;

static void
on_lesions (AxLesionSet *lesions, const GError *error, gpointer fixture)
{
  Fixture *self = fixture;

  g_assert_no_error (error);
  g_clear_pointer (&self->lesions, ax_lesion_set_unref);
  self->lesions = ax_lesion_set_ref (lesions);
  self->n_answers++;
}

static void
paint (Fixture *self, gint64 col, gint64 row, gint64 side, double p)
{
  g_autofree guint16 *cells = g_new (guint16, side * side);

  for (gint64 i = 0; i < side * side; i++)
    cells[i] = ax_prob_quantize (p);
  g_assert_true (ax_prob_map_write (
      self->map, (AxCellRect){ col, row, side, side }, cells, NULL));
}

static void
setup (Fixture *self, gconstpointer unused)
{
  AxProbGeometry geometry = { SIDE, SIDE, { 16, 16 }, { 0.25, 0.25 } };

  self->map = ax_prob_map_new (geometry, 0, NULL);
  self->extractor = ax_extractor_new (on_lesions, self);
  paint (self, 10, 10, 20, 0.9);
}

static void
teardown (Fixture *self, gconstpointer unused)
{
  ax_extractor_free (self->extractor);
  g_clear_pointer (&self->lesions, ax_lesion_set_unref);
  ax_prob_map_unref (self->map);
}

static void
request (Fixture *self, double threshold, gboolean keep_ids)
{
  AxLesionParams params = AX_LESION_PARAMS_DEFAULT;

  params.threshold = threshold;
  ax_extractor_request (self->extractor, self->map, &params, keep_ids);
}

static void
wait_for_rest (Fixture *self)
{
  while (ax_extractor_is_busy (self->extractor))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_answers (Fixture *self, gconstpointer unused)
{
  g_assert_false (ax_extractor_is_busy (self->extractor));
  request (self, 0.5, FALSE);
  g_assert_true (ax_extractor_is_busy (self->extractor));
  wait_for_rest (self);
  g_assert_cmpuint (self->n_answers, ==, 1);
  g_assert_cmpuint (ax_lesion_set_get_n_lesions (self->lesions), ==, 1);
}

static void
test_last_request_wins (Fixture *self, gconstpointer unused)
{
  for (int i = 1; i <= 90; i++)
    request (self, i / 100.0, FALSE);
  wait_for_rest (self);
  g_assert_cmpuint (self->n_answers, ==, 2);
  g_assert_cmpfloat (ax_lesion_set_get_params (self->lesions)->threshold, ==,
                     0.9);
}

static void
test_ids_are_kept_on_request (Fixture *self, gconstpointer unused)
{
  request (self, 0.5, FALSE);
  wait_for_rest (self);
  paint (self, 100, 100, 60, 0.9);
  request (self, 0.5, TRUE);
  wait_for_rest (self);
  g_assert_cmpuint (ax_lesion_set_get (self->lesions, 0)->id, ==, 2);
  g_assert_cmpuint (ax_lesion_set_get (self->lesions, 1)->id, ==, 1);
  request (self, 0.5, FALSE);
  wait_for_rest (self);
  g_assert_cmpuint (ax_lesion_set_get (self->lesions, 0)->id, ==, 1);
  g_assert_cmpuint (ax_lesion_set_get (self->lesions, 1)->id, ==, 2);
}

static void
test_reset_forgets (Fixture *self, gconstpointer unused)
{
  request (self, 0.5, FALSE);
  request (self, 0.6, FALSE);
  ax_extractor_reset (self->extractor);
  g_assert_false (ax_extractor_is_busy (self->extractor));
  request (self, 0.7, TRUE);
  wait_for_rest (self);
  g_assert_cmpuint (self->n_answers, ==, 1);
  g_assert_cmpfloat (ax_lesion_set_get_params (self->lesions)->threshold, ==,
                     0.7);
}

static void
test_freed_while_busy (Fixture *self, gconstpointer unused)
{
  AxExtractor *other = ax_extractor_new (on_lesions, self);
  AxLesionParams params = AX_LESION_PARAMS_DEFAULT;

  ax_extractor_request (other, self->map, &params, FALSE);
  ax_extractor_free (other);
  request (self, 0.5, FALSE);
  wait_for_rest (self);
  g_assert_cmpuint (self->n_answers, ==, 1);
}

#define ADD(name, test)                                                        \
  g_test_add ("/ui/extractor/" name, Fixture, NULL, setup, test, teardown)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("answers", test_answers);
  ADD ("last-request-wins", test_last_request_wins);
  ADD ("ids-are-kept-on-request", test_ids_are_kept_on_request);
  ADD ("reset-forgets", test_reset_forgets);
  ADD ("freed-while-busy", test_freed_while_busy);
  return g_test_run ();
}
