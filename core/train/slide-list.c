#include "core/train/slide-list.h"

#include "core/base/error.h"

#include <string.h>

static const char *const annotation_folders[]
    = { "annotations", "lesion_annotations", "training/annotations",
        "training/lesion_annotations" };

static void
entry_free (gpointer data)
{
  AxSlideEntry *self = data;
  g_free (self->path);
  g_free (self->annotations);
  g_free (self);
}

/* (transfer full) (nullable): the name in lower case without the first of the
 * endings that it has. */
static char *
fold_stem (const char *name, const char *const *endings)
{
  g_autofree char *folded = g_ascii_strdown (name, -1);
  for (; *endings != NULL; endings++)
    if (g_str_has_suffix (folded, *endings))
      return g_strndup (folded, strlen (folded) - strlen (*endings));
  return NULL;
}

static char *
fold_slide (const char *name)
{
  static const char *const endings[]
      = { ".tif", ".tiff", ".svs", ".ndpi", ".mrxs",
          ".scn", ".bif",  ".vms", ".vmu",  NULL };
  g_autofree char *stem = fold_stem (name, endings);
  if (stem == NULL || g_str_has_suffix (stem, "_mask")
      || g_str_has_suffix (stem, "_likelihood_map"))
    return NULL;
  return g_steal_pointer (&stem);
}

static char *
fold_annotations (const char *name)
{
  static const char *const endings[] = { ".xml", NULL };
  return fold_stem (name, endings);
}

/* By folded stem; those found before stay. */
static void
collect_annotations (GHashTable *paths, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *stem = fold_annotations (name);
      if (stem != NULL && !g_hash_table_contains (paths, stem))
        g_hash_table_insert (paths, g_steal_pointer (&stem),
                             g_build_filename (folder, name, NULL));
    }
}

static GHashTable *
new_paths (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/* With the annotations that lie beside them. */
static void
add_slides (GPtrArray *entries, const char *folder, AxSlideKind kind)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GHashTable) beside = new_paths ();
  const char *name;
  collect_annotations (beside, folder);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *stem = fold_slide (name);
      if (stem == NULL)
        continue;
      AxSlideEntry *entry = g_new0 (AxSlideEntry, 1);
      entry->path = g_build_filename (folder, name, NULL);
      entry->annotations = g_strdup (g_hash_table_lookup (beside, stem));
      entry->kind = kind;
      g_ptr_array_add (entries, entry);
    }
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const AxSlideEntry *const *left = a;
  const AxSlideEntry *const *right = b;
  return strcmp ((*left)->path, (*right)->path);
}

/* Whether @folder has slides by what is in them. */
static gboolean
add_sorted (GPtrArray *entries, const char *folder)
{
  g_autofree char *normal = g_build_filename (folder, "normal", NULL);
  g_autofree char *tumor = g_build_filename (folder, "tumor", NULL);
  add_slides (entries, normal, AX_SLIDE_KIND_NORMAL);
  add_slides (entries, tumor, AX_SLIDE_KIND_TUMOR);
  return entries->len > 0;
}

static GPtrArray *
list_slides (const char *folder)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (entry_free);
  g_autofree char *training = g_build_filename (folder, "training", NULL);
  if (!add_sorted (entries, folder) && !add_sorted (entries, training))
    add_slides (entries, folder, AX_SLIDE_KIND_UNSORTED);
  g_ptr_array_sort (entries, compare_entries);
  return entries;
}

static void
find_annotations (AxSlideEntry *entry, GHashTable *paths)
{
  g_autofree char *name = g_path_get_basename (entry->path);
  g_autofree char *stem = fold_slide (name);
  if (entry->annotations == NULL)
    entry->annotations = g_strdup (g_hash_table_lookup (paths, stem));
}

static gboolean
check_entry (const AxSlideEntry *entry, GError **error)
{
  if (entry->annotations != NULL || entry->kind == AX_SLIDE_KIND_NORMAL)
    return TRUE;
  g_autofree char *path = g_filename_display_name (entry->path);
  g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
               "%s: has no annotations (.xml), neither beside it nor in "
               "annotations or lesion_annotations%s",
               path,
               entry->kind == AX_SLIDE_KIND_TUMOR
                   ? ""
                   : "; a normal slide without any belongs into a folder "
                     "normal");
  return FALSE;
}

gboolean
ax_slide_list_is_folder (const char *folder)
{
  g_return_val_if_fail (folder != NULL, FALSE);
  g_autoptr (GPtrArray) entries = list_slides (folder);
  return entries->len > 0;
}

GPtrArray *
ax_slide_list_read (const char *folder, GError **error)
{
  g_return_val_if_fail (folder != NULL, NULL);
  g_autoptr (GPtrArray) entries = list_slides (folder);
  if (entries->len == 0)
    {
      g_autofree char *name = g_filename_display_name (folder);
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "%s: no slides (tif, svs, ndpi, mrxs, ...), neither in "
                   "normal and tumor nor in the folder itself",
                   name);
      return NULL;
    }
  g_autoptr (GHashTable) apart = new_paths ();
  for (guint i = 0; i < G_N_ELEMENTS (annotation_folders); i++)
    {
      g_autofree char *path
          = g_build_filename (folder, annotation_folders[i], NULL);
      collect_annotations (apart, path);
    }
  for (guint i = 0; i < entries->len; i++)
    {
      AxSlideEntry *entry = g_ptr_array_index (entries, i);
      find_annotations (entry, apart);
      if (!check_entry (entry, error))
        return NULL;
    }
  return g_steal_pointer (&entries);
}
