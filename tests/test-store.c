/* What a store keeps, and which files it refuses. */
#include "core/store/store.h"

#include "tests/support/data.h"
#include "tests/support/expect-error.h"
#include "tests/support/store-fixture.h"

#include <glib/gstdio.h>

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static void
set_up (StoreFixture *self, gconstpointer unused)
{
  store_fixture_init (self);
}

static void
tear_down (StoreFixture *self, gconstpointer unused)
{
  store_fixture_clear (self);
}

static void
test_keep_and_restore (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) plain = scan_fixture_run (&self->base);
  g_autoptr (AxProbMap) first = NULL;
  g_autoptr (AxProbMap) second = NULL;

  g_assert_cmpuint (scan_with_store (&self->base, self->path, &first), ==, 0);
  g_assert_cmpuint (scan_with_store (&self->base, self->path, &second), ==,
                    SCAN_FIXTURE_N_ROIS);
  g_assert_true (ax_prob_map_equal (first, plain));
  g_assert_true (ax_prob_map_equal (second, plain));
}

/* Another plan or other weights have results of their own. */
static void
test_keys (StoreFixture *self, gconstpointer unused)
{
  scan_with_store (&self->base, self->path, NULL);
  self->base.options.alpha = 4;
  g_assert_cmpuint (scan_with_store (&self->base, self->path, NULL), ==, 0);
  self->base.options.alpha = 2;
  ax_model_unref (self->base.model);
  self->base.model = tiny_model_new (2, SCAN_FIXTURE_MPP);
  g_assert_cmpuint (scan_with_store (&self->base, self->path, NULL), ==, 0);
  g_assert_cmpuint (scan_with_store (&self->base, self->path, NULL), ==,
                    SCAN_FIXTURE_N_ROIS);
}

static void
test_damaged_rows (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxProbMap) plain = scan_fixture_run (&self->base);
  g_autoptr (AxProbMap) map = NULL;
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (&self->base);

  scan_with_store (&self->base, self->path, NULL);
  exec_sql (self->path,
            "UPDATE block SET cells = zeroblob (length (cells)) WHERE roi = 5;"
            "UPDATE block SET cells = substr (cells, 3) WHERE roi = 6;"
            "UPDATE block SET n_failed = 1 WHERE roi = 7;"
            "UPDATE block SET col = col + 1 WHERE roi = 8;"
            "UPDATE block SET n_cols = -1 WHERE roi = 9;"
            "UPDATE block SET roi = 4294967306 WHERE roi = 10;"
            "UPDATE block SET checksum = '' WHERE roi = 11;");
  {
    g_autoptr (AxStore) store = open_store (self->path);
    g_autoptr (AxStoreRun) run = begin_run (store, plan);
    g_autoptr (AxScan) scan = restore_scan (&self->base, run);

    g_assert_cmpuint (ax_store_run_get_n_dropped (run), ==, 7);
    g_assert_cmpuint (count_restored (scan), ==, SCAN_FIXTURE_N_ROIS - 7);
  }
  g_assert_cmpuint (scan_with_store (&self->base, self->path, &map), ==,
                    SCAN_FIXTURE_N_ROIS - 7);
  g_assert_true (ax_prob_map_equal (map, plain));
  g_assert_cmpuint (scan_with_store (&self->base, self->path, NULL), ==,
                    SCAN_FIXTURE_N_ROIS);
}

static void
test_mpp (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxStore) store = open_store (self->path);
  g_autoptr (GError) error = NULL;
  AxScale mpp = { -1, -1 };

  g_assert_false (ax_store_get_mpp (store, "abc", &mpp, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (mpp.x, ==, -1);
  g_assert_true (ax_store_set_mpp (store, "abc", (AxScale){ 0.1, 7 }, &error));
  g_assert_true (ax_store_set_mpp (store, "def", (AxScale){ 2, 3 }, &error));
  g_assert_true (
      ax_store_set_mpp (store, "abc", (AxScale){ 0.243, 0.25 }, &error));
  g_clear_pointer (&store, ax_store_close);
  store = open_store (self->path);
  g_assert_true (ax_store_get_mpp (store, "abc", &mpp, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (mpp.x, ==, 0.243);
  g_assert_cmpfloat (mpp.y, ==, 0.25);
  g_assert_cmpstr (ax_store_get_path (store), ==, self->path);
}

static void
test_default_path (void)
{
  g_autoptr (AxStore) store = open_store (NULL);

  g_assert_true (
      g_str_has_prefix (ax_store_get_path (store), g_get_user_data_dir ()));
  g_assert_true (
      g_str_has_suffix (ax_store_get_path (store), "/axilla/store.sqlite"));
}

static void
expect_refused (const char *path, AxErrorCode code, const char *regex)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (ax_store_open (path, &error));
  expect_error (&error, code, regex);
}

/* Opened by the first call; what is wrong with it is told by each. */
static void
test_later (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxStore) store = ax_store_new (self->path);
  g_autoptr (AxStore) lost = NULL;
  g_autofree char *nowhere
      = slide_fixture_get_file (&self->base.files, "no/such/store.sqlite");
  g_autoptr (GError) error = NULL;
  AxScale mpp;

  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
  g_assert_true (
      ax_store_set_mpp (store, "abc", (AxScale){ 0.5, 0.5 }, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_test (self->path, G_FILE_TEST_EXISTS));
  g_assert_true (ax_store_check (store, &error));

  lost = ax_store_new (nowhere);
  for (int i = 0; i < 2; i++)
    {
      g_assert_false (ax_store_get_mpp (lost, "abc", &mpp, &error));
      expect_error (&error, AX_ERROR_IO, "no/such/store.sqlite");
    }
  g_assert_false (ax_store_check (lost, &error));
  expect_error (&error, AX_ERROR_IO, "no/such/store.sqlite");
}

static void
test_not_a_store (StoreFixture *self, gconstpointer unused)
{
  g_autofree char *lost
      = slide_fixture_get_file (&self->base.files, "no/such/store.sqlite");
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < 200; i++)
    g_string_append (text, "This is a letter, not a database.\n");
  g_assert_true (g_file_set_contents (self->path, text->str, text->len, NULL));
  expect_refused (self->path, AX_ERROR_FORMAT,
                  "store.sqlite: is not a store of Axilla");
  expect_refused (self->base.files.path, AX_ERROR_FORMAT,
                  "slide.tif: is not a store");
  expect_refused (self->base.files.folder, AX_ERROR_IO, ".+: Is a directory");
  expect_refused (lost, AX_ERROR_IO,
                  "no/such/store.sqlite: No such file or directory");
}

static void
test_empty_file (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxStore) store = NULL;

  g_assert_true (g_file_set_contents (self->path, "", 0, NULL));
  store = open_store (self->path);
  g_assert_nonnull (store);
}

static void
test_other_database (StoreFixture *self, gconstpointer unused)
{
  exec_sql (self->path, "PRAGMA application_id = 7");
  expect_refused (self->path, AX_ERROR_FORMAT,
                  "store.sqlite: is a database of another program");
}

static void
test_newer_version (StoreFixture *self, gconstpointer unused)
{
  exec_sql (self->path, "PRAGMA user_version = 99");
  expect_refused (self->path, AX_ERROR_FORMAT,
                  "is a store of version 99, newer than this program's 1");
}

/* Damage that SQLite itself notices. */
static void
test_damaged_pages (StoreFixture *self, gconstpointer unused)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes = 0;
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (&self->base);
  g_autoptr (AxStore) store = NULL;
  g_autoptr (AxStoreRun) run = NULL;
  g_autoptr (GError) error = NULL;

  scan_with_store (&self->base, self->path, NULL);
  g_assert_true (g_file_get_contents (self->path, &bytes, &n_bytes, NULL));
  memset (bytes + 4096, 0x55, n_bytes - 4096);
  g_assert_true (g_file_set_contents (self->path, bytes, n_bytes, NULL));
  store = open_store (self->path);
  run = ax_store_run_begin (store, plan, &error);
  g_assert_null (run);
  expect_error (&error, AX_ERROR_FORMAT,
                "store.sqlite: the store is damaged; move it away");
}

static void
test_read_only (StoreFixture *self, gconstpointer unused)
{
  gboolean is_root = geteuid () == 0;

  scan_with_store (&self->base, self->path, NULL);
  g_assert_cmpint (g_chmod (self->path, 0444), ==, 0);
  g_assert_cmpint (g_chmod (self->base.files.folder, 0755), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (65534), ==, 0);
  expect_refused (self->path, AX_ERROR_IO, "the store cannot be written");
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
}

/* A file that may not grow stands for a disk that fails. */
static void
test_write_fails (StoreFixture *self, gconstpointer unused)
{
  g_autoptr (AxStore) store = open_store (self->path);
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (&self->base);
  g_autoptr (AxStoreRun) run = begin_run (store, plan);
  g_autoptr (GError) error = NULL;
  struct rlimit old, small;
  guint n_kept;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  small = old;
  small.rlim_cur = 200000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  n_kept = keep_until_it_fails (run, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  expect_error (&error, AX_ERROR_IO, "store.sqlite: .*(full|large|I/O error)");
  g_assert_cmpuint (n_kept, >, 10);

  g_clear_pointer (&run, ax_store_run_end);
  g_clear_pointer (&store, ax_store_close);
  expect_blocks (&self->base, self->path, MIN (n_kept, STORE_FIXTURE_N_BLOCKS));
}

#define ADD(name, func)                                                        \
  g_test_add ("/store/" name, StoreFixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *data = NULL;

  g_test_init (&argc, &argv, NULL);
  data = scratch_path ("data");
  g_setenv ("XDG_DATA_HOME", data, TRUE);

  ADD ("keep-and-restore", test_keep_and_restore);
  ADD ("keys", test_keys);
  ADD ("damaged-rows", test_damaged_rows);
  ADD ("mpp", test_mpp);
  g_test_add_func ("/store/default-path", test_default_path);
  ADD ("later", test_later);
  ADD ("not-a-store", test_not_a_store);
  ADD ("empty-file", test_empty_file);
  ADD ("other-database", test_other_database);
  ADD ("newer-version", test_newer_version);
  ADD ("damaged-pages", test_damaged_pages);
  ADD ("read-only", test_read_only);
  ADD ("write-fails", test_write_fails);
  return g_test_run ();
}
