#pragma once

#include "core/models/model.h"
#include "core/nn/engine.h"

G_BEGIN_DECLS

/**
 * AxClassifier:
 *
 * A network compiled for whole fields: the tumour probability of pictures of
 * exactly one field, a batch at a time.
 *
 * Thread: owner.
 */
typedef struct _AxClassifier AxClassifier;

/** Errors: those of the engine. */
AxClassifier *ax_classifier_new (AxModel *model, const char *engine,
                                 int n_threads, int batch, GError **error);
/** Accepts NULL. */
void ax_classifier_free (AxClassifier *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxClassifier, ax_classifier_free)

/** Where field @index of the batch is written: (field, field, 3). */
guint8 *ax_classifier_get_input (AxClassifier *self, int index);

/** @probabilities: out, of the first @count fields of the batch. */
gboolean ax_classifier_run (AxClassifier *self, int count,
                            double *probabilities, GError **error);

G_END_DECLS
