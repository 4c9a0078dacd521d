#include "core/detect/components.h"

#include "core/base/error.h"
#include "core/detect/morphology.h"

void
ax_components_free (AxComponents *self)
{
  if (self == NULL)
    return;
  g_free (self->runs);
  g_free (self->grouped);
  g_free (self->offsets);
  g_free (self);
}

/* Labels runs with the component, of the dilated and filled plane, that holds
 * them. */
static gboolean
label_bridged (AxComponents *self, AxBitPlane *plane, double bridge,
               AxScale cell, GError **error)
{
  g_autofree AxRun *bridged = NULL;
  gsize n_bridged, holder = 0;

  if (!ax_bit_plane_dilate (plane, bridge, cell, error)
      || !ax_bit_plane_fill_holes (plane, error))
    return FALSE;
  bridged = ax_bit_plane_find_runs (plane, &n_bridged, error);
  if (bridged == NULL
      || !ax_runs_label (bridged, n_bridged, AX_CONNECTIVITY_8,
                         &self->n_components, error))
    return FALSE;

  for (gsize i = 0; i < self->n_runs; i++)
    {
      AxRun *run = &self->runs[i];

      while (bridged[holder].row < run->row
             || bridged[holder].end <= run->start)
        holder++;
      run->label = bridged[holder].label;
    }
  return TRUE;
}

static gboolean
group (AxComponents *self, GError **error)
{
  self->grouped = g_try_new (AxRun, MAX (self->n_runs, 1));
  self->offsets = g_try_new (gsize, (gsize)self->n_components + 1);
  if (self->grouped == NULL || self->offsets == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_MEMORY,
                   "no memory for %u components of %" G_GSIZE_FORMAT " runs",
                   self->n_components, self->n_runs);
      return FALSE;
    }
  ax_runs_group (self->runs, self->n_runs, self->n_components, self->grouped,
                 self->offsets);
  return TRUE;
}

AxComponents *
ax_components_new (AxBitPlane *plane, int opening, double bridge, AxScale cell,
                   GError **error)
{
  g_autoptr (AxComponents) self = NULL;
  gboolean labelled;

  g_return_val_if_fail (plane != NULL, NULL);
  g_return_val_if_fail (bridge >= 0, NULL);

  if (!ax_bit_plane_open (plane, opening, error))
    return NULL;
  self = g_new0 (AxComponents, 1);
  self->runs = ax_bit_plane_find_runs (plane, &self->n_runs, error);
  if (self->runs == NULL)
    return NULL;
  if (bridge > 0)
    labelled = label_bridged (self, plane, bridge, cell, error);
  else
    labelled = ax_runs_label (self->runs, self->n_runs, AX_CONNECTIVITY_8,
                              &self->n_components, error);
  if (!labelled || !group (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

AxFeret
ax_components_measure (const AxComponents *self, guint component, AxScale cell)
{
  g_return_val_if_fail (self != NULL, (AxFeret){ 0 });
  g_return_val_if_fail (component < self->n_components, (AxFeret){ 0 });

  return ax_feret_measure (
      self->grouped + self->offsets[component],
      self->offsets[component + 1] - self->offsets[component], cell);
}
