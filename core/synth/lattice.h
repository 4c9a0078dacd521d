#pragma once

#include "core/synth/anatomy.h"
#include "core/synth/planes.h"

G_BEGIN_DECLS

/** The tissue is sampled this many pixels apart and interpolated between. */
#define AX_LATTICE_STEP 16

/** What to paint under the cells; all of it can be interpolated. */
typedef struct
{
  float h, e;     /* optical density of the ground */
  float grain;    /* strength of its texture */
  float gaps;     /* share of shrinkage clefts */
  float fibrous;  /* strength of fibres */
  float fiber;    /* their field, µm */
  float open;     /* µm inside bare space */
  float fat;      /* 0..1 */
  float strength; /* of all stain: local variation, folds */
  float pen;      /* µm inside a pen stroke */
  float focus;    /* -1 far out of focus .. 0 .. sharpened */
} AxGround;

/**
 * AxLattice: samples of the tissue around a rectangle of pixels.
 *
 * Thread: owner.
 */
typedef struct
{
  gint64 x, y; /* first pixel, a multiple of AX_LATTICE_STEP */
  int n_cols, n_rows;
  AxTissueSample *samples;
  AxGround *grounds;
} AxLattice;

/** Room for all pixels of a rectangle; the caller fills it. */
void ax_lattice_init (AxLattice *self, gint64 x, gint64 y, int width,
                      int height);
void ax_lattice_clear (AxLattice *self);

/** TRUE where ax_lattice_get() and a step to each side of it are possible. */
gboolean ax_lattice_contains (const AxLattice *self, double x, double y);

/** All fields at a pixel, bilinear. */
void ax_lattice_get (const AxLattice *self, double x, double y,
                     AxTissueSample *sample);

/** Direction of the fibres, or of the nearest vessel's wall, 0..pi. */
double ax_lattice_get_direction (const AxLattice *self, double x, double y);

/** @row: out, n_cols grounds on pixel row @y */
void ax_lattice_get_row (const AxLattice *self, gint64 y, AxGround *row);

G_END_DECLS
