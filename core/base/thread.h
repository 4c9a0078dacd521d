#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ax_thread_give_way:
 *
 * The calling thread, and those it starts from now on, run when others leave
 * them time.  For long work behind a window: the window and what draws it come
 * first.  Cannot be undone.  Thread: any.
 */
void ax_thread_give_way (void);

G_END_DECLS
