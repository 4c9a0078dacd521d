#include "core/grade/slide-labels.h"

#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/grade/slide-name.h"

#include <string.h>

#define DEFAULT_COLUMN "stage"
#define PATIENT_ENDING ".zip"

struct _AxSlideLabels
{
  char *file;         /* (owned) */
  GHashTable *labels; /* folded name (owned) -> label (owned) */
};

static gboolean
find_columns (const AxSlideLabels *self, const AxCsv *csv, const char *column,
              guint *name, guint *label, guint *first_row, GError **error)
{
  int found
      = ax_csv_get_n_rows (csv) > 0 ? ax_slide_name_find_column (csv) : -1;

  if (found >= 0 || column != NULL)
    {
      *name = MAX (found, 0);
      *first_row = 1;
      return ax_csv_need_column (csv, column != NULL ? column : DEFAULT_COLUMN,
                                 label, error);
    }
  *name = *first_row = 0;
  *label = 1;
  if (ax_csv_get_n_columns (csv) >= 2)
    return TRUE;
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: has no columns of slides and labels", self->file);
  return FALSE;
}

static gboolean
add_row (AxSlideLabels *self, const AxCsv *csv, guint row, const char *name,
         const char *label, GError **error)
{
  if (*label == '\0')
    {
      ax_csv_set_error (csv, row, error, "'%s' has no label", name);
      return FALSE;
    }
  if (g_hash_table_insert (self->labels, ax_slide_name_fold (name),
                           g_strdup (label)))
    return TRUE;
  ax_csv_set_error (csv, row, error, "'%s' comes a second time", name);
  return FALSE;
}

AxSlideLabels *
ax_slide_labels_read (const char *path, const char *column, GError **error)
{
  g_autoptr (AxSlideLabels) self = NULL;
  g_autoptr (AxCsv) csv = NULL;
  guint name_column = 0, label_column = 0, first_row = 0;

  g_return_val_if_fail (path != NULL, NULL);

  csv = ax_csv_read (path, error);
  if (csv == NULL)
    return NULL;
  self = g_new0 (AxSlideLabels, 1);
  self->file = g_filename_display_name (path);
  self->labels
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!find_columns (self, csv, column, &name_column, &label_column, &first_row,
                     error))
    return NULL;
  for (guint row = first_row; row < ax_csv_get_n_rows (csv); row++)
    {
      const char *name = ax_csv_get (csv, row, name_column);

      if (!g_str_has_suffix (name, PATIENT_ENDING)
          && !add_row (self, csv, row, name,
                       ax_csv_get (csv, row, label_column), error))
        return NULL;
    }
  if (g_hash_table_size (self->labels) > 0)
    return g_steal_pointer (&self);
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT, "%s: has no slides",
               self->file);
  return NULL;
}

void
ax_slide_labels_free (AxSlideLabels *self)
{
  if (self == NULL)
    return;
  g_free (self->file);
  g_clear_pointer (&self->labels, g_hash_table_unref);
  g_free (self);
}

const char *
ax_slide_labels_get_file (const AxSlideLabels *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->file;
}

const char *
ax_slide_labels_find (const AxSlideLabels *self, const char *slide)
{
  g_autofree char *folded = NULL;

  g_return_val_if_fail (self != NULL && slide != NULL, NULL);

  folded = ax_slide_name_fold (slide);
  return g_hash_table_lookup (self->labels, folded);
}

gboolean
ax_slide_labels_find_tumor (const AxSlideLabels *self, const char *slide,
                            gboolean *has_tumor, GError **error)
{
  static const char *const without[] = { "normal", "negative", "0", NULL };
  static const char *const with[]
      = { "tumor", "tumour", "itc", "micro", "macro", "positive", "1", NULL };
  const char *label = ax_slide_labels_find (self, slide);
  g_autofree char *folded = NULL;

  g_return_val_if_fail (has_tumor != NULL, FALSE);

  if (label == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND, "%s: has no slide '%s'",
                   self->file, slide);
      return FALSE;
    }
  folded = g_ascii_strdown (label, -1);
  if (g_strv_contains (without, folded) || g_strv_contains (with, folded))
    {
      *has_tumor = g_strv_contains (with, folded);
      return TRUE;
    }
  g_set_error (error, AX_ERROR, AX_ERROR_FORMAT,
               "%s: slide '%s' is '%s', which is not one of normal, negative, "
               "tumor, itc, micro, macro",
               self->file, slide, label);
  return FALSE;
}

GList *
ax_slide_labels_list (const AxSlideLabels *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return g_list_sort (g_hash_table_get_keys (self->labels),
                      (GCompareFunc)strcmp);
}
