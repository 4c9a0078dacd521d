#include "ui/errand.h"

static guint n_errands;

void
ax_errand_begin (void)
{
  n_errands++;
}

void
ax_errand_end (void)
{
  g_return_if_fail (n_errands > 0);
  n_errands--;
}

guint
ax_errand_get_n (void)
{
  return n_errands;
}
