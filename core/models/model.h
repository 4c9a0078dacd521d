#pragma once

#include "core/nn/graph-dense.h"
#include "core/nn/weights.h"

G_BEGIN_DECLS

/**
 * AxModel:
 *
 * A network with its weights and its model card: family, builder, field,
 * stride, µm/px, classes, temperature.  Field and stride are computed from the
 * graph and must agree with the card.  For networks that give a value for each
 * pixel (unet) the stride is the period of core/nn/graph-cells.h and the field
 * that of a cell of one stride: the stride and twice the margin.
 *
 * Thread: any; immutable, refcounted.
 */
typedef struct _AxModel AxModel;

/**
 * AxTargetKind: what a network's output is compared with in training, and so
 * what the output means.
 *
 * CLASS:    the class of the field, (n, 1, 1) I32
 * FRACTION: the share of the field's pixels that are tumour, (n, 1, 1, 1) F32;
 *           0 to 1
 * MASK:     the class of each pixel, (n, h, w) I32 for inputs of (h, w), each
 *           a multiple of the stride
 *
 * Classes are numbered as in the card; negative ones are left out of the loss.
 */
typedef enum
{
  AX_TARGET_CLASS,
  AX_TARGET_FRACTION,
  AX_TARGET_MASK,
} AxTargetKind;

/**
 * AxModelTask: one thing that a network learns.  @loss says on which output of
 * ax_model_get_graph(), and its weight; @name is the output's: "tumor" for the
 * tumour class's channel of a softmax, "fraction".  Where there is no target
 * of that kind a trainer leaves the task out.
 */
typedef struct
{
  const char *name;
  AxTargetKind target;
  AxLoss loss;
} AxModelTask;

/** The shipped model that is used where none is named. */
#define AX_MODEL_DEFAULT "scannet-10x"

/**
 * ax_model_load:
 * @name_or_file: a safetensors file, or the name of a shipped model
 *   ("scannet-10x"), looked for in the sub-folder "models" of the folders in
 *   $AX_DATA_PATH, of the installed data folder and of the source tree's data;
 *   what has a slash or ends in ".safetensors" is a file
 *
 * Errors: AX_ERROR_NOT_FOUND (says where it looked), AX_ERROR_FORMAT naming
 * each missing card key, a wrong tensor, field or stride, a tensor that holds
 * NaN, AX_ERROR_UNSUPPORTED (a family); as ax_safetensors_load().
 */
AxModel *ax_model_load (const char *name_or_file, GError **error);

/**
 * (transfer full) (element-type utf8): the names that ax_model_load() knows,
 * in the order of the alphabet.  Whether their files are sound is not looked
 * at.
 */
GPtrArray *ax_model_list_names (void);

/** From weights with a card, e.g. those a trainer holds; they are not changed
 * any more. */
AxModel *ax_model_new (AxWeights *weights, GError **error);

/**
 * A member of a family with random weights (He, seeded) and a card, for tests
 * and benchmarks: "scannet", "scannet-10x", "unet", "unet-16", "attention-10x",
 * "attention-5x".
 */
AxModel *ax_model_new_random (const char *name, guint64 seed, GError **error);
AxModel *ax_model_ref (AxModel *self);
void ax_model_unref (AxModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxModel, ax_model_unref)

const char *ax_model_get_name (const AxModel *self); /* family or file stem */
const char *ax_model_get_family (const AxModel *self);
/** SHA-256 of the weights, worked out when first asked for. */
const char *ax_model_get_hash (const AxModel *self);
AxWeights *ax_model_get_weights (const AxModel *self);

int ax_model_get_field (const AxModel *self);
int ax_model_get_stride (const AxModel *self);
double ax_model_get_mpp (const AxModel *self);
guint ax_model_get_n_classes (const AxModel *self);
const char *ax_model_get_class (const AxModel *self, guint index);
guint ax_model_get_tumor_class (const AxModel *self);
double ax_model_get_temperature (const AxModel *self);

/** (transfer none): what the family learns, in the order of its outputs; the
 * first one is "tumor". */
const AxModelTask *ax_model_get_tasks (const AxModel *self, guint *n_tasks);

/** Whether the weights were trained for a task: the card's `learnt` names those
 * that were, e.g. ["tumor"]; without it all of them count. */
gboolean ax_model_has_learnt (const AxModel *self, guint task);

/**
 * (transfer full) (element-type double): thresholds of the card's operating
 * points, in its order; empty when it states none.
 */
GArray *ax_model_get_operating_points (const AxModel *self);

/**
 * AxScreening: what a card's `cascade` states of a network that is to be the
 * first of a cascade, e.g. {"threshold":0.02,"lesion_recall":0.997,
 * "lesions":412}.
 *
 * @threshold: a cell of the map, at alpha 2, below it is confidently negative
 * @lesion_recall: the share of the validation slides' lesions that reach it in
 *   a cell at least; of @n_lesions
 */
typedef struct
{
  double threshold, lesion_recall;
  gint64 n_lesions;
} AxScreening;

#define AX_SCREENING_ALPHA 2
#define AX_SCREENING_MIN_RECALL 0.995

/**
 * Whether this may be the first network of a cascade, and its figures.
 *
 * Errors: AX_ERROR_UNSUPPORTED when the card states none, or a recall below
 * AX_SCREENING_MIN_RECALL; AX_ERROR_FORMAT when they cannot be read.
 */
gboolean ax_model_get_screening (const AxModel *self, AxScreening *screening,
                                 GError **error);

/** The graph as trained: with batch norm and dropout. */
AxGraph *ax_model_get_graph (const AxModel *self);
/** The graph for inference and the weights that go with it: one field gives
 * one cell. */
AxGraph *ax_model_get_inference_graph (const AxModel *self);
AxWeights *ax_model_get_inference_weights (const AxModel *self);

/**
 * ax_model_make_dense_graph:
 * @alpha: a power of two that divides the stride
 *
 * (transfer full): the graph whose cells lie stride / @alpha apart, for the
 * inference weights: ax_graph_make_dense(), or, for networks that give a value
 * for each pixel, ax_graph_make_cells() with cells of that size, where @form
 * does not matter.
 *
 * Errors: AX_ERROR_UNSUPPORTED.
 */
AxGraph *ax_model_make_dense_graph (AxModel *self, int alpha, AxDenseForm form,
                                    GError **error);

/**
 * Side of what one cell of that graph depends on.  A field centred on each cell
 * gives the cell's place.  The field itself; less for pixel networks at @alpha
 * over 1, whose cells shrink while the margin stays.
 */
int ax_model_get_cell_field (const AxModel *self, int alpha);

/**
 * Whether the dense map is also that of alpha^2 passes over shifted input;
 * pixel networks give other values when shifted by less than their stride.
 */
gboolean ax_model_has_naive_form (const AxModel *self);

G_END_DECLS
