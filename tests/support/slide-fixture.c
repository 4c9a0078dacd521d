#include "tests/support/slide-fixture.h"

#include "core/base/rng.h"
#include "core/slide/image.h"

#include <glib/gstdio.h>

#define TILE 64

/* Blotches of 8 pixels with grain, so that fields differ and JPEG copes. */
static guint8 *
draw_noise (int width, int height)
{
  guint8 *rgb = g_malloc ((gsize)3 * width * height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++)
        {
          guint64 blotch = ax_rng_u64 (1, c, (guint64)(y / 8) << 32 | x / 8);
          guint64 grain = ax_rng_u64 (2, c, (guint64)y << 32 | x);

          rgb[3 * ((gsize)y * width + x) + c] = blotch % 192 + grain % 64;
        }
  return rgb;
}

void
slide_fixture_init (SlideFixture *self, int width, int height, double mpp,
                    AxSlideCoding coding, const AxSlideDamage *damages,
                    guint n_damages)
{
  g_autoptr (GError) error = NULL;
  AxSlidePicture picture;
  AxSlideSpec spec = {
    .width = width,
    .height = height,
    .tile = TILE,
    .mpp = mpp,
    .coding = coding,
    .pixels = ax_slide_picture_pixels,
    .user_data = &picture,
    .damages = damages,
    .n_damages = n_damages,
  };

  *self = (SlideFixture){
    .width = width,
    .height = height,
    .rgb = draw_noise (width, height),
    .mpp = mpp,
  };
  self->folder = g_dir_make_tmp ("axilla-test-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = slide_fixture_get_file (self, "slide.tif");
  picture = (AxSlidePicture){ self->rgb, width, height };
  ax_slide_spec_write (&spec, self->path, &error);
  g_assert_no_error (error);
}

void
slide_fixture_clear (SlideFixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);

  for (const char *name; (name = g_dir_read_name (dir)) != NULL;)
    {
      g_autofree char *path = slide_fixture_get_file (self, name);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->rgb);
}

AxSlide *
slide_fixture_open (const SlideFixture *self)
{
  g_autoptr (GError) error = NULL;
  AxSlide *slide = ax_slide_open (self->path, &error);

  g_assert_no_error (error);
  return slide;
}

char *
slide_fixture_get_file (const SlideFixture *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

AxTissue *
slide_fixture_make_tissue (const SlideFixture *self, AxSlide *slide,
                           const AxRect0 *rects, guint n_rects)
{
  g_autofree char *path = slide_fixture_get_file (self, "mask.png");
  g_autoptr (AxImage) image = NULL;
  g_autoptr (GError) error = NULL;
  AxTissue *tissue;
  guint8 *mask;

  image = ax_image_new (self->width, self->height, 1, AX_SAMPLE_U8, &error);
  g_assert_no_error (error);
  mask = image->data;
  memset (mask, 0, (gsize)self->width * self->height);
  for (guint i = 0; i < n_rects; i++)
    for (gint64 y = 0; y < rects[i].height; y++)
      memset (mask + (rects[i].y + y) * self->width + rects[i].x, 255,
              rects[i].width);
  ax_image_save_png (image, path, &error);
  g_assert_no_error (error);
  tissue = ax_tissue_load (slide, path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_remove (path), ==, 0);
  return tissue;
}
