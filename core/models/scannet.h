#pragma once

#include "core/models/arch-scan.h"
#include "core/nn/graph.h"

G_BEGIN_DECLS

/**
 * AxScannetArch:
 *
 * A member of the ScanNet family (Lin et al. 2018; algorithms.md 1.5): blocks
 * of 3x3 valid convolutions each closed by a 2x2/2 max pool, then a 2x2 head
 * layer, 1x1 head layers, a 1x1 classifier and a softmax.  VGG-16's numbering
 * of layers ("features.N"), in which ReLU and pool count (formats.md 3.7).
 */
#define AX_SCANNET_MAX_BLOCKS AX_ARCH_MAX_LIST

typedef struct
{
  int n_blocks;
  int n_convs[AX_SCANNET_MAX_BLOCKS];
  int widths[AX_SCANNET_MAX_BLOCKS];
  int n_heads;
  int heads[AX_SCANNET_MAX_BLOCKS];
  int n_classes;
  gboolean batch_norm;
} AxScannetArch;

/** (transfer full): the sealed graph; output 0 is the softmax. */
AxGraph *ax_scannet_build (const AxScannetArch *arch, const double mean[3],
                           const double std[3], double temperature);

/** Reads the card's `axilla.arch`.  Errors: AX_ERROR_FORMAT naming the key. */
gboolean ax_scannet_arch_parse (const char *json, AxScannetArch *arch,
                                GError **error);
char *ax_scannet_arch_to_json (const AxScannetArch *arch);

/** "scannet" (VGG-16) or "scannet-10x"; NULL otherwise. */
const AxScannetArch *ax_scannet_arch_find (const char *name);

G_END_DECLS
