#include "tests/support/store-fixture.h"

#include "core/store/database.h"

void
store_fixture_init (StoreFixture *self)
{
  scan_fixture_init (&self->base, NULL, 0);
  self->path = slide_fixture_get_file (&self->base.files, "store.sqlite");
}

void
store_fixture_clear (StoreFixture *self)
{
  scan_fixture_clear (&self->base);
  g_free (self->path);
}

AxStore *
open_store (const char *path)
{
  g_autoptr (GError) error = NULL;
  AxStore *store = ax_store_open (path, &error);

  g_assert_no_error (error);
  return store;
}

AxStoreRun *
begin_run (AxStore *store, AxScanPlan *plan)
{
  g_autoptr (GError) error = NULL;
  AxStoreRun *run = ax_store_run_begin (store, plan, &error);

  g_assert_no_error (error);
  return run;
}

/* A scan that has what the store has of it. */
AxScan *
restore_scan (ScanFixture *base, AxStoreRun *run)
{
  g_autoptr (GError) error = NULL;
  AxScan *scan;

  base->setup.keep = ax_store_keep;
  base->setup.keep_data = run;
  scan = scan_fixture_make_scan (base, NULL);
  base->setup.keep = NULL;
  ax_store_run_restore (run, scan, &error);
  g_assert_no_error (error);
  return scan;
}

guint
count_restored (AxScan *scan)
{
  AxScanProgress progress;

  ax_scan_get_progress (scan, &progress);
  return progress.n_rois_restored;
}

/* Scans with a store; returns how many ROIs came from it. */
guint
scan_with_store (ScanFixture *base, const char *path, AxProbMap **map)
{
  g_autoptr (AxStore) store = open_store (path);
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (base);
  g_autoptr (AxStoreRun) run = begin_run (store, plan);
  g_autoptr (AxScan) scan = restore_scan (base, run);

  g_assert_true (ax_scan_run_blocking (scan, NULL, NULL, NULL, NULL));
  if (map != NULL)
    *map = ax_prob_map_ref (ax_scan_get_map (scan));
  return count_restored (scan);
}

void
exec_sql (const char *path, const char *sql)
{
  g_autoptr (GError) error = NULL;
  AxDatabase *database = ax_database_open (path, &error);

  g_assert_no_error (error);
  ax_database_exec (database, sql, &error);
  g_assert_no_error (error);
  ax_database_close (database);
}

/* One of those ROIs of the fixture's plan that the slide's edge does not cut:
   10 of 11 columns, 6 of 7 rows. */
AxScanBlock
make_block (guint number, guint16 *cells)
{
  guint col = number % 10, row = number / 10;

  for (int i = 0; i < 100; i++)
    cells[i] = 1 + (number * 7919 + i * 104729) % 65535;
  return (AxScanBlock){
    .roi = row * 11 + col,
    .rect = { 10 * col, 10 * row, 10, 10 },
    .cells = cells,
  };
}

/* Keeps blocks until that fails, which leaves those before. */
guint
keep_until_it_fails (AxStoreRun *run, GError **error)
{
  guint16 cells[100];

  for (guint round = 0; round < 200000; round++)
    {
      AxScanBlock block = make_block (round % STORE_FIXTURE_N_BLOCKS, cells);

      if (!ax_store_keep (&block, run, error))
        return round;
    }
  g_assert_not_reached ();
}

void
expect_blocks (ScanFixture *base, const char *path, guint n_blocks)
{
  g_autoptr (AxStore) store = open_store (path);
  g_autoptr (AxScanPlan) plan = scan_fixture_make_plan (base);
  g_autoptr (AxStoreRun) run = begin_run (store, plan);
  g_autoptr (AxScan) scan = restore_scan (base, run);

  g_assert_cmpuint (ax_store_run_get_n_dropped (run), ==, 0);
  g_assert_cmpuint (count_restored (scan), ==, n_blocks);
}
