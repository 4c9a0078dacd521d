#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** Class of one lymph node, of CAMELYON17 one slide; in rising order. */
typedef enum
{
  AX_NODE_NEGATIVE,
  AX_NODE_ITC,
  AX_NODE_MICRO,
  AX_NODE_MACRO,
  AX_N_NODE_CLASSES,
} AxNodeClass;

/**
 * AxStage: pN of a patient as CAMELYON17 has it, in the order in which the
 * official kappa weighs them (algorithms.md 6.4).
 */
typedef enum
{
  AX_STAGE_PN0,
  AX_STAGE_PN0_ITC,
  AX_STAGE_PN1MI,
  AX_STAGE_PN1,
  AX_STAGE_PN2,
  AX_N_STAGES,
} AxStage;

/** "negative", "itc", "micro", "macro". */
const char *ax_node_class_get_name (AxNodeClass node_class);
/** Whatever the case; FALSE, and @node_class untouched, for others. */
gboolean ax_node_class_from_name (const char *name, AxNodeClass *node_class);

/** "pN0", "pN0(i+)", "pN1mi", "pN1", "pN2". */
const char *ax_stage_get_name (AxStage stage);
/** Whatever the case; FALSE, and @stage untouched, for others. */
gboolean ax_stage_from_name (const char *name, AxStage *stage);

/**
 * ax_stage_from_nodes:
 * @counts: (AX_N_NODE_CLASSES): how many nodes are of each class
 *
 * Macro and micro nodes are positive, nodes with ITC alone are not.  With a
 * macro node: pN2 from four positive nodes on, else pN1; without, pN1mi with a
 * micro node, pN0(i+) with ITC, else pN0 (algorithms.md 6.4).  No more than
 * that can be said from slides: pN1b, pN2b and pN3 need the site.
 */
AxStage ax_stage_from_nodes (const guint counts[AX_N_NODE_CLASSES]);

/**
 * (transfer full): what counted, in a sentence: "2 positive nodes (1 macro, 1
 * micro), at least one macro: pN1 (1 to 3 nodes); 1 with ITC alone not
 * counted".
 */
char *ax_stage_explain (const guint counts[AX_N_NODE_CLASSES]);

G_END_DECLS
