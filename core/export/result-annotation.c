#include "core/export/result.h"

#include "core/base/parse.h"

#define GROUP "Tumor"
#define COLOR 0xc80000 /* QuPath's default for its class Tumor */
#define PROGRAM_KEY "program"
#define PROGRAM "axilla"
#define NOTICE_KEY "notice"

/* "macro 4.12mm", "itc 87um"; NULL where µm/px is unknown.  ASCII, since names
   also end up in tables of other programs. */
static char *
describe_size (const AxLesion *lesion)
{
  char number[AX_FORMAT_BUFFER];

  if (lesion->size_class == AX_SIZE_UNKNOWN)
    return NULL;
  if (lesion->diameter_um >= 1000)
    return g_strdup_printf (
        "%s %smm", ax_size_class_get_name (lesion->size_class),
        ax_format_decimal (number, lesion->diameter_um / 1000, 2));
  return g_strdup_printf ("%s %sum",
                          ax_size_class_get_name (lesion->size_class),
                          ax_format_decimal (number, lesion->diameter_um, 0));
}

/* Names differ, since formats that carry details by name need that. */
static char *
make_name (const AxLesion *lesion, guint part)
{
  GString *name = g_string_new (NULL);
  char score[AX_FORMAT_BUFFER];
  g_autofree char *size = describe_size (lesion);

  g_string_append_printf (name, "L%02u", lesion->id);
  if (part > 1)
    g_string_append_printf (name, " part %u", part);
  if (size != NULL)
    g_string_append_printf (name, " %s", size);
  g_string_append_printf (name, " p=%s",
                          ax_format_decimal (score, lesion->score, 2));
  return g_string_free (name, FALSE);
}

static void
add_details (AxAnnotation *annotation, const AxLesion *lesion,
             const AxResult *self)
{
  const AxLesionParams *params = ax_lesion_set_get_params (self->lesions);
  char number[AX_FORMAT_BUFFER];

  ax_annotation_add_measurement (annotation, "Max score", lesion->score);
  ax_annotation_add_measurement (annotation, "Mean score", lesion->mean);
  if (lesion->size_class != AX_SIZE_UNKNOWN)
    {
      ax_annotation_add_measurement (annotation, "Max diameter um",
                                     lesion->diameter_um);
      ax_annotation_add_measurement (annotation, "Min interval um",
                                     lesion->interval_um[0]);
      ax_annotation_add_measurement (annotation, "Max interval um",
                                     lesion->interval_um[1]);
      ax_annotation_add_measurement (annotation, "Area um^2", lesion->area_um2);
    }

  ax_annotation_add_metadata (annotation, "sizeClass",
                              ax_size_class_get_name (lesion->size_class));
  ax_annotation_add_metadata (annotation, "sizeMode",
                              ax_size_mode_get_name (params->mode));
  ax_annotation_add_metadata (annotation, "threshold",
                              ax_format_decimal (number, params->threshold, 6));
  if (self->model_name != NULL)
    {
      g_autofree char *model = g_strdup_printf (
          "%s sha256:%s", self->model_name, self->model_hash);

      ax_annotation_add_metadata (annotation, "model", model);
    }
  if (self->bounds_origin.x != 0 || self->bounds_origin.y != 0)
    ax_annotation_add_metadata (annotation, "origin",
                                "slide bounds, as QuPath crops");
  ax_annotation_add_metadata (annotation, NOTICE_KEY, AX_RESULT_NOTICE);
}

static void
add_lesion (AxAnnotationSet *set, const AxLesion *lesion, const AxResult *self)
{
  AxAnnotation *annotation = NULL;
  guint n_parts = 0;

  for (guint i = 0; i < lesion->contours->len; i++)
    {
      const AxLesionRing *ring
          = &g_array_index (lesion->contours, AxLesionRing, i);

      if (!ring->is_hole)
        {
          g_autofree char *name = make_name (lesion, ++n_parts);

          annotation
              = ax_annotation_set_add (set, AX_SHAPE_POLYGON, name, GROUP);
          annotation->color = COLOR;
          add_details (annotation, lesion, self);
        }
      ax_annotation_add_ring (annotation, ring->points, ring->n_points);
    }
}

static void
add_attributes (AxAnnotationGroup *group, const AxResult *self)
{
  const AxLesionParams *params = ax_lesion_set_get_params (self->lesions);
  char number[AX_FORMAT_BUFFER];

  ax_annotation_group_add_attribute (group, PROGRAM_KEY, PROGRAM);
  ax_annotation_group_add_attribute (group, "version", AX_VERSION);
  ax_annotation_group_add_attribute (group, NOTICE_KEY, AX_RESULT_NOTICE);
  ax_annotation_group_add_attribute (
      group, "threshold", ax_format_decimal (number, params->threshold, 6));
  ax_annotation_group_add_attribute (group, "size_mode",
                                     ax_size_mode_get_name (params->mode));
  ax_annotation_group_add_attribute (
      group, "opening", ax_format_decimal (number, params->opening, 0));
  if (self->model_name != NULL)
    {
      ax_annotation_group_add_attribute (group, "model", self->model_name);
      ax_annotation_group_add_attribute (group, "model_sha256",
                                         self->model_hash);
    }
  if (self->mpp.x > 0)
    {
      ax_annotation_group_add_attribute (
          group, "mpp_x", ax_format_decimal (number, self->mpp.x, 6));
      ax_annotation_group_add_attribute (
          group, "mpp_y", ax_format_decimal (number, self->mpp.y, 6));
    }
}

AxAnnotationSet *
ax_result_to_annotations (const AxResult *self)
{
  AxAnnotationSet *set = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  set = ax_annotation_set_new ();
  add_attributes (ax_annotation_set_add_group (set, GROUP, COLOR), self);
  for (guint i = 0; i < ax_lesion_set_get_n_lesions (self->lesions); i++)
    add_lesion (set, ax_lesion_set_get (self->lesions, i), self);
  return set;
}

/* @entries: (nullable) of AxMetadata */
static gboolean
says (const GPtrArray *entries, const char *key, const char *value)
{
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      const AxMetadata *entry = entries->pdata[i];

      if (g_str_equal (entry->key, key))
        return g_str_equal (entry->value, value);
    }
  return FALSE;
}

gboolean
ax_result_owns_annotations (const AxAnnotationSet *set)
{
  const AxAnnotationGroup *group = NULL;
  gboolean is_ours = FALSE;

  g_return_val_if_fail (set != NULL, FALSE);

  group = ax_annotation_set_find_group (set, GROUP);
  is_ours = group != NULL && says (group->attributes, PROGRAM_KEY, PROGRAM);
  if (!is_ours && set->annotations->len == 0)
    return FALSE;
  for (guint i = 0; i < set->annotations->len; i++)
    {
      const AxAnnotation *annotation = set->annotations->pdata[i];

      if (g_strcmp0 (annotation->group, GROUP) != 0
          || !(is_ours
               || says (annotation->metadata, NOTICE_KEY, AX_RESULT_NOTICE)))
        return FALSE;
    }
  return TRUE;
}
