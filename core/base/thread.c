#include "core/base/thread.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#define NICENESS 5

void
ax_thread_give_way (void)
{
  const struct sched_param param = { 0 };

  /* On Linux both are a thread's own.  Without them the work is done all the
   * same. */
  sched_setscheduler (0, SCHED_BATCH, &param);
  setpriority (PRIO_PROCESS, (id_t)gettid (), NICENESS);
}
