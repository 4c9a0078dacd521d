#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/** Wrong usage: exit status 2 and a pointer to the help. */
#define AX_USAGE_ERROR (ax_usage_error_quark ())
GQuark ax_usage_error_quark (void);

typedef enum
{
  AX_USAGE_ERROR_WRONG,
} AxUsageErrorCode;

/** What the program's caller sees; formats.md 4. */
typedef enum
{
  AX_EXIT_DONE = 0,
  AX_EXIT_FAILED = 1,
  AX_EXIT_USAGE = 2,
} AxExitStatus;

/**
 * AxCall:
 *
 * One call of a command.
 *
 * @arguments: what is left of the command line after the options
 * @json: print one JSON object on standard output and nothing else there
 * @progress: show progress on standard error, which is a terminal
 * @failed: a part of the work failed and was reported; the rest went on
 */
typedef struct
{
  char **arguments;
  guint n_arguments;
  gboolean json;
  gboolean progress;
  gboolean failed;
} AxCall;

/**
 * AxCommand:
 *
 * @section: heading under which the overview lists it
 * @summary: one line, a sentence without a period
 * @usage: what follows the name on the usage line
 * @details: paragraphs of the help, separated by empty lines; lines that
 *   start with a space are not wrapped
 * @examples: calls, one a line, without the program's name
 * @options: tables of its options, NULL-terminated; see app/option.h
 * @min_arguments, @max_arguments: how many may be left after the options;
 *   0 as maximum is none at all, G_MAXUINT any number
 * @run: does the work, prints the result; FALSE with an AX_USAGE_ERROR for
 *   wrong usage, with any other error when the work failed
 */
typedef struct
{
  const char *name;
  const char *section;
  const char *summary;
  const char *usage;
  const char *details;
  const char *examples;
  const GOptionEntry *const *options;
  guint min_arguments, max_arguments;
  gboolean (*run) (AxCall *call, GError **error);
} AxCommand;

/** All commands in the order of the overview; NULL-terminated. */
extern const AxCommand *const ax_commands[];

/** (nullable): the command of that name. */
const AxCommand *ax_command_find (const char *name);

/** Options that every command takes; NULL-terminated, for the help. */
extern const GOptionEntry ax_common_options[];

/** The whole program: finds the command, runs it, returns the exit status. */
int ax_command_main (int argc, char **argv);

G_END_DECLS
