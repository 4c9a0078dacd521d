#pragma once

#include "core/grade/exclusions.h"
#include "core/grade/slide-labels.h"

G_BEGIN_DECLS

/**
 * What is known about the slides of a cohort from files beside them; options
 * that several commands share, as in app/option.h.
 */

/** --exclude */
extern const GOptionEntry ax_exclude_options[];

/**
 * @exclusions: (out) (transfer full) (nullable): NULL when not given.
 * Errors: those of ax_exclusions_read().
 */
gboolean ax_cohort_read_exclusions (AxExclusions **exclusions, GError **error);

/** Whether a slide is left out, which is then said. */
gboolean ax_cohort_leaves_out (const AxExclusions *exclusions,
                               const char *slide, AxExclusionScope use);

/** Says which slides of a table were left out. */
void ax_cohort_note_left_out (const GPtrArray *left_out);

/** --labels */
extern const GOptionEntry ax_labels_options[];

/**
 * @column: (nullable): of the label
 * @labels: (out) (transfer full) (nullable): NULL when not given.
 * Errors: those of ax_slide_labels_read().
 */
gboolean ax_cohort_read_labels (const char *column, AxSlideLabels **labels,
                                GError **error);

G_END_DECLS
