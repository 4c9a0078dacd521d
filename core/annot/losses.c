#include "core/annot/losses.h"

#include <string.h>

typedef struct
{
  const char *why;
  char *first_name;
  guint n;
} Loss;

struct _AxLosses
{
  GArray *losses; /* of Loss */
};

static void
loss_clear (gpointer data)
{
  Loss *loss = data;

  g_free (loss->first_name);
}

AxLosses *
ax_losses_new (void)
{
  AxLosses *self = g_new0 (AxLosses, 1);

  self->losses = g_array_new (FALSE, FALSE, sizeof (Loss));
  g_array_set_clear_func (self->losses, loss_clear);
  return self;
}

void
ax_losses_free (AxLosses *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->losses);
  g_free (self);
}

void
ax_losses_add (AxLosses *self, const char *why, const char *name)
{
  Loss loss = { .why = why, .n = 1 };

  g_return_if_fail (self != NULL && why != NULL && name != NULL);

  for (guint i = 0; i < self->losses->len; i++)
    {
      Loss *known = &g_array_index (self->losses, Loss, i);

      if (strcmp (known->why, why) == 0)
        {
          known->n++;
          return;
        }
    }
  loss.first_name = g_strdup (name);
  g_array_append_val (self->losses, loss);
}

void
ax_losses_add_data (AxLosses *self, const AxAnnotation *annotation)
{
  g_return_if_fail (self != NULL && annotation != NULL);

  if (annotation->measurements != NULL)
    ax_losses_add (self, "measurements not written", annotation->name);
  if (annotation->metadata != NULL)
    ax_losses_add (self, "metadata not written", annotation->name);
}

void
ax_losses_report (const AxLosses *self, GPtrArray *list)
{
  g_return_if_fail (self != NULL && list != NULL);

  for (guint i = 0; i < self->losses->len; i++)
    {
      const Loss *loss = &g_array_index (self->losses, Loss, i);

      if (loss->n == 1)
        ax_skipped_list_add (
            list, 0, g_strdup_printf ("%s: '%s'", loss->why, loss->first_name));
      else
        ax_skipped_list_add (list, 0,
                             g_strdup_printf ("%s: '%s' and %u more", loss->why,
                                              loss->first_name, loss->n - 1));
    }
}
