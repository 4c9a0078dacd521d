#include "core/train/contact-sheet.h"

#include "core/base/error.h"
#include "core/slide/image.h"

#include <string.h>

#define BORDER_PX 3
#define GAP_PX 4

static const guint8 colours[][3]
    = { { 0, 140, 60 }, { 210, 20, 30 }, { 30, 80, 200 } };

typedef struct
{
  const AxEpoch *epoch;
  guint n_columns;
  int side; /* of a picture */
  AxImage *image;
  guint n_rows; /* drawn */
} Sheet;

static int
get_cell_px (const Sheet *self)
{
  return self->side + 2 * BORDER_PX + GAP_PX;
}

static int
find_n_classes (const AxEpoch *epoch)
{
  int n = 0;
  for (guint i = 0; i < ax_epoch_get_n_samples (epoch); i++)
    n = MAX (n, ax_epoch_get_label (epoch, i) + 1);
  return n;
}

static guint
count_rows (const Sheet *self, int label)
{
  guint n = 0;
  for (guint i = 0; i < ax_epoch_get_n_samples (self->epoch); i++)
    n += ax_epoch_get_label (self->epoch, i) == label;
  return (n + self->n_columns - 1) / self->n_columns;
}

static gboolean
make_image (Sheet *self, int n_classes, GError **error)
{
  gint64 n_rows = 0;
  for (int label = 0; label < n_classes; label++)
    n_rows += count_rows (self, label);
  const gint64 width = (gint64)self->n_columns * get_cell_px (self) + GAP_PX;
  const gint64 height = n_rows * get_cell_px (self) + GAP_PX;
  if (width > AX_CONTACT_SHEET_MAX_PX / height)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "a sheet of %" G_GINT64_FORMAT " × %" G_GINT64_FORMAT
                   " px has more than %" G_GINT64_FORMAT " of them",
                   width, height, AX_CONTACT_SHEET_MAX_PX);
      return FALSE;
    }
  self->image = ax_image_new ((int)width, (int)height, 3, AX_SAMPLE_U8, error);
  if (self->image == NULL)
    return FALSE;
  memset (self->image->data, 255, (gsize)(width * height) * 3);
  return TRUE;
}

static guint8 *
get_pixel (const Sheet *self, int x, int y)
{
  return (guint8 *)self->image->data
         + 3 * ((gsize)y * (gsize)self->image->width + (gsize)x);
}

/* The picture with its border, whose corner is at (x, y). */
static void
draw_picture (const Sheet *self, int x, int y, int label, const guint8 *rgb)
{
  const guint8 *colour = colours[MIN (label, (int)G_N_ELEMENTS (colours) - 1)];
  const int side = self->side;
  for (int i = 0; i < side + 2 * BORDER_PX; i++)
    for (int j = 0; j < side + 2 * BORDER_PX; j++)
      memcpy (get_pixel (self, x + j, y + i), colour, 3);
  for (int i = 0; i < side; i++)
    memcpy (get_pixel (self, x + BORDER_PX, y + BORDER_PX + i),
            rgb + 3 * (gsize)i * (gsize)side, 3 * (gsize)side);
}

static gboolean
draw_class (Sheet *self, int label, AxSample *scratch, guint8 *rgb,
            GError **error)
{
  guint n = 0;
  for (guint i = 0; i < ax_epoch_get_n_samples (self->epoch); i++)
    {
      AxEpochSample sample = { .rgb = rgb };
      if (ax_epoch_get_label (self->epoch, i) != label)
        continue;
      if (!ax_epoch_read (self->epoch, i, scratch, &sample, error))
        return FALSE;
      const guint row = self->n_rows + n / self->n_columns;
      const guint column = n++ % self->n_columns;
      draw_picture (self, GAP_PX + (int)column * get_cell_px (self),
                    GAP_PX + (int)row * get_cell_px (self), label, rgb);
    }
  self->n_rows += count_rows (self, label);
  return TRUE;
}

static gboolean
draw_all (Sheet *self, GError **error)
{
  const int n_classes = find_n_classes (self->epoch);
  g_auto (AxSample) scratch = { 0 };
  g_autofree guint8 *rgb = g_malloc (3 * (gsize)self->side * (gsize)self->side);
  if (!make_image (self, n_classes, error))
    return FALSE;
  for (int label = 0; label < n_classes; label++)
    if (!draw_class (self, label, &scratch, rgb, error))
      return FALSE;
  return TRUE;
}

gboolean
ax_contact_sheet_save (const AxEpoch *epoch, guint n_columns, const char *path,
                       GError **error)
{
  g_return_val_if_fail (epoch != NULL && n_columns > 0 && path != NULL, FALSE);
  g_return_val_if_fail (ax_epoch_get_n_samples (epoch) > 0, FALSE);
  Sheet sheet = { .epoch = epoch,
                  .n_columns = n_columns,
                  .side = ax_epoch_get_side (epoch) };
  const gboolean done = draw_all (&sheet, error)
                        && ax_image_save_png (sheet.image, path, error);
  ax_image_free (sheet.image);
  return done;
}
