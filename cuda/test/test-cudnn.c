/*
 * cuDNN plans every convolution of our networks for GPUs that are described
 * to it; no GPU is needed for that, and nothing is run.
 */
#include "cuda/engine/cudnn-conv.h"
#include "cuda/engine/plan.h"
#include "cuda/test/device-json.h"
#include "cuda/test/net.h"
#include "cuda/test/tap.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof (array) / sizeof *(array))
#define MAX_WORKSPACE ((size_t)1 << 30)

/* A way can be kept as text and be had again. */
static int
survives_keeping (AxCudnn *cudnn, const AxCudaConvSpec *spec, AxCudnnConv *conv)
{
  AxEngineError error = { "" };
  AxCudnnConv *again = NULL;
  size_t length = 0;
  ax_cudnn_conv_keep (conv, ax_cudnn_conv_get_n_ways (conv) - 1);
  char *text = ax_cudnn_conv_save (conv, &length);
  const int good
      = text != NULL
        && ax_cudnn_conv_load (cudnn, spec, text, length, &again, &error)
               == AX_STATUS_OK
        && ax_cudnn_conv_get_workspace (again, 0)
               == ax_cudnn_conv_get_workspace (conv, 0);
  ax_cudnn_conv_free (again);
  free (text);
  return good;
}

static void
check_conv (AxCudnn *cudnn, const char *name, AxCudaConvSpec spec)
{
  static const char *const kinds[] = { "forward", "data", "filter" };
  for (int is_half = 0; is_half < 2; is_half++)
    {
      AxEngineError error = { "" };
      AxCudnnConv *conv = NULL;
      spec.is_half = is_half;
      const AxStatus status
          = ax_cudnn_conv_new (cudnn, &spec, MAX_WORKSPACE, &conv, &error);
      const int n_ways = conv != NULL ? ax_cudnn_conv_get_n_ways (conv) : 0;
      /* Halves without a recommendation would miss the tensor cores. */
      const int is_fast
          = conv != NULL
            && (!is_half || ax_cudnn_conv_get_n_recommended (conv) > 0);
      const int kept = conv != NULL && survives_keeping (cudnn, &spec, conv);
      tap_check (status == AX_STATUS_OK && is_fast && kept,
                 "%s, %s %s: %lldx%lldx%lldx%lld to %lld, %d ways %s", name,
                 is_half ? "fp16" : "fp32", kinds[spec.kind],
                 (long long)spec.in.n, (long long)spec.in.c,
                 (long long)spec.in.h, (long long)spec.in.w,
                 (long long)spec.out.c, n_ways, error.message);
      ax_cudnn_conv_free (conv);
    }
}

/* What training asks for beside the forward pass: the gradient by the input,
 * which is the other kind the other way round, and that by the filter. */
static void
check_gradients (AxCudnn *cudnn, const char *name, AxCudaConvSpec spec)
{
  const int is_data = spec.kind == AX_CUDA_CONV_DATA;
  const AxCudaShape x = is_data ? spec.out : spec.in;
  const AxCudaShape y = is_data ? spec.in : spec.out;
  check_conv (cudnn, name,
              (AxCudaConvSpec){ .kind = is_data ? AX_CUDA_CONV_FORWARD
                                                : AX_CUDA_CONV_DATA,
                                .in = spec.out,
                                .out = spec.in,
                                .window = spec.window });
  check_conv (cudnn, name,
              (AxCudaConvSpec){ .kind = AX_CUDA_CONV_FILTER,
                                .in = x,
                                .out = y,
                                .window = spec.window });
}

/* Every convolution of a graph, with its gradients if it is trained. */
static void
check_net (AxCudnn *cudnn, const char *name, Net *net, int32_t batch,
           int32_t side, int is_trained)
{
  AxEngineError error = { "" };
  AxCudaPlan *plan = NULL;
  const AxGraphView view = net_view (net);
  if (ax_cuda_plan_new (&view, batch, side, side, 0, 2, AX_CUDA_MAX_ELEMENTS,
                        &plan, &error)
      != AX_STATUS_OK)
    {
      tap_check (0, "%s: %s", name, error.message);
      return;
    }
  for (int32_t i = 0; i < plan->n_steps; i++)
    {
      const AxCudaStep *step = &plan->steps[i];
      if (step->kind == AX_CUDA_STEP_KERNEL)
        continue;
      AxCudaConvSpec spec = { .in = plan->values[step->in[0]].shape,
                              .out = plan->values[step->out].shape,
                              .window = plan->nodes[step->node].u.window,
                              .kind = step->kind == AX_CUDA_STEP_CONV_TRANSPOSE
                                          ? AX_CUDA_CONV_DATA
                                          : AX_CUDA_CONV_FORWARD,
                              .relu = step->relu };
      spec.in.n = spec.out.n = step->n_entries;
      check_conv (cudnn, name, spec);
      if (is_trained)
        check_gradients (cudnn, name, spec);
    }
  ax_cuda_plan_free (plan);
  net_free (net);
}

/* Windows that our networks do not have, but graphs may: strides, dilation,
 * padding, channels that are no multiple of anything. */
static void
check_windows (AxCudnn *cudnn, const char *name)
{
  static const AxWindow windows[] = {
    { 3, 3, 2, 1, 1 }, { 3, 3, 1, 4, 0 }, { 5, 5, 1, 1, 2 },
    { 3, 2, 1, 1, 1 }, { 3, 3, 2, 2, 2 }, { 7, 7, 1, 1, 3 },
  };
  for (size_t i = 0; i < COUNT (windows); i++)
    {
      Net *net = net_new (6);
      net_add_output (net, net_add_conv (net, AX_NODE_CONV, 0, 17, windows[i]));
      check_net (cudnn, name, net, 3, 41, 1);
      net = net_new (6);
      net_add_output (
          net, net_add_conv (net, AX_NODE_CONV_TRANSPOSE, 0, 17, windows[i]));
      check_net (cudnn, name, net, 3, 41, 1);
    }
}

static void
check_device (const char *name, const char *json)
{
  AxEngineError error = { "" };
  AxCudnn *cudnn = NULL;
  const AxStatus status = ax_cudnn_new_described (json, &cudnn, &error);
  tap_check (status == AX_STATUS_OK, "%s is known %s", name, error.message);
  if (status != AX_STATUS_OK)
    return;
  check_net (cudnn, name, net_new_scannet (1, 1, 1), 1, 2884, 0);
  check_net (cudnn, name, net_new_scannet (1, 3, 1), 1, 564 + 28, 0);
  check_net (cudnn, name, net_new_branches (1), 8, 256, 1);
  check_net (cudnn, name, net_new_small_scannet (0, 1), 64, 92, 1);
  check_net (cudnn, name, net_new_small_scannet (1, 1), 64, 92, 1);
  check_net (cudnn, name, net_new_unet (32, 1), 16, 256, 1);
  check_windows (cudnn, name);
  ax_cudnn_free (cudnn);
}

static void
test_bad_text (void)
{
  AxEngineError error = { "" };
  AxCudnn *cudnn = NULL;
  AxCudnnConv *conv = NULL;
  const AxCudaConvSpec spec = { .is_half = 1 };
  tap_check (ax_cudnn_new_described ("{}", &cudnn, &error) != AX_STATUS_OK,
             "no device: %s", error.message);
  if (ax_cudnn_new_described (described_devices[0].json, &cudnn, &error)
      != AX_STATUS_OK)
    return;
  tap_check (
      ax_cudnn_conv_load (cudnn, &spec, "{\"version\":", 11, &conv, &error)
          != AX_STATUS_OK,
      "no plan: %s", error.message);
  ax_cudnn_free (cudnn);
}

int
main (void)
{
  for (size_t i = 0; i < COUNT (described_devices); i++)
    check_device (described_devices[i].name, described_devices[i].json);
  test_bad_text ();
  return tap_finish ();
}
