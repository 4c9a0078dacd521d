#include "tests/support/training-slides.h"

#include <gio/gio.h>
#include <string.h>

#define TILE 64

/* A pixel tells x where x + y is even, and y, 32 redder, where it is odd. */
static void
draw_pixel (gint64 x, gint64 y, guint8 *rgb)
{
  const gint64 from = TRAINING_SLIDE_TISSUE;
  const gboolean odd = (x + y) % 2 != 0;
  const gint64 told = odd ? y : x;
  if (x < from || y < from || x >= TRAINING_SLIDE_WIDTH - from
      || y >= TRAINING_SLIDE_HEIGHT - from)
    {
      memset (rgb, 255, 3);
      return;
    }
  rgb[0] = (guint8)(120 + told / 64 + (odd ? 32 : 0));
  rgb[1] = (guint8)(40 + told / 8 % 8);
  rgb[2] = (guint8)(140 + told % 8);
}

static int
decode_pixel (const guint8 *rgb, gboolean *odd)
{
  *odd = rgb[0] >= 120 + 32;
  return (rgb[0] - 120 - (*odd ? 32 : 0)) * 64 + (rgb[1] - 40) * 8
         + (rgb[2] - 140);
}

void
training_slides_decode (const guint8 *rgb, int *x, int *y)
{
  gboolean odd = FALSE, next_odd = FALSE;
  const int first = decode_pixel (rgb, &odd);
  const int second = decode_pixel (rgb + 3, &next_odd);
  g_assert_true (odd != next_odd);
  /* The second pixel lies one further right. */
  *x = odd ? second - 1 : first;
  *y = odd ? first : second;
}

static void
draw_slide (int level, gint64 x, gint64 y, int width, int height, guint8 *rgb,
            gpointer user_data)
{
  for (int i = 0; i < height; i++)
    for (int j = 0; j < width; j++, rgb += 3)
      draw_pixel (x + j, y + i, rgb);
}

void
training_slides_init (TrainingSlides *self)
{
  g_autoptr (GError) error = NULL;
  self->folder = g_dir_make_tmp ("axilla-test-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);
      remove_all (inside);
    }
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_assert_true (g_file_delete (file, NULL, NULL));
}

void
training_slides_clear (TrainingSlides *self)
{
  remove_all (self->folder);
  g_free (self->folder);
}

char *
training_slides_get_path (const TrainingSlides *self, const char *name)
{
  char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  return path;
}

void
training_slides_add_spec (const TrainingSlides *self, const char *name,
                          AxSlideSpec spec)
{
  g_autofree char *path = training_slides_get_path (self, name);
  g_autoptr (GError) error = NULL;
  spec.width = TRAINING_SLIDE_WIDTH;
  spec.height = TRAINING_SLIDE_HEIGHT;
  spec.tile = TILE;
  if (spec.pixels == NULL)
    spec.pixels = draw_slide;
  ax_slide_spec_write (&spec, path, &error);
  g_assert_no_error (error);
}

void
training_slides_add (const TrainingSlides *self, const char *name,
                     const AxSlideDamage *damages, guint n_damages)
{
  const AxSlideSpec spec = {
    .mpp = TRAINING_SLIDE_MPP,
    .coding = n_damages > 0 ? AX_SLIDE_JPEG_444 : AX_SLIDE_RAW,
    .damages = damages,
    .n_damages = n_damages,
  };
  training_slides_add_spec (self, name, spec);
}

static void
add_area (GString *text, const TrainingArea *area)
{
  const int corners[4][2] = { { area->x, area->y },
                              { area->end_x, area->y },
                              { area->end_x, area->end_y },
                              { area->x, area->end_y } };
  g_string_append_printf (text,
                          "<Annotation Name=\"%s\" Type=\"Polygon\" "
                          "PartOfGroup=\"%s\"><Coordinates>",
                          area->name, area->group);
  for (int i = 0; i < 4; i++)
    g_string_append_printf (text,
                            "<Coordinate Order=\"%d\" X=\"%d\" Y=\"%d\"/>", i,
                            corners[i][0], corners[i][1]);
  g_string_append (text, "</Coordinates></Annotation>\n");
}

void
training_slides_annotate (const TrainingSlides *self, const char *name,
                          const TrainingArea *areas, guint n_areas)
{
  g_autofree char *path = training_slides_get_path (self, name);
  g_autoptr (GString) text
      = g_string_new ("<?xml version=\"1.0\"?>\n<ASAP_Annotations>"
                      "<Annotations>\n");
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < n_areas; i++)
    add_area (text, &areas[i]);
  g_string_append (text, "</Annotations><AnnotationGroups/>"
                         "</ASAP_Annotations>\n");
  g_file_set_contents (path, text->str, (gssize)text->len, &error);
  g_assert_no_error (error);
}
