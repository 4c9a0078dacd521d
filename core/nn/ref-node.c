#include "core/nn/ref-node.h"

/* A kind whose forward pass is the same when learning, and one that cannot
 * learn. */
#define SAME(name)                                                             \
  {                                                                            \
    ax_ref_##name, ax_ref_##name, ax_ref_##name##_backward                     \
  }
#define FORWARD(name)                                                          \
  {                                                                            \
    ax_ref_##name, NULL, NULL                                                  \
  }

static const AxRefKind kinds[] = {
  [AX_NODE_CONV] = SAME (conv),
  [AX_NODE_CONV_TRANSPOSE] = SAME (conv_transpose),
  [AX_NODE_MAX_POOL] = SAME (max_pool),
  [AX_NODE_AVG_POOL] = SAME (avg_pool),
  [AX_NODE_BATCH_NORM]
  = { ax_ref_batch_norm, ax_ref_batch_norm_learn, ax_ref_batch_norm_backward },
  [AX_NODE_RELU] = SAME (relu),
  [AX_NODE_SIGMOID] = SAME (sigmoid),
  [AX_NODE_SOFTMAX] = SAME (softmax),
  [AX_NODE_DROPOUT]
  = { ax_ref_copy, ax_ref_dropout_learn, ax_ref_dropout_backward },
  [AX_NODE_CONCAT] = SAME (concat),
  [AX_NODE_ADD] = SAME (add),
  [AX_NODE_MUL] = SAME (mul),
  [AX_NODE_UPSAMPLE] = SAME (upsample),
  [AX_NODE_CROP] = SAME (crop),
  [AX_NODE_CHANNEL_MEAN] = SAME (channel_mean),
  [AX_NODE_CHANNEL_MAX] = SAME (channel_max),
  [AX_NODE_FRAGMENT] = FORWARD (fragment),
  [AX_NODE_DEFRAGMENT] = FORWARD (defragment),
};

const AxRefKind *
ax_ref_kind_get (int kind)
{
  g_return_val_if_fail (kind > 0 && kind < (int)G_N_ELEMENTS (kinds), NULL);
  return &kinds[kind];
}
