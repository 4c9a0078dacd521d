#pragma once

#include "core/base/error.h"

#include <glib.h>

#include <string.h>

/** Demands an AX_ERROR of @code whose message is like @regex; clears it. */
static inline void
expect_error (GError **error, int code, const char *regex)
{
  g_assert_error (*error, AX_ERROR, code);
  if (!g_regex_match_simple (regex, (*error)->message, 0, 0))
    g_error ("message \"%s\" is not like \"%s\"", (*error)->message, regex);
  g_assert_null (strchr ((*error)->message, '\n'));
  g_clear_error (error);
}
