#pragma once

#include "core/train/sample-source.h"
#include "core/train/training-slide.h"

G_BEGIN_DECLS

/**
 * AxSlideFolder:
 *
 * Samples from slides with annotations, read on the fly (slide-list.h says
 * which folders are taken, slide-truth.h what is tumour, training-slide.h how
 * places are drawn).
 *
 * Items of class 1 are the slides with tumour, items of class 0 all slides
 * with normal tissue, of which those with tumour have some around it.  Each
 * read draws another place.  The middle pixel of a sample of class 1 is tumour;
 * one of class 0 has none in the window in the middle.  The fraction is the
 * share of the field that is tumour, outside of its cut-outs.
 *
 * A place whose picture touches a damaged tile is drawn anew.
 *
 * Memory: slides are open, and tiles decoded, within the limits given, besides
 * those that are being read; the rest is said in training-slide.h.
 */
typedef struct _AxSlideFolder AxSlideFolder;

/**
 * AxSlideFolderSpec:
 *
 * @mpp, @field: of the model: µm per pixel, side in pixels
 * @window: side of the window in the middle of the field that labels it
 * @side: of the pictures, see ax_augment_get_side(); at least @field
 * @masks: give the class of each pixel too
 * @n_open: slides open at once; 0: 64
 * @cache_bytes: decoded tiles of all of them; 0: 256 MiB
 * @on_progress: (nullable): after each slide, with the share done
 */
typedef struct
{
  double mpp;
  int field, window, side;
  gboolean masks;
  guint n_open;
  gsize cache_bytes;
  void (*on_progress) (double share, gpointer user_data);
  gpointer user_data;
} AxSlideFolderSpec;

/**
 * ax_slide_folder_new:
 *
 * Opens every slide once, one after the other, so that whatever is wrong with
 * them is said now.
 *
 * Errors: those of ax_slide_list_read() and ax_training_slide_new();
 * AX_ERROR_NOT_FOUND when no slide has tumour, or none normal tissue.
 */
AxSlideFolder *ax_slide_folder_new (const char *folder,
                                    const AxSlideFolderSpec *spec,
                                    GError **error);

/**
 * (transfer none): the folder as a source of two classes, which
 * ax_sample_source_free() frees.
 *
 * Errors of reading: AX_ERROR_IO, AX_ERROR_FORMAT, AX_ERROR_CORRUPT when place
 * after place is damaged, AX_ERROR_MEMORY.
 */
AxSampleSource *ax_slide_folder_get_source (AxSlideFolder *self);

/** (transfer none) (nullable): the folder that a source is. */
AxSlideFolder *ax_slide_folder_from_source (AxSampleSource *source);

/** (transfer none): the slide that is an item of a class. */
const AxTrainingSlide *ax_slide_folder_get_slide (const AxSlideFolder *self,
                                                  int label, guint item);

/** Reads the sample at a place of an item.  Errors: as for any. */
gboolean ax_slide_folder_read_at (AxSlideFolder *self, int label, guint item,
                                  AxModelPixel place, AxSample *sample,
                                  GError **error);

G_END_DECLS
