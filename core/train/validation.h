#pragma once

#include "core/models/model.h"
#include "core/nn/engine.h"
#include "core/train/epoch.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * AxValidation:
 *
 * Fixed samples, unchanged by chance, on which a model is judged after each
 * epoch, by the very graph that detection uses: what it gives for the field in
 * the middle of a sample against the sample's class, also of a network that
 * gives a value for each pixel, whose cell in the middle it is then.
 *
 * Thread: the engine's.
 */
typedef struct _AxValidation AxValidation;

/**
 * AxValidationResult:
 *
 * @probabilities: (n_samples, n_classes)
 * @labels: (n_samples)
 * @loss: mean of -ln p of the true class
 * @auc: of the tumour class against the others; NaN where one is absent
 * @accuracy: share whose most probable class is the true one
 * @ece: expected calibration error of the tumour class, 15 bins
 */
typedef struct
{
  guint n_samples, n_classes, tumor_class;
  double *probabilities;
  int *labels;
  double loss, auc, accuracy, ece;
} AxValidationResult;

void ax_validation_result_clear (AxValidationResult *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AxValidationResult,
                                  ax_validation_result_clear)

/** Works the figures out of probabilities and labels. */
void ax_validation_result_judge (AxValidationResult *self);

/** Whether a sample's most probable class, of equal ones the first, is the true
 * one. */
gboolean ax_validation_result_is_right (const AxValidationResult *self,
                                        guint sample);

/**
 * @source: must outlive it
 * @n_per_class: samples of each class, going through the items again and
 *   again; 0: each item once
 * @n_classes: of the network
 * @side: of the pictures that the network gets: its field
 */
AxValidation *ax_validation_new (AxSampleSource *source, int n_classes,
                                 guint n_per_class, int side, guint64 seed,
                                 guint n_producers);
void ax_validation_free (AxValidation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxValidation, ax_validation_free)

const char *ax_validation_get_name (const AxValidation *self);

/**
 * ax_validation_run:
 * @result: out, cleared by ax_validation_result_clear()
 *
 * Errors: those of the engine and of the source, for a sample that is left out
 * would make the figures others; AX_ERROR_CANCELLED.
 */
gboolean ax_validation_run (AxValidation *self, AxEngine *engine,
                            AxModel *model, GCancellable *cancellable,
                            AxValidationResult *result, GError **error);

G_END_DECLS
