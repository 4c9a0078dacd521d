#pragma once

#include "core/annot/losses.h"

G_BEGIN_DECLS

/** How ASAP spells that there is no group. */
#define AX_ASAP_NO_GROUP "None"

/**
 * Measurements and metadata of annotations as attributes of their group, which
 * is the one place where they outlive a save by ASAP:
 *
 *     measurement.L01.Max_x0020_score="0.981"
 *     metadata.L01.sizeClass="macro"
 *
 * The parts are the annotation's name and the key, with every character that
 * is not an ASCII letter, digit or hyphen as `_xHHHH_` (its code point, as in
 * ISO/IEC 9075-14), so that the whole is a valid XML name.  An annotation
 * takes part if it has a group and no namesake in it.
 */

/**
 * ax_asap_data_encode:
 *
 * (transfer full): a set of nothing but groups with the attributes to add to
 * those of @set.  What does not fit goes to @losses.
 */
AxAnnotationSet *ax_asap_data_encode (const AxAnnotationSet *set,
                                      AxLosses *losses);

/** Gives attributes of that form back to their annotations; the others stay
 * with the group. */
void ax_asap_data_decode (AxAnnotationSet *set);

G_END_DECLS
