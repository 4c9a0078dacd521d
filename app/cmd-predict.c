#include "app/commands.h"

#include "app/classifier.h"
#include "app/console.h"
#include "app/interrupt.h"
#include "app/option.h"
#include "app/progress.h"
#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/slide/image.h"

#include <string.h>

#define BATCH 32
#define MAX_PIXELS (100 * 1000 * 1000)

/* Pictures read, and the results so far. */
typedef struct
{
  AxCall *call;
  int field;
  guint n_seen;
  const char *paths[BATCH]; /* of the fields in the batch */
  int n_waiting;
  AxJsonWriter *json; /* (nullable) */
  AxProgress *bar;
} Prediction;

/* Copies the centre field; an odd rest goes to the right and bottom. */
static gboolean
read_field (const char *path, int field, guint8 *rgb, GError **error)
{
  g_autoptr (AxImage) image = ax_image_load_rgb (path, MAX_PIXELS, error);
  const guint8 *pixels = NULL;
  gsize left, top;

  if (image == NULL)
    return FALSE;
  if (image->width < field || image->height < field)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: %d × %d px is smaller than the network's field of %d",
                   name, image->width, image->height, field);
      return FALSE;
    }

  pixels = image->data;
  left = (image->width - field) / 2;
  top = (image->height - field) / 2;
  for (gsize y = 0; y < (gsize)field; y++)
    memcpy (rgb + y * field * 3, pixels + ((top + y) * image->width + left) * 3,
            (gsize)field * 3);
  return TRUE;
}

static void
print_row (Prediction *self, const char *path, double probability)
{
  g_autofree char *name = g_filename_display_name (path);
  char number[AX_FORMAT_BUFFER];

  if (self->json != NULL)
    {
      ax_json_writer_begin_object (self->json, NULL);
      ax_json_writer_add_string (self->json, "file", name);
      ax_json_writer_add_double (self->json, "probability", probability, 8);
      ax_json_writer_end (self->json);
    }
  else
    ax_console_print ("%-8s  %s\n", ax_format_decimal (number, probability, 6),
                      name);
}

static gboolean
run_batch (Prediction *self, AxClassifier *classifier, GError **error)
{
  double probabilities[BATCH];

  if (self->n_waiting == 0)
    return TRUE;
  if (!ax_classifier_run (classifier, self->n_waiting, probabilities, error))
    return FALSE;
  ax_progress_wipe (self->bar);
  for (int i = 0; i < self->n_waiting; i++)
    print_row (self, self->paths[i], probabilities[i]);
  self->n_waiting = 0;
  return TRUE;
}

/* A picture that cannot be read is reported; the others go on. */
static void
add_picture (Prediction *self, AxClassifier *classifier, const char *path)
{
  g_autoptr (GError) error = NULL;
  guint8 *rgb = ax_classifier_get_input (classifier, self->n_waiting);

  self->n_seen++;
  if (read_field (path, self->field, rgb, &error))
    self->paths[self->n_waiting++] = path;
  else
    {
      ax_progress_wipe (self->bar);
      ax_console_report (error);
      self->call->failed = TRUE;
    }
}

static gboolean
predict_all (Prediction *self, AxClassifier *classifier, GError **error)
{
  GCancellable *cancellable = ax_interrupt_watch ();
  g_autoptr (AxProgress) bar
      = ax_progress_new ("predict", self->call->progress);
  guint n_pictures = self->call->n_arguments;

  self->bar = bar;
  for (guint i = 0; i < n_pictures; i++)
    {
      g_autofree char *details
          = g_strdup_printf ("%u of %u", self->n_seen, n_pictures);

      if (ax_interrupt_check (cancellable, error))
        return FALSE;
      ax_progress_update (bar, (double)self->n_seen / n_pictures, details);
      add_picture (self, classifier, self->call->arguments[i]);
      if (self->n_waiting == BATCH && !run_batch (self, classifier, error))
        return FALSE;
    }
  return run_batch (self, classifier, error);
}

static gboolean
run_predict (AxCall *call, GError **error)
{
  const char *engine = NULL;
  int n_threads = 0;
  g_autoptr (AxModel) model = NULL;
  g_autoptr (AxClassifier) classifier = NULL;
  g_autoptr (AxJsonWriter) json = NULL;
  Prediction self = { .call = call };

  if (!ax_option_engine (&engine, &n_threads, error))
    return FALSE;
  model = ax_option_load_model (error);
  if (model == NULL)
    return FALSE;
  self.field = ax_model_get_field (model);
  classifier = ax_classifier_new (model, engine, n_threads, BATCH, error);
  if (classifier == NULL)
    return FALSE;

  if (call->json)
    {
      json = self.json = ax_json_writer_new (TRUE);
      ax_json_writer_begin_object (json, NULL);
      ax_json_writer_add_string (json, "model", ax_model_get_name (model));
      ax_json_writer_add_string (json, "model_hash", ax_model_get_hash (model));
      ax_json_writer_begin_array (json, "rows");
    }
  if (!predict_all (&self, classifier, error))
    return FALSE;
  if (call->json)
    {
      ax_json_writer_end (json);
      ax_console_print_json (json);
    }
  return TRUE;
}

const AxCommand ax_command_predict = {
  .name = "predict",
  .section = "Find tumour",
  .summary = "tumour probability of single pictures, one field each",
  .usage = "[--model MODEL] IMAGE...",
  .details
  = "Runs the network once on the centre of each picture (JPEG, PNG or TIFF), "
    "taken as it is: the picture must have the network's µm/px, which "
    "`model info` tells, and be at least one field large. One line a picture: "
    "the probability and the file.",
  .examples = "predict --model weights.safetensors patch.jpg\n"
              "predict --model weights.safetensors --json patches/*.jpg",
  .options
  = (const GOptionEntry *const[]){ ax_model_options, ax_engine_options, NULL },
  .min_arguments = 1,
  .max_arguments = G_MAXUINT,
  .run = run_predict,
};
