#pragma once

#include <glib.h>

G_BEGIN_DECLS

/** @v within 0..1. */
static inline float
ax_blend_unit (float v)
{
  return CLAMP (v, 0.f, 1.f);
}

/** From 0 at @from smoothly to 1 at @to, which may lie below. */
static inline float
ax_blend_step (float from, float to, float v)
{
  float t = ax_blend_unit ((v - from) / (to - from));

  return t * t * (3.f - 2.f * t);
}

G_END_DECLS
