#pragma once

#include "app/command.h"

#include <stdio.h>

G_BEGIN_DECLS

/** What the program does, its commands by section, first steps. */
void ax_help_print_overview (FILE *stream);

/** One command with all its options, on standard output. */
void ax_help_print_command (const AxCommand *command);

/** Where to find help, on standard error; @command may be NULL. */
void ax_help_print_pointer (const char *command);

/** (nullable): the command that @name is most likely a slip of. */
const char *ax_help_suggest (const char *name);

G_END_DECLS
