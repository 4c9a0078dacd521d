#include "core/export/result.h"

#include "core/export/json-writer.h"

static void
add_point (AxJsonWriter *json, const char *name, AxPoint0 point)
{
  ax_json_writer_add_doubles (json, name, (double[]){ point.x, point.y }, 2, 2);
}

/* A length or area that is null where µm/px is unknown. */
static void
add_um (AxJsonWriter *json, const char *name, double value, int digits,
        gboolean known)
{
  if (known)
    ax_json_writer_add_double (json, name, value, digits);
  else
    ax_json_writer_add_null (json, name);
}

static void
add_lesion (AxJsonWriter *json, const AxLesion *lesion, gboolean mpp_known)
{
  const double bbox[] = { lesion->bbox.x, lesion->bbox.y, lesion->bbox.width,
                          lesion->bbox.height };

  ax_json_writer_begin_object (json, NULL);
  ax_json_writer_add_int (json, "id", lesion->id);
  ax_json_writer_add_double (json, "score", lesion->score, 6);
  ax_json_writer_add_double (json, "mean", lesion->mean, 6);
  ax_json_writer_add_string (json, "class",
                             ax_size_class_get_name (lesion->size_class));
  ax_json_writer_add_bool (json, "borderline", lesion->borderline);
  add_um (json, "diameter_um", lesion->diameter_um, 2, mpp_known);
  ax_json_writer_add_double (json, "diameter_px", lesion->diameter_px, 2);
  if (mpp_known)
    ax_json_writer_add_doubles (json, "interval_um", lesion->interval_um, 2, 2);
  else
    ax_json_writer_add_null (json, "interval_um");
  add_um (json, "area_um2", lesion->area_um2, 2, mpp_known);
  ax_json_writer_begin_array (json, "caliper");
  add_point (json, NULL, lesion->caliper[0]);
  add_point (json, NULL, lesion->caliper[1]);
  ax_json_writer_end (json);
  add_point (json, "centroid", lesion->centroid);
  add_point (json, "hottest", lesion->hottest);
  ax_json_writer_add_doubles (json, "bbox", bbox, 4, 0);
  ax_json_writer_end (json);
}

static void
add_slide (AxJsonWriter *json, const AxResult *self)
{
  g_autofree char *path = g_filename_display_name (self->slide_path);
  gboolean known = self->mpp.x > 0 && self->mpp.y > 0;

  ax_json_writer_add_string (json, "file", path);
  ax_json_writer_add_int (json, "width", self->extent.width);
  ax_json_writer_add_int (json, "height", self->extent.height);
  add_um (json, "mpp", (self->mpp.x + self->mpp.y) / 2, 6, known);
  add_um (json, "mpp_x", self->mpp.x, 6, known);
  add_um (json, "mpp_y", self->mpp.y, 6, known);
}

static void
add_cascade (AxJsonWriter *json, const AxResultCascade *cascade)
{
  if (cascade == NULL)
    {
      ax_json_writer_add_null (json, "cascade");
      return;
    }
  ax_json_writer_begin_object (json, "cascade");
  ax_json_writer_add_string (json, "model", cascade->model_name);
  ax_json_writer_add_string (json, "model_hash", cascade->model_hash);
  ax_json_writer_add_double (json, "threshold", cascade->threshold, 6);
  ax_json_writer_add_double (json, "skipped_mm2", cascade->skipped_mm2, 4);
  ax_json_writer_add_double (json, "seconds", cascade->seconds, 3);
  ax_json_writer_end (json);
}

static void
add_run (AxJsonWriter *json, const AxResult *self)
{
  ax_json_writer_add_string (json, "model", self->model_name);
  ax_json_writer_add_string (json, "model_hash", self->model_hash);
  ax_json_writer_add_string (json, "engine", self->engine);
  ax_json_writer_add_string (json, "device", self->device);
  ax_json_writer_add_string (json, "shows", self->shows);
  if (self->alpha > 0)
    ax_json_writer_add_int (json, "alpha", self->alpha);
  else
    ax_json_writer_add_null (json, "alpha");
  ax_json_writer_add_double (json, "tissue_mm2", self->tissue_mm2, 4);
  ax_json_writer_add_double (json, "analysed_mm2", self->analysed_mm2, 4);
  ax_json_writer_add_double (json, "failed_mm2", self->failed_mm2, 4);
  ax_json_writer_add_double (json, "seconds", self->seconds, 3);
  ax_json_writer_add_double (json, "mpx_per_s", self->mpx_per_s, 3);
  add_cascade (json, self->cascade);
}

static void
add_lesions (AxJsonWriter *json, const AxResult *self)
{
  const AxLesionParams *params = ax_lesion_set_get_params (self->lesions);
  guint16 hottest = ax_prob_map_get_max (self->map);
  gboolean known = self->mpp.x > 0 && self->mpp.y > 0;
  static const struct
  {
    const char *name;
    AxSizeClass size_class;
  } classes[] = {
    { "itc", AX_SIZE_ITC },
    { "micro", AX_SIZE_MICRO },
    { "macro", AX_SIZE_MACRO },
    { "unknown", AX_SIZE_UNKNOWN },
  };

  ax_json_writer_add_double (json, "threshold", params->threshold, 6);
  ax_json_writer_add_string (json, "size_mode",
                             ax_size_mode_get_name (params->mode));
  ax_json_writer_add_int (json, "opening", params->opening);
  if (hottest != AX_PROB_NONE)
    ax_json_writer_add_double (json, "slide_score", ax_prob_value (hottest), 6);
  else
    ax_json_writer_add_null (json, "slide_score");

  ax_json_writer_begin_array (json, "lesions");
  for (guint i = 0; i < ax_lesion_set_get_n_lesions (self->lesions); i++)
    add_lesion (json, ax_lesion_set_get (self->lesions, i), known);
  ax_json_writer_end (json);

  ax_json_writer_begin_object (json, "counts");
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    ax_json_writer_add_int (
        json, classes[i].name,
        ax_lesion_set_count (self->lesions, classes[i].size_class));
  ax_json_writer_end (json);
}

void
ax_result_add_json (const AxResult *self, AxJsonWriter *json, const char *name)
{
  g_return_if_fail (self != NULL && json != NULL);

  ax_json_writer_begin_object (json, name);
  add_slide (json, self);
  add_run (json, self);
  add_lesions (json, self);
  ax_json_writer_add_string (json, "program", "axilla " AX_VERSION);
  ax_json_writer_add_string (json, "notice", AX_RESULT_NOTICE);
  ax_json_writer_end (json);
}

char *
ax_result_to_json (const AxResult *self, gboolean pretty)
{
  g_autoptr (AxJsonWriter) json = ax_json_writer_new (pretty);

  ax_result_add_json (self, json, NULL);
  return ax_json_writer_finish (json);
}
