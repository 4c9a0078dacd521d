#pragma once

#include "core/detect/scan.h"

G_BEGIN_DECLS

/**
 * AxStore:
 *
 * What must outlive a run, in one SQLite file: finished ROIs keyed by (slide
 * hash, weights hash, plan hash), µm/px given by the user per slide hash.
 * One thread of its own executes; WAL; migrations by user_version.
 *
 * A block is durable when ax_store_keep() returns: a killed run resumes after
 * the last one.  When the power fails, blocks since the last checkpoint (every
 * 4 MiB, and when a run ends) may be lost, but nothing older, and the store
 * stays sound.  Syncing each block would cost 5 ms each on an SSD, more than
 * the network takes on a fast GPU.  Several programs may have a store open at
 * once.
 *
 * Errors of all calls: AX_ERROR_IO (disk full, not writable), AX_ERROR_FORMAT
 * (damaged), AX_ERROR_BUSY (another program holds the file for long); what
 * was kept before stays.
 *
 * Thread: any posts and waits, one executes.
 */
typedef struct _AxStore AxStore;

/**
 * ax_store_open:
 * @path: (nullable): NULL for the user's own, under the data folder
 *
 * Errors: AX_ERROR_IO, AX_ERROR_FORMAT (not a store, or of a newer version).
 */
AxStore *ax_store_open (const char *path, GError **error);
/**
 * ax_store_new:
 *
 * A store that is opened by its first call, on its own thread.  Where that
 * fails every call does, with the error of ax_store_open().
 */
AxStore *ax_store_new (const char *path);
/** Whether it can be opened, or is.  Errors: those of ax_store_open(). */
gboolean ax_store_check (AxStore *self, GError **error);
/** All runs have ended.  Accepts NULL. */
void ax_store_close (AxStore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxStore, ax_store_close)

/** Once it is open. */
const char *ax_store_get_path (const AxStore *self);

/**
 * AxStoreRun: one plan's result in a store, held by one run at a time.
 */
typedef struct _AxStoreRun AxStoreRun;

/**
 * ax_store_run_begin:
 *
 * Claims the (slide, weights, plan) of @plan; takes over the claim of a
 * process that has ended without releasing it.
 *
 * Errors: AX_ERROR_BUSY when a live process has it, this one included (says
 * its pid).
 */
AxStoreRun *ax_store_run_begin (AxStore *self, AxScanPlan *plan,
                                GError **error);
/** Releases the claim; what was kept stays.  Accepts NULL. */
void ax_store_run_end (AxStoreRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxStoreRun, ax_store_run_end)

/**
 * Hands every kept block to the scan (ax_scan_restore()).  Blocks that are
 * damaged or do not fit the plan are dropped from the store, so that their
 * ROIs are done again.
 */
gboolean ax_store_run_restore (AxStoreRun *run, AxScan *scan, GError **error);
/** Blocks that ax_store_run_restore() has dropped. */
guint ax_store_run_get_n_dropped (const AxStoreRun *run);

/** An AxScanBlockFunc; @user_data is the AxStoreRun. */
gboolean ax_store_keep (const AxScanBlock *block, gpointer user_data,
                        GError **error);

/**
 * µm/px that the user gave for a slide hash; FALSE without an error when there
 * is none.
 */
gboolean ax_store_get_mpp (AxStore *self, const char *slide_hash, AxScale *mpp,
                           GError **error);
gboolean ax_store_set_mpp (AxStore *self, const char *slide_hash, AxScale mpp,
                           GError **error);

G_END_DECLS
