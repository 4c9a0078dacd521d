#pragma once

#include <stdio.h>

/**
 * Results of a test program as TAP.  tap_check() counts one, whose name is as
 * printf() makes it; tap_finish() gives what main() returns.
 */
static int tap_n_checks, tap_n_failed;

#define tap_check(good, ...)                                                   \
  do                                                                           \
    {                                                                          \
      const int tap_good = (good);                                             \
      tap_n_failed += !tap_good;                                               \
      printf ("%sok %d - ", tap_good ? "" : "not ", ++tap_n_checks);           \
      printf (__VA_ARGS__);                                                    \
      putchar ('\n');                                                          \
      fflush (stdout);                                                         \
    }                                                                          \
  while (0)

static inline int
tap_finish (void)
{
  printf ("1..%d\n", tap_n_checks);
  return tap_n_failed > 0;
}

/** The whole program has nothing to do here. */
static inline int
tap_skip_all (const char *why)
{
  printf ("1..0 # SKIP %s\n", why);
  return 0;
}
