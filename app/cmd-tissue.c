#include "app/commands.h"

#include "app/console.h"
#include "app/option.h"
#include "core/base/parse.h"
#include "core/slide/image.h"
#include "core/slide/tissue.h"

#include <math.h>
#include <string.h>

static struct
{
  char *mask;
  char *mpp;
} options;

static const GOptionEntry entries[] = {
  { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.mask,
    "write the mask as PNG: white is tissue", "MASK.png" },
  { "mpp", 0, 0, G_OPTION_ARG_STRING, &options.mpp,
    "µm per pixel of level 0, where the file has none", "M" },
  { NULL },
};

static gboolean
save_mask (const AxTissue *tissue, const char *path, GError **error)
{
  int width = 0, height = 0;
  AxScale scale;
  const guint8 *mask = ax_tissue_get_mask (tissue, &width, &height, &scale);
  g_autoptr (AxImage) image
      = ax_image_new (width, height, 1, AX_SAMPLE_U8, error);

  if (image == NULL)
    return FALSE;
  memcpy (image->data, mask, (gsize)width * height);
  return ax_image_save_png (image, path, error);
}

static void
print_json (const AxTissue *tissue, double area_mm2)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (TRUE);

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_int (json, "level", ax_tissue_get_level (tissue));
  ax_json_writer_add_int (json, "threshold", ax_tissue_get_threshold (tissue));
  ax_json_writer_add_double (json, "fraction", ax_tissue_get_fraction (tissue),
                             6);
  ax_json_writer_add_double (json, "area_mm2", area_mm2, 4);
  ax_json_writer_add_int (json, "regions", ax_tissue_get_n_regions (tissue));
  ax_console_print_json (json);
}

static void
print_text (const AxTissue *tissue, double area_mm2)
{
  char number[AX_FORMAT_BUFFER];
  guint n_regions = ax_tissue_get_n_regions (tissue);

  if (n_regions == 0)
    ax_console_print ("no tissue\n");
  else
    ax_console_print (
        "%s %% of the slide in %u region%s\n",
        ax_format_decimal (number, ax_tissue_get_fraction (tissue) * 100, 2),
        n_regions, n_regions == 1 ? "" : "s");
  if (isfinite (area_mm2))
    {
      g_autofree char *area = ax_console_describe_area (area_mm2);

      ax_console_print ("%s\n", area);
    }
  ax_console_print ("found on level %d, saturation over %d of 255\n",
                    ax_tissue_get_level (tissue),
                    ax_tissue_get_threshold (tissue));
}

static gboolean
run_tissue (AxCall *call, GError **error)
{
  g_autoptr (AxSlide) slide = NULL;
  g_autoptr (AxTissue) tissue = NULL;
  AxScale mpp = { 0, 0 };
  double area_mm2 = NAN;

  if (!ax_option_mpp (options.mpp, &mpp, error))
    return FALSE;
  slide = ax_slide_open (call->arguments[0], error);
  if (slide == NULL)
    return FALSE;
  ax_slide_get_mpp (slide, &mpp);
  tissue = ax_tissue_detect (slide, mpp, error);
  if (tissue == NULL
      || (options.mask != NULL && !save_mask (tissue, options.mask, error)))
    return FALSE;

  if (mpp.x > 0)
    area_mm2 = ax_tissue_get_area_px (tissue) * mpp.x * mpp.y / 1e6;
  if (call->json)
    print_json (tissue, area_mm2);
  else
    print_text (tissue, area_mm2);
  return TRUE;
}

const AxCommand ax_command_tissue = {
  .name = "tissue",
  .section = "Look at a slide",
  .summary = "where the tissue is, by Otsu's threshold at low resolution",
  .usage = "SLIDE [-o MASK.png]",
  .details
  = "Finds the tissue as `detect` does: on the level nearest 8 µm/px, by "
    "colour and darkness, without padding, pen marks and the dark background "
    "of fluorescence. The mask written with -o can be edited and given to "
    "`detect --tissue`.",
  .examples = "tissue slide.svs -o mask.png\n"
              "tissue --json slide.svs",
  .options = (const GOptionEntry *const[]){ entries, NULL },
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_tissue,
};
