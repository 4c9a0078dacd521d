#pragma once

#include <glib.h>

/**
 * (transfer full) (nullable): where real file @name lies beside the project;
 * where it does not, NULL, and the running test is skipped with a word.
 */
static inline char *
data_path (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "..",
                                                 "shared", "data", name, NULL);
  g_autofree char *message = NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);
  message = g_strdup_printf ("%s is not here", path);
  g_test_skip (message);
  return NULL;
}

/** (transfer full): @name in this test program's folder of the build tree. */
static inline char *
scratch_path (const char *name)
{
  g_autofree char *program = g_path_get_basename (g_get_prgname ());
  g_autofree char *folder
      = g_strdup_printf ("%s/%s.files", g_test_get_dir (G_TEST_BUILT), program);
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  return g_canonicalize_filename (path, NULL);
}
