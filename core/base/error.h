#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AX_ERROR:
 *
 * The one error domain of the project.  Codes say what a caller can do about
 * it; the message says which file, which value and which limit, in one line.
 *
 * @AX_ERROR_IO:          the system refused to read or write
 * @AX_ERROR_FORMAT:      the bytes are not what the format demands
 * @AX_ERROR_UNSUPPORTED: well formed, but more than this program handles
 * @AX_ERROR_LIMIT:       a stated budget (memory, size, count) is exceeded
 * @AX_ERROR_CORRUPT:     a part (a tile) is damaged; the rest is usable
 * @AX_ERROR_CANCELLED:   asked to stop; nothing is wrong
 * @AX_ERROR_BUSY:        another run holds it
 * @AX_ERROR_NOT_FOUND:   a named thing (engine, model, file) does not exist
 * @AX_ERROR_ABI:         a module was built for another interface
 * @AX_ERROR_NO_DEVICE:   the engine is there, its device is not
 * @AX_ERROR_DEVICE:      the device failed or was lost while working
 * @AX_ERROR_MEMORY:      memory, on the host or the device, is exhausted
 */
#define AX_ERROR (ax_error_quark ())
GQuark ax_error_quark (void);

typedef enum
{
  AX_ERROR_IO,
  AX_ERROR_FORMAT,
  AX_ERROR_UNSUPPORTED,
  AX_ERROR_LIMIT,
  AX_ERROR_CORRUPT,
  AX_ERROR_CANCELLED,
  AX_ERROR_BUSY,
  AX_ERROR_NOT_FOUND,
  AX_ERROR_ABI,
  AX_ERROR_NO_DEVICE,
  AX_ERROR_DEVICE,
  AX_ERROR_MEMORY,
} AxErrorCode;

G_END_DECLS
