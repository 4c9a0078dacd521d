#include "app/results.h"

#include "app/console.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/parse.h"

#include <errno.h>
#include <glib/gstdio.h>

/* The largest; all are in the files and with --json. */
#define MAX_SHOWN 20

gboolean
ax_results_prepare_folder (const char *folder, GError **error)
{
  g_autofree char *name = g_filename_display_name (folder);
  g_autofree char *probe_path = NULL;
  g_autoptr (AxOutput) probe = NULL;

  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO,
                   "%s: cannot make this folder: %s", name, g_strerror (errno));
      return FALSE;
    }

  /* Permission bits do not tell about read-only and full file systems. */
  probe_path = g_build_filename (folder, "axilla-probe", NULL);
  probe = ax_output_new (probe_path, NULL);
  if (probe == NULL || !ax_output_write (probe, "", 1, NULL))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO,
                   "%s: cannot write into this folder", name);
      return FALSE;
    }
  return TRUE;
}

static void
print_lesion (const AxLesion *lesion)
{
  char numbers[4][AX_FORMAT_BUFFER];
  g_autofree char *size
      = lesion->size_class == AX_SIZE_UNKNOWN
            ? g_strdup_printf (
                "%s px", ax_format_decimal (numbers[0], lesion->diameter_px, 0))
            : ax_lesion_describe_size (lesion);

  ax_console_print ("  L%02u  %-8s score %-5s mean %-5s at %s, %s   %s\n",
                    lesion->id, ax_size_class_get_name (lesion->size_class),
                    ax_format_decimal (numbers[0], lesion->score, 2),
                    ax_format_decimal (numbers[1], lesion->mean, 2),
                    ax_format_decimal (numbers[2], lesion->hottest.x, 0),
                    ax_format_decimal (numbers[3], lesion->hottest.y, 0), size);
}

static void
print_lesions (const AxLesionSet *lesions)
{
  guint n_lesions = ax_lesion_set_get_n_lesions (lesions);

  for (guint i = 0; i < MIN (n_lesions, MAX_SHOWN); i++)
    print_lesion (ax_lesion_set_get (lesions, i));
  if (n_lesions > MAX_SHOWN)
    ax_console_print ("  and %u smaller ones\n", n_lesions - MAX_SHOWN);
}

static void
print_counts (const AxResult *result)
{
  const AxLesionSet *lesions = result->lesions;
  guint n_lesions = ax_lesion_set_get_n_lesions (lesions);
  gint64 n_dropped = ax_lesion_set_get_n_dropped (lesions);
  guint16 hottest = ax_prob_map_get_max (result->map);
  char number[AX_FORMAT_BUFFER];

  if (hottest == AX_PROB_NONE)
    {
      ax_console_print ("  nothing analysed: %s\n",
                        result->cascade != NULL
                                && result->cascade->skipped_mm2 > 0
                            ? "all confidently negative"
                            : "no tissue");
      return;
    }
  ax_console_print ("  slide score %s, %u lesion%s",
                    ax_format_decimal (number, ax_prob_value (hottest), 3),
                    n_lesions, n_lesions == 1 ? "" : "s");
  if (n_lesions > 0 && result->mpp.x > 0)
    ax_console_print (": %u macro, %u micro, %u ITC",
                      ax_lesion_set_count (lesions, AX_SIZE_MACRO),
                      ax_lesion_set_count (lesions, AX_SIZE_MICRO),
                      ax_lesion_set_count (lesions, AX_SIZE_ITC));
  else if (n_lesions == 0 && n_dropped > 0)
    ax_console_print (" (single cells of the map at or above the threshold: "
                      "%" G_GINT64_FORMAT ", dropped)",
                      n_dropped);
  ax_console_print ("\n");
}

static void
print_work (const AxResult *result)
{
  g_autofree char *tissue = ax_console_describe_area (result->tissue_mm2);
  g_autofree char *analysed = ax_console_describe_area (result->analysed_mm2);

  ax_console_print ("  tissue %s, analysed %s", tissue, analysed);
  if (result->failed_mm2 > 0)
    {
      g_autofree char *failed = ax_console_describe_area (result->failed_mm2);

      ax_console_print (", unreadable %s", failed);
    }
  if (result->seconds > 0)
    {
      g_autofree char *duration
          = ax_console_describe_duration (result->seconds);
      char number[AX_FORMAT_BUFFER];

      ax_console_print (" in %s (%s Mpx/s) on %s", duration,
                        ax_format_decimal (number, result->mpx_per_s, 2),
                        result->engine);
    }
  ax_console_print ("\n");
}

static void
print_cascade (const AxResult *result)
{
  const AxResultCascade *cascade = result->cascade;
  g_autofree char *skipped = ax_console_describe_area (cascade->skipped_mm2);
  char number[AX_FORMAT_BUFFER];

  ax_console_print (
      "  %s left out %s, %s %% of the tissue\n", cascade->model_name, skipped,
      ax_format_decimal (number,
                         result->tissue_mm2 > 0
                             ? 100 * cascade->skipped_mm2 / result->tissue_mm2
                             : 0,
                         1));
}

void
ax_results_print (const AxResult *result, const GPtrArray *written)
{
  g_autofree char *name = g_filename_display_name (result->slide_path);

  ax_console_print ("%s\n", name);
  print_counts (result);
  print_lesions (result->lesions);
  if (result->model_name != NULL)
    print_work (result);
  if (result->cascade != NULL)
    print_cascade (result);
  for (guint i = 0; i < written->len; i++)
    {
      g_autofree char *path = g_filename_display_name (written->pdata[i]);

      ax_console_print ("  wrote %s\n", path);
    }
}
