#pragma once

#include "core/eval/eval-mask.h"

G_BEGIN_DECLS

/**
 * AxFrocScorer: two public scripts that are both called the CAMELYON16 score
 * and differ (algorithms.md 6.1, 6.2).  Name the one you used.
 *
 * @AX_FROC_GITHUB: computationalpathologygroup/Camelyon16: false positives of
 *   all slides, over all slides; sensitivities interpolated.  A detection
 *   outside of the mask is an error.
 * @AX_FROC_CHALLENGE: the organisers' own: false positives of slides without a
 *   mask alone, over the number of these; of each rate the nearest point of the
 *   curve.  Detections right of the mask or below it are ignored, test_049 and
 *   test_114 are skipped.
 *
 * Both keep the scores of lesions in single precision, and compare them there;
 * both take a negative coordinate for one counted from the far edge.
 */
typedef enum
{
  AX_FROC_GITHUB,
  AX_FROC_CHALLENGE,
} AxFrocScorer;

/** "github", "challenge". */
const char *ax_froc_scorer_get_name (AxFrocScorer scorer);
/** FALSE, and @scorer untouched, where there is none of that name. */
gboolean ax_froc_scorer_from_name (const char *name, AxFrocScorer *scorer);
/** Whether it leaves out the slide with this file name less its ending. */
gboolean ax_froc_scorer_skips (AxFrocScorer scorer, const char *stem);

/**
 * AxDetection: a row of a detections file; level-0 pixels.
 *
 * @line: where it stands in its file, for messages
 */
typedef struct
{
  double probability, x, y;
  guint line;
} AxDetection;

/**
 * AxFrocSlide: what the detections of a slide are worth (algorithms.md 6.1,
 * step 5).  A detection on no lesion is a false positive, one on ITC nothing,
 * on another lesion a hit.  Of several hits on a lesion the best counts.
 *
 * @false_positives: (n_false_positives): their probabilities
 * @hits: (n_hits): of each lesion of the mask the best probability, 0 for
 *   missed ones and for ITC
 * @n_lesions: those that are to be found: without ITC
 * @n_ignored: detections on ITC or, for the challenge, outside of the mask
 *
 * Thread: any; immutable.
 */
typedef struct
{
  double *false_positives; /* (owned) */
  guint n_false_positives;
  double *hits; /* (owned) */
  guint n_hits;
  guint n_lesions, n_ignored;
  gboolean has_mask;
} AxFrocSlide;

/**
 * ax_froc_slide_new:
 * @mask: (nullable): NULL for a slide without tumour
 * @step: level-0 pixels per mask pixel
 *
 * Coordinates are cut off to whole pixels.  A detection lies in mask pixel
 * int (x / step): cut off towards zero by the one script, downwards by the
 * other, which matters for negative ones.
 *
 * Errors: AX_ERROR_FORMAT, "LINE: ..." for the caller to put the file before
 * it, for a detection that the script stops at.  Thread: any.
 */
AxFrocSlide *ax_froc_slide_new (AxFrocScorer scorer,
                                const AxDetection *detections,
                                guint n_detections, const AxEvalMask *mask,
                                double step, GError **error);
/** Accepts NULL. */
void ax_froc_slide_free (AxFrocSlide *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxFrocSlide, ax_froc_slide_free)

G_END_DECLS
