#pragma once

#include "core/nn/graph.h"

G_BEGIN_DECLS

/**
 * AxUnetArch:
 *
 * The U-Net of the CAMELYON17 paper (algorithms.md 4; Ronneberger et al. 2015):
 * on each of @depth levels a block of two 3x3 convolutions, padded so that
 * sides stay, each followed by batch norm and ReLU; a 2x2/2 max pool leads
 * down, a 2x2/2 transposed convolution up again, where the block of the same
 * level is put beside it.  Level l has @width * 2^l channels, the bottom
 * @width * 2^depth.  Dropout of rate @dropout follows the two deepest blocks,
 * that of the last level and the bottom.  A 1x1 convolution and a softmax give
 * the classes of each pixel.
 *
 * The output is as large as the input, whose sides are multiples of the
 * period 2^@depth; inference throws the margin away and averages cells
 * (core/nn/graph-cells.h).
 *
 * JSON: {"depth":4,"width":32,"dropout":0.5}
 *
 * Tensors, l from 1 for the finest level, i in 1 and 2: down<l>.conv<i>.weight,
 * down<l>.norm<i>.{weight,bias,running_mean,running_var}; the same of bottom
 * and up<l>; up<l>.transpose.{weight,bias}; head.{weight,bias}.
 */
typedef struct
{
  int depth, width;
  double dropout;
  int n_classes;
} AxUnetArch;

/** (transfer full): the sealed graph; output 0 is the softmax. */
AxGraph *ax_unet_build (const AxUnetArch *arch, const double mean[3],
                        const double std[3], double temperature);

/** Reads the card's `axilla.arch`.  Errors: AX_ERROR_FORMAT naming the key. */
gboolean ax_unet_arch_parse (const char *json, AxUnetArch *arch,
                             GError **error);
char *ax_unet_arch_to_json (const AxUnetArch *arch);

/** "unet" or, half as wide, "unet-16"; NULL otherwise. */
const AxUnetArch *ax_unet_arch_find (const char *name);

G_END_DECLS
