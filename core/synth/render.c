#include "core/synth/render.h"

#include "core/synth/cells.h"
#include "core/synth/ground.h"
#include "core/synth/marks.h"
#include "core/synth/noise.h"
#include "core/synth/optics.h"
#include "core/synth/stain.h"

#include <math.h>

/* Of the optics, and a step beyond the cells. */
#define MAX_MARGIN 40

struct _AxSynthRender
{
  const AxAnatomy *anatomy;
  AxSynthLooks looks;
  AxStampBank *bank;
  AxGroundPainter *painter;
  AxMarks *marks;
  AxStainMix *stain;
  AxNoiseTexture *noise; /* of the scanner */
};

AxSynthRender *
ax_synth_render_new (const AxAnatomy *anatomy, double width_um,
                     double height_um, const AxSynthLooks *looks)
{
  AxSynthRender *self = g_new0 (AxSynthRender, 1);
  AxMarksSpec marks
      = { .folds = looks->folds, .pen = looks->pen, .defocus = looks->defocus };
  AxTumorCells tumor = ax_tumor_cells_draw (looks->seed);

  self->anatomy = anatomy;
  self->looks = *looks;
  self->bank = ax_stamp_bank_new (looks->seed + 1, looks->mpp, &tumor);
  self->painter = ax_ground_painter_new (looks->seed, looks->mpp);
  self->marks = ax_marks_new (looks->seed, width_um, height_um, &marks);
  self->stain = ax_stain_mix_new (looks->seed, looks->stain_variation);
  self->noise = ax_noise_texture_new (looks->seed + 4, 4, 3);
  return self;
}

void
ax_synth_render_free (AxSynthRender *self)
{
  if (self == NULL)
    return;
  ax_stamp_bank_free (self->bank);
  ax_ground_painter_free (self->painter);
  ax_marks_free (self->marks);
  ax_stain_mix_free (self->stain);
  g_free (self->noise);
  g_free (self);
}

gboolean
ax_synth_render_touches (const AxSynthRender *self, gint64 x, gint64 y,
                         int width, int height)
{
  double mpp = self->looks.mpp;
  double half = hypot (width, height) * mpp / 2;

  return ax_anatomy_touches (self->anatomy, x * mpp, y * mpp, width * mpp,
                             height * mpp)
         || ax_marks_get_pen (self->marks, (x + width / 2.0) * mpp,
                              (y + height / 2.0) * mpp)
                > -half - 20.0;
}

/* Samples the tissue; returns the lowest focus. */
static float
fill_lattice (const AxSynthRender *self, AxLattice *lattice)
{
  double mpp = self->looks.mpp;
  float least = G_MAXFLOAT;

  for (int r = 0; r < lattice->n_rows; r++)
    for (int c = 0; c < lattice->n_cols; c++)
      {
        double x = (lattice->x + c * AX_LATTICE_STEP) * mpp;
        double y = (lattice->y + r * AX_LATTICE_STEP) * mpp;
        AxTissueSample *sample = &lattice->samples[r * lattice->n_cols + c];
        AxGround *ground = &lattice->grounds[r * lattice->n_cols + c];

        ax_anatomy_sample (self->anatomy, x, y, sample);
        *ground = ax_ground_settle (sample);
        if (sample->depth > 0.f)
          ground->strength
              *= 1.f + 0.8f * ax_marks_get_fold (self->marks, x, y);
        ground->pen = ax_marks_get_pen (self->marks, x, y);
        ground->focus = ax_marks_get_focus (self->marks, x, y);
        least = MIN (least, ground->focus);
      }
  return least;
}

static void
put_color (const AxSynthRender *self, guint8 h, guint8 e, gint64 x, gint64 y,
           guint8 *out)
{
  const guint8 *color = ax_stain_mix_get (self->stain, h, e);
  int noise = (ax_noise_texture_get (self->noise, x, y) - 128) / 24;

  for (int k = 0; k < 3; k++)
    out[k] = (guint8)CLAMP (color[k] + noise, 0, 255);
}

/* Turns the middle of the planes into colour. */
static void
develop (const AxSynthRender *self, const AxLattice *lattice,
         const AxStainPlanes *planes, int margin, guint8 *rgb)
{
  g_autofree AxGround *row = g_new (AxGround, lattice->n_cols);

  for (int j = margin; j < planes->height - margin; j++)
    {
      ax_lattice_get_row (lattice, planes->y + j, row);
      for (int i = margin; i < planes->width - margin; i++, rgb += 3)
        {
          gsize p = (gsize)j * planes->width + i;
          gint64 x = planes->x + i - lattice->x;
          const AxGround *at = &row[x / AX_LATTICE_STEP];

          put_color (self, planes->h[p], planes->e[p], planes->x + i,
                     planes->y + j, rgb);
          if (at[0].pen > 0.f || at[1].pen > 0.f)
            {
              float t = (float)(x % AX_LATTICE_STEP) / AX_LATTICE_STEP;

              ax_marks_ink (self->marks,
                            at[0].pen + t * (at[1].pen - at[0].pen), rgb);
            }
        }
    }
}

/* Bare glass with the scanner's noise. */
static void
develop_glass (const AxSynthRender *self, gint64 x, gint64 y, int width,
               int height, guint8 *rgb)
{
  for (int j = 0; j < height; j++)
    for (int i = 0; i < width; i++)
      put_color (self, 0, 0, x + i, y + j, rgb + ((gsize)j * width + i) * 3);
}

void
ax_synth_render_draw (const AxSynthRender *self, gint64 x, gint64 y, int width,
                      int height, guint8 *rgb)
{
  int reach = ax_stamp_bank_get_reach (self->bank) + MAX_MARGIN;
  g_autofree guint8 *memory = NULL;
  AxStainPlanes planes;
  AxLattice lattice;
  float least;
  int margin;

  if (!ax_synth_render_touches (self, x, y, width, height))
    {
      develop_glass (self, x, y, width, height, rgb);
      return;
    }
  ax_lattice_init (&lattice, x - reach, y - reach, width + 2 * reach,
                   height + 2 * reach);
  least = fill_lattice (self, &lattice);
  margin = ax_optics_get_margin (least);
  planes = (AxStainPlanes){ .x = x - margin,
                            .y = y - margin,
                            .width = width + 2 * margin,
                            .height = height + 2 * margin };
  memory = g_malloc (2 * (gsize)planes.width * planes.height);
  planes.h = memory;
  planes.e = memory + (gsize)planes.width * planes.height;
  ax_ground_painter_paint (self->painter, &lattice, &planes);
  ax_cells_place (self->bank, self->looks.seed, self->looks.mpp, &lattice,
                  &planes);
  ax_optics_apply (&planes, &lattice, least);
  develop (self, &lattice, &planes, margin, rgb);
  ax_lattice_clear (&lattice);
}
