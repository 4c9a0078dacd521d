#include "core/nn/engine.h"

#include "core/base/error.h"

#include <string.h>

/*
 * The CUDA module as the program finds it: it loads, and is either usable or
 * says in its own words why not, whatever this machine has.
 */

static const AxEngineInfo *
find_cuda (void)
{
  guint n_engines;
  const AxEngineInfo *infos = ax_engine_list (&n_engines);
  g_assert_cmpuint (n_engines, >, 0);
  g_assert_cmpstr (infos[0].name, ==, "cuda");
  return &infos[0];
}

static void
test_probe (void)
{
  static const char *const words[] = {
    "^engine 'cuda': no NVIDIA driver is installed$",
    "^engine 'cuda': the NVIDIA driver is too old: it runs CUDA [0-9.]+, CUDA "
    "[0-9.]+ is needed$",
    "^engine 'cuda': the NVIDIA driver finds no GPU$",
    "^engine 'cuda': the GPU does not answer: .+$",
    "^engine 'cuda': cuDNN [0-9.]+ is too old: [0-9.]+ is needed$",
    "^engine 'cuda': .+ has compute capability [0-9.]+, at least 8.0 is "
    "needed$",
  };
  const AxEngineInfo *cuda = find_cuda ();
  const AxEngineReport *report = &cuda->report;
  gboolean known = FALSE;
  g_test_message ("%s; %s", report->usable ? report->device : report->why,
                  report->version);
  g_assert_true (g_str_has_prefix (report->version, "CUDA "));
  g_assert_nonnull (strstr (report->version, "cuDNN 9."));
  if (report->usable)
    {
      g_assert_cmpstr (report->precision, ==, "fp16");
      g_assert_true (report->prefers_fragments);
      g_assert_cmpint (report->memory_bytes, >, 0);
      return;
    }
  g_assert_cmpint (cuda->code, ==, AX_ERROR_NO_DEVICE);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    known = known || g_regex_match_simple (words[i], report->why, 0, 0);
  g_assert_true (known);
}

/* Asked for by name it refuses in the same words; nobody else is harmed. */
static void
test_fallback (void)
{
  const AxEngineInfo *cuda = find_cuda ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AxEngine) any = ax_engine_new ("auto", NULL, &error);
  g_assert_no_error (error);
  if (cuda->report.usable)
    {
      g_test_skip ("the GPU can be used");
      return;
    }
  g_assert_cmpstr (ax_engine_get_name (any), !=, "cuda");
  g_autoptr (AxEngine) engine = ax_engine_new ("cuda", NULL, &error);
  g_assert_null (engine);
  g_assert_error (error, AX_ERROR, AX_ERROR_NO_DEVICE);
  g_assert_nonnull (strstr (error->message, cuda->report.why));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cuda-module/probe", test_probe);
  g_test_add_func ("/cuda-module/fallback", test_fallback);
  return g_test_run ();
}
