#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AxOwner:
 *
 * Who holds a claim, beyond doubt: the process by its number, when it started
 * (clock ticks since the machine did) and which start of the machine that was,
 * for numbers are used again and the three together are not; and within the
 * process, which of its claims.
 */
typedef struct
{
  gint64 pid;
  gint64 start;
  char boot[37]; /* as /proc/sys/kernel/random/boot_id has it */
  gint64 serial;
} AxOwner;

/** A new owner in this process, until it is retired.  Thread: any. */
void ax_owner_init (AxOwner *self);
void ax_owner_retire (const AxOwner *self);

/**
 * Whether an owner still lives, seen from this process.  A process that has
 * ended and was not waited for does not.  Thread: any.
 */
gboolean ax_owner_is_alive (const AxOwner *self);

G_END_DECLS
