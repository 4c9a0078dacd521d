#include "app/evaluate.h"

#include "app/console.h"
#include "core/annot/annot-format.h"
#include "core/annot/raster.h"
#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/detect/likelihood-tiff.h"
#include "core/eval/overlap.h"

#include <math.h>
#include <string.h>

#define MAP_ENDING "_likelihood_map"

/* (transfer full): the slide that a map is of. */
static char *
get_stem (const char *path)
{
  char *stem = g_path_get_basename (path);
  char *dot = strrchr (stem, '.');

  if (dot != NULL)
    *dot = '\0';
  if (g_str_has_suffix (stem, MAP_ENDING))
    stem[strlen (stem) - strlen (MAP_ENDING)] = '\0';
  return stem;
}

/* What the outlines STEM.xml cover, nothing where there are none. */
static gboolean
paint_truth (const AxEvaluation *evaluation, const char *path, AxScale cell,
             AxMask *mask, GError **error)
{
  g_autofree char *stem = get_stem (path);
  g_autofree char *name = g_strconcat (stem, ".xml", NULL);
  g_autofree char *outlines = g_build_filename (evaluation->truth, name, NULL);
  g_autoptr (AxAnnotationSet) set = NULL;

  if (!g_file_test (outlines, G_FILE_TEST_EXISTS))
    {
      ax_console_note ("%s: no %s, so it has no tumour", path, name);
      return TRUE;
    }
  set = ax_annot_read (outlines, AX_ANNOT_FORMAT_ASAP, NULL, error);
  if (set == NULL)
    return FALSE;
  ax_mask_fill_annotations (mask, set, (AxPoint0){ 0, 0 }, cell);
  return TRUE;
}

/* Row by row, as maps are larger than what is analysed of them. */
static AxOverlap
compare (AxProbMap *map, double threshold, const AxMask *truth)
{
  const guint16 least = ax_prob_threshold (threshold);
  g_autofree guint16 *cells = g_new (guint16, truth->width);
  g_autofree guint8 *found = g_new (guint8, truth->width);
  AxOverlap sum = { 0 };

  for (int row = 0; row < truth->height; row++)
    {
      AxOverlap part;

      ax_prob_map_read (map, 0, (AxCellRect){ 0, row, truth->width, 1 }, cells);
      for (int col = 0; col < truth->width; col++)
        found[col] = cells[col] >= least;
      part = ax_overlap_count (found,
                               truth->data + (gsize)row * (gsize)truth->width,
                               (gsize)truth->width);
      ax_overlap_add (&sum, &part);
    }
  return sum;
}

static gboolean
measure_map (const AxEvaluation *evaluation, const char *path,
             AxOverlap *overlap, GError **error)
{
  g_autoptr (AxProbMap) map = ax_likelihood_read (
      path, 0, 0, (AxScale){ evaluation->mpp, evaluation->mpp }, error);
  g_autoptr (AxMask) truth = NULL;
  const AxProbGeometry *geometry = NULL;

  if (map == NULL)
    return FALSE;
  geometry = ax_prob_map_get_geometry (map);
  truth = ax_mask_new ((int)geometry->width, (int)geometry->height, error);
  if (truth == NULL
      || !paint_truth (evaluation, path, geometry->cell, truth, error))
    return FALSE;
  *overlap = compare (map, evaluation->threshold, truth);
  return TRUE;
}

static void
add_json (AxJsonWriter *json, const char *path, const AxOverlap *overlap)
{
  g_autofree char *name = g_filename_display_name (path);
  double dice;

  ax_overlap_get_dice (overlap, 1, &dice);
  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "file", name);
  ax_json_writer_add_exact (json, "dice", dice);
  ax_json_writer_add_int (json, "cells_found", overlap->n_found);
  ax_json_writer_add_int (json, "cells_true", overlap->n_true);
  ax_json_writer_add_int (json, "cells_both", overlap->n_both);
  ax_json_writer_end (json);
}

static void
print_json (char *const *paths, const GArray *overlaps, double dice,
            const double interval[2])
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_exact (json, "dice", dice);
  ax_json_writer_add_doubles (json, "interval", interval, 2, 9);
  ax_json_writer_begin_array (json, "slides");
  for (guint i = 0; i < overlaps->len; i++)
    add_json (json, paths[i], &g_array_index (overlaps, AxOverlap, i));
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static void
print_text (char *const *paths, const GArray *overlaps, double dice,
            const double interval[2])
{
  for (guint i = 0; i < overlaps->len; i++)
    {
      g_autofree char *name = g_filename_display_name (paths[i]);
      char number[AX_FORMAT_BUFFER];
      double of_slide;

      if (ax_overlap_get_dice (&g_array_index (overlaps, AxOverlap, i), 1,
                               &of_slide))
        ax_console_print ("%s %s\n", ax_format_decimal (number, of_slide, 4),
                          name);
      else
        ax_console_print ("no tumour, and none found: %s\n", name);
    }
  ax_evaluation_print ("Dice", dice, interval);
}

gboolean
ax_evaluate_dice (const AxCall *call, const AxEvaluation *evaluation,
                  char *const *maps, guint n_maps, GError **error)
{
  g_autoptr (GArray) overlaps
      = g_array_sized_new (FALSE, FALSE, sizeof (AxOverlap), n_maps);
  double dice, interval[2];

  if (evaluation->truth == NULL)
    {
      g_set_error_literal (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                           "dice needs --truth DIR");
      return FALSE;
    }
  for (guint i = 0; i < n_maps; i++)
    {
      AxOverlap overlap;

      if (!measure_map (evaluation, maps[i], &overlap, error))
        return FALSE;
      g_array_append_val (overlaps, overlap);
    }
  ax_overlap_get_dice ((const AxOverlap *)overlaps->data, n_maps, &dice);
  ax_overlap_interval ((const AxOverlap *)overlaps->data, n_maps,
                       &evaluation->bootstrap, interval);
  if (call->json)
    print_json (maps, overlaps, dice, interval);
  else
    print_text (maps, overlaps, dice, interval);
  return TRUE;
}
