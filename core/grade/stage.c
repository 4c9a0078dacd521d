#include "core/grade/stage.h"

#define PN2_NODES 4

static const char *const class_names[AX_N_NODE_CLASSES]
    = { "negative", "itc", "micro", "macro" };

static const char *const stage_names[AX_N_STAGES]
    = { "pN0", "pN0(i+)", "pN1mi", "pN1", "pN2" };

static int
find_name (const char *const *names, int n_names, const char *name)
{
  for (int i = 0; i < n_names; i++)
    if (g_ascii_strcasecmp (names[i], name) == 0)
      return i;
  return -1;
}

const char *
ax_node_class_get_name (AxNodeClass node_class)
{
  g_return_val_if_fail (node_class < AX_N_NODE_CLASSES, NULL);
  return class_names[node_class];
}

gboolean
ax_node_class_from_name (const char *name, AxNodeClass *node_class)
{
  int found;

  g_return_val_if_fail (name != NULL && node_class != NULL, FALSE);

  found = find_name (class_names, AX_N_NODE_CLASSES, name);
  if (found >= 0)
    *node_class = found;
  return found >= 0;
}

const char *
ax_stage_get_name (AxStage stage)
{
  g_return_val_if_fail (stage < AX_N_STAGES, NULL);
  return stage_names[stage];
}

gboolean
ax_stage_from_name (const char *name, AxStage *stage)
{
  int found;

  g_return_val_if_fail (name != NULL && stage != NULL, FALSE);

  found = find_name (stage_names, AX_N_STAGES, name);
  if (found >= 0)
    *stage = found;
  return found >= 0;
}

AxStage
ax_stage_from_nodes (const guint counts[AX_N_NODE_CLASSES])
{
  guint n_positive = counts[AX_NODE_MACRO] + counts[AX_NODE_MICRO];

  if (counts[AX_NODE_MACRO] > 0)
    return n_positive >= PN2_NODES ? AX_STAGE_PN2 : AX_STAGE_PN1;
  if (counts[AX_NODE_MICRO] > 0)
    return AX_STAGE_PN1MI;
  return counts[AX_NODE_ITC] > 0 ? AX_STAGE_PN0_ITC : AX_STAGE_PN0;
}

static const char *
describe_rule (AxStage stage)
{
  switch (stage)
    {
    case AX_STAGE_PN2:
      return ", at least one macro: pN2 (4 or more)";
    case AX_STAGE_PN1:
      return ", at least one macro: pN1 (1 to 3)";
    case AX_STAGE_PN1MI:
      return ", none macro: pN1mi";
    case AX_STAGE_PN0_ITC:
      return ", but ITC: pN0(i+)";
    default:
      return ", no ITC: pN0";
    }
}

char *
ax_stage_explain (const guint counts[AX_N_NODE_CLASSES])
{
  AxStage stage = ax_stage_from_nodes (counts);
  guint n_macro = counts[AX_NODE_MACRO], n_micro = counts[AX_NODE_MICRO];
  guint n_positive = n_macro + n_micro;
  GString *text = g_string_new (NULL);

  if (n_positive > 0)
    g_string_append_printf (text, "%u positive node%s (%u macro, %u micro)",
                            n_positive, n_positive == 1 ? "" : "s", n_macro,
                            n_micro);
  else
    g_string_append (text, "no positive node");
  g_string_append (text, describe_rule (stage));
  if (counts[AX_NODE_ITC] > 0)
    g_string_append_printf (text, "; %u with ITC alone not counted",
                            counts[AX_NODE_ITC]);
  return g_string_free (text, FALSE);
}
