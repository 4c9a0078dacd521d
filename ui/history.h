#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxHistory: undo and redo of one number.  Thread: owner.
 */
typedef struct _AxHistory AxHistory;

AxHistory *ax_history_new (void);
void ax_history_free (AxHistory *self);
void ax_history_clear (AxHistory *self);

/** The number went from @before to @after; what was undone is forgotten. */
void ax_history_push (AxHistory *self, double before, double after);

gboolean ax_history_can_undo (const AxHistory *self);
gboolean ax_history_can_redo (const AxHistory *self);
/** The number to go back, or forward, to. */
double ax_history_undo (AxHistory *self);
double ax_history_redo (AxHistory *self);

G_END_DECLS
