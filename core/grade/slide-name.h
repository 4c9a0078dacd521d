#pragma once

#include "core/base/csv.h"

G_BEGIN_DECLS

/**
 * ax_slide_name_fold:
 * @name: of a slide, with or without its ending, maybe with its folder
 *
 * (transfer full): what all names of one slide have in common: no folder, no
 * ending of a slide format, lower case of ASCII letters.  Tables write
 * patient_000_node_0.tif or test_001, and Test_001 for test_001.tif.
 */
char *ax_slide_name_fold (const char *name);

/**
 * The column of a header that names slides: "patient", "slide", "name" or
 * "file", the first of these that there is; -1 for none.
 */
int ax_slide_name_find_column (const AxCsv *csv);

G_END_DECLS
