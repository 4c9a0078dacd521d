#include "core/annot/annot-format.h"

#include "core/annot/asap-xml.h"
#include "core/annot/geojson.h"
#include "core/annot/imagescope-xml.h"
#include "core/annot/text-source.h"
#include "core/base/error.h"
#include "core/base/output.h"

#include <string.h>

/* What is read of a file to tell its format. */
#define HEAD_BYTES (64 << 10)

static const char *const names[] = {
  [AX_ANNOT_FORMAT_ASAP] = "asap",
  [AX_ANNOT_FORMAT_IMAGESCOPE] = "imagescope",
  [AX_ANNOT_FORMAT_GEOJSON] = "geojson",
};

/* The first that a file holds tells; both XML formats have `Annotations`. */
static const struct
{
  const char *tag;
  AxAnnotFormat format;
} xml_tags[] = {
  { "<ASAP_Annotations", AX_ANNOT_FORMAT_ASAP },
  { "<Coordinates", AX_ANNOT_FORMAT_ASAP },
  { "<Regions", AX_ANNOT_FORMAT_IMAGESCOPE },
  { " MicronsPerPixel=", AX_ANNOT_FORMAT_IMAGESCOPE },
  { " LineColor=", AX_ANNOT_FORMAT_IMAGESCOPE },
};

static const struct
{
  const char *suffix;
  AxAnnotFormat format;
} suffixes[] = {
  { ".geojson", AX_ANNOT_FORMAT_GEOJSON },
  { ".json", AX_ANNOT_FORMAT_GEOJSON },
  { ".geojson.gz", AX_ANNOT_FORMAT_GEOJSON },
  { ".json.gz", AX_ANNOT_FORMAT_GEOJSON },
  { ".imagescope.xml", AX_ANNOT_FORMAT_IMAGESCOPE },
  { ".annotations", AX_ANNOT_FORMAT_IMAGESCOPE },
  { ".xml", AX_ANNOT_FORMAT_ASAP },
};

gboolean
ax_annot_format_from_name (const char *name, AxAnnotFormat *format)
{
  g_return_val_if_fail (name != NULL && format != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      {
        *format = i;
        return TRUE;
      }
  return FALSE;
}

const char *
ax_annot_format_get_name (AxAnnotFormat format)
{
  g_return_val_if_fail (format < G_N_ELEMENTS (names), NULL);

  return names[format];
}

/* (transfer full) (nullable): the beginning of the file as text. */
static char *
read_head (const char *path, GError **error)
{
  g_autoptr (AxTextSource) source = ax_text_source_open (path, error);
  g_autofree char *head = g_malloc (HEAD_BYTES + 1);
  gssize n_bytes = -1;

  if (source != NULL)
    n_bytes = ax_text_source_read (source, head, HEAD_BYTES, error);
  if (n_bytes < 0)
    return NULL;
  head[n_bytes] = '\0';
  return g_steal_pointer (&head);
}

static gboolean
guess_by_content (const char *head, AxAnnotFormat *format)
{
  const char *text = g_str_has_prefix (head, "\357\273\277") ? head + 3 : head;

  while (g_ascii_isspace (*text))
    text++;
  if (*text == '{' || *text == '[')
    {
      *format = AX_ANNOT_FORMAT_GEOJSON;
      return TRUE;
    }
  for (guint i = 0; *text == '<' && i < G_N_ELEMENTS (xml_tags); i++)
    if (strstr (text, xml_tags[i].tag) != NULL)
      {
        *format = xml_tags[i].format;
        return TRUE;
      }
  return FALSE;
}

gboolean
ax_annot_format_guess (const char *path, AxAnnotFormat *format, GError **error)
{
  g_autofree char *head = NULL;
  g_autofree char *name = NULL;
  g_autofree char *lower = NULL;

  g_return_val_if_fail (path != NULL && format != NULL, FALSE);

  head = read_head (path, error);
  if (head == NULL)
    return FALSE;
  if (guess_by_content (head, format))
    return TRUE;

  lower = g_ascii_strdown (path, -1);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (lower, suffixes[i].suffix))
      {
        *format = suffixes[i].format;
        return TRUE;
      }
  name = g_filename_display_name (path);
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: neither ASAP XML, ImageScope XML nor GeoJSON", name);
  return FALSE;
}

AxAnnotationSet *
ax_annot_read (const char *path, AxAnnotFormat format,
               const AxAnnotContext *context, GError **error)
{
  g_return_val_if_fail (path != NULL, NULL);

  switch (format)
    {
    case AX_ANNOT_FORMAT_ASAP:
      return ax_asap_xml_read (path, error);
    case AX_ANNOT_FORMAT_IMAGESCOPE:
      return ax_imagescope_xml_read (path, error);
    case AX_ANNOT_FORMAT_GEOJSON:
      return ax_geojson_read (path, context, error);
    }
  g_return_val_if_reached (NULL);
}

static GString *
format_as (const AxAnnotationSet *set, AxAnnotFormat format,
           const AxAnnotContext *context, AxLosses *losses)
{
  switch (format)
    {
    case AX_ANNOT_FORMAT_ASAP:
      return ax_asap_xml_format (set, losses);
    case AX_ANNOT_FORMAT_IMAGESCOPE:
      return ax_imagescope_xml_format (set, context, losses);
    case AX_ANNOT_FORMAT_GEOJSON:
      return ax_geojson_format (set, context, losses);
    }
  g_return_val_if_reached (NULL);
}

static gboolean
all_have_points (const AxAnnotationSet *set)
{
  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];

      if (annotation->rings->len == 0)
        return FALSE;
    }
  return TRUE;
}

gboolean
ax_annot_write (const AxAnnotationSet *set, const char *path,
                AxAnnotFormat format, const AxAnnotContext *context,
                GPtrArray *lost, GError **error)
{
  g_autoptr (AxLosses) losses = NULL;
  GString *text = NULL;
  gboolean ok = FALSE;

  g_return_val_if_fail (set != NULL && path != NULL, FALSE);
  g_return_val_if_fail (all_have_points (set), FALSE);

  losses = ax_losses_new ();
  text = format_as (set, format, context, losses);
  ok = text != NULL && ax_output_write_file (path, text->str, text->len, error);
  g_string_free (text, TRUE);
  if (ok && lost != NULL)
    ax_losses_report (losses, lost);
  return ok;
}
