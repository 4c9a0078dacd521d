#pragma once

#include "core/store/store.h"
#include "tests/support/scan-fixture.h"

G_BEGIN_DECLS

/**
 * StoreFixture: a scan fixture, and where its store is to be.
 */
typedef struct
{
  ScanFixture base;
  char *path;
} StoreFixture;

void store_fixture_init (StoreFixture *self);
void store_fixture_clear (StoreFixture *self);

AxStore *open_store (const char *path);
AxStoreRun *begin_run (AxStore *store, AxScanPlan *plan);

/** (transfer full): a scan with what the store has of it; keeps the rest. */
AxScan *restore_scan (ScanFixture *base, AxStoreRun *run);
guint count_restored (AxScan *scan);

/**
 * Scans with a store; returns how many ROIs came from it.
 * @map: out (nullable) (transfer full)
 */
guint scan_with_store (ScanFixture *base, const char *path, AxProbMap **map);

/** Runs SQL on a store's file. */
void exec_sql (const char *path, const char *sql);

/** Number of ROIs of the fixture that the slide's edge does not cut. */
#define STORE_FIXTURE_N_BLOCKS 60

/** A made-up result of one of them.  @cells: 100 of them, filled. */
AxScanBlock make_block (guint number, guint16 *cells);

/** Keeps such blocks until that fails; returns how many it kept. */
guint keep_until_it_fails (AxStoreRun *run, GError **error);

/** Demands that the store has so many blocks of the fixture's plan. */
void expect_blocks (ScanFixture *base, const char *path, guint n_blocks);

G_END_DECLS
