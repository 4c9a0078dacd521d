#include "core/base/error.h"

G_DEFINE_QUARK (ax - error - quark, ax_error)
