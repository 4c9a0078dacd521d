#pragma once

#include "core/train/slide-folder.h"

G_BEGIN_DECLS

/**
 * AxHardNegatives:
 *
 * Normal samples of a source that a network took for tumour, found in rounds
 * (mining.h; Lin et al. 2018), as a source of its own with nothing but class 0.
 * Of a slide folder they are places in slides, which are the same each time; of
 * other sources items.
 *
 * Thread: owner; the source may be read by any while no round is added.
 */
typedef struct _AxHardNegatives AxHardNegatives;

/**
 * AxHardNegative:
 *
 * @item: of class 0 of the parent
 * @place: of a slide folder's item; 0, 0 otherwise
 * @p: what the network gave
 */
typedef struct
{
  guint item;
  AxModelPixel place;
  double p;
} AxHardNegative;

/** @parent: must outlive it.  Without any yet. */
AxHardNegatives *ax_hard_negatives_new (AxSampleSource *parent);
/** Accepts NULL. */
void ax_hard_negatives_free (AxHardNegatives *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxHardNegatives, ax_hard_negatives_free)

/** (transfer none): not for ax_sample_source_free(). */
AxSampleSource *ax_hard_negatives_get_source (AxHardNegatives *self);
/** (transfer none). */
AxSampleSource *ax_hard_negatives_get_parent (const AxHardNegatives *self);

/** @found: (element-type AxHardNegative): copied; a round may be empty. */
void ax_hard_negatives_add_round (AxHardNegatives *self, const GArray *found);

guint ax_hard_negatives_get_n_rounds (const AxHardNegatives *self);
/** @round: from 0. */
guint ax_hard_negatives_get_n_found (const AxHardNegatives *self, guint round);

guint ax_hard_negatives_get_n (const AxHardNegatives *self);
/** In order of round, and then as they were added. */
const AxHardNegative *ax_hard_negatives_get (const AxHardNegatives *self,
                                             guint index);

/**
 * Writes all of them as JSON, complete or not at all:
 *
 *     {"items": 270, "places": true,
 *      "rounds": [[[item, x, y, p], ...], ...]}
 *
 * where @items is what class 0 of the parent has.  Errors: AX_ERROR_IO.
 */
gboolean ax_hard_negatives_write (const AxHardNegatives *self, const char *path,
                                  GError **error);

/**
 * (transfer full): what was written, over the same parent.
 *
 * Errors: AX_ERROR_IO; AX_ERROR_FORMAT for anything else, or when the parent
 * has not as many items, or items of another kind.
 */
AxHardNegatives *ax_hard_negatives_read (const char *path,
                                         AxSampleSource *parent,
                                         GError **error);

G_END_DECLS
