#include "app/commands.h"

#include "app/console.h"
#include "core/annot/annot-format.h"
#include "core/slide/slide.h"

static struct
{
  char *from, *to;
  char *slide;
} options;

static const GOptionEntry entries[] = {
  { "from", 0, 0, G_OPTION_ARG_STRING, &options.from,
    "asap, imagescope or geojson (told by the content)", "FORMAT" },
  { "to", 0, 0, G_OPTION_ARG_STRING, &options.to,
    "the same (told by the ending: .xml is ASAP, .imagescope.xml is "
    "ImageScope, .geojson and .json are GeoJSON)",
    "FORMAT" },
  { "slide", 0, 0, G_OPTION_ARG_FILENAME, &options.slide,
    "the slide they belong to: gives ImageScope its µm/px and QuPath its "
    "origin",
    "SLIDE" },
  { NULL },
};

static gboolean
parse_format (const char *text, const char *option, AxAnnotFormat *format,
              GError **error)
{
  if (ax_annot_format_from_name (text, format))
    return TRUE;
  g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
               "%s: '%s' is not one of asap, imagescope, geojson", option,
               text);
  return FALSE;
}

static gboolean
choose_source_format (const char *path, AxAnnotFormat *format, GError **error)
{
  if (options.from != NULL)
    return parse_format (options.from, "--from", format, error);
  return ax_annot_format_guess (path, format, error);
}

static gboolean
choose_target_format (const char *path, AxAnnotFormat *format, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);

  if (options.to != NULL)
    return parse_format (options.to, "--to", format, error);
  if (g_str_has_suffix (name, ".imagescope.xml"))
    *format = AX_ANNOT_FORMAT_IMAGESCOPE;
  else if (g_str_has_suffix (name, ".xml"))
    *format = AX_ANNOT_FORMAT_ASAP;
  else if (g_str_has_suffix (name, ".geojson")
           || g_str_has_suffix (name, ".json"))
    *format = AX_ANNOT_FORMAT_GEOJSON;
  else
    {
      g_set_error (error, AX_USAGE_ERROR, AX_USAGE_ERROR_WRONG,
                   "%s: its ending names no format; give --to", name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
read_context (AxAnnotContext *context, GError **error)
{
  g_autoptr (AxSlide) slide = NULL;
  AxScale mpp = { 0, 0 };
  AxRect0 bounds;

  if (options.slide == NULL)
    return TRUE;
  slide = ax_slide_open (options.slide, error);
  if (slide == NULL)
    return FALSE;
  ax_slide_get_mpp (slide, &mpp);
  bounds = ax_slide_get_bounds (slide);
  context->mpp_x = mpp.x;
  context->mpp_y = mpp.y;
  context->origin = (AxPoint0){ bounds.x, bounds.y };
  return TRUE;
}

static void
add_skipped (AxJsonWriter *json, const char *name, const GPtrArray *list)
{
  ax_json_writer_begin_array (json, name);
  for (guint i = 0; i < list->len; i++)
    {
      const AxSkipped *item = list->pdata[i];

      ax_json_writer_begin_object (json, NULL);
      if (item->line > 0)
        ax_json_writer_add_int (json, "line", item->line);
      else
        ax_json_writer_add_null (json, "line");
      ax_json_writer_add_string (json, "why", item->why);
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
}

static void
print_notes (const char *path, const GPtrArray *list)
{
  g_autofree char *name = g_filename_display_name (path);

  for (guint i = 0; i < list->len; i++)
    {
      const AxSkipped *item = list->pdata[i];

      if (item->line > 0)
        ax_console_note ("%s:%u: %s", name, item->line, item->why);
      else
        ax_console_note ("%s: %s", name, item->why);
    }
}

static void
print_json (const AxAnnotationSet *set, AxAnnotFormat from, AxAnnotFormat to,
            const GPtrArray *lost)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "from", ax_annot_format_get_name (from));
  ax_json_writer_add_string (json, "to", ax_annot_format_get_name (to));
  ax_json_writer_add_int (json, "annotations", set->annotations->len);
  ax_json_writer_add_int (json, "groups", set->groups->len);
  add_skipped (json, "skipped", set->skipped);
  add_skipped (json, "lost", lost);
  ax_console_print_json (json);
}

static gboolean
run_convert (AxCall *call, GError **error)
{
  const char *source = call->arguments[0];
  const char *target = call->arguments[1];
  g_autoptr (GPtrArray) lost = ax_skipped_list_new ();
  g_autoptr (AxAnnotationSet) set = NULL;
  AxAnnotContext context = { 0 };
  AxAnnotFormat from, to;

  if (!choose_target_format (target, &to, error)
      || !choose_source_format (source, &from, error)
      || !read_context (&context, error))
    return FALSE;
  set = ax_annot_read (source, from, &context, error);
  if (set == NULL || !ax_annot_write (set, target, to, &context, lost, error))
    return FALSE;

  print_notes (source, set->skipped);
  print_notes (target, lost);
  if (call->json)
    print_json (set, from, to, lost);
  else
    ax_console_print ("%u annotation%s in %u group%s, %s to %s\n",
                      set->annotations->len,
                      set->annotations->len == 1 ? "" : "s", set->groups->len,
                      set->groups->len == 1 ? "" : "s",
                      ax_annot_format_get_name (from),
                      ax_annot_format_get_name (to));
  return TRUE;
}

const AxCommand ax_command_convert = {
  .name = "convert",
  .section = "Annotations",
  .summary = "annotations of ASAP, ImageScope and QuPath into one another",
  .usage = "IN OUT [--from FORMAT] [--to FORMAT]",
  .details
  = "Reads a file of annotations and writes it in another format. What could "
    "not be read, and what the new format cannot hold (ImageScope has no "
    "measurements, for one), is listed on standard error; the rest is carried "
    "over. Coordinates are pixels of the slide's level 0 in all formats; "
    "QuPath counts them from the scanned area where a slide has bounds, which "
    "--slide allows for.",
  .examples = "convert tumor_001.xml tumor_001.geojson\n"
              "convert drawn.geojson drawn.xml --slide slide.mrxs",
  .options = (const GOptionEntry *const[]){ entries, NULL },
  .min_arguments = 2,
  .max_arguments = 2,
  .run = run_convert,
};
