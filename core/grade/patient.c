#include "core/grade/patient.h"

#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/base/parse.h"
#include "core/grade/slide-name.h"

#include <string.h>

#define NODE_MARK "_node_"
#define PATIENT_ENDING ".zip"
#define NODES_MAX 10000

/* The two columns of a file in CAMELYON17's layout. */
typedef struct
{
  AxCsv *csv;        /* (owned) */
  char *path;        /* (owned): for messages */
  guint first_row;   /* after the header */
  guint name, stage; /* columns */
} Layout;

static void
layout_clear (Layout *self)
{
  ax_csv_free (self->csv);
  g_free (self->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Layout, layout_clear)

static void
node_free (gpointer data)
{
  AxNode *self = data;

  g_free (self->name);
  g_free (self);
}

static void
patient_free (gpointer data)
{
  AxPatient *self = data;

  g_free (self->id);
  g_ptr_array_unref (self->nodes);
  g_free (self);
}

static void
patient_stage_free (gpointer data)
{
  AxPatientStage *self = data;

  g_free (self->id);
  g_free (self);
}

static gboolean
layout_read (Layout *self, const char *path, GError **error)
{
  self->path = g_filename_display_name (path);
  self->csv = ax_csv_read (path, error);
  if (self->csv == NULL)
    return FALSE;
  if (ax_csv_get_n_rows (self->csv) > 0
      && ax_csv_find_column (self->csv, "stage") >= 0)
    {
      self->first_row = 1;
      return ax_csv_need_column (self->csv, "patient", &self->name, error)
             && ax_csv_need_column (self->csv, "stage", &self->stage, error);
    }
  self->stage = 1;
  if (ax_csv_get_n_columns (self->csv) >= 2)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: has no columns 'patient' and 'stage'", self->path);
  return FALSE;
}

/* A list of slides, of which nothing but the names counts. */
static gboolean
layout_read_names (Layout *self, const char *path, GError **error)
{
  int column;

  self->path = g_filename_display_name (path);
  self->csv = ax_csv_read (path, error);
  if (self->csv == NULL || ax_csv_get_n_rows (self->csv) == 0)
    return self->csv != NULL;
  column = ax_slide_name_find_column (self->csv);
  self->first_row = column >= 0;
  self->name = MAX (column, 0);
  return TRUE;
}

static gboolean
is_patient_row (const Layout *layout, guint row)
{
  return g_str_has_suffix (ax_csv_get (layout->csv, row, layout->name),
                           PATIENT_ENDING);
}

/* (transfer full) (nullable): the patient of a node's row. */
static char *
parse_node (const Layout *layout, guint row, guint *number, GError **error)
{
  const char *name = ax_csv_get (layout->csv, row, layout->name);
  const char *mark = g_strrstr (name, NODE_MARK);
  g_autofree char *digits = NULL;
  gint64 value = 0;

  if (mark != NULL && mark > name)
    {
      digits = g_strdup (mark + strlen (NODE_MARK));
      digits[strcspn (digits, ".")] = '\0';
      if (ax_parse_int (digits, "node", 0, NODES_MAX, &value, NULL))
        {
          *number = value;
          return g_strndup (name, mark - name);
        }
    }
  ax_csv_set_error (layout->csv, row, error,
                    "'%s' is not named PATIENT" NODE_MARK "NUMBER", name);
  return NULL;
}

static AxPatient *
find_patient (GPtrArray *patients, GHashTable *by_id, const char *id)
{
  AxPatient *patient = g_hash_table_lookup (by_id, id);

  if (patient != NULL)
    return patient;
  patient = g_new0 (AxPatient, 1);
  patient->id = g_strdup (id);
  patient->nodes = g_ptr_array_new_with_free_func (node_free);
  g_ptr_array_add (patients, patient);
  g_hash_table_insert (by_id, patient->id, patient);
  return patient;
}

static gboolean
has_node (const AxPatient *patient, guint number)
{
  for (guint i = 0; i < patient->nodes->len; i++)
    if (((AxNode *)patient->nodes->pdata[i])->number == number)
      return TRUE;
  return FALSE;
}

static gboolean
add_node (const Layout *layout, guint row, GPtrArray *patients,
          GHashTable *by_id, GError **error)
{
  const char *text = ax_csv_get (layout->csv, row, layout->stage);
  AxNode *node = NULL;
  AxPatient *patient = NULL;
  AxNodeClass node_class;
  guint number = 0;
  g_autofree char *id = parse_node (layout, row, &number, error);

  if (id == NULL)
    return FALSE;
  if (!ax_node_class_from_name (text, &node_class))
    {
      ax_csv_set_error (layout->csv, row, error,
                        "'%s' is not one of negative, itc, micro, macro", text);
      return FALSE;
    }
  patient = find_patient (patients, by_id, id);
  if (has_node (patient, number))
    {
      ax_csv_set_error (layout->csv, row, error,
                        "node %u of %s comes a second time", number, id);
      return FALSE;
    }

  node = g_new0 (AxNode, 1);
  node->name = g_strdup (ax_csv_get (layout->csv, row, layout->name));
  node->number = number;
  node->node_class = node_class;
  g_ptr_array_add (patient->nodes, node);
  patient->counts[node_class]++;
  return TRUE;
}

static int
compare_patients (gconstpointer a, gconstpointer b)
{
  const AxPatient *const *x = a, *const *y = b;

  return strcmp ((*x)->id, (*y)->id);
}

static int
compare_nodes (gconstpointer a, gconstpointer b)
{
  const AxNode *const *x = a, *const *y = b;

  return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

/* The first number that is not there. */
static guint
find_gap (const AxPatient *patient)
{
  guint number = 0;

  while (number < patient->nodes->len
         && ((AxNode *)patient->nodes->pdata[number])->number == number)
    number++;
  return number;
}

static gboolean
check_complete (const char *files, const GPtrArray *patients,
                gboolean any_nodes, GError **error)
{
  guint n_most = 0;

  for (guint i = 0; i < patients->len; i++)
    n_most = MAX (n_most, ((AxPatient *)patients->pdata[i])->nodes->len);
  for (guint i = 0; i < patients->len; i++)
    {
      const AxPatient *patient = patients->pdata[i];
      guint n_nodes = patient->nodes->len, gap = find_gap (patient);

      if (gap == n_nodes && (any_nodes || n_nodes == n_most))
        continue;
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: node %u of %s is missing (it has %u, others up to %u)",
                   files, gap, patient->id, n_nodes, n_most);
      return FALSE;
    }
  return TRUE;
}

/* Notes the patient of a roster's row when that slide is not there. */
static gboolean
check_roster_row (const Layout *roster, guint row, GHashTable *by_id,
                  GHashTable *lacking, GPtrArray *incomplete, GError **error)
{
  guint number = 0;
  g_autofree char *id = parse_node (roster, row, &number, error);
  const AxPatient *patient = NULL;

  if (id == NULL)
    return FALSE;
  patient = g_hash_table_lookup (by_id, id);
  if ((patient != NULL && has_node (patient, number))
      || g_hash_table_contains (lacking, id))
    return TRUE;
  g_ptr_array_add (
      incomplete,
      g_strdup_printf ("%s is left out: '%s' is missing", id,
                       ax_csv_get (roster->csv, row, roster->name)));
  g_hash_table_add (lacking, g_steal_pointer (&id));
  return TRUE;
}

static gboolean
drop_incomplete (const AxRosterCheck *check, GPtrArray *patients,
                 GHashTable *by_id, GError **error)
{
  g_autoptr (GHashTable) lacking
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (Layout) roster = { 0 };

  if (!layout_read_names (&roster, check->path, error))
    return FALSE;
  for (guint row = roster.first_row; row < ax_csv_get_n_rows (roster.csv);
       row++)
    if (!is_patient_row (&roster, row)
        && !check_roster_row (&roster, row, by_id, lacking, check->incomplete,
                              error))
      return FALSE;
  for (guint i = patients->len; i-- > 0;)
    if (g_hash_table_contains (lacking, ((AxPatient *)patients->pdata[i])->id))
      g_ptr_array_remove_index (patients, i);
  if (patients->len > 0)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: no patient has all slides that it names", roster.path);
  return FALSE;
}

static gboolean
read_nodes (const char *path, GPtrArray *patients, GHashTable *by_id,
            GError **error)
{
  g_auto (Layout) layout = { 0 };

  if (!layout_read (&layout, path, error))
    return FALSE;
  for (guint row = layout.first_row; row < ax_csv_get_n_rows (layout.csv);
       row++)
    if (!is_patient_row (&layout, row)
        && !add_node (&layout, row, patients, by_id, error))
      return FALSE;
  return TRUE;
}

static void
finish_patients (GPtrArray *patients)
{
  g_ptr_array_sort (patients, compare_patients);
  for (guint i = 0; i < patients->len; i++)
    {
      AxPatient *patient = patients->pdata[i];

      g_ptr_array_sort (patient->nodes, compare_nodes);
      patient->stage = ax_stage_from_nodes (patient->counts);
    }
}

GPtrArray *
ax_patients_read (const char *const *paths, guint n_paths, gboolean any_nodes,
                  const AxRosterCheck *roster, GError **error)
{
  g_autoptr (GPtrArray) patients
      = g_ptr_array_new_with_free_func (patient_free);
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *files = NULL;

  g_return_val_if_fail (paths != NULL && n_paths > 0, NULL);

  files = g_filename_display_name (paths[0]);
  for (guint i = 0; i < n_paths; i++)
    if (!read_nodes (paths[i], patients, by_id, error))
      return NULL;
  if (patients->len == 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: has no nodes", files);
      return NULL;
    }
  if (roster != NULL && !drop_incomplete (roster, patients, by_id, error))
    return NULL;
  finish_patients (patients);
  if (!check_complete (files, patients, any_nodes, error))
    return NULL;
  return g_steal_pointer (&patients);
}

static gboolean
add_stage (const Layout *layout, guint row, GPtrArray *stages, GHashTable *seen,
           GError **error)
{
  const char *name = ax_csv_get (layout->csv, row, layout->name);
  const char *text = ax_csv_get (layout->csv, row, layout->stage);
  AxPatientStage *item = NULL;
  AxStage stage;

  if (!ax_stage_from_name (text, &stage))
    {
      ax_csv_set_error (layout->csv, row, error,
                        "'%s' is not one of pN0, pN0(i+), pN1mi, pN1, pN2",
                        text);
      return FALSE;
    }
  item = g_new0 (AxPatientStage, 1);
  item->id = g_strndup (name, strlen (name) - strlen (PATIENT_ENDING));
  item->stage = stage;
  item->line = ax_csv_get_line (layout->csv, row);
  g_ptr_array_add (stages, item);
  if (g_hash_table_add (seen, item->id))
    return TRUE;
  ax_csv_set_error (layout->csv, row, error, "%s comes a second time",
                    item->id);
  return FALSE;
}

GPtrArray *
ax_patient_stages_read (const char *path, GError **error)
{
  g_autoptr (GPtrArray) stages
      = g_ptr_array_new_with_free_func (patient_stage_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (Layout) layout = { 0 };

  g_return_val_if_fail (path != NULL, NULL);

  if (!layout_read (&layout, path, error))
    return NULL;
  for (guint row = layout.first_row; row < ax_csv_get_n_rows (layout.csv);
       row++)
    if (is_patient_row (&layout, row)
        && !add_stage (&layout, row, stages, seen, error))
      return NULL;
  if (stages->len == 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
                   "%s: has no patients (rows PATIENT" PATIENT_ENDING ",pN...)",
                   layout.path);
      return NULL;
    }
  return g_steal_pointer (&stages);
}

char *
ax_patients_to_csv (const GPtrArray *patients)
{
  GString *text = g_string_new ("patient,stage\n");

  g_return_val_if_fail (patients != NULL, g_string_free (text, FALSE));

  for (guint i = 0; i < patients->len; i++)
    {
      const AxPatient *patient = patients->pdata[i];
      g_autofree char *row = g_strconcat (patient->id, PATIENT_ENDING, NULL);

      ax_csv_append (text, row);
      g_string_append_printf (text, ",%s\n",
                              ax_stage_get_name (patient->stage));
      for (guint n = 0; n < patient->nodes->len; n++)
        {
          const AxNode *node = patient->nodes->pdata[n];

          ax_csv_append (text, node->name);
          g_string_append_printf (text, ",%s\n",
                                  ax_node_class_get_name (node->node_class));
        }
    }
  return g_string_free (text, FALSE);
}
