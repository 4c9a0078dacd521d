#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxExclusions: slides with known faults, which are to be left out.
 *
 * Thread: any; immutable.
 */
typedef struct _AxExclusions AxExclusions;

/** What for a slide is no good. */
typedef enum
{
  AX_EXCLUDE_LESIONS, /* its outlines are incomplete */
  AX_EXCLUDE_SLIDE,   /* all: its label is wrong, or it is there twice */
} AxExclusionScope;

/**
 * ax_exclusions_read:
 *
 * Reads a CSV file with the columns "slide", "what", which is lesions or slide,
 * and "why"; other columns are not looked at.
 *
 * Errors: those of ax_csv_read(); AX_ERROR_FORMAT with file and line for a
 * missing column, another word in "what", and a slide that comes twice.
 */
AxExclusions *ax_exclusions_read (const char *path, GError **error);
/** Accepts NULL. */
void ax_exclusions_free (AxExclusions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxExclusions, ax_exclusions_free)

/**
 * ax_exclusions_find:
 * @self: (nullable): NULL excludes nothing
 * @slide: in any writing of ax_slide_name_fold()
 * @use: what it is to be used for: where lesions are counted, both kinds are
 *   left out
 *
 * (transfer none) (nullable): why the slide is left out; NULL where it is not.
 */
const char *ax_exclusions_find (const AxExclusions *self, const char *slide,
                                AxExclusionScope use);

G_END_DECLS
