#pragma once

#include "core/models/arch-scan.h"
#include "core/nn/graph.h"

G_BEGIN_DECLS

/**
 * AxAttentionArch:
 *
 * A low-magnification network with convolutional channel and spatial attention
 * and two heads on shared features, after Khaliliboroujeni et al. (Comput Med
 * Imaging Graph 2022, 102136), of which the abstract is public; the rest is
 * our reading (algorithms.md 5).
 *
 * As ScanNet it is made of blocks of 3x3 valid convolutions, each closed by a
 * 2x2/2 max pool, here with batch norm behind every convolution.  A block of n
 * convolutions that takes X, with C channels, to Y may have attention:
 *
 *   channel: c = sigmoid (W2 relu (mean (W1 X))), the mean over a window of
 *     k = 2 n + 1 at stride 1, W1 to C / reduction channels, W2 to those of Y
 *     (squeeze and excitation, Hu et al. 2018, made local; W1 stands before
 *     the mean, which comes to the same and averages fewer channels)
 *   spatial: s = sigmoid (K * [mean over channels, maximum over channels] (X)),
 *     K a k x k convolution to one channel (CBAM, Woo et al. 2018)
 *
 * and then gives Y c s.  The windows see what the block's own convolutions
 * see, so that attention costs no field, needs no padding, and does not depend
 * on where a ROI was cut: field and stride are those of the ScanNet of these
 * blocks, and the dense map is exact.
 *
 * A 2x2 layer, ReLU and dropout lead to both heads: "tumor", a 1x1 classifier
 * and softmax, output 0; and "fraction", a 1x1 layer and sigmoid, output 1: the
 * share of the field that is tumour.
 *
 * JSON: {"blocks":[2,2,2,2],"widths":[32,64,128,256],"attention":[0,0,1,1],
 * "reduction":8,"head":256}: @attention 1 for blocks that have it.
 *
 * Tensors, b and i from 1: block<b>.conv<i>.weight; block<b>.norm<i>.{weight,
 * bias,running_mean,running_var}; block<b>.squeeze, .excite (the W's) and
 * .spatial (K), each .weight and .bias; head.hidden, head.tumor, head.fraction,
 * each .weight and .bias.
 */
typedef struct
{
  int n_blocks;
  int n_convs[AX_ARCH_MAX_LIST];
  int widths[AX_ARCH_MAX_LIST];
  int attention[AX_ARCH_MAX_LIST];
  int reduction;
  int head;
  int n_classes;
} AxAttentionArch;

/** (transfer full): the sealed graph; output 0 is the softmax. */
AxGraph *ax_attention_build (const AxAttentionArch *arch, const double mean[3],
                             const double std[3], double temperature);

/** Reads the card's `axilla.arch`.  Errors: AX_ERROR_FORMAT naming the key. */
gboolean ax_attention_arch_parse (const char *json, AxAttentionArch *arch,
                                  GError **error);
char *ax_attention_arch_to_json (const AxAttentionArch *arch);

/**
 * (transfer full) (nullable): what a ScanNet of the same blocks and one hidden
 * head layer, with batch norm, calls the tensor (scannet.h); NULL for what it
 * does not have.  Their shapes agree, so that one can begin as the other.
 */
char *ax_attention_get_scannet_name (const AxAttentionArch *arch,
                                     const char *tensor);

/** "attention-10x", and "attention-5x", the same for 5x; NULL otherwise. */
const AxAttentionArch *ax_attention_arch_find (const char *name);

G_END_DECLS
