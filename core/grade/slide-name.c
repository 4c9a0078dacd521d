#include "core/grade/slide-name.h"

#include <string.h>

static const char *const endings[]
    = { ".tif",  ".tiff",    ".svs", ".ndpi", ".vms", ".vmu", ".scn",
        ".mrxs", ".svslide", ".bif", ".dcm",  ".czi", ".zvi" };

static const char *const columns[] = { "patient", "slide", "name", "file" };

char *
ax_slide_name_fold (const char *name)
{
  g_autofree char *base = NULL;
  char *folded = NULL;

  g_return_val_if_fail (name != NULL, NULL);

  base = g_path_get_basename (name);
  folded = g_ascii_strdown (base, -1);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (folded, endings[i]))
      {
        folded[strlen (folded) - strlen (endings[i])] = '\0';
        break;
      }
  return folded;
}

int
ax_slide_name_find_column (const AxCsv *csv)
{
  g_return_val_if_fail (csv != NULL, -1);

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      int column = ax_csv_find_column (csv, columns[i]);

      if (column >= 0)
        return column;
    }
  return -1;
}
