#pragma once

#include "core/nn/json-scan.h"

G_BEGIN_DECLS

/*
 * Lists of small numbers in a card's `axilla.arch`.  Thread: any.
 */
#define AX_ARCH_MAX_LIST 8

/**
 * ax_arch_scan_list:
 * @key: for messages
 * @list: out, 1 to AX_ARCH_MAX_LIST whole numbers from @min, not negative, to
 *   @max
 *
 * Returns: how many; what is wrong makes the scan fail.
 */
int ax_arch_scan_list (AxJsonScan *scan, const char *key, gint64 min,
                       gint64 max, int list[AX_ARCH_MAX_LIST]);

/** Appends `"KEY":[1,2],` to a JSON object's text. */
void ax_arch_append_list (GString *json, const char *key, const int *list,
                          int n);

G_END_DECLS
