#pragma once

#include "core/synth/planes.h"

G_BEGIN_DECLS

/**
 * Pictures of single cells, drawn once and stamped many times.
 *
 * A stamp is a square of @size pixels in three planes: how much it covers,
 * and the haematoxylin and eosin it has there, in AX_STAIN_UNIT per unit of
 * optical density.
 */
typedef struct
{
  int size;
  guint8 *cover, *h, *e; /* (size, size) */
} AxStamp;

typedef enum
{
  AX_CELL_LYMPHOCYTE,
  AX_CELL_ACTIVATED,  /* larger, paler lymphoid cell */
  AX_CELL_CENTROCYTE, /* of a germinal centre */
  AX_CELL_MACROPHAGE, /* with swallowed debris in a clear space */
  AX_CELL_HISTIOCYTE, /* of a sinus: pale nucleus, foamy cytoplasm */
  AX_CELL_SPINDLE,    /* fibroblast, endothelium; variant = direction */
  AX_CELL_RED,
  AX_CELL_TUMOR_BODY, /* drawn for a whole nest first, so that no */
  AX_CELL_TUMOR,      /* neighbour's body covers a nucleus */
  AX_CELL_MITOSIS,
  AX_N_CELL_KINDS,
} AxCellKind;

#define AX_STAMP_VARIANTS 64

/** What a slide's tumour cells are like; drawn once a slide. */
typedef struct
{
  double size;         /* of nuclei, 1 is usual */
  double pallor;       /* 0 dark and even .. 1 pale with a sharp rim */
  double pleomorphism; /* 0..1, how unlike each other */
  double cytoplasm;    /* how much of it, 1 is usual */
  double eosin;        /* its colour, 1 is usual */
} AxTumorCells;

/** Any carcinoma of the breast, by @seed. */
AxTumorCells ax_tumor_cells_draw (guint64 seed);

/**
 * AxStampBank: AX_STAMP_VARIANTS stamps of each kind.  Spindle variant v lies
 * at angle pi * v / AX_STAMP_VARIANTS.
 *
 * Thread: any; immutable.
 */
typedef struct _AxStampBank AxStampBank;

AxStampBank *ax_stamp_bank_new (guint64 seed, double mpp,
                                const AxTumorCells *tumor);
void ax_stamp_bank_free (AxStampBank *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxStampBank, ax_stamp_bank_free)

const AxStamp *ax_stamp_bank_get (const AxStampBank *self, AxCellKind kind,
                                  guint variant);

/** How far apart tumour cells lie. */
double ax_stamp_bank_get_tumor_pitch_um (const AxStampBank *self);

/** Half the side of the largest stamp, in pixels. */
int ax_stamp_bank_get_reach (const AxStampBank *self);

G_END_DECLS
