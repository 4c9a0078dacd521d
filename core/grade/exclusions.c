#include "core/grade/exclusions.h"

#include "core/base/csv.h"
#include "core/grade/slide-name.h"

typedef struct
{
  AxExclusionScope scope;
  char *why; /* (owned) */
} Entry;

struct _AxExclusions
{
  GHashTable *entries; /* folded name (owned) -> Entry (owned) */
};

enum
{
  SLIDE,
  WHAT,
  WHY,
  N_COLUMNS,
};

static const char *const column_names[N_COLUMNS] = { "slide", "what", "why" };

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_free (self->why);
  g_free (self);
}

static gboolean
read_scope (const AxCsv *csv, guint row, guint column, AxExclusionScope *scope,
            GError **error)
{
  const char *text = ax_csv_get (csv, row, column);

  if (g_ascii_strcasecmp (text, "lesions") == 0)
    *scope = AX_EXCLUDE_LESIONS;
  else if (g_ascii_strcasecmp (text, "slide") == 0)
    *scope = AX_EXCLUDE_SLIDE;
  else
    {
      ax_csv_set_error (csv, row, error, "'%s' is not one of lesions, slide",
                        text);
      return FALSE;
    }
  return TRUE;
}

static gboolean
add_row (AxExclusions *self, const AxCsv *csv, guint row,
         const guint columns[N_COLUMNS], GError **error)
{
  const char *slide = ax_csv_get (csv, row, columns[SLIDE]);
  AxExclusionScope scope;
  Entry *entry = NULL;

  if (!read_scope (csv, row, columns[WHAT], &scope, error))
    return FALSE;
  entry = g_new0 (Entry, 1);
  entry->scope = scope;
  entry->why = g_strdup (ax_csv_get (csv, row, columns[WHY]));
  if (g_hash_table_insert (self->entries, ax_slide_name_fold (slide), entry))
    return TRUE;
  ax_csv_set_error (csv, row, error, "'%s' comes a second time", slide);
  return FALSE;
}

AxExclusions *
ax_exclusions_read (const char *path, GError **error)
{
  g_autoptr (AxExclusions) self = NULL;
  g_autoptr (AxCsv) csv = NULL;
  guint columns[N_COLUMNS];

  g_return_val_if_fail (path != NULL, NULL);

  csv = ax_csv_read (path, error);
  if (csv == NULL)
    return NULL;
  self = g_new0 (AxExclusions, 1);
  self->entries
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  if (ax_csv_get_n_rows (csv) == 0)
    return g_steal_pointer (&self);
  for (guint i = 0; i < N_COLUMNS; i++)
    if (!ax_csv_need_column (csv, column_names[i], &columns[i], error))
      return NULL;
  for (guint row = 1; row < ax_csv_get_n_rows (csv); row++)
    if (!add_row (self, csv, row, columns, error))
      return NULL;
  return g_steal_pointer (&self);
}

void
ax_exclusions_free (AxExclusions *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_free (self);
}

const char *
ax_exclusions_find (const AxExclusions *self, const char *slide,
                    AxExclusionScope use)
{
  g_autofree char *folded = NULL;
  const Entry *entry = NULL;

  g_return_val_if_fail (slide != NULL, NULL);

  if (self == NULL)
    return NULL;
  folded = ax_slide_name_fold (slide);
  entry = g_hash_table_lookup (self->entries, folded);
  return entry != NULL && entry->scope >= use ? entry->why : NULL;
}
