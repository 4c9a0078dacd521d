#include "ui/frames.h"

static void
test_percentiles (void)
{
  AxFrames *frames = ax_frames_new ();
  AxFrameTimes times;

  ax_frames_get (frames, AX_FRAME_PHASE_ITERATION, &times);
  g_assert_cmpuint (times.n, ==, 0);
  g_assert_cmpfloat (times.p99_ms, ==, 0);

  for (int i = 1; i <= 100; i++)
    ax_frames_add (frames, AX_FRAME_PHASE_ITERATION, i * 1000 - 50);
  ax_frames_get (frames, AX_FRAME_PHASE_ITERATION, &times);
  g_assert_cmpuint (times.n, ==, 100);
  g_assert_cmpfloat_with_epsilon (times.p50_ms, 50, 1e-9);
  g_assert_cmpfloat_with_epsilon (times.p95_ms, 95, 1e-9);
  g_assert_cmpfloat_with_epsilon (times.p99_ms, 99, 1e-9);
  g_assert_cmpfloat_with_epsilon (times.max_ms, 99.95, 1e-9);

  ax_frames_add (frames, AX_FRAME_PHASE_ITERATION, 5 * G_USEC_PER_SEC);
  ax_frames_get (frames, AX_FRAME_PHASE_ITERATION, &times);
  g_assert_cmpfloat_with_epsilon (times.max_ms, 5000, 1e-9);
  ax_frames_free (frames);
}

static void
test_recent (void)
{
  AxFrames *frames = ax_frames_new ();
  float recent_ms[AX_FRAMES_RECENT];
  const AxTileCounts none = { 0 };

  g_assert_cmpuint (ax_frames_get_recent (frames, recent_ms), ==, 0);
  for (int i = 0; i < AX_FRAMES_RECENT + 30; i++)
    ax_frames_add_snapshot (frames, i * 1000, &none);
  g_assert_cmpuint (ax_frames_get_recent (frames, recent_ms), ==,
                    AX_FRAMES_RECENT);
  g_assert_cmpfloat (recent_ms[0], ==, 30);
  g_assert_cmpfloat (recent_ms[AX_FRAMES_RECENT - 1], ==,
                     AX_FRAMES_RECENT + 29);
  ax_frames_free (frames);
}

#define NO_TIMES "{\"n\": 0, \"p50\": 0, \"p95\": 0, \"p99\": 0, \"max\": 0}"

static void
test_json (void)
{
  AxFrames *frames = ax_frames_new ();
  g_autofree char *json = NULL;

  ax_frames_add (frames, AX_FRAME_PHASE_ITERATION, 1500);
  ax_frames_add_snapshot (frames, 750, &(AxTileCounts){ 12, 3, 1 });
  ax_frames_add_snapshot (frames, 950, &(AxTileCounts){ 15, 0, 0 });
  json = ax_frames_to_json (frames);
  g_assert_cmpstr (json, ==,
                   "{\"frames\": 2, "
                   "\"iteration_ms\": {\"n\": 1, \"p50\": 1.5, \"p95\": 1.5, "
                   "\"p99\": 1.5, \"max\": 1.5}, "
                   "\"frame_ms\": " NO_TIMES ", "
                   "\"layout_ms\": " NO_TIMES ", "
                   "\"paint_ms\": " NO_TIMES ", "
                   "\"snapshot_ms\": {\"n\": 2, \"p50\": 0.8, \"p95\": 0.95, "
                   "\"p99\": 0.95, \"max\": 0.95}, "
                   "\"tiles_drawn\": 27, \"tiles_missing\": 3, "
                   "\"tiles_blank\": 1}");
  ax_frames_free (frames);
}

static gboolean
on_idle (gpointer n_left)
{
  return --*(int *)n_left > 0;
}

static void
test_watch (void)
{
  AxFrames *frames = ax_frames_new ();
  AxFrameTimes times;
  int n_left = 10;

  ax_frames_watch_main_loop (frames);
  g_idle_add (on_idle, &n_left);
  while (n_left > 0)
    g_main_context_iteration (NULL, TRUE);
  ax_frames_get (frames, AX_FRAME_PHASE_ITERATION, &times);
  g_assert_cmpuint (times.n, >=, 9);
  ax_frames_free (frames);

  /* Once freed it looks no more. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frames/percentiles", test_percentiles);
  g_test_add_func ("/frames/recent", test_recent);
  g_test_add_func ("/frames/json", test_json);
  g_test_add_func ("/frames/watch", test_watch);
  return g_test_run ();
}
