#include "app/cohort.h"

#include "app/console.h"

static struct
{
  char *exclude, *labels;
} options;

const GOptionEntry ax_exclude_options[] = {
  { "exclude", 0, 0, G_OPTION_ARG_FILENAME, &options.exclude,
    "slides with known faults, which are named and left out: columns slide, "
    "what (slide or lesions), why",
    "FILE.csv" },
  { NULL },
};

const GOptionEntry ax_labels_options[] = {
  { "labels", 0, 0, G_OPTION_ARG_FILENAME, &options.labels,
    "what slides are: columns patient and stage, or the first two",
    "LABELS.csv" },
  { NULL },
};

gboolean
ax_cohort_read_exclusions (AxExclusions **exclusions, GError **error)
{
  *exclusions = NULL;
  if (options.exclude != NULL)
    *exclusions = ax_exclusions_read (options.exclude, error);
  return options.exclude == NULL || *exclusions != NULL;
}

gboolean
ax_cohort_leaves_out (const AxExclusions *exclusions, const char *slide,
                      AxExclusionScope use)
{
  const char *why = ax_exclusions_find (exclusions, slide, use);

  if (why != NULL)
    ax_console_note ("%s is left out: %s", slide, why);
  return why != NULL;
}

void
ax_cohort_note_left_out (const GPtrArray *left_out)
{
  for (guint i = 0; i < left_out->len; i++)
    ax_console_note ("left out: %s", (const char *)left_out->pdata[i]);
}

gboolean
ax_cohort_read_labels (const char *column, AxSlideLabels **labels,
                       GError **error)
{
  *labels = NULL;
  if (options.labels != NULL)
    *labels = ax_slide_labels_read (options.labels, column, error);
  return options.labels == NULL || *labels != NULL;
}
