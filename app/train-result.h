#pragma once

#include "app/command.h"
#include "app/train-data.h"
#include "core/train/trainer.h"
#include "core/train/weights-init.h"

G_BEGIN_DECLS

/**
 * What `train` prints and writes: the epochs, the learning curve and the
 * weights with their card.  @output is the weights file; what is written
 * beside it has its name up to ".safetensors".
 */

/** (transfer full): @output without ".safetensors". */
char *ax_train_result_get_stem (const char *output);

/** Notes what an initial file gave. */
void ax_train_result_report_taken (const AxWeightsTaken *taken,
                                   const char *path);

/** The newest epoch: a line of text, or of JSON. */
void ax_train_result_print_row (const AxCall *call, const AxTrainer *trainer);

/** STEM.curve.csv and STEM.curve.png.  Errors: AX_ERROR_IO. */
gboolean ax_train_result_save_curve (const AxTrainer *trainer,
                                     const char *output, GError **error);

/**
 * AxTrainOutput: the file to write.
 *
 * @half: convolutions as F16
 * @trained_on: (nullable): the card's line; NULL names folders, epochs and
 *   @began_as
 * @began_as: (nullable): the weights file that the run began with
 * @license: (nullable)
 */
typedef struct
{
  const char *path;
  gboolean half;
  const char *trained_on, *began_as, *license;
} AxTrainOutput;

/**
 * The best weights with temperature, figures and intervals in the card, and
 * STEM.reliability.png.  Errors: AX_ERROR_IO, those of ax_train_finish().
 */
gboolean ax_train_result_write (const AxCall *call, AxTrainer *trainer,
                                AxTrainData *data, const AxTrainOutput *output,
                                GCancellable *cancellable, GError **error);

G_END_DECLS
