#include "core/export/result.h"

#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/parse.h"
#include "core/detect/likelihood-tiff.h"

#include <math.h>
#include <string.h>

#define NOT_ANNOTATIONS (-1)

typedef struct
{
  AxExportFlags flag;
  const char *name;
  const char *suffix;
  int annotations; /* AxAnnotFormat */
} Format;

static const Format formats[] = {
  { AX_EXPORT_ASAP, "xml", ".xml", AX_ANNOT_FORMAT_ASAP },
  { AX_EXPORT_GEOJSON, "geojson", ".geojson", AX_ANNOT_FORMAT_GEOJSON },
  { AX_EXPORT_IMAGESCOPE, "imagescope", ".imagescope.xml",
    AX_ANNOT_FORMAT_IMAGESCOPE },
  { AX_EXPORT_TIFF, "tiff", "_likelihood_map.tif", NOT_ANNOTATIONS },
  { AX_EXPORT_CSV, "csv", ".csv", NOT_ANNOTATIONS },
  { AX_EXPORT_JSON, "json", ".json", NOT_ANNOTATIONS },
};

gboolean
ax_export_flags_parse (const char *text, AxExportFlags *flags, GError **error)
{
  g_auto (GStrv) words = NULL;
  AxExportFlags found = 0;

  g_return_val_if_fail (text != NULL && flags != NULL, FALSE);

  words = g_strsplit (text, ",", -1);
  for (char **word = words; *word != NULL; word++)
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (formats)
             && !g_str_equal (formats[i].name, g_strstrip (*word)))
        i++;
      if (i == G_N_ELEMENTS (formats))
        {
          g_autofree char *valid = g_utf8_make_valid (*word, -1);

          g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                       "'%s' is not one of xml, geojson, imagescope, tiff, "
                       "csv, json",
                       valid);
          return FALSE;
        }
      found |= formats[i].flag;
    }

  if (found == 0)
    {
      g_set_error_literal (error, AX_ERROR, AX_ERROR_FORMAT, "no format given");
      return FALSE;
    }
  *flags = found;
  return TRUE;
}

char *
ax_export_get_path (const char *slide_path, const char *folder,
                    AxExportFlags flag)
{
  g_autofree char *stem = NULL;
  char *dot = NULL;

  g_return_val_if_fail (slide_path != NULL && folder != NULL, NULL);

  stem = g_path_get_basename (slide_path);
  dot = strrchr (stem, '.');
  if (dot != NULL && dot != stem)
    *dot = '\0';

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (formats[i].flag == flag)
      {
        g_autofree char *name = g_strconcat (stem, formats[i].suffix, NULL);

        return g_build_filename (folder, name, NULL);
      }
  g_return_val_if_reached (NULL);
}

/* Whole level-0 pixels inside the slide, without a header: CAMELYON16's scorer
   reads the columns as int and stops at anything else. */
static gboolean
write_csv (const AxResult *self, const char *path, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const AxRect0 extent = self->extent;

  for (guint i = 0; i < ax_lesion_set_get_n_lesions (self->lesions); i++)
    {
      const AxLesion *lesion = ax_lesion_set_get (self->lesions, i);
      double x = CLAMP (floor (lesion->hottest.x), extent.x,
                        extent.x + MAX (extent.width - 1, 0));
      double y = CLAMP (floor (lesion->hottest.y), extent.y,
                        extent.y + MAX (extent.height - 1, 0));
      char numbers[3][AX_FORMAT_BUFFER];

      g_string_append_printf (text, "%s,%s,%s\n",
                              ax_format_decimal (numbers[0], lesion->score, 6),
                              ax_format_decimal (numbers[1], x, 0),
                              ax_format_decimal (numbers[2], y, 0));
    }
  return ax_output_write_file (path, text->str, text->len, error);
}

static gboolean
write_json (const AxResult *self, const char *path, GError **error)
{
  g_autofree char *text = ax_result_to_json (self, TRUE);

  return ax_output_write_file (path, text, strlen (text), error);
}

static gboolean
write_format (const AxResult *self, const AxAnnotationSet *set,
              const Format *format, const char *path, GPtrArray *lost,
              GError **error)
{
  const AxAnnotContext context = { .mpp_x = self->mpp.x,
                                   .mpp_y = self->mpp.y,
                                   .origin = self->bounds_origin };

  if (format->annotations != NOT_ANNOTATIONS)
    return ax_annot_write (set, path, format->annotations, &context, lost,
                           error);
  switch (format->flag)
    {
    case AX_EXPORT_TIFF:
      return ax_likelihood_tiff_write (self->map, self->extent, path, error);
    case AX_EXPORT_CSV:
      return write_csv (self, path, error);
    case AX_EXPORT_JSON:
      return write_json (self, path, error);
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* QuPath's and our GeoJSON without annotations look alike: nothing is lost. */
static gboolean
may_replace (const char *path, AxAnnotFormat format)
{
  g_autoptr (AxAnnotationSet) set = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  set = ax_annot_read (path, format, NULL, NULL);
  if (set == NULL)
    return FALSE;
  return ax_result_owns_annotations (set)
         || (format == AX_ANNOT_FORMAT_GEOJSON && set->annotations->len == 0
             && set->skipped->len == 0);
}

gboolean
ax_result_check_targets (const char *slide_path, const char *folder,
                         AxExportFlags flags, GError **error)
{
  g_return_val_if_fail (slide_path != NULL && folder != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if ((flags & formats[i].flag) && formats[i].annotations != NOT_ANNOTATIONS)
      {
        g_autofree char *path
            = ax_export_get_path (slide_path, folder, formats[i].flag);
        g_autofree char *name = g_filename_display_name (path);

        if (may_replace (path, formats[i].annotations))
          continue;
        g_set_error (error, AX_ERROR, AX_ERROR_IO,
                     "%s: not written by this program alone, will not be "
                     "replaced; choose another folder",
                     name);
        return FALSE;
      }
  return TRUE;
}

gboolean
ax_result_write (const AxResult *self, const char *folder, AxExportFlags flags,
                 GPtrArray *written, GPtrArray *lost, GError **error)
{
  g_autoptr (AxAnnotationSet) set = NULL;

  g_return_val_if_fail (self != NULL && folder != NULL, FALSE);

  set = ax_result_to_annotations (self);
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (flags & formats[i].flag)
      {
        g_autofree char *path
            = ax_export_get_path (self->slide_path, folder, formats[i].flag);

        if (!write_format (self, set, &formats[i], path, lost, error))
          return FALSE;
        if (written != NULL)
          g_ptr_array_add (written, g_steal_pointer (&path));
      }
  return TRUE;
}
