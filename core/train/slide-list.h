#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * The slides of a folder and their annotations, in one of three layouts:
 *
 *   DIR/normal, DIR/tumor                    slides by what is in them
 *   DIR/training/normal, DIR/training/tumor  the same, as CAMELYON16 has it
 *   DIR                                      slides and annotations together
 *
 * The first of these that is there counts, and of the two folders one may be
 * absent.  A slide is a file that ends in .tif, .tiff, .svs, .ndpi, .mrxs,
 * .scn, .bif, .vms or .vmu, but not in _mask or _likelihood_map before that.
 *
 * Its annotations are ASAP XML of the same name, whatever the case, beside the
 * slide, or else in "annotations" or "lesion_annotations" in DIR or in
 * DIR/training.  A slide in "tumor", or together with annotations in one
 * folder, must have them; without tumour in them the latter is normal.  One in
 * "normal" may have them.
 */
typedef enum
{
  AX_SLIDE_KIND_NORMAL,
  AX_SLIDE_KIND_TUMOR,
  AX_SLIDE_KIND_UNSORTED, /* as its annotations say */
} AxSlideKind;

typedef struct
{
  char *path;        /* (owned) */
  char *annotations; /* (owned) (nullable) */
  AxSlideKind kind;
} AxSlideEntry;

/** Whether the folder has one of these layouts with at least one slide. */
gboolean ax_slide_list_is_folder (const char *folder);

/**
 * (transfer full) (element-type AxSlideEntry): in order of path.
 *
 * Errors: AX_ERROR_NOT_FOUND for a folder without slides and for a slide
 * without the annotations it must have.
 */
GPtrArray *ax_slide_list_read (const char *folder, GError **error);

G_END_DECLS
