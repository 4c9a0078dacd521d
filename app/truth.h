#pragma once

#include "core/eval/eval-mask.h"

G_BEGIN_DECLS

/**
 * AxTruth: a folder of CAMELYON16 ground truth: files STEM.xml (outlines), or
 * masks STEM_mask.tif, .tiff or .png, whatever the case.  Masks may be called
 * STEM as well where there are no outlines; beside these, that is the slide.
 *
 * Thread: owner.
 */
typedef struct _AxTruth AxTruth;

/**
 * Errors: AX_ERROR_IO for a folder that cannot be read, AX_ERROR_FORMAT for two
 * files of one slide, other than outlines beside a mask, which goes before.
 */
AxTruth *ax_truth_open (const char *folder, GError **error);
/** Accepts NULL. */
void ax_truth_free (AxTruth *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxTruth, ax_truth_free)

/**
 * ax_truth_load:
 * @step: level-0 pixels per mask pixel
 * @mpp: µm per level-0 pixel
 * @mask: (out) (transfer full) (nullable): NULL where the folder has no truth
 *   for the slide, which then has no tumour
 *
 * A mask of several levels is read at the level of @step; one of a single level
 * is taken to have that pitch.
 *
 * Errors: those of reading the file; AX_ERROR_FORMAT for a mask without such a
 * level.
 */
gboolean ax_truth_load (AxTruth *self, const char *stem, int step, double mpp,
                        AxEvalMask **mask, GError **error);

/** Whether the folder has truth for the slide. */
gboolean ax_truth_has (const AxTruth *self, const char *stem);

/** (transfer container): stems that were never loaded, by name. */
GList *ax_truth_list_unused (AxTruth *self);

G_END_DECLS
