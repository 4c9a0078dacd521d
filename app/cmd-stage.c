#include "app/commands.h"

#include "app/console.h"
#include "core/base/output.h"
#include "core/grade/patient.h"

#include <string.h>

static struct
{
  char *output, *slides;
  gboolean any_nodes;
} options;

static const GOptionEntry entries[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
    "write patients and nodes in the CAMELYON17 layout", "STAGES.csv" },
  { "any-nodes", 0, 0, G_OPTION_ARG_NONE, &options.any_nodes,
    "let patients have different numbers of nodes", NULL },
  { "slides", 0, 0, G_OPTION_ARG_FILENAME, &options.slides,
    "list of all slides: patients of whom one is missing are left out",
    "SLIDES.csv" },
  { NULL },
};

static void
print_json (const GPtrArray *patients, const GPtrArray *incomplete)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_begin_object (json, "patients");
  for (guint i = 0; i < patients->len; i++)
    {
      const AxPatient *patient = patients->pdata[i];
      g_autofree char *explanation = ax_stage_explain (patient->counts);

      ax_json_writer_begin_object (json, patient->id);
      ax_json_writer_add_string (json, "stage",
                                 ax_stage_get_name (patient->stage));
      for (int c = 0; c < AX_N_NODE_CLASSES; c++)
        ax_json_writer_add_int (json, ax_node_class_get_name (c),
                                patient->counts[c]);
      ax_json_writer_add_string (json, "explanation", explanation);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_json_writer_begin_array (json, "left_out");
  for (guint i = 0; i < incomplete->len; i++)
    ax_json_writer_add_string (json, NULL, incomplete->pdata[i]);
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static void
print_text (const GPtrArray *patients)
{
  for (guint i = 0; i < patients->len; i++)
    {
      const AxPatient *patient = patients->pdata[i];
      g_autofree char *explanation = ax_stage_explain (patient->counts);

      ax_console_print ("%s  %-8s %s\n", patient->id,
                        ax_stage_get_name (patient->stage), explanation);
    }
}

static gboolean
run_stage (AxCall *call, GError **error)
{
  g_autoptr (GPtrArray) incomplete = g_ptr_array_new_with_free_func (g_free);
  const AxRosterCheck roster = { options.slides, incomplete };
  g_autoptr (GPtrArray) patients = ax_patients_read (
      (const char *const *)call->arguments, call->n_arguments,
      options.any_nodes, options.slides != NULL ? &roster : NULL, error);

  if (patients == NULL)
    return FALSE;
  for (guint i = 0; i < incomplete->len; i++)
    ax_console_note ("%s", (const char *)incomplete->pdata[i]);
  if (options.output != NULL)
    {
      g_autofree char *text = ax_patients_to_csv (patients);

      if (!ax_output_write_file (options.output, text, strlen (text), error))
        return FALSE;
    }
  if (call->json)
    print_json (patients, incomplete);
  else
    print_text (patients);
  return TRUE;
}

const AxCommand ax_command_stage = {
  .name = "stage",
  .section = "Grade and evaluate",
  .summary = "pN of patients from the classes of their lymph nodes",
  .usage = "NODES.csv... [-o STAGES.csv]",
  .details
  = "Takes a file in the CAMELYON17 layout, columns patient and stage, rows "
    "patient_000_node_0.tif,macro with negative, itc, micro or macro. Nodes "
    "with macro or micro metastases count as positive, nodes with isolated "
    "tumour cells (ITC) alone do not.\n\n"
    "A missing node would make a stage look better than it is, so every "
    "patient must have nodes 0, 1 and so on, as many as the others. With "
    "--slides, a list of all slides there should be, those who lack one are "
    "named and left out, and the others staged.",
  .examples = "stage nodes.csv\n"
              "stage nodes.csv -o stages.csv --json",
  .options = (const GOptionEntry *const[]){ entries, NULL },
  .min_arguments = 1,
  .max_arguments = G_MAXUINT,
  .run = run_stage,
};
