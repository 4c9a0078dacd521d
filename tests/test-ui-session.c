#include "core/base/rng.h"
#include "core/export/result.h"
#include "core/nn/safetensors.h"
#include "tests/support/slide-writer.h"
#include "tests/support/tiny-model.h"
#include "ui/errand.h"
#include "ui/session.h"

#include <glib/gstdio.h>

#define WIDTH 768
#define HEIGHT 512
#define MPP 1.0

typedef struct
{
  char *folder, *slide, *model;
  AxStore *store;
  AxSession *session;
  GString *said; /* messages, a line each */
} Fixture;

/* Stained tissue in the middle, glass around it. */
static void
draw (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
      gpointer unused)
{
  for (int row = 0; row < height; row++)
    for (int col = 0; col < width; col++)
      {
        gint64 px = x + col, py = y + row;
        gboolean is_tissue = ABS (px - WIDTH / 2) < WIDTH / 3
                             && ABS (py - HEIGHT / 2) < HEIGHT / 3;
        guint64 noise = ax_rng_u64 (1, px / 6, py / 6) % 80;
        guint8 *pixel = rgb + 3 * ((gsize)row * width + col);

        pixel[0] = is_tissue ? 140 + noise : 244;
        pixel[1] = is_tissue ? 60 + noise : 243;
        pixel[2] = is_tissue ? 150 + noise / 2 : 245;
      }
}

static char *
get_file (Fixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static void
write_slide (const char *path, double mpp)
{
  AxSlideSpec spec
      = { .width = WIDTH, .height = HEIGHT, .mpp = mpp, .pixels = draw };
  g_autoptr (GError) error = NULL;

  ax_slide_spec_write (&spec, path, &error);
  g_assert_no_error (error);
}

static void
write_model (const char *path)
{
  g_autoptr (AxModel) model = tiny_model_new (3, 2 * MPP);
  g_autoptr (GError) error = NULL;

  ax_safetensors_save (ax_model_get_weights (model), path, &error);
  g_assert_no_error (error);
}

static void
on_message (AxSession *session, AxMessage *message, GString *said)
{
  /* The network of these tests is none; it is told once, see test_self_test().
   */
  if (!g_str_has_prefix (message->text, "Do not trust"))
    g_string_append_printf (said, "%d %s\n", message->kind, message->text);
}

static void
start_session (Fixture *self)
{
  self->session = ax_session_new (self->store);
  g_signal_connect (self->session, "message", G_CALLBACK (on_message),
                    self->said);
  g_object_set (self->session, "model-name", self->model, "engine-name", "ref",
                "opening", FALSE, NULL);
}

static void
end_session (Fixture *self)
{
  g_clear_object (&self->session);
  while (ax_errand_get_n () > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
setup (Fixture *self, gconstpointer mpp)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *store = NULL;

  self->folder = g_dir_make_tmp ("axilla-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->slide = get_file (self, "slide.tif");
  self->model = get_file (self, "tiny.safetensors");
  store = get_file (self, "store.sqlite");
  write_slide (self->slide, mpp != NULL ? 0 : MPP);
  write_model (self->model);
  self->store = ax_store_open (store, &error);
  g_assert_no_error (error);
  self->said = g_string_new (NULL);
  start_session (self);
}

static void
teardown (Fixture *self, gconstpointer unused)
{
  g_autoptr (GDir) dir = NULL;

  end_session (self);
  ax_store_close (self->store);
  dir = g_dir_open (self->folder, 0, NULL);
  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = get_file (self, name);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_string_free (self->said, TRUE);
  g_free (self->folder);
  g_free (self->slide);
  g_free (self->model);
}

static void
wait_for_state (Fixture *self, AxSessionState state)
{
  while (ax_session_get_state (self->session) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_for_scan (Fixture *self)
{
  while (ax_session_get_scan (self->session) == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static void
wait_for_words (Fixture *self, const char *words)
{
  while (strstr (self->said->str, words) == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* Until the lesions are those of the threshold that is set. */
static void
wait_for_lesions (Fixture *self)
{
  for (;;)
    {
      AxLesionSet *lesions = ax_session_get_lesions (self->session);

      if (lesions != NULL
          && ax_lesion_set_get_params (lesions)->threshold
                 == ax_session_get_threshold (self->session))
        return;
      g_main_context_iteration (NULL, TRUE);
    }
}

/* The scan, and the lesions of all of its map; there are some. */
static void
wait_for_done (Fixture *self)
{
  while (!ax_session_is_whole (self->session))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (
      ax_lesion_set_get_n_lesions (ax_session_get_lesions (self->session)), >,
      0);
}

static void
detect (Fixture *self)
{
  ax_session_open (self->session, self->slide, FALSE);
  ax_session_detect (self->session);
  wait_for_done (self);
}

static void
test_opens (Fixture *self, gconstpointer unused)
{
  g_autofree char *title = NULL;
  gboolean is_missing;
  AxScale mpp;

  g_assert_cmpint (ax_session_get_state (self->session), ==, AX_SESSION_EMPTY);
  ax_session_open (self->session, self->slide, FALSE);
  g_assert_cmpint (ax_session_get_state (self->session), ==,
                   AX_SESSION_OPENING);
  wait_for_scan (self);
  g_assert_cmpint (ax_session_get_state (self->session), ==, AX_SESSION_READY);
  g_object_get (self->session, "title", &title, "mpp-missing", &is_missing,
                NULL);
  g_assert_cmpstr (title, ==, "slide.tif");
  g_assert_false (is_missing);
  g_assert_true (ax_session_get_mpp (self->session, &mpp));
  g_assert_cmpfloat_with_epsilon (mpp.x, MPP, 1e-4);
  g_assert_nonnull (ax_session_get_tissue (self->session));
  ax_session_close (self->session);
  g_assert_null (ax_session_get_slide (self->session));
  g_assert_null (ax_session_get_scan (self->session));
  g_assert_cmpstr (self->said->str, ==, "");
}

static void
test_detects_and_steps (Fixture *self, gconstpointer unused)
{
  AxLesionSet *lesions;
  guint n;

  detect (self);
  lesions = ax_session_get_lesions (self->session);
  n = ax_lesion_set_get_n_lesions (lesions);
  g_assert_cmpuint (n, >, 1);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (ax_lesion_set_get (lesions, i)->id, ==, i + 1);
  ax_session_step (self->session, 1);
  g_assert_cmpuint (ax_session_get_selected (self->session)->id, ==, 1);
  ax_session_step (self->session, -1);
  g_assert_cmpuint (ax_session_get_selected (self->session)->id, ==, n);
  ax_session_step (self->session, 1);
  g_assert_cmpuint (ax_session_get_selected (self->session)->id, ==, 1);
  g_assert_cmpstr (self->said->str, ==, "");
}

static void
test_self_test (Fixture *self, gconstpointer unused)
{
  AxSelfTest *test;

  detect (self);
  test = ax_session_get_self_test (self->session);
  g_assert_true (test == ax_session_get_self_test (self->session));
  while (ax_errand_get_n () > 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (ax_self_test_has_failed (test));
  g_assert_cmpstr (strstr (ax_self_test_get_text (test), "bare glass"), ==,
                   "bare glass has the tumour probability 0.554");
}

static void
test_threshold_and_undo (Fixture *self, gconstpointer unused)
{
  detect (self);
  ax_session_begin_threshold (self->session);
  ax_session_set_threshold (self->session, 0.6);
  ax_session_set_threshold (self->session, 0.7);
  ax_session_end_threshold (self->session);
  ax_session_set_threshold (self->session, 0.8);
  wait_for_lesions (self);
  ax_session_undo (self->session);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.7);
  ax_session_undo (self->session);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.5);
  g_assert_false (ax_session_can_undo (self->session));
  ax_session_redo (self->session);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.7);
  wait_for_lesions (self);
}

static void
test_nudges_are_one_change (Fixture *self, gconstpointer unused)
{
  ax_session_set_threshold (self->session, 0.4);
  for (int i = 0; i < 3; i++)
    ax_session_nudge_threshold (self->session, 0.01);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.43);
  ax_session_undo (self->session);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.4);
  ax_session_nudge_threshold (self->session, -0.01);
  ax_session_undo (self->session);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.4);
  ax_session_undo (self->session);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.5);
  g_assert_false (ax_session_can_undo (self->session));
}

static void
test_threshold_is_rounded_and_bounded (Fixture *self, gconstpointer unused)
{
  ax_session_set_threshold (self->session, 0.123);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.12);
  ax_session_set_threshold (self->session, 7);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.99);
  ax_session_set_threshold (self->session, -7);
  g_assert_cmpfloat (ax_session_get_threshold (self->session), ==, 0.01);
}

/* The selected lesion's hottest cell stays in the selected lesion. */
static void
test_selection_follows_the_threshold (Fixture *self, gconstpointer unused)
{
  AxPoint0 hottest;
  const AxLesion *lesion;

  detect (self);
  ax_session_step (self->session, -1);
  hottest = ax_session_get_selected (self->session)->hottest;
  ax_session_set_threshold (self->session, 0.3);
  wait_for_lesions (self);
  lesion = ax_session_get_selected (self->session);
  g_assert_nonnull (lesion);
  g_assert_true (
      lesion
      == ax_lesion_set_at (ax_session_get_lesions (self->session), hottest));
  ax_session_set_threshold (self->session, 0.99);
  wait_for_lesions (self);
  lesion = ax_session_get_selected (self->session);
  g_assert_true (
      lesion
      == ax_lesion_set_at (ax_session_get_lesions (self->session), hottest));
}

static void
test_shows_what_was_done_before (Fixture *self, gconstpointer unused)
{
  AxScanProgress progress;
  guint n;

  detect (self);
  n = ax_lesion_set_get_n_lesions (ax_session_get_lesions (self->session));
  end_session (self);
  start_session (self);
  ax_session_open (self->session, self->slide, FALSE);
  wait_for_done (self);
  ax_scan_get_progress (ax_session_get_scan (self->session), &progress);
  g_assert_cmpuint (progress.n_rois_restored, ==, progress.n_rois);
  g_assert_cmpuint (
      ax_lesion_set_get_n_lesions (ax_session_get_lesions (self->session)), ==,
      n);
}

static void
test_closed_while_scanning (Fixture *self, gconstpointer unused)
{
  ax_session_open (self->session, self->slide, FALSE);
  ax_session_detect (self->session);
  wait_for_state (self, AX_SESSION_SCANNING);
  ax_session_close (self->session);
  g_assert_cmpint (ax_session_get_state (self->session), ==, AX_SESSION_EMPTY);
  detect (self);
}

static void
test_detects_what_another_has_claimed (Fixture *self, gconstpointer unused)
{
  AxSession *first;

  ax_session_open (self->session, self->slide, FALSE);
  wait_for_scan (self);
  first = self->session;
  start_session (self);
  detect (self);
  wait_for_words (self, "1 Results will not be kept: ");
  wait_for_words (self, "another run (pid ");
  g_object_unref (first);
}

static void
test_shows_what_another_has_finished (Fixture *self, gconstpointer unused)
{
  AxSession *first;
  AxScanProgress progress;

  detect (self);
  first = self->session;
  start_session (self);
  ax_session_open (self->session, self->slide, FALSE);
  wait_for_done (self);
  ax_scan_get_progress (ax_session_get_scan (self->session), &progress);
  g_assert_cmpuint (progress.n_rois_restored, ==, progress.n_rois);
  g_assert_cmpstr (self->said->str, ==, "");
  g_object_unref (first);
}

/* The store must outlive what was begun, wanted or not. */
static void
test_ended_while_opening_and_made_ready (Fixture *self, gconstpointer unused)
{
  ax_session_open (self->session, self->slide, FALSE);
  g_clear_object (&self->session);
  g_assert_cmpuint (ax_errand_get_n (), ==, 1);
  end_session (self);

  start_session (self);
  ax_session_open (self->session, self->slide, FALSE);
  wait_for_state (self, AX_SESSION_READY);
  g_clear_object (&self->session);
  g_assert_cmpuint (ax_errand_get_n (), ==, 1);
}

static void
test_scale_is_remembered (Fixture *self, gconstpointer unused)
{
  gboolean is_missing;
  AxScale mpp;

  ax_session_open (self->session, self->slide, FALSE);
  wait_for_state (self, AX_SESSION_READY);
  g_object_get (self->session, "mpp-missing", &is_missing, NULL);
  g_assert_true (is_missing);
  g_assert_null (ax_session_get_scan (self->session));
  ax_session_set_mpp (self->session, (AxScale){ 0.5, 0.5 });
  wait_for_scan (self);
  end_session (self);

  start_session (self);
  ax_session_open (self->session, self->slide, FALSE);
  wait_for_scan (self);
  g_assert_true (ax_session_get_mpp (self->session, &mpp));
  g_assert_cmpfloat (mpp.x, ==, 0.5);
}

static void
test_refusals_are_said_once (Fixture *self, gconstpointer unused)
{
  g_autofree char *broken = get_file (self, "broken.tif");

  g_file_set_contents (broken, "II*", -1, NULL);
  ax_session_open (self->session, broken, FALSE);
  wait_for_state (self, AX_SESSION_EMPTY);
  g_assert_true (g_str_has_prefix (self->said->str, "2 "));
  g_assert_nonnull (strstr (self->said->str, "broken.tif: "));

  g_string_truncate (self->said, 0);
  g_object_set (self->session, "model-name", "absent.safetensors", NULL);
  ax_session_open (self->session, self->slide, FALSE);
  wait_for_state (self, AX_SESSION_FAILED);
  g_assert_nonnull (ax_session_get_slide (self->session));
  g_assert_nonnull (strstr (self->said->str, "absent.safetensors: "));
}

static void
test_refusal_leaves_what_is_shown (Fixture *self, gconstpointer unused)
{
  g_autofree char *broken = get_file (self, "broken.tif");
  g_autofree char *title = NULL;
  AxSlide *slide;
  AxLesionSet *lesions;

  g_file_set_contents (broken, "II*", -1, NULL);
  detect (self);
  slide = ax_session_get_slide (self->session);
  lesions = ax_session_get_lesions (self->session);
  ax_session_open (self->session, broken, TRUE);
  g_assert_cmpstr (ax_session_get_opening (self->session), ==, broken);
  wait_for_words (self, "broken.tif: ");
  g_assert_null (ax_session_get_opening (self->session));
  g_object_get (self->session, "title", &title, NULL);
  g_assert_cmpstr (title, ==, "slide.tif");
  g_assert_true (ax_session_get_slide (self->session) == slide);
  g_assert_true (ax_session_get_lesions (self->session) == lesions);
  g_assert_cmpint (ax_session_get_state (self->session), ==, AX_SESSION_DONE);
}

/* Of several that are asked for the last one counts. */
static void
test_opens_another (Fixture *self, gconstpointer unused)
{
  g_autofree char *broken = get_file (self, "broken.tif");
  AxSlide *slide;

  g_file_set_contents (broken, "II*", -1, NULL);
  ax_session_open (self->session, self->slide, FALSE);
  wait_for_state (self, AX_SESSION_READY);
  slide = ax_slide_ref (ax_session_get_slide (self->session));
  ax_session_open (self->session, broken, FALSE);
  ax_session_open (self->session, self->slide, TRUE);
  wait_for_done (self);
  g_assert_true (ax_session_get_slide (self->session) != slide);
  g_assert_cmpstr (self->said->str, ==, "");
  ax_slide_unref (slide);
}

/* What a person has outlined. */
static void
write_reference (const char *path)
{
  const AxPoint0 points[] = { { 300, 200 }, { 400, 200 }, { 350, 300 } };
  g_autoptr (AxAnnotationSet) set = ax_annotation_set_new ();
  g_autoptr (GError) error = NULL;

  ax_annotation_add_ring (
      ax_annotation_set_add (set, AX_SHAPE_POLYGON, "mine", NULL), points,
      G_N_ELEMENTS (points));
  ax_annot_write (set, path, AX_ANNOT_FORMAT_ASAP, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_keeps_what_a_person_drew (Fixture *self, gconstpointer unused)
{
  g_autofree char *xml = get_file (self, "slide.xml");
  g_autofree char *before = NULL, *after = NULL;

  write_reference (xml);
  g_file_get_contents (xml, &before, NULL, NULL);
  detect (self);
  ax_session_export (self->session, self->folder, AX_EXPORT_ASAP, 0.5);
  wait_for_words (self, "will not be replaced");
  g_file_get_contents (xml, &after, NULL, NULL);
  g_assert_cmpstr (after, ==, before);
}

static void
test_exports (Fixture *self, gconstpointer unused)
{
  g_autofree char *xml = get_file (self, "slide.xml");
  g_autofree char *nowhere = get_file (self, "tiny.safetensors");

  detect (self);
  ax_session_export (self->session, self->folder, AX_EXPORT_ASAP, 0.5);
  wait_for_words (self, "slide.xml");
  g_assert_true (g_file_test (xml, G_FILE_TEST_IS_REGULAR));
  ax_session_export (self->session, nowhere, AX_EXPORT_ASAP, 0.5);
  wait_for_words (self, "tiny.safetensors");
}

static void
test_reads_annotations_beside_the_slide (Fixture *self, gconstpointer unused)
{
  g_autofree char *xml = get_file (self, "slide.xml");

  detect (self);
  ax_session_export (self->session, self->folder, AX_EXPORT_ASAP, 0.5);
  wait_for_words (self, "slide.xml");
  ax_session_close (self->session);
  ax_session_open (self->session, self->slide, FALSE);
  wait_for_state (self, AX_SESSION_DONE);
  g_assert_null (ax_session_get_sidecar (self->session));

  write_reference (xml);
  ax_session_close (self->session);
  ax_session_open (self->session, self->slide, FALSE);
  wait_for_state (self, AX_SESSION_DONE);
  g_assert_cmpstr (ax_session_get_sidecar (self->session), ==, xml);
  ax_session_load_annotations (self->session, xml);
  while (ax_session_get_annotations (self->session) == NULL)
    g_main_context_iteration (NULL, TRUE);
}

#define ADD_WITH(name, data, test)                                             \
  g_test_add ("/ui/session/" name, Fixture, data, setup, test, teardown)
#define ADD(name, test) ADD_WITH (name, NULL, test)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("opens", test_opens);
  ADD ("detects-and-steps", test_detects_and_steps);
  ADD ("self-test", test_self_test);
  ADD ("threshold-and-undo", test_threshold_and_undo);
  ADD ("nudges-are-one-change", test_nudges_are_one_change);
  ADD ("threshold-is-rounded-and-bounded",
       test_threshold_is_rounded_and_bounded);
  ADD ("selection-follows-the-threshold", test_selection_follows_the_threshold);
  ADD ("shows-what-was-done-before", test_shows_what_was_done_before);
  ADD ("closed-while-scanning", test_closed_while_scanning);
  ADD ("detects-what-another-has-claimed",
       test_detects_what_another_has_claimed);
  ADD ("shows-what-another-has-finished",
       test_shows_what_another_has_finished);
  ADD ("ended-while-opening-and-made-ready",
       test_ended_while_opening_and_made_ready);
  ADD_WITH ("scale-is-remembered", "no µm/px", test_scale_is_remembered);
  ADD ("refusals-are-said-once", test_refusals_are_said_once);
  ADD ("refusal-leaves-what-is-shown", test_refusal_leaves_what_is_shown);
  ADD ("opens-another", test_opens_another);
  ADD ("keeps-what-a-person-drew", test_keeps_what_a_person_drew);
  ADD ("exports", test_exports);
  ADD ("reads-annotations-beside-the-slide",
       test_reads_annotations_beside_the_slide);
  return g_test_run ();
}
