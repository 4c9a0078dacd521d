#include "core/base/error.h"

static void
test_domain (void)
{
  g_autoptr (GError) error
      = g_error_new (AX_ERROR, AX_ERROR_BUSY, "scan of %s", "a.tif");

  g_assert_cmpstr (g_quark_to_string (AX_ERROR), ==, "ax-error-quark");
  g_assert_true (g_error_matches (error, AX_ERROR, AX_ERROR_BUSY));
  g_assert_false (g_error_matches (error, AX_ERROR, AX_ERROR_IO));
  g_assert_false (g_error_matches (error, G_FILE_ERROR, AX_ERROR_BUSY));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/domain", test_domain);
  return g_test_run ();
}
