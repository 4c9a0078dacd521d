#include "ui/self-test.h"

#include "core/base/parse.h"
#include "core/base/thread.h"
#include "ui/errand.h"

#include <glib/gi18n.h>

struct _AxSelfTest
{
  GObject parent_instance;

  char *text;
  gboolean has_failed;
};

typedef struct
{
  AxModel *model;
  char *engine;
  AxModelCheck check;
} Job;

enum
{
  PROP_TEXT = 1,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (AxSelfTest, ax_self_test, G_TYPE_OBJECT)

static void
job_free (gpointer data)
{
  Job *job = data;

  ax_model_unref (job->model);
  g_free (job->engine);
  g_free (job);
}

static gpointer
test_thread (gpointer data)
{
  g_autoptr (GTask) task = data;
  Job *job = g_task_get_task_data (task);
  const char *path = ax_weights_get_path (ax_model_get_weights (job->model));
  GError *error = NULL;

  ax_thread_give_way ();
  if (ax_model_check_run (job->model, job->engine, 0, &job->check, &error)
      && ax_model_check_judge (
          &job->check, path != NULL ? path : ax_model_get_name (job->model),
          &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  return NULL;
}

static char *
describe (const AxModelCheck *check)
{
  char difference[AX_FORMAT_BUFFER], glass[AX_FORMAT_BUFFER];

  ax_format_decimal (glass, check->glass, 4);
  if (!check->has_tile)
    return g_strdup_printf (
        _ ("passed: bare glass %s, under 0.5; the file holds no tile to try"),
        glass);
  return g_strdup_printf (
      _ ("passed: stored tile off by %s, at most 0.0001; bare glass %s, under "
         "0.5"),
      ax_format_decimal (difference, check->tile_difference, 6), glass);
}

static void
set_text (AxSelfTest *self, char *text)
{
  g_free (self->text);
  self->text = text;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TEXT]);
}

static void
on_tested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AxSelfTest *self = AX_SELF_TEST (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  ax_errand_end ();
  self->has_failed = !g_task_propagate_boolean (G_TASK (result), &error);
  set_text (self, self->has_failed
                      ? g_strdup_printf (_ ("failed: %s"), error->message)
                      : describe (&job->check));
}

static AxSelfTest *
self_test_new (AxModel *model, const char *engine)
{
  AxSelfTest *self = g_object_new (AX_TYPE_SELF_TEST, NULL);
  GTask *task = g_task_new (self, NULL, on_tested, NULL);
  Job *job = g_new0 (Job, 1);

  job->model = ax_model_ref (model);
  job->engine = g_strdup (engine);
  g_task_set_task_data (task, job, job_free);
  ax_errand_begin ();
  g_thread_unref (g_thread_new ("self-test", test_thread, task));
  return self;
}

AxSelfTest *
ax_self_test_get (AxModel *model, const char *engine)
{
  static GHashTable *tests; /* (owned) "HASH ENGINE" -> AxSelfTest */
  g_autofree char *key = NULL;
  AxSelfTest *self;

  g_return_val_if_fail (model != NULL && engine != NULL, NULL);
  if (tests == NULL)
    tests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                   g_object_unref);
  key = g_strdup_printf ("%s %s", ax_model_get_hash (model), engine);
  self = g_hash_table_lookup (tests, key);
  if (self == NULL)
    {
      self = self_test_new (model, engine);
      g_hash_table_insert (tests, g_steal_pointer (&key), self);
    }
  return self;
}

const char *
ax_self_test_get_text (AxSelfTest *self)
{
  g_return_val_if_fail (AX_IS_SELF_TEST (self), NULL);
  return self->text;
}

gboolean
ax_self_test_has_failed (AxSelfTest *self)
{
  g_return_val_if_fail (AX_IS_SELF_TEST (self), FALSE);
  return self->has_failed;
}

static void
ax_self_test_get_property (GObject *object, guint prop, GValue *value,
                           GParamSpec *pspec)
{
  if (prop == PROP_TEXT)
    g_value_set_string (value, AX_SELF_TEST (object)->text);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
}

static void
ax_self_test_finalize (GObject *object)
{
  g_free (AX_SELF_TEST (object)->text);
  G_OBJECT_CLASS (ax_self_test_parent_class)->finalize (object);
}

static void
ax_self_test_class_init (AxSelfTestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ax_self_test_get_property;
  object_class->finalize = ax_self_test_finalize;
  props[PROP_TEXT] = g_param_spec_string (
      "text", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ax_self_test_init (AxSelfTest *self)
{
  self->text = g_strdup (_ ("waits for the engine"));
}
