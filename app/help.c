#include "app/help.h"

#include "app/console.h"
#include "core/export/result.h"

#include <string.h>

#define WIDTH 78
#define INDENT 2

/* Prints one paragraph from column @column on, wrapped between words; the
   cursor is there already. */
static void
print_wrapped (const char *text, int column)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  int position = column;

  for (char **word = words; *word != NULL; word++)
    {
      int length = g_utf8_strlen (*word, -1);

      if (position > column && position + 1 + length > WIDTH)
        {
          printf ("\n%*s", column, "");
          position = column;
        }
      printf ("%s%s", position > column ? " " : "", *word);
      position += length + (position > column);
    }
  putchar ('\n');
}

/* Lines that start with a space are tables and stay as they are. */
static void
print_details (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (**line == ' ')
      puts (*line);
    else
      print_wrapped (*line, 0);
}

static void
print_examples (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  printf ("\nExamples\n");
  for (char **line = lines; *line != NULL; line++)
    printf ("%*s" AX_PROGRAM " %s\n", INDENT, "", *line);
}

/* (transfer full): "-o, --output=DIR". */
static char *
describe_option (const GOptionEntry *option)
{
  GString *text = g_string_new (NULL);

  if (option->short_name != 0)
    g_string_append_printf (text, "-%c, ", option->short_name);
  g_string_append_printf (text, "--%s", option->long_name);
  if (option->arg_description != NULL)
    g_string_append_printf (text, " %s", option->arg_description);
  return g_string_free (text, FALSE);
}

static int
measure_options (const GOptionEntry *options)
{
  int widest = 0;

  for (; options->long_name != NULL; options++)
    {
      g_autofree char *name = describe_option (options);

      widest = MAX (widest, (int)g_utf8_strlen (name, -1));
    }
  return widest;
}

static void
print_options (const GOptionEntry *options, int column)
{
  for (; options->long_name != NULL; options++)
    {
      g_autofree char *name = describe_option (options);
      int gap = column - INDENT - g_utf8_strlen (name, -1);

      printf ("%*s%s%*s", INDENT, "", name, gap, "");
      print_wrapped (options->description, column);
    }
}

static void
print_all_options (const AxCommand *command)
{
  static const GOptionEntry *const none[] = { NULL };
  const GOptionEntry *const *tables
      = command->options != NULL ? command->options : none;
  int widest = measure_options (ax_common_options);

  for (guint i = 0; tables[i] != NULL; i++)
    widest = MAX (widest, measure_options (tables[i]));
  for (guint i = 0; tables[i] != NULL; i++)
    print_options (tables[i], INDENT + widest + 2);
  print_options (ax_common_options, INDENT + widest + 2);
}

static void
print_section (FILE *stream, const char *section)
{
  fprintf (stream, "\n%s\n", section);
  for (guint i = 0; ax_commands[i] != NULL; i++)
    if (g_str_equal (ax_commands[i]->section, section))
      fprintf (stream, "  %-10s%s\n", ax_commands[i]->name,
               ax_commands[i]->summary);
}

void
ax_help_print_overview (FILE *stream)
{
  const char *section = NULL;

  fputs (AX_PROGRAM " " AX_VERSION
                    ": finds lymph-node metastases in whole-slide images\n\n"
                    "Usage: " AX_PROGRAM " COMMAND [OPTION...] ...\n",
         stream);
  for (guint i = 0; ax_commands[i] != NULL; i++)
    if (g_strcmp0 (section, ax_commands[i]->section) != 0)
      {
        section = ax_commands[i]->section;
        print_section (stream, section);
      }
  fputs ("\nFirst steps\n"
         "  " AX_PROGRAM " info slide.svs\n"
         "  " AX_PROGRAM " detect slide.svs --model weights.safetensors "
         "-o results\n"
         "  " AX_PROGRAM " help detect\n"
         "\n" AX_RESULT_NOTICE "\n",
         stream);
}

void
ax_help_print_command (const AxCommand *command)
{
  g_autofree char *title
      = g_strdup_printf (AX_PROGRAM " %s: %s", command->name, command->summary);
  g_autofree char *usage = g_strdup_printf ("Usage: " AX_PROGRAM " %s %s",
                                            command->name, command->usage);

  print_wrapped (title, 0);
  putchar ('\n');
  print_wrapped (usage, 0);
  putchar ('\n');
  print_details (command->details);
  printf ("\nOptions\n");
  print_all_options (command);
  print_examples (command->examples);
  printf ("\n" AX_RESULT_NOTICE "\n");
}

void
ax_help_print_pointer (const char *command)
{
  if (command != NULL)
    fprintf (stderr, "Try '" AX_PROGRAM " help %s'.\n", command);
  else
    fputs ("Try '" AX_PROGRAM " help'.\n", stderr);
}

/* Levenshtein distance; command names are short. */
static guint
count_edits (const char *a, const char *b)
{
  gsize length = strlen (b);
  g_autofree guint *row = g_new (guint, length + 1);

  for (gsize j = 0; j <= length; j++)
    row[j] = j;
  for (gsize i = 0; a[i] != '\0'; i++)
    {
      guint diagonal = row[0];

      row[0] = i + 1;
      for (gsize j = 0; j < length; j++)
        {
          guint change = diagonal + (a[i] != b[j]);

          diagonal = row[j + 1];
          row[j + 1] = MIN (change, MIN (row[j], row[j + 1]) + 1);
        }
    }
  return row[length];
}

const char *
ax_help_suggest (const char *name)
{
  const char *best = NULL;
  guint best_edits = 3;

  for (guint i = 0; ax_commands[i] != NULL; i++)
    {
      const char *candidate = ax_commands[i]->name;
      guint edits = g_str_has_prefix (candidate, name) && *name != '\0'
                        ? 1
                        : count_edits (name, candidate);

      if (edits < best_edits && edits < strlen (candidate))
        {
          best = candidate;
          best_edits = edits;
        }
    }
  return best;
}
