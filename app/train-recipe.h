#pragma once

#include "core/models/model.h"
#include "core/nn/optim.h"
#include "core/train/augment.h"

G_BEGIN_DECLS

/**
 * AxTrainRecipe: how a network is trained where nothing else is asked for.
 *
 * scannet: momentum with warm-up and cosine decay, classes balanced, every
 *   change of pictures (algorithms.md 8)
 * unet: that of the CAMELYON17 paper (algorithms.md 4): twice as many normal
 *   pictures as tumour, flips, HSV and brightness, a rate of 0.001 and after
 *   20 epochs 0.0001
 * attention: as scannet
 */
typedef struct
{
  const char *name;
  guint n_epochs, batch;
  AxOptimKind optim;
  double rate;
  AxScheduleKind schedule;
  guint period;           /* epochs between steps of the schedule */
  double class_shares[2]; /* of normal tissue, of tumour */
} AxTrainRecipe;

/** --recipe */
extern const GOptionEntry ax_train_recipe_options[];

/** (transfer none): the one asked for, or the family's own.  Errors:
 * AX_USAGE_ERROR. */
const AxTrainRecipe *ax_train_recipe_choose (const AxModel *model,
                                             GError **error);

/** What it changes of pictures at random. */
AxAugment ax_train_recipe_get_augment (const AxTrainRecipe *self,
                                       double strength);

G_END_DECLS
