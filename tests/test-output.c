#include "core/base/output.h"

#include "tests/support/expect-error.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("axilla-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "map.tif", NULL);
}

/* Whatever a test leaves, nothing temporary may be among it. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  GDir *folder = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_assert_false (g_str_has_prefix (name, ".axilla"));
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_dir_close (folder);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
assert_contents (const char *path, const char *expected, gsize bytes)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;

  g_file_get_contents (path, &contents, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (contents, length, expected, bytes);
}

static void
test_write (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxOutput) output = ax_output_new (fixture->path, &error);
  g_autofree char *folder = NULL;

  g_assert_no_error (error);
  folder = g_path_get_dirname (ax_output_get_temp_path (output));
  g_assert_cmpstr (folder, ==, fixture->folder);

  g_assert_true (ax_output_write (output, "ab\0c", 4, &error));
  g_assert_true (ax_output_write (output, NULL, 0, &error));
  g_assert_true (ax_output_write (output, "d", 1, &error));
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_assert_true (ax_output_commit (output, &error));
  g_assert_no_error (error);
  assert_contents (fixture->path, "ab\0cd", 5);
  g_assert_false (
      g_file_test (ax_output_get_temp_path (output), G_FILE_TEST_EXISTS));
}

static void
test_replace (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (ax_output_write_file (fixture->path, "old", 3, &error));
  g_assert_true (ax_output_write_file (fixture->path, "newer", 5, &error));
  g_assert_no_error (error);
  assert_contents (fixture->path, "newer", 5);
  g_assert_true (ax_output_write_file (fixture->path, NULL, 0, &error));
  assert_contents (fixture->path, "", 0);
}

static void
test_abandoned (Fixture *fixture, gconstpointer data)
{
  AxOutput *output = NULL;

  g_assert_true (ax_output_write_file (fixture->path, "old", 3, NULL));
  output = ax_output_new (fixture->path, NULL);
  g_assert_true (ax_output_write (output, "new", 3, NULL));
  ax_output_free (output);
  assert_contents (fixture->path, "old", 3);
  ax_output_free (NULL);
}

/* Libraries write by name, and may put another file there. */
static void
test_caller_writes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxOutput) output = ax_output_new (fixture->path, &error);

  g_file_set_contents (ax_output_get_temp_path (output), "theirs", 6, &error);
  g_assert_no_error (error);
  g_assert_true (ax_output_commit (output, &error));
  g_assert_no_error (error);
  assert_contents (fixture->path, "theirs", 6);
}

static void
test_relative_and_long_names (Fixture *fixture, gconstpointer data)
{
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *name = g_strnfill (255, 'n');
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chdir (fixture->folder), ==, 0);
  g_assert_true (ax_output_write_file (name, "abc", 3, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_chdir (here), ==, 0);
  assert_contents (path, "abc", 3);
}

static void
test_mode (Fixture *fixture, gconstpointer data)
{
  mode_t mask = umask (027);
  GStatBuf info;

  g_assert_true (ax_output_write_file (fixture->path, "abc", 3, NULL));
  umask (mask);
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0640);
}

static void
test_bad_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing
      = g_build_filename (fixture->folder, "none", "map.tif", NULL);
  g_autofree char *below_file
      = g_build_filename (fixture->path, "map.tif", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_output_new (missing, &error));
  expect_error (&error, AX_ERROR_IO,
                "none/map.tif: cannot create a file in its folder: No such");

  g_assert_true (ax_output_write_file (fixture->path, "abc", 3, NULL));
  g_assert_false (ax_output_write_file (below_file, "abc", 3, &error));
  expect_error (&error, AX_ERROR_IO,
                "map.tif/map.tif: cannot create .*: Not a directory$");
}

static void
test_unwritable_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("the superuser may write everywhere");
      return;
    }
  g_assert_cmpint (g_chmod (fixture->folder, 0555), ==, 0);
  g_assert_null (ax_output_new (fixture->path, &error));
  g_assert_cmpint (g_chmod (fixture->folder, 0755), ==, 0);
  expect_error (&error, AX_ERROR_IO,
                "map.tif: cannot create a file in its folder: Permission");
}

static void
test_not_a_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  g_assert_false (ax_output_write_file (fixture->folder, "abc", 3, &error));
  expect_error (&error, AX_ERROR_IO, "axilla-.*: not a regular file$");

  g_assert_false (ax_output_write_file ("/dev/null", "abc", 3, &error));
  expect_error (&error, AX_ERROR_IO, "^/dev/null: not a regular file$");
  g_assert_cmpint (g_stat ("/dev/null", &info), ==, 0);
  g_assert_true (S_ISCHR (info.st_mode));
}

/* As good as a full disk: the system refuses after some bytes. */
static void
test_disk_full (Fixture *fixture, gconstpointer data)
{
  g_autofree char *bytes = g_malloc0 (8192);
  g_autoptr (GError) error = NULL;
  struct rlimit before, limit;
  gboolean written;
  sighandler_t handler;

  g_assert_true (ax_output_write_file (fixture->path, "old", 3, NULL));

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  limit = (struct rlimit){ 5000, before.rlim_max };
  handler = signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  written = ax_output_write_file (fixture->path, bytes, 8192, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, handler);

  g_assert_false (written);
  expect_error (&error, AX_ERROR_IO, "map.tif: cannot write: File too large$");
  assert_contents (fixture->path, "old", 3);
}

static void
test_commit_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AxOutput) gone = ax_output_new (fixture->path, &error);
  g_autoptr (AxOutput) blocked = ax_output_new (fixture->path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (ax_output_get_temp_path (gone)), ==, 0);
  g_assert_false (ax_output_commit (gone, &error));
  expect_error (&error, AX_ERROR_IO, "map.tif: cannot sync: No such file");
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));

  g_assert_cmpint (g_mkdir (fixture->path, 0755), ==, 0);
  g_assert_false (ax_output_commit (blocked, &error));
  expect_error (&error, AX_ERROR_IO,
                "map.tif: cannot rename into place: Is a directory$");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/output/write", test_write },
    { "/output/replace", test_replace },
    { "/output/abandoned", test_abandoned },
    { "/output/caller-writes", test_caller_writes },
    { "/output/relative-and-long-names", test_relative_and_long_names },
    { "/output/mode", test_mode },
    { "/output/bad-folder", test_bad_folder },
    { "/output/unwritable-folder", test_unwritable_folder },
    { "/output/not-a-file", test_not_a_file },
    { "/output/disk-full", test_disk_full },
    { "/output/commit-fails", test_commit_fails },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
