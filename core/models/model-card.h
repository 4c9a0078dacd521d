#pragma once

#include "core/models/model.h"

G_BEGIN_DECLS

/**
 * AxModelCard:
 *
 * What a run needs of the text that comes with a weights file (formats.md
 * 3.7): the colours' @mean and @std are on RGB/255, @mpp is in µm per pixel,
 * @field and @stride in pixels.
 *
 * Thread: owner.
 */
typedef struct
{
  const char *family, *arch; /* (transfer none): of the weights */
  double mpp, temperature;
  gint64 field, stride;
  double mean[3], std[3];
  GPtrArray *classes; /* of names */
  GPtrArray *learnt;  /* (nullable): of names of tasks; NULL: all */
  guint tumor_class;
} AxModelCard;

/**
 * ax_model_card_read:
 * @card: out, cleared by ax_model_card_clear()
 *
 * Errors: AX_ERROR_FORMAT naming every key that is missing, or the one whose
 * value is wrong; not the file.
 */
gboolean ax_model_card_read (const AxWeights *weights, AxModelCard *card,
                             GError **error);

/**
 * (transfer full) (element-type double): the thresholds that the card's
 * `operating_points` states figures for; empty when it is absent or unreadable,
 * since nothing rests on it.
 */
GArray *ax_model_card_read_operating_points (const AxWeights *weights);

/**
 * The card's `cascade` (AxScreening).  Errors: AX_ERROR_NOT_FOUND when there is
 * none, AX_ERROR_FORMAT.
 */
gboolean ax_model_card_read_screening (const AxWeights *weights,
                                       AxScreening *screening, GError **error);
void ax_model_card_clear (AxModelCard *card);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AxModelCard, ax_model_card_clear)

G_END_DECLS
