#include "core/nn/engine-registry.h"

#include "core/base/error.h"
#include "core/base/trace.h"
#include "core/nn/engine-cpu.h"
#include "core/nn/engine-ref.h"

#include <gmodule.h>

#include <string.h>

#define MODULE_PREFIX "ax-engine-"
#define MODULE_SUFFIX "." G_MODULE_SUFFIX
#define MODULE_PATH_VARIABLE "AX_ENGINE_PATH"

typedef struct
{
  AxEngineInfo info;
  const AxEngineOps *ops;
} Entry;

typedef struct
{
  GArray *entries; /* Entry, while it is built */
  AxEngineInfo *infos;
  const AxEngineOps **ops;
  guint n_engines;
} Registry;

static const AxErrorCode status_codes[] = {
  [AX_STATUS_OK] = AX_ERROR_DEVICE, /* only ever a lie */
  [AX_STATUS_UNSUPPORTED] = AX_ERROR_UNSUPPORTED,
  [AX_STATUS_NO_DEVICE] = AX_ERROR_NO_DEVICE,
  [AX_STATUS_MEMORY] = AX_ERROR_MEMORY,
  [AX_STATUS_DEVICE] = AX_ERROR_DEVICE,
  [AX_STATUS_ARGUMENT] = AX_ERROR_DEVICE,
};

/* Text from a module may lack its end, hold line breaks or not be UTF-8. */
static void
make_line (char *text, gsize size)
{
  text[size - 1] = '\0';
  gboolean valid = g_utf8_validate (text, -1, NULL);
  for (char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c))
      *c = ' ';
    else if (!valid && (guchar)*c >= 0x80)
      *c = '?';
}

void
ax_engine_set_error (GError **error, const char *engine, AxStatus status,
                     AxEngineError *reason)
{
  make_line (reason->message, sizeof reason->message);
  AxErrorCode code = (guint)status < G_N_ELEMENTS (status_codes)
                         ? status_codes[status]
                         : AX_ERROR_DEVICE;
  if (reason->message[0] != '\0')
    g_set_error (error, AX_ERROR, code, "engine '%s': %s", engine,
                 reason->message);
  else
    g_set_error (error, AX_ERROR, code,
                 "engine '%s' failed without giving a reason (status %d)",
                 engine, (int)status);
}

static const struct
{
  const char *name;
  gsize offset;
} required_slots[] = {
  { "name", offsetof (AxEngineOps, name) },
  { "probe", offsetof (AxEngineOps, probe) },
  { "create", offsetof (AxEngineOps, create) },
  { "destroy", offsetof (AxEngineOps, destroy) },
  { "compile", offsetof (AxEngineOps, compile) },
  { "plan_free", offsetof (AxEngineOps, plan_free) },
  { "forward", offsetof (AxEngineOps, forward) },
};

static gboolean
check_ops (const AxEngineOps *ops, GError **error)
{
  const gsize required_size = offsetof (AxEngineOps, host_alloc);
  if (ops == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "has no table of operations");
      return FALSE;
    }
  if (ops->abi != AX_ENGINE_ABI)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_ABI,
                   "built for engine interface %u, this program has %u",
                   ops->abi, AX_ENGINE_ABI);
      return FALSE;
    }
  if (ops->size < required_size)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "its table of operations has %u bytes, at least "
                   "%" G_GSIZE_FORMAT " are needed",
                   ops->size, required_size);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (required_slots); i++)
    {
      gpointer slot;
      memcpy (&slot, (const char *)ops + required_slots[i].offset, sizeof slot);
      if (slot != NULL)
        continue;
      g_set_error (error, AX_ERROR, AX_ERROR_UNSUPPORTED,
                   "the required operation '%s' is missing",
                   required_slots[i].name);
      return FALSE;
    }
  return TRUE;
}

/* An error when the engine cannot be used. */
static gboolean
probe (const AxEngineOps *ops, AxEngineReport *report, GError **error)
{
  AxEngineError reason = { "" };
  AxStatus status = ops->probe (report, &reason);
  make_line (report->why, sizeof report->why);
  make_line (report->device, sizeof report->device);
  make_line (report->version, sizeof report->version);
  make_line (report->precision, sizeof report->precision);
  if (status == AX_STATUS_OK && report->usable)
    return TRUE;
  if (status == AX_STATUS_OK)
    status = AX_STATUS_NO_DEVICE;
  if (report->why[0] != '\0')
    g_strlcpy (reason.message, report->why, sizeof reason.message);
  ax_engine_set_error (error, ops->name, status, &reason);
  return FALSE;
}

static Entry *
find_usable (Registry *self, const char *name)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);
      if (entry->ops != NULL && strcmp (entry->info.name, name) == 0)
        return entry;
    }
  return NULL;
}

static void
add_refused (Registry *self, const char *name, const AxEngineReport *report,
             const GError *reason)
{
  Entry entry = { .info = { .name = g_intern_string (name),
                            .report = *report,
                            .code = reason->code } };
  entry.info.report.usable = FALSE;
  g_strlcpy (entry.info.report.why, reason->message,
             sizeof entry.info.report.why);
  make_line (entry.info.report.why, sizeof entry.info.report.why);
  ax_trace (AX_TRACE_ENGINE, "engine %s refused: %s", name, reason->message);
  g_array_append_val (self->entries, entry);
}

static void
add_ops (Registry *self, const AxEngineOps *ops)
{
  AxEngineReport report = { 0 };
  g_autoptr (GError) error = NULL;
  if (find_usable (self, ops->name) != NULL)
    {
      ax_trace (AX_TRACE_ENGINE, "a second engine %s is passed over",
                ops->name);
      return;
    }
  if (!probe (ops, &report, &error))
    {
      add_refused (self, ops->name, &report, error);
      return;
    }
  Entry entry
      = { .info = { .name = g_intern_string (ops->name), .report = report },
          .ops = ops };
  g_array_append_val (self->entries, entry);
}

/* The module's table, which stays loaded from then on. */
static const AxEngineOps *
load_ops (const char *path, GError **error)
{
  GModule *module
      = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  if (module == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_IO, "cannot be loaded: %s",
                   g_module_error ());
      return NULL;
    }
  gpointer symbol = NULL;
  const AxEngineOps *ops = NULL;
  if (!g_module_symbol (module, AX_ENGINE_SYMBOL, &symbol) || symbol == NULL)
    g_set_error (error, AX_ERROR, AX_ERROR_ABI,
                 "has no symbol " AX_ENGINE_SYMBOL
                 ": built for another version of this program");
  else
    {
      ops = ((AxEngineOpsFunc)symbol) ();
      if (!check_ops (ops, error))
        ops = NULL;
    }
  if (ops == NULL)
    g_module_close (module);
  else
    g_module_make_resident (module);
  return ops;
}

static void
add_module (Registry *self, const char *folder, const char *file)
{
  const AxEngineReport unknown = { 0 };
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autofree char *name = g_strndup (file + strlen (MODULE_PREFIX),
                                     strlen (file) - strlen (MODULE_PREFIX)
                                         - strlen (MODULE_SUFFIX));
  g_autoptr (GError) error = NULL;
  const AxEngineOps *ops = load_ops (path, &error);
  if (ops != NULL)
    {
      add_ops (self, ops);
      return;
    }
  /* The place last: the text may be cut. */
  g_autoptr (GError) placed = g_error_new (error->domain, error->code,
                                           "%s (%s)", error->message, path);
  add_refused (self, name, &unknown, placed);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
add_folder (Registry *self, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  if (dir == NULL)
    return;
  for (const char *file; (file = g_dir_read_name (dir)) != NULL;)
    if (g_str_has_prefix (file, MODULE_PREFIX)
        && g_str_has_suffix (file, MODULE_SUFFIX)
        && strlen (file) > strlen (MODULE_PREFIX MODULE_SUFFIX))
      g_ptr_array_add (files, g_strdup (file));
  g_ptr_array_sort (files, compare_names);
  for (guint i = 0; i < files->len; i++)
    add_module (self, folder, g_ptr_array_index (files, i));
}

/* Absolute folders only: never the current one. */
static GPtrArray *
list_folders (void)
{
  GPtrArray *folders = g_ptr_array_new_with_free_func (g_free);
  const char *path = g_getenv (MODULE_PATH_VARIABLE);
  g_auto (GStrv) parts
      = g_strsplit (path ? path : "", G_SEARCHPATH_SEPARATOR_S, -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (g_path_is_absolute (parts[i]))
      g_ptr_array_add (folders, g_strdup (parts[i]));
  g_ptr_array_add (folders, g_strdup (AX_ENGINE_DIR));
  return folders;
}

static void
add_missing (Registry *self, const char *name)
{
  for (guint i = 0; i < self->entries->len; i++)
    if (strcmp (g_array_index (self->entries, Entry, i).info.name, name) == 0)
      return;
  const AxEngineReport unknown = { 0 };
  g_autoptr (GPtrArray) folders = list_folders ();
  g_ptr_array_add (folders, NULL);
  g_autofree char *looked = g_strjoinv (", ", (char **)folders->pdata);
  g_autoptr (GError) error
      = g_error_new (AX_ERROR, AX_ERROR_NOT_FOUND, "no %s%s%s in %s",
                     MODULE_PREFIX, name, MODULE_SUFFIX, looked);
  add_refused (self, name, &unknown, error);
}

static int
get_rank (const char *name)
{
  static const char *const order[] = { "cuda", "cpu", "ref" };
  guint rank = 0;
  while (rank < G_N_ELEMENTS (order) && strcmp (name, order[rank]) != 0)
    rank++;
  return (int)rank;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;
  int difference = get_rank (x->info.name) - get_rank (y->info.name);
  return difference != 0 ? difference : (x->ops == NULL) - (y->ops == NULL);
}

static Registry *
registry_new (void)
{
  Registry *self = g_new0 (Registry, 1);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  add_ops (self, ax_engine_cpu_get_ops ());
  add_ops (self, ax_engine_ref_get_ops ());
  g_autoptr (GPtrArray) folders = list_folders ();
  for (guint i = 0; i < folders->len; i++)
    add_folder (self, g_ptr_array_index (folders, i));
  add_missing (self, "cuda");

  g_array_sort (self->entries, compare_entries);
  self->n_engines = self->entries->len;
  self->infos = g_new (AxEngineInfo, self->n_engines);
  self->ops = g_new (const AxEngineOps *, self->n_engines);
  for (guint i = 0; i < self->n_engines; i++)
    {
      self->infos[i] = g_array_index (self->entries, Entry, i).info;
      self->ops[i] = g_array_index (self->entries, Entry, i).ops;
    }
  g_clear_pointer (&self->entries, g_array_unref);
  return self;
}

/* Lives as long as the program. */
static const Registry *
get_registry (void)
{
  static Registry *registry;
  if (g_once_init_enter (&registry))
    g_once_init_leave (&registry, registry_new ());
  return registry;
}

const AxEngineInfo *
ax_engine_list (guint *n_engines)
{
  g_return_val_if_fail (n_engines != NULL, NULL);
  *n_engines = get_registry ()->n_engines;
  return get_registry ()->infos;
}

const AxEngineOps *
ax_engine_registry_get_ops (guint index)
{
  g_return_val_if_fail (index < get_registry ()->n_engines, NULL);
  return get_registry ()->ops[index];
}
