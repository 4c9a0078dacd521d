#pragma once

#include <stddef.h>

/**
 * Texts kept under keys, a file each, so that what was chosen by trying is not
 * tried again, and is the same at each start.
 *
 * @folder: NULL: nothing is kept.  Whatever goes wrong counts as not kept.
 * Several processes may use one folder.  Thread: any.
 */

/** (transfer full): $XDG_CACHE_HOME/axilla/cuda or ~/.cache/axilla/cuda, made
 * if it is not there; NULL when there is no home. */
char *ax_plan_cache_find_folder (void);

/** (transfer full): the text with a zero behind it, or NULL. */
char *ax_plan_cache_read (const char *folder, const char *key, size_t *length);

/** @key: one line. */
void ax_plan_cache_write (const char *folder, const char *key, const char *text,
                          size_t length);
