#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Errands: work on other threads that the program must not end before, since
 * it uses the store or writes what somebody asked for.  Each begins and ends
 * on the main thread.
 */

void ax_errand_begin (void);
void ax_errand_end (void);

/** 0 when the program may end; until then it has to run its main loop. */
guint ax_errand_get_n (void);

G_END_DECLS
