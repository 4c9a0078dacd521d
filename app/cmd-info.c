#include "app/commands.h"

#include "app/console.h"
#include "core/base/parse.h"
#include "core/slide/slide.h"

#include <math.h>

static void
add_rect (AxJsonWriter *json, const char *name, AxRect0 rect)
{
  ax_json_writer_begin_array (json, name);
  ax_json_writer_add_int (json, NULL, rect.x);
  ax_json_writer_add_int (json, NULL, rect.y);
  ax_json_writer_add_int (json, NULL, rect.width);
  ax_json_writer_add_int (json, NULL, rect.height);
  ax_json_writer_end (json);
}

static void
add_levels (AxJsonWriter *json, const AxSlide *slide)
{
  ax_json_writer_begin_array (json, "levels");
  for (int i = 0; i < ax_slide_get_n_levels (slide); i++)
    {
      const AxSlideLevel *level = ax_slide_get_level (slide, i);

      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_add_int (json, "width", level->width);
      ax_json_writer_add_int (json, "height", level->height);
      ax_json_writer_add_double (json, "downsample",
                                 (level->scale.x + level->scale.y) / 2, 6);
      ax_json_writer_add_int (json, "tile_width", level->tile_width);
      ax_json_writer_add_int (json, "tile_height", level->tile_height);
      ax_json_writer_add_bool (json, "fast_tiles",
                               ax_slide_has_fast_tiles (slide, i));
      ax_json_writer_end (json);
    }
  ax_json_writer_end (json);
}

static void
print_json (const AxSlide *slide)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);
  g_autofree char *path = g_filename_display_name (ax_slide_get_path (slide));
  AxRect0 extent = ax_slide_get_extent (slide);
  AxScale mpp = { 0, 0 };
  gboolean known = ax_slide_get_mpp (slide, &mpp);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_string (json, "file", path);
  ax_json_writer_add_string (json, "vendor", ax_slide_get_vendor (slide));
  ax_json_writer_add_int (json, "width", extent.width);
  ax_json_writer_add_int (json, "height", extent.height);
  ax_json_writer_add_double (json, "mpp_x", known ? mpp.x : NAN, 6);
  ax_json_writer_add_double (json, "mpp_y", known ? mpp.y : NAN, 6);
  if (ax_slide_get_objective (slide) > 0)
    ax_json_writer_add_double (json, "objective",
                               ax_slide_get_objective (slide), 3);
  else
    ax_json_writer_add_null (json, "objective");
  add_levels (json, slide);
  add_rect (json, "bounds", ax_slide_get_bounds (slide));
  ax_json_writer_add_string (json, "hash", ax_slide_get_hash (slide));
  ax_json_writer_add_bool (json, "fast_tiles",
                           ax_slide_has_fast_tiles (slide, 0));
  ax_json_writer_begin_array (json, "associated");
  for (const char *const *name = ax_slide_get_associated_names (slide);
       *name != NULL; name++)
    ax_json_writer_add_string (json, NULL, *name);
  ax_json_writer_end (json);
  ax_console_print_json (json);
}

static void
print_scale (const AxSlide *slide)
{
  AxRect0 extent = ax_slide_get_extent (slide);
  char numbers[4][AX_FORMAT_BUFFER];
  AxScale mpp;

  if (!ax_slide_get_mpp (slide, &mpp))
    {
      ax_console_print ("  scale      unknown: the file has no µm/px\n");
      return;
    }
  ax_console_print (
      "  scale      %s × %s µm/px, %s × %s mm\n",
      ax_format_decimal (numbers[0], mpp.x, 4),
      ax_format_decimal (numbers[1], mpp.y, 4),
      ax_format_decimal (numbers[2], extent.width * mpp.x / 1000, 2),
      ax_format_decimal (numbers[3], extent.height * mpp.y / 1000, 2));
}

static void
print_levels (const AxSlide *slide)
{
  ax_console_print ("  levels     %6s %9s %9s %6s  %s\n", "scale", "width",
                    "height", "tile", "reader");
  for (int i = 0; i < ax_slide_get_n_levels (slide); i++)
    {
      const AxSlideLevel *level = ax_slide_get_level (slide, i);
      char scale[AX_FORMAT_BUFFER];

      ax_console_print (
          "    %-8d %6s %9" G_GINT64_FORMAT " %9" G_GINT64_FORMAT " %6d  %s\n",
          i, ax_format_decimal (scale, level->scale.x, 2), level->width,
          level->height, level->tile_width,
          ax_slide_has_fast_tiles (slide, i) ? "direct" : "OpenSlide");
    }
}

static void
print_text (const AxSlide *slide)
{
  g_autofree char *path = g_filename_display_name (ax_slide_get_path (slide));
  AxRect0 extent = ax_slide_get_extent (slide);
  AxRect0 bounds = ax_slide_get_bounds (slide);
  const char *const *names = ax_slide_get_associated_names (slide);
  char number[AX_FORMAT_BUFFER];

  ax_console_print ("%s\n", path);
  ax_console_print ("  format     %s\n", ax_slide_get_vendor (slide));
  ax_console_print ("  size       %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
                    " px\n",
                    extent.width, extent.height);
  print_scale (slide);
  if (ax_slide_get_objective (slide) > 0)
    ax_console_print (
        "  objective  %s×\n",
        ax_format_decimal (number, ax_slide_get_objective (slide), 2));
  if (!ax_rect0_equal (bounds, extent))
    ax_console_print ("  bounds     %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
                      " px at %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT "\n",
                      bounds.width, bounds.height, bounds.x, bounds.y);
  print_levels (slide);
  if (*names != NULL)
    {
      g_autofree char *list = g_strjoinv (", ", (char **)names);

      ax_console_print ("  pictures   %s\n", list);
    }
  ax_console_print ("  hash       %s\n", ax_slide_get_hash (slide));
}

static gboolean
run_info (AxCall *call, GError **error)
{
  g_autoptr (AxSlide) slide = ax_slide_open (call->arguments[0], error);

  if (slide == NULL)
    return FALSE;
  if (call->json)
    print_json (slide);
  else
    print_text (slide);
  return TRUE;
}

const AxCommand ax_command_info = {
  .name = "info",
  .section = "Look at a slide",
  .summary = "what a slide file is: size, levels, µm per pixel",
  .usage = "SLIDE",
  .details
  = "Opens a whole-slide image and prints its format, its size in pixels and "
    "millimetres, the levels of its pyramid and the hash that names its "
    "content. \"direct\" levels are read past OpenSlide, several times "
    "faster.",
  .examples = "info slide.svs\n"
              "info --json slide.svs",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_info,
};
