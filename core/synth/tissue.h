#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** AxTissueSample: what the tissue is like at a point. */
typedef struct
{
  float depth;    /* µm under the capsule's outer face; negative outside */
  float follicle; /* 0..1: 1 in the middle of a germinal centre */
  float mantle;   /* 0..1: its dark rim */
  float sinus;    /* 0..1: open lymph space */
  float cord;     /* 0..1: packing of the lymphoid tissue */
  float stroma;   /* 0..1: collagen */
  float fiber;    /* a field whose contour lines are fibres, in µm */
  float fat;      /* 0..1 */
  float septum;   /* µm inside collagen outside the node */
  float wall;     /* µm inside a vessel's outer face; negative outside */
  float lumen;    /* µm inside its lumen; negative outside */
  float lesion;   /* µm inside a metastasis; negative outside */
  float nest;     /* there: > 0 epithelium, < 0 what lies between */
  float gland;    /* µm inside the lumen of a tumour gland */
  float mingle;   /* 0..1: lymphoid tissue between, rather than collagen */
  float foam;     /* 0..1: histiocytes crowd in sinuses; dying fat */
  float stain;    /* local strength, about 1 */
  float tear;     /* 0..1: a crack of bare glass */
} AxTissueSample;

G_END_DECLS
