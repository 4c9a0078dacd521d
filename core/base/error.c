#include "core/base/error.h"

GQuark
ax_error_quark (void)
{
  return g_quark_from_static_string ("ax-error-quark");
}
