#include "core/annot/asap-holes.h"

#include "core/annot/outlines.h"

#include <string.h>

#define HOLE_WORD "hole "

char *
ax_asap_hole_format_name (const char *name, guint n)
{
  g_return_val_if_fail (name != NULL, NULL);

  return g_strdup_printf ("%s%s" HOLE_WORD "%u", name, *name != '\0' ? " " : "",
                          n);
}

/* (nullable): what a name that ends in "hole N" has before it. */
static char *
name_of_owner (const char *name)
{
  const char *word = g_strrstr (name, HOLE_WORD);
  const char *number = word != NULL ? word + strlen (HOLE_WORD) : NULL;

  if (word == NULL || *number == '\0'
      || number[strspn (number, "0123456789")] != '\0')
    return NULL;
  if (word == name)
    return g_strdup ("");
  return word[-1] == ' ' ? g_strndup (name, word - 1 - name) : NULL;
}

gboolean
ax_asap_hole_is_candidate (const char *name, const char *group)
{
  g_autofree char *owner = NULL;

  g_return_val_if_fail (name != NULL, FALSE);

  owner = name_of_owner (name);
  return owner != NULL && g_strcmp0 (group, AX_ASAP_HOLE_GROUP) == 0;
}

static AxOutlines *
collect_outlines (const AxAnnotationSet *set)
{
  AxOutlines *outlines = ax_outlines_new ();

  for (guint i = 0; i < set->annotations->len; i++)
    if (ax_annotation_is_area (set->annotations->pdata[i]))
      ax_outlines_add (outlines, set->annotations->pdata[i]);
  return outlines;
}

/* Whether the group of holes is there for nothing once they are back. */
static gboolean
is_idle (const AxAnnotationSet *set, const char *name)
{
  const AxAnnotationGroup *group = ax_annotation_set_find_group (set, name);

  if (group == NULL || group->attributes != NULL)
    return FALSE;
  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];

      if (g_strcmp0 (annotation->group, name) == 0)
        return FALSE;
    }
  for (guint i = 0; i < set->groups->len; i++)
    {
      const AxAnnotationGroup *other = set->groups->pdata[i];

      if (g_strcmp0 (other->parent, name) == 0)
        return FALSE;
    }
  return TRUE;
}

static AxAnnotation *
add_like (AxAnnotationSet *set, const AxAnnotation *hole)
{
  AxAnnotation *annotation
      = ax_annotation_set_add (set, hole->kind, hole->name, hole->group);

  annotation->color = hole->color;
  ax_annotation_set_add_group (set, hole->group, -1);
  return annotation;
}

void
ax_asap_holes_restore (AxAnnotationSet *set, const AxAnnotationSet *holes)
{
  g_autoptr (AxOutlines) outlines = NULL;

  g_return_if_fail (set != NULL && holes != NULL);

  if (holes->annotations->len == 0)
    return;
  outlines = collect_outlines (set);
  for (guint i = 0; i < holes->annotations->len; i++)
    {
      const AxAnnotation *hole = holes->annotations->pdata[i];
      const AxPolyRing *ring = &g_array_index (hole->rings, AxPolyRing, 0);
      g_autofree char *name = name_of_owner (hole->name);
      AxAnnotation *target = ax_outlines_find (outlines, ring, name);

      if (target == NULL)
        target = add_like (set, hole);
      ax_annotation_add_ring (target, ring->points, ring->n_points);
    }
  if (is_idle (set, AX_ASAP_HOLE_GROUP))
    ax_annotation_set_remove_group (set, AX_ASAP_HOLE_GROUP);
}

void
ax_asap_holes_report_islands (const AxAnnotationSet *set, AxLosses *losses)
{
  g_autoptr (AxAnnotationSet) holes = ax_annotation_set_new ();
  g_autoptr (AxOutlines) outlines = NULL;

  g_return_if_fail (set != NULL && losses != NULL);

  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];

      for (guint j = 1; j < annotation->rings->len; j++)
        {
          const AxPolyRing *ring
              = &g_array_index (annotation->rings, AxPolyRing, j);

          ax_annotation_add_ring (
              ax_annotation_set_add (holes, AX_SHAPE_POLYGON, "", NULL),
              ring->points, ring->n_points);
        }
    }
  outlines = collect_outlines (holes);
  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];

      if (ax_annotation_is_area (annotation)
          && ax_outlines_find (
              outlines, &g_array_index (annotation->rings, AxPolyRing, 0),
              NULL))
        ax_losses_add (losses,
                       "in a hole, erased by readers that paint cut-outs last",
                       annotation->name);
    }
}
