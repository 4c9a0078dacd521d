#include "core/train/patch-folder.h"

#include "core/base/error.h"
#include "core/slide/image.h"

#include <math.h>
#include <string.h>

typedef struct
{
  AxSampleSource parent;
  int field;
  GPtrArray *classes; /* of GPtrArray of paths */
} PatchFolder;

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static gboolean
is_picture (const char *name)
{
  static const char *const endings[]
      = { ".jpg", ".jpeg", ".png", ".tif", ".tiff" };
  g_autofree char *lower = g_ascii_strdown (name, -1);
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (lower, endings[i]))
      return TRUE;
  return FALSE;
}

static GPtrArray *
list_pictures (const char *folder, int label, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%d", label);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  if (dir == NULL)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "%s: no such folder of pictures of class %d", shown, label);
      return NULL;
    }
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  const char *entry;
  while ((entry = g_dir_read_name (dir)) != NULL)
    if (is_picture (entry))
      g_ptr_array_add (paths, g_build_filename (path, entry, NULL));
  if (paths->len == 0)
    {
      g_set_error (error, AX_ERROR, AX_ERROR_NOT_FOUND,
                   "%s: no pictures (jpg, png, tif) of class %d", shown, label);
      return NULL;
    }
  g_ptr_array_sort (paths, compare_paths);
  return g_steal_pointer (&paths);
}

static guint
get_n_items (const AxSampleSource *source, int label)
{
  const PatchFolder *self = (const PatchFolder *)source;
  if ((guint)label >= self->classes->len)
    return 0;
  const GPtrArray *paths = g_ptr_array_index (self->classes, label);
  return paths->len;
}

static gboolean
read_item (AxSampleSource *source, int label, guint item, AxRng *rng,
           AxSample *sample, GError **error)
{
  const PatchFolder *self = (const PatchFolder *)source;
  GPtrArray *paths = g_ptr_array_index (self->classes, label);
  const char *path = g_ptr_array_index (paths, item);
  g_autoptr (AxImage) image = ax_image_load_rgb (
      path, (gint64)AX_SAMPLE_MAX_SIDE * AX_SAMPLE_MAX_SIDE, error);
  if (image == NULL)
    return FALSE;
  if (image->width < self->field || image->height < self->field)
    {
      g_autofree char *shown = g_filename_display_name (path);
      g_set_error (error, AX_ERROR, AX_ERROR_LIMIT,
                   "%s: %d × %d px is smaller than the network's field of %d",
                   shown, image->width, image->height, self->field);
      return FALSE;
    }
  if (!ax_sample_resize (sample, image->width, image->height, error))
    return FALSE;
  memcpy (sample->rgb, image->data,
          (gsize)image->width * (gsize)image->height * 3);
  sample->label = label;
  sample->fraction = NAN;
  return TRUE;
}

static void
patch_folder_free (AxSampleSource *source)
{
  PatchFolder *self = (PatchFolder *)source;
  g_ptr_array_unref (self->classes);
  g_free (self);
}

AxSampleSource *
ax_patch_folder_new (const char *folder, int n_classes, int field,
                     GError **error)
{
  g_return_val_if_fail (folder != NULL && n_classes > 0, NULL);
  g_autoptr (GPtrArray) classes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  for (int label = 0; label < n_classes; label++)
    {
      GPtrArray *paths = list_pictures (folder, label, error);
      if (paths == NULL)
        return NULL;
      g_ptr_array_add (classes, paths);
    }
  PatchFolder *self = g_new0 (PatchFolder, 1);
  self->parent = (AxSampleSource){ .name = g_filename_display_name (folder),
                                   .get_n_items = get_n_items,
                                   .read = read_item,
                                   .free = patch_folder_free };
  self->field = field;
  self->classes = g_steal_pointer (&classes);
  return &self->parent;
}
