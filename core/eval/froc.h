#pragma once

#include "core/eval/bootstrap.h"
#include "core/eval/froc-slide.h"

G_BEGIN_DECLS

#define AX_FROC_N_RATES 6

/** False positives per slide at which sensitivity is averaged: 1/4 to 8. */
extern const double ax_froc_rates[AX_FROC_N_RATES];

/**
 * AxFrocCurve: (n_points), thresholds rising, so false positives and
 * sensitivity falling; the last point is (0, 0) at an infinite threshold.
 *
 * Thresholds are the distinct probabilities of false positives and hits, where
 * missed lesions and ITC count as hits of 0, without the smallest of them: so
 * where no lesion is missed and there is no ITC, a real detection is dropped,
 * as both scripts do (algorithms.md 6.1, step 6).
 */
typedef struct
{
  double *thresholds;      /* (owned) */
  double *false_positives; /* (owned) a slide, see AxFrocScorer */
  double *sensitivity;     /* (owned) NaN without lesions */
  guint n_points;
} AxFrocCurve;

/**
 * AxFroc: lesion-level detection over a set of slides.
 *
 * @sensitivity: at ax_froc_rates; @score: their mean; NaN without lesions
 * @n_counted: the slides that false positives are divided by
 * @n_lesions: to be found; @n_itc: left out
 *
 * Thread: any; immutable.
 */
typedef struct
{
  AxFrocScorer scorer;
  AxFrocCurve curve;
  double sensitivity[AX_FROC_N_RATES];
  double score;
  guint n_slides, n_counted, n_lesions, n_itc;
  struct _AxFrocTable *table; /* private */
} AxFroc;

/**
 * ax_froc_new:
 * @slides: (n_slides): made for @scorer; copied
 *
 * Errors: AX_ERROR_FORMAT for the challenge's scorer where every slide has a
 * mask, so that nothing counts false positives; where there are no slides.
 */
AxFroc *ax_froc_new (AxFrocScorer scorer, const AxFrocSlide *const *slides,
                     guint n_slides, GError **error);
/** Accepts NULL. */
void ax_froc_free (AxFroc *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxFroc, ax_froc_free)

/**
 * AxFrocBand: (n_points): sensitivity over resamples, at 10,000 rates evenly
 * from 0.001 to 8 false positives a slide; mean and percentile interval.
 */
typedef struct
{
  double *false_positives, *mean, *low, *high; /* (owned) */
  guint n_points;
} AxFrocBand;

/** Accepts NULL. */
void ax_froc_band_free (AxFrocBand *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxFrocBand, ax_froc_band_free)

/**
 * ax_froc_bootstrap:
 * @score: out: interval of the score
 * @band: (out) (transfer full) (optional): untouched where memory is short,
 *   40 kB a resample
 *
 * Draws slides with replacement (algorithms.md 6.2).  What false positives are
 * divided by stays as it is, also where a resample has more or fewer slides
 * without tumour; a resample without lesions is drawn anew.
 *
 * Returns: FALSE, with @score NaN and no band, where there are no lesions.
 * Errors: none.  Thread: any.
 */
gboolean ax_froc_bootstrap (const AxFroc *self, const AxBootstrap *bootstrap,
                            double score[2], AxFrocBand **band);

G_END_DECLS
