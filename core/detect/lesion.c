#include "core/detect/lesion-private.h"

#include <math.h>
#include <string.h>

#define ITC_MAX_UM 200.
#define MICRO_MAX_UM 2000.

/* Below it sizes are told in µm. */
#define SHORT_UM 100.

static const char *const class_names[] = {
  [AX_SIZE_UNKNOWN] = "unknown",
  [AX_SIZE_ITC] = "itc",
  [AX_SIZE_MICRO] = "micro",
  [AX_SIZE_MACRO] = "macro",
};

static const char *const mode_names[] = {
  [AX_SIZE_MODE_AJCC] = "ajcc",
  [AX_SIZE_MODE_CAMELYON16] = "camelyon16",
};

const char *
ax_size_class_get_name (AxSizeClass size_class)
{
  g_return_val_if_fail ((guint)size_class < G_N_ELEMENTS (class_names), NULL);

  return class_names[size_class];
}

const char *
ax_size_mode_get_name (AxSizeMode mode)
{
  g_return_val_if_fail ((guint)mode < G_N_ELEMENTS (mode_names), NULL);

  return mode_names[mode];
}

gboolean
ax_size_mode_from_name (const char *name, AxSizeMode *mode)
{
  g_return_val_if_fail (name != NULL && mode != NULL, FALSE);

  for (gsize i = 0; i < G_N_ELEMENTS (mode_names); i++)
    if (strcmp (name, mode_names[i]) == 0)
      {
        *mode = (AxSizeMode)i;
        return TRUE;
      }
  return FALSE;
}

AxSizeClass
ax_size_class_from_um (double diameter_um)
{
  if (!(diameter_um > 0))
    return AX_SIZE_UNKNOWN;
  if (diameter_um <= ITC_MAX_UM)
    return AX_SIZE_ITC;
  return diameter_um <= MICRO_MAX_UM ? AX_SIZE_MICRO : AX_SIZE_MACRO;
}

static gboolean
includes (const double interval_um[2], double limit_um)
{
  return interval_um[0] <= limit_um && interval_um[1] >= limit_um;
}

void
ax_lesion_find_borderline (AxLesion *lesion)
{
  lesion->borderline = includes (lesion->interval_um, ITC_MAX_UM)
                       || includes (lesion->interval_um, MICRO_MAX_UM);
}

AxLesionSet *
ax_lesion_set_ref (AxLesionSet *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
ax_lesion_set_unref (AxLesionSet *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->n_refs))
    return;
  for (guint i = 0; i < self->n_lesions; i++)
    if (self->lesions[i].contours != NULL)
      g_array_unref (self->lesions[i].contours);
  g_free (self->lesions);
  g_free (self->runs);
  g_free (self);
}

guint
ax_lesion_set_get_n_lesions (const AxLesionSet *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_lesions;
}

const AxLesion *
ax_lesion_set_get (const AxLesionSet *self, guint index)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (index < self->n_lesions, NULL);

  return &self->lesions[index];
}

const AxLesion *
ax_lesion_set_find (const AxLesionSet *self, guint id)
{
  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < self->n_lesions; i++)
    if (self->lesions[i].id == id)
      return &self->lesions[i];
  return NULL;
}

const AxLesionParams *
ax_lesion_set_get_params (const AxLesionSet *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return &self->params;
}

guint
ax_lesion_set_count (const AxLesionSet *self, AxSizeClass size_class)
{
  guint n_lesions = 0;

  g_return_val_if_fail (self != NULL, 0);

  for (guint i = 0; i < self->n_lesions; i++)
    n_lesions += self->lesions[i].size_class == size_class;
  return n_lesions;
}

gint64
ax_lesion_set_get_n_dropped (const AxLesionSet *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->n_dropped;
}

const AxLesion *
ax_lesion_set_at (const AxLesionSet *self, AxPoint0 point)
{
  double col, row;
  const AxRun *run;

  g_return_val_if_fail (self != NULL, NULL);

  col = floor (point.x / self->geometry.cell.x);
  row = floor (point.y / self->geometry.cell.y);
  if (!(col >= 0 && row >= 0 && col < self->geometry.width
        && row < self->geometry.height))
    return NULL;
  run = ax_runs_find (self->runs, self->n_runs, (gint32)col, (gint32)row);
  return run == NULL ? NULL : &self->lesions[run->label];
}

/* "4.12 mm", or "87 µm" where @in_um. */
static void
append_length (GString *text, double length_um, gboolean in_um)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (in_um)
    g_ascii_formatd (number, sizeof number, "%.0f", length_um);
  else
    g_ascii_formatd (number, sizeof number, "%.2f", length_um / 1000);
  g_string_append (text, number);
}

char *
ax_lesion_describe_size (const AxLesion *lesion)
{
  gboolean in_um, itc, macro;
  GString *text;

  g_return_val_if_fail (lesion != NULL, NULL);

  text = g_string_new (NULL);
  if (lesion->size_class == AX_SIZE_UNKNOWN)
    {
      g_string_append_printf (text, "%.0f px", lesion->diameter_px);
      return g_string_free (text, FALSE);
    }

  in_um = lesion->diameter_um < SHORT_UM;
  append_length (text, lesion->diameter_um, in_um);
  g_string_append (text, in_um ? " µm" : " mm");
  if (lesion->borderline)
    {
      itc = includes (lesion->interval_um, ITC_MAX_UM);
      macro = includes (lesion->interval_um, MICRO_MAX_UM);
      g_string_append (text, " (");
      append_length (text, lesion->interval_um[0], in_um);
      g_string_append_c (text, '-');
      append_length (text, lesion->interval_um[1], in_um);
      g_string_append_printf (text, "), borderline %smicro%s",
                              itc ? "ITC/" : "", macro ? "/macro" : "");
    }
  return g_string_free (text, FALSE);
}
