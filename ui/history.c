#include "ui/history.h"

typedef struct
{
  double before, after;
} Change;

struct _AxHistory
{
  GArray *changes; /* of Change */
  guint n_applied;
};

AxHistory *
ax_history_new (void)
{
  AxHistory *self = g_new0 (AxHistory, 1);

  self->changes = g_array_new (FALSE, FALSE, sizeof (Change));
  return self;
}

void
ax_history_free (AxHistory *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->changes);
  g_free (self);
}

void
ax_history_clear (AxHistory *self)
{
  g_array_set_size (self->changes, 0);
  self->n_applied = 0;
}

void
ax_history_push (AxHistory *self, double before, double after)
{
  Change change = { before, after };

  g_array_set_size (self->changes, self->n_applied);
  g_array_append_val (self->changes, change);
  self->n_applied++;
}

gboolean
ax_history_can_undo (const AxHistory *self)
{
  return self->n_applied > 0;
}

gboolean
ax_history_can_redo (const AxHistory *self)
{
  return self->n_applied < self->changes->len;
}

double
ax_history_undo (AxHistory *self)
{
  g_return_val_if_fail (ax_history_can_undo (self), 0.0);
  return g_array_index (self->changes, Change, --self->n_applied).before;
}

double
ax_history_redo (AxHistory *self)
{
  g_return_val_if_fail (ax_history_can_redo (self), 0.0);
  return g_array_index (self->changes, Change, self->n_applied++).after;
}
