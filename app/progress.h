#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxProgress:
 *
 * A bar on the last line of a terminal's standard error.  Thread: owner.
 */
typedef struct _AxProgress AxProgress;

/** @enabled: FALSE makes one that shows nothing. */
AxProgress *ax_progress_new (const char *title, gboolean enabled);

/** Wipes the bar.  Accepts NULL. */
void ax_progress_free (AxProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxProgress, ax_progress_free)

/** Takes the bar away until the next update, so that a line can be printed. */
void ax_progress_wipe (AxProgress *self);

/** @fraction: 0..1; @details: what stands behind the bar. */
void ax_progress_update (AxProgress *self, double fraction,
                         const char *details);

G_END_DECLS
