#include "app/commands.h"

#include "app/console.h"
#include "app/help.h"

#include <unistd.h>

GQuark
ax_usage_error_quark (void)
{
  return g_quark_from_static_string ("ax-usage-error-quark");
}

const AxCommand *const ax_commands[] = {
  &ax_command_info,
  &ax_command_tissue,
  &ax_command_detect,
  &ax_command_lesions,
  &ax_command_predict,
  &ax_command_features,
  &ax_command_forest,
  &ax_command_stage,
  &ax_command_evaluate,
  &ax_command_convert,
  &ax_command_model,
  &ax_command_engines,
  &ax_command_bench,
  &ax_command_train,
  &ax_command_synth,
  NULL,
};

static struct
{
  gboolean json;
  gboolean no_progress;
  gboolean help;
  char **arguments; /* (owned) */
} common;

const GOptionEntry ax_common_options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &common.json,
    "print one JSON object on standard output", NULL },
  { "no-progress", 0, 0, G_OPTION_ARG_NONE, &common.no_progress,
    "show no progress bar", NULL },
  { "help", 'h', 0, G_OPTION_ARG_NONE, &common.help, "show this help", NULL },
  { NULL },
};

static const GOptionEntry remaining[] = {
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &common.arguments,
    NULL, NULL },
  { NULL },
};

const AxCommand *
ax_command_find (const char *name)
{
  for (guint i = 0; ax_commands[i] != NULL; i++)
    if (g_str_equal (ax_commands[i]->name, name))
      return ax_commands[i];
  return NULL;
}

static gboolean
parse_options (const AxCommand *command, int argc, char **argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) local = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  for (guint i = 0; command->options != NULL && command->options[i] != NULL;
       i++)
    g_option_context_add_main_entries (context, command->options[i], NULL);
  g_option_context_add_main_entries (context, ax_common_options, NULL);
  g_option_context_add_main_entries (context, remaining, NULL);

  if (g_option_context_parse (context, &argc, &argv, &local))
    return TRUE;
  g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                       local->message);
  return FALSE;
}

static gboolean
check_arguments (const AxCommand *command, const AxCall *call, GError **error)
{
  if (call->n_arguments < command->min_arguments)
    {
      g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                   "expected: %s %s", command->name, command->usage);
      return FALSE;
    }
  if (call->n_arguments > command->max_arguments)
    {
      g_autofree char *name
          = g_filename_display_name (call->arguments[command->max_arguments]);

      g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                   "do not know what to do with '%s'", name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
run_command (const AxCommand *command, AxCall *call, int argc, char **argv,
             GError **error)
{
  static char *none[] = { NULL };

  if (!parse_options (command, argc, argv, error))
    return FALSE;
  if (common.help)
    {
      ax_help_print_command (command);
      return TRUE;
    }

  call->arguments = common.arguments != NULL ? common.arguments : none;
  call->n_arguments = g_strv_length (call->arguments);
  call->json = common.json;
  call->progress = !common.no_progress && isatty (STDERR_FILENO);
  return check_arguments (command, call, error) && command->run (call, error);
}

static int
report (const char *command, const GError *error)
{
  ax_console_report (error);
  if (error->domain != AX_USAGE_ERROR)
    return AX_EXIT_FAILED;
  ax_help_print_pointer (command);
  return AX_EXIT_USAGE;
}

static int
run_and_report (const AxCommand *command, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  AxCall call = { 0 };
  int status = AX_EXIT_DONE;

  if (!run_command (command, &call, argc, argv, &error)
      || !ax_console_flush (&error))
    status = report (command->name, error);
  else if (call.failed)
    status = AX_EXIT_FAILED;
  g_strfreev (g_steal_pointer (&common.arguments));
  return status;
}

static int
refuse_command (const char *name)
{
  g_autofree char *shown = g_filename_display_name (name);
  const char *near = ax_help_suggest (shown);
  g_autoptr (GError) error = NULL;

  if (near != NULL)
    error = g_error_new (AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                         "no command '%s': did you mean '%s'?", shown, near);
  else
    error = g_error_new (AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                         "no command '%s'", shown);
  return report (NULL, error);
}

static int
run_help (int argc, char **argv)
{
  const AxCommand *command = NULL;

  if (argc < 2)
    {
      ax_help_print_overview (stdout);
      return AX_EXIT_DONE;
    }
  command = ax_command_find (argv[1]);
  if (command == NULL)
    return refuse_command (argv[1]);
  ax_help_print_command (command);
  return AX_EXIT_DONE;
}

int
ax_command_main (int argc, char **argv)
{
  const AxCommand *command = NULL;

  if (argc < 2)
    {
      ax_help_print_overview (stderr);
      return AX_EXIT_USAGE;
    }
  if (g_str_equal (argv[1], "help") || g_str_equal (argv[1], "--help")
      || g_str_equal (argv[1], "-h"))
    return run_help (argc - 1, argv + 1);
  if (g_str_equal (argv[1], "--version"))
    {
      ax_console_print (AX_PROGRAM " " AX_VERSION "\n");
      return AX_EXIT_DONE;
    }

  command = ax_command_find (argv[1]);
  if (command == NULL)
    return refuse_command (argv[1]);
  return run_and_report (command, argc - 1, argv + 1);
}
