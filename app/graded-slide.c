#include "app/graded-slide.h"

#include "core/annot/json-reader.h"
#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/detect/likelihood-tiff.h"
#include "core/export/result.h"
#include "core/slide/slide.h"

#include <string.h>

#define RESULT_ENDING ".json"
#define MAP_MARK "_likelihood_map"

void
ax_graded_slide_free (AxGradedSlide *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_clear_pointer (&self->map, ax_prob_map_unref);
  g_free (self);
}

static gboolean
load_map (AxGradedSlide *self, const char *path, AxScale mpp, double step,
          GError **error)
{
  g_autofree char *name = g_filename_display_name (path);

  if (!(mpp.x > 0 && mpp.y > 0))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: µm/px are unknown; give --mpp", name);
      return FALSE;
    }
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "%s: no such map; `detect` writes it", name);
      return FALSE;
    }
  self->map = ax_likelihood_read (path, 0, step, mpp, error);
  return self->map != NULL;
}

static void
read_number (AxJsonReader *reader, double *value)
{
  const char *text = NULL;

  if (ax_json_reader_peek (reader) != AX_JSON_NUMBER)
    {
      ax_json_reader_skip (reader);
      return;
    }
  text = ax_json_reader_read_text (reader);
  if (text != NULL && !ax_parse_double (text, "number", 0, 1e12, value, NULL))
    ax_json_reader_fail (reader, AX_ERROR_FORMAT, "'%s' is out of range", text);
}

/* What a result of `detect` says about its slide. */
static gboolean
read_result (AxGradedSlide *self, const char *path, AxScale *mpp,
             GError **error)
{
  g_autoptr (AxJsonReader) reader = ax_json_reader_new (path, error);

  if (reader == NULL)
    return FALSE;
  if (ax_json_reader_enter_if (reader, AX_JSON_OBJECT))
    while (ax_json_reader_next (reader))
      {
        const char *key = ax_json_reader_get_key (reader);

        if (g_str_equal (key, "file"))
          {
            g_autofree char *file = ax_json_reader_dup_string (reader);

            g_free (self->name);
            self->name = file != NULL ? g_path_get_basename (file) : NULL;
          }
        else if (g_str_equal (key, "mpp_x"))
          read_number (reader, &mpp->x);
        else if (g_str_equal (key, "mpp_y"))
          read_number (reader, &mpp->y);
        else if (g_str_equal (key, "tissue_mm2"))
          read_number (reader, &self->tissue_mm2);
        else
          ax_json_reader_skip (reader);
      }
  if (!ax_json_reader_finish (reader, error))
    return FALSE;
  if (self->name != NULL)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: is no result of `detect`",
               path);
  return FALSE;
}

/* (transfer full): where the map of a result lies. */
static char *
map_of_result (const char *path)
{
  return g_strdup_printf ("%.*s" MAP_MARK ".tif",
                          (int)(strlen (path) - strlen (RESULT_ENDING)), path);
}

static gboolean
load_result (AxGradedSlide *self, const char *path, AxScale mpp, double step,
             GError **error)
{
  AxScale known = { 0, 0 };
  g_autofree char *map_path = map_of_result (path);

  if (!read_result (self, path, &known, error))
    return FALSE;
  return load_map (self, map_path, mpp.x > 0 ? mpp : known, step, error);
}

/* (transfer full): the slide's name from its map's. */
static char *
name_of_map (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  char *mark = strstr (name, MAP_MARK);

  if (mark != NULL)
    *mark = '\0';
  return g_steal_pointer (&name);
}

/* (transfer full) (nullable): a file of the slide's result that lies beside it,
 * if it does. */
static char *
find_beside (const char *path, AxExportFlags flag)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *beside = ax_export_get_path (path, folder, flag);

  return g_file_test (beside, G_FILE_TEST_EXISTS) ? g_steal_pointer (&beside)
                                                  : NULL;
}

static gboolean
load_slide (AxGradedSlide *self, const char *path, AxScale mpp, double step,
            GError **error)
{
  g_autoptr (AxSlide) slide = ax_slide_open (path, error);
  g_autofree char *result_path = find_beside (path, AX_EXPORT_JSON);
  g_autofree char *map_path = find_beside (path, AX_EXPORT_TIFF);
  g_autofree char *name = g_filename_display_name (path);

  if (slide == NULL)
    return FALSE;
  if (map_path == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "%s: no map beside this slide: run `detect` and give its "
                   "folder, or the .json in it",
                   name);
      return FALSE;
    }
  if (result_path != NULL)
    return load_result (self, result_path, mpp, step, error);
  if (mpp.x <= 0)
    ax_slide_get_mpp (slide, &mpp);
  self->name = g_path_get_basename (path);
  return load_map (self, map_path, mpp, step, error);
}

/* A map says so by its name, or is what --mpp is given for: other than a slide
 * with a map beside it. */
static gboolean
is_map (const char *path, AxScale mpp)
{
  g_autofree char *beside = find_beside (path, AX_EXPORT_TIFF);
  g_autoptr (AxSlide) slide = NULL;

  if (strstr (path, MAP_MARK) != NULL)
    return TRUE;
  if (mpp.x > 0 && beside != NULL)
    slide = ax_slide_open (path, NULL);
  return mpp.x > 0 && slide == NULL;
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

gboolean
ax_graded_slide_list (const char *folder, GPtrArray *paths, GError **error)
{
  g_autofree char *display_name = g_filename_display_name (folder);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &local);
  const char *name = NULL;

  if (dir == NULL)
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_IO, local->message);
      return FALSE;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, RESULT_ENDING))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        g_autofree char *map_path = map_of_result (path);

        if (g_file_test (map_path, G_FILE_TEST_EXISTS))
          g_ptr_array_add (found, g_steal_pointer (&path));
      }
  if (found->len == 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "%s: has no results of `detect` (STEM.json with "
                   "STEM" MAP_MARK ".tif)",
                   display_name);
      return FALSE;
    }
  g_ptr_array_sort (found, compare_paths);
  g_ptr_array_extend_and_steal (paths, g_steal_pointer (&found));
  return TRUE;
}

AxGradedSlide *
ax_graded_slide_load (const char *path, AxScale mpp, double step,
                      GError **error)
{
  g_autoptr (AxGradedSlide) self = g_new0 (AxGradedSlide, 1);
  gboolean done;

  if (g_str_has_suffix (path, RESULT_ENDING))
    done = load_result (self, path, mpp, step, error);
  else if (is_map (path, mpp))
    {
      self->name = name_of_map (path);
      done = load_map (self, path, mpp, step, error);
    }
  else
    done = load_slide (self, path, mpp, step, error);
  return done ? g_steal_pointer (&self) : NULL;
}
