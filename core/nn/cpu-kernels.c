#include "core/nn/cpu-kernels.h"

#include "core/nn/cpu-dnnl.h"

static const AxCpuKernels generic = { .name = "generic", .lanes = 8 };

static const AxCpuKernels *
find_widest (const char *limit)
{
#ifdef __x86_64__
  const gboolean avx2 = g_strcmp0 (limit, "generic") != 0
                        && __builtin_cpu_supports ("avx2")
                        && __builtin_cpu_supports ("fma");
  if (avx2 && g_strcmp0 (limit, "avx2") != 0
      && __builtin_cpu_supports ("avx512f") && ax_dnnl_has_avx512 ())
    return &ax_cpu_kernels_avx512;
  if (avx2)
    return &ax_cpu_kernels_avx2;
#endif
  return &generic;
}

const AxCpuKernels *
ax_cpu_kernels_get (void)
{
  static gsize kernels = 0;
  if (g_once_init_enter (&kernels))
    {
      const char *limit = g_getenv ("AX_CPU_ISA");
      if (limit != NULL)
        ax_dnnl_limit_isa (limit);
      g_once_init_leave (&kernels, (gsize)find_widest (limit));
    }
  return (const AxCpuKernels *)kernels;
}
