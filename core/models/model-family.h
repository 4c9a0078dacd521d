#pragma once

#include "core/models/model-card.h"
#include "core/models/model.h"

G_BEGIN_DECLS

/**
 * AxModelFamily:
 *
 * What the networks of one builder have in common.
 *
 * @tasks: one for each output of the graph, in order
 * @build: (transfer full): the sealed graph that a card describes, as trained;
 *   errors: AX_ERROR_FORMAT naming the key of `axilla.arch`
 * @describe: (transfer full) (nullable): the `axilla.arch` of a member that has
 *   a name of its own, NULL when the family has none of that name
 * @alias: (nullable): (transfer full) (nullable): another family's name for a
 *   tensor of the network that a card describes, NULL where there is none
 *
 * Thread: immutable.
 */
typedef struct
{
  const char *name;
  const AxModelTask *tasks;
  guint n_tasks;
  AxGraph *(*build) (const AxModelCard *card, GError **error);
  char *(*describe) (const char *member);
  char *(*alias) (const AxModelCard *card, const char *tensor);
} AxModelFamily;

/** (transfer none).  Errors: AX_ERROR_UNSUPPORTED naming those there are. */
const AxModelFamily *ax_model_family_find (const char *name, GError **error);

/** Whether the network gives a value for each pixel (core/nn/graph-cells.h). */
gboolean ax_model_family_gives_pixels (const AxModelFamily *self);

/**
 * Field and stride of what is run for detection (model.h), in pixels.
 * Errors: those of ax_cells_measure() and ax_graph_get_receptive_field().
 */
gboolean ax_model_family_measure (const AxModelFamily *self,
                                  const AxGraph *graph, gint64 *field,
                                  gint64 *stride, GError **error);

G_END_DECLS
