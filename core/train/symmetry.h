#pragma once

#include "core/nn/graph.h"

G_BEGIN_DECLS

/**
 * AxSymmetry: which turns of the picture a network cannot tell apart.
 *
 * Group-equivariant convolutions (Cohen & Welling 2016; on PatchCamelyon,
 * Veeling et al. 2018) as a constraint on the weights of an ordinary network.
 * The elements g of the group are the quarter turns (p4, 4 of them) or those
 * and the mirrorings (p4m, 8).  Channel k |G| + g of a layer holds feature k as
 * seen in a picture turned by g, and the weight between two channels at tap t
 *
 *   W[(k, ug), (j, uh)](ut) = W[(k, g), (j, h)](t)   for every u of G.
 *
 * Layers of a width that is not divisible by |G| hold what no turn changes: the
 * picture's colours, the classes.  So turning the field leaves a network's
 * output as it is, wherever a pooling's grid turns into itself, and a feature
 * is learnt once for all its turns.
 */
typedef enum
{
  AX_SYMMETRY_NONE,
  AX_SYMMETRY_P4,
  AX_SYMMETRY_P4M,
} AxSymmetry;

/** "none", "p4", "p4m".  Errors: AX_ERROR_NOT_FOUND. */
gboolean ax_symmetry_from_name (const char *name, AxSymmetry *symmetry,
                                GError **error);

/**
 * Errors: AX_ERROR_UNSUPPORTED for a network with windows that are not square.
 */
gboolean ax_symmetry_check (AxSymmetry self, const AxGraph *graph,
                            GError **error);

/**
 * ax_symmetry_copy, ax_symmetry_average:
 * @values: F32 or F64, a parameter of the graph, changed in place
 *
 * Makes a parameter symmetric: the first of the weights that must be equal is
 * copied to the others, which leaves the variance of random ones as it is; or
 * all become their mean.  The mean after each step of an optimiser that is
 * linear in the gradients (SGD with momentum, decay) is the step of the smaller
 * network that has every such weight once.
 */
void ax_symmetry_copy (AxSymmetry self, const AxTensorView *values);
void ax_symmetry_average (AxSymmetry self, const AxTensorView *values);

G_END_DECLS
