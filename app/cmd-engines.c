#include "app/commands.h"

#include "app/console.h"
#include "core/nn/engine.h"

static void
print_json (const AxEngineInfo *engines, guint n_engines)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_begin_array (json, "engines");
  for (guint i = 0; i < n_engines; i++)
    {
      const AxEngineReport *report = &engines[i].report;
      gboolean usable = report->usable != 0;

      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_add_string (json, "name", engines[i].name);
      ax_json_writer_add_bool (json, "usable", usable);
      ax_json_writer_add_string (json, "why", usable ? NULL : report->why);
      ax_json_writer_add_string (json, "device",
                                 usable ? report->device : NULL);
      ax_json_writer_add_string (json, "version",
                                 usable ? report->version : NULL);
      ax_json_writer_add_string (json, "precision",
                                 usable ? report->precision : NULL);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static void
print_text (const AxEngineInfo *engines, guint n_engines)
{
  for (guint i = 0; i < n_engines; i++)
    {
      const AxEngineReport *report = &engines[i].report;

      if (report->usable)
        ax_console_print ("%-8s usable      %s; %s, %s\n", engines[i].name,
                          report->device, report->version, report->precision);
      else
        ax_console_print ("%-8s not usable  %s\n", engines[i].name,
                          report->why);
    }
}

static gboolean
run_engines (AxCall *call, GError **error)
{
  guint n_engines = 0;
  const AxEngineInfo *engines = ax_engine_list (&n_engines);

  if (call->json)
    print_json (engines, n_engines);
  else
    print_text (engines, n_engines);
  return TRUE;
}

const AxCommand ax_command_engines = {
  .name = "engines",
  .section = "Networks and machine",
  .summary = "what can run a network here, or why it cannot",
  .usage = "",
  .details
  = "Lists every engine in order of preference. `--engine auto`, the default "
    "of all commands, takes the first usable one. Engines besides the "
    "built-in ones are looked for in the folders of AX_ENGINE_PATH and in "
    "the installed engine folder.",
  .examples = "engines\n"
              "engines --json",
  .run = run_engines,
};
