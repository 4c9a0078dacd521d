#pragma once

#include "core/train/mining.h"

/*
 * What mining.c (pictures) and mining-slides.c share.
 */

/** Whether mining is to stop; AX_ERROR_CANCELLED then. */
gboolean ax_mining_is_cancelled (const AxMiningSpec *spec, GError **error);

/** Scans the slides with normal tissue; appends to @found. */
gboolean ax_mine_slides (const AxHardNegatives *negatives,
                         AxSlideFolder *slides, AxModel *model,
                         const char *engine, const AxMiningSpec *spec,
                         GArray *found, GError **error);
