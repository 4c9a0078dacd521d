#include "core/train/mining.h"

#include "core/base/error.h"
#include "core/nn/plan-outputs.h"
#include "core/train/mining-private.h"
#include "core/train/prefetch.h"

#define BATCH 32
#define N_SLOTS 3

void
ax_mining_spec_init (AxMiningSpec *spec, const AxModel *model)
{
  g_return_if_fail (spec != NULL && model != NULL);
  *spec = (AxMiningSpec){ .threshold = 0.5,
                          .alpha = 1,
                          .max_per_slide = 200,
                          .side = ax_model_get_field (model),
                          .n_producers = 2 };
}

/* Pictures. */

typedef struct
{
  const AxMiningSpec *spec;
  AxPlan *plan;
  gint64 shape[4];
  guint tumor_class;
  AxPlanOutputs outputs;
} Judge;

static void
judge_clear (Judge *self)
{
  ax_plan_free (self->plan);
  ax_plan_outputs_clear (&self->outputs);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Judge, judge_clear)

static gboolean
judge_init (Judge *self, AxModel *model, AxEngine *engine,
            const AxMiningSpec *spec, GError **error)
{
  self->spec = spec;
  self->plan = ax_plan_new (engine, ax_model_get_inference_graph (model),
                            ax_model_get_inference_weights (model), BATCH,
                            spec->side, spec->side, error);
  if (self->plan == NULL)
    return FALSE;
  ax_plan_get_output_shape (self->plan, 0, self->shape);
  self->tumor_class = ax_model_get_tumor_class (model);
  return ax_plan_outputs_init (&self->outputs, self->plan, error);
}

/* Of the middle of a picture in the batch. */
static double
get_probability (const Judge *self, guint row)
{
  const gint64 *s = self->shape;
  const gint64 channel = (gint64)row * s[1] + self->tumor_class;
  return self->outputs.values[0][(channel * s[2] + s[2] / 2) * s[3] + s[3] / 2];
}

static AxEpoch *
list_pictures (const AxHardNegatives *negatives, const AxMiningSpec *spec,
               GArray *items)
{
  AxSampleSource *parent = ax_hard_negatives_get_parent (negatives);
  const guint n_items = ax_sample_source_get_n_items (parent, 0);
  const AxAugment none = ax_augment_none ();
  AxEpoch *epoch = ax_epoch_new (spec->side, &none, 0);
  g_autofree gboolean *known = g_new0 (gboolean, MAX (n_items, 1));
  for (guint i = 0; i < ax_hard_negatives_get_n (negatives); i++)
    known[ax_hard_negatives_get (negatives, i)->item] = TRUE;
  for (guint i = 0; i < n_items; i++)
    if (!known[i])
      {
        ax_epoch_add (epoch, parent, 0, i);
        g_array_append_val (items, i);
      }
  return epoch;
}

static gboolean
judge_batch (Judge *self, const AxBatch *batch, const guint *items,
             GArray *found, GError **error)
{
  if (ax_mining_is_cancelled (self->spec, error)
      || !ax_plan_forward_rgb (self->plan, batch->rgb, self->outputs.values,
                               error))
    return FALSE;
  for (guint i = 0; i < batch->n_samples; i++)
    {
      const AxHardNegative negative
          = { .item = items[i], .p = get_probability (self, i) };
      if (batch->weights[i] > 0.0f && negative.p >= self->spec->threshold)
        g_array_append_val (found, negative);
    }
  return TRUE;
}

static gboolean
mine_pictures (const AxHardNegatives *negatives, AxModel *model,
               AxEngine *engine, const AxMiningSpec *spec, GArray *found,
               GError **error)
{
  const AxPrefetchSpec reading = { .batch = BATCH,
                                   .n_producers = spec->n_producers,
                                   .n_slots = N_SLOTS,
                                   .partial = TRUE };
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (AxEpoch) epoch = list_pictures (negatives, spec, items);
  g_auto (Judge) judge = { 0 };
  if (!judge_init (&judge, model, engine, spec, error))
    return FALSE;
  g_autoptr (AxPrefetch) prefetch = ax_prefetch_new (epoch, &reading, error);
  if (prefetch == NULL)
    return FALSE;
  const AxBatch *batch;
  guint n_done = 0;
  while ((batch = ax_prefetch_next (prefetch)) != NULL)
    {
      if (!judge_batch (&judge, batch, (const guint *)items->data + n_done,
                        found, error))
        return FALSE;
      n_done += batch->n_samples;
      if (spec->on_progress != NULL)
        spec->on_progress ((double)n_done / items->len, spec->user_data);
    }
  return TRUE;
}

gboolean
ax_mining_is_cancelled (const AxMiningSpec *spec, GError **error)
{
  if (!g_cancellable_is_cancelled (spec->cancellable))
    return FALSE;
  g_set_error_literal (error, AX_ERROR, AX_ERROR_CANCELLED,
                       "mining was cancelled");
  return TRUE;
}

gboolean
ax_mine (AxHardNegatives *negatives, AxModel *model, AxEngine *engine,
         const AxMiningSpec *spec, GError **error)
{
  g_return_val_if_fail (negatives != NULL && model != NULL, FALSE);
  g_return_val_if_fail (engine != NULL && spec != NULL, FALSE);
  AxSlideFolder *slides
      = ax_slide_folder_from_source (ax_hard_negatives_get_parent (negatives));
  g_autoptr (GArray) found
      = g_array_new (FALSE, FALSE, sizeof (AxHardNegative));
  const gboolean done
      = slides != NULL
            ? ax_mine_slides (negatives, slides, model,
                              ax_engine_get_name (engine), spec, found, error)
            : mine_pictures (negatives, model, engine, spec, found, error);
  if (done)
    ax_hard_negatives_add_round (negatives, found);
  return done;
}
