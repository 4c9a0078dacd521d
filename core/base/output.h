#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxOutput:
 *
 * A file that appears under its name complete or not at all: it is written
 * under a temporary name in the same folder, synced, and renamed.  An existing
 * file, or link, of that name is replaced.
 *
 * Thread: owner.
 */
typedef struct _AxOutput AxOutput;

/**
 * Errors: AX_ERROR_IO naming @path and the system's reason; also where @path
 * stands for something that is not a regular file.
 */
AxOutput *ax_output_new (const char *path, GError **error);

/** (transfer none): where to write until the file is committed. */
const char *ax_output_get_temp_path (AxOutput *self);

/**
 * Appends to the temporary file.  Either this is used, or the caller opens the
 * temporary path itself, and may replace the file there, before committing.
 */
gboolean ax_output_write (AxOutput *self, const void *data, gsize bytes,
                          GError **error);

/**
 * Syncs the file, renames it, syncs the folder.  On failure the final name is
 * as it was; only where the folder cannot be synced does the complete file
 * stand there already.
 */
gboolean ax_output_commit (AxOutput *self, GError **error);

/** Removes the temporary file unless committed.  Accepts NULL. */
void ax_output_free (AxOutput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxOutput, ax_output_free)

/** Writes a whole file that way. */
gboolean ax_output_write_file (const char *path, const void *data, gsize bytes,
                               GError **error);

G_END_DECLS
