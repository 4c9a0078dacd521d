#include "cuda/engine/cudnn-graph.h"

#include <stdbool.h>

/* Numbers of tensors that only pass from one operation to the next. */
enum
{
  UID_SUM = AX_CUDNN_UID_OUT + 1,
  UID_BIASED,
};

typedef cudnnBackendDescriptor_t Descriptor;

/* After the first failure the rest does nothing. */
static void
note (AxCudnnGraph *self, cudnnStatus_t status, const char *what)
{
  if (self->status != CUDNN_STATUS_SUCCESS)
    return;
  self->status = status;
  self->what = what;
}

static Descriptor
create (AxCudnnGraph *self, cudnnBackendDescriptorType_t type)
{
  Descriptor descriptor = NULL;
  if (self->status != CUDNN_STATUS_SUCCESS)
    return NULL;
  note (self, cudnnBackendCreateDescriptor (type, &descriptor), "a descriptor");
  if (descriptor != NULL)
    self->owned[self->n_owned++] = descriptor;
  return descriptor;
}

static void
set (AxCudnnGraph *self, Descriptor descriptor,
     cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
     int64_t count, const void *values)
{
  if (self->status == CUDNN_STATUS_SUCCESS)
    note (self,
          cudnnBackendSetAttribute (descriptor, name, type, count, values),
          "an attribute");
}

static void
set_descriptor (AxCudnnGraph *self, Descriptor descriptor,
                cudnnBackendAttributeName_t name, Descriptor value)
{
  set (self, descriptor, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value);
}

static void
finish (AxCudnnGraph *self, Descriptor descriptor, const char *what)
{
  if (self->status == CUDNN_STATUS_SUCCESS)
    note (self, cudnnBackendFinalize (descriptor), what);
}

/* (n, c, h, w) with the strides of NHWC.  What only passes from one operation
 * to the next is virtual. */
static Descriptor
make_tensor (AxCudnnGraph *self, int64_t uid, int64_t n, int64_t c, int64_t h,
             int64_t w, cudnnDataType_t type)
{
  const int64_t sides[] = { n, c, h, w };
  const int64_t strides[] = { h * w * c, 1, w * c, c };
  const int64_t alignment = 16;
  const bool is_virtual = uid >= UID_SUM;
  Descriptor tensor = create (self, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  set (self, tensor, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1,
       &type);
  set (self, tensor, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, sides);
  set (self, tensor, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
  set (self, tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &uid);
  set (self, tensor, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1,
       &alignment);
  set (self, tensor, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, 1,
       &is_virtual);
  finish (self, tensor, "a tensor");
  return tensor;
}

static Descriptor
make_value (AxCudnnGraph *self, int64_t uid, const AxCudaShape *s,
            cudnnDataType_t type)
{
  return make_tensor (self, uid, s->n, ax_cuda_shape_get_stored (s), s->h, s->w,
                      type);
}

static Descriptor
make_window (AxCudnnGraph *self, const AxWindow *w)
{
  const cudnnDataType_t type = CUDNN_DATA_FLOAT;
  const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
  const int64_t n_sides = 2;
  const int64_t dilations[] = { w->dilation, w->dilation };
  const int64_t strides[] = { w->stride, w->stride };
  const int64_t pads[] = { w->pad, w->pad };
  Descriptor window = create (self, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  set (self, window, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1,
       &type);
  set (self, window, CUDNN_ATTR_CONVOLUTION_CONV_MODE,
       CUDNN_TYPE_CONVOLUTION_MODE, 1, &mode);
  set (self, window, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1,
       &n_sides);
  set (self, window, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2,
       dilations);
  set (self, window, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2,
       strides);
  set (self, window, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2,
       pads);
  set (self, window, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2,
       pads);
  finish (self, window, "a window");
  return window;
}

/* out = mode (a, b), where @b may be NULL. */
static Descriptor
make_pointwise (AxCudnnGraph *self, cudnnPointwiseMode_t mode, Descriptor a,
                Descriptor b, Descriptor out)
{
  const cudnnDataType_t type = CUDNN_DATA_FLOAT;
  Descriptor pointwise = create (self, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
  set (self, pointwise, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, 1,
       &mode);
  set (self, pointwise, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, 1,
       &type);
  finish (self, pointwise, "a pointwise mode");
  Descriptor operation
      = create (self, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
  set_descriptor (self, operation, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR,
                  pointwise);
  set_descriptor (self, operation, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, a);
  if (b != NULL)
    set_descriptor (self, operation, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b);
  set_descriptor (self, operation, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, out);
  finish (self, operation, "a pointwise operation");
  return operation;
}

static void
make_graph (AxCudnnGraph *self, Descriptor *operations, int64_t n_operations)
{
  self->graph = create (self, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  set (self, self->graph, CUDNN_ATTR_OPERATIONGRAPH_OPS,
       CUDNN_TYPE_BACKEND_DESCRIPTOR, n_operations, operations);
  finish (self, self->graph, "a graph");
}

/* cuDNN has three operations for a convolution, each with names of its own. */
typedef struct
{
  cudnnBackendDescriptorType_t type;
  cudnnBackendAttributeName_t window, in, filter, out, alpha, beta;
  const char *what;
} ConvTerms;

static const ConvTerms conv_terms[] = {
  [AX_CUDA_CONV_FORWARD]
  = { CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, "a convolution" },
  [AX_CUDA_CONV_DATA]
  = { CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
      "a transposed convolution" },
  [AX_CUDA_CONV_FILTER]
  = { CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
      "the gradient of a filter" },
};

/* The operation of @spec between @in and @out. */
static Descriptor
make_conv (AxCudnnGraph *self, const AxCudaConvSpec *spec, cudnnDataType_t type,
           Descriptor in, Descriptor out)
{
  const ConvTerms *terms = &conv_terms[spec->kind];
  const bool swapped = spec->kind == AX_CUDA_CONV_DATA;
  const float one = 1.0f, zero = 0.0f;
  const int64_t n_in = ax_cuda_shape_get_stored (&spec->in);
  const int64_t n_out = ax_cuda_shape_get_stored (&spec->out);
  Descriptor filter = make_tensor (
      self, AX_CUDNN_UID_FILTER, swapped ? n_in : n_out, swapped ? n_out : n_in,
      spec->window.kernel_h, spec->window.kernel_w, type);
  Descriptor window = make_window (self, &spec->window);
  Descriptor conv = create (self, terms->type);
  set_descriptor (self, conv, terms->window, window);
  set_descriptor (self, conv, terms->in, in);
  set_descriptor (self, conv, terms->filter, filter);
  set_descriptor (self, conv, terms->out, out);
  set (self, conv, terms->alpha, CUDNN_TYPE_FLOAT, 1, &one);
  set (self, conv, terms->beta, CUDNN_TYPE_FLOAT, 1, &zero);
  finish (self, conv, terms->what);
  return conv;
}

/* out = relu (conv (in, filter) + bias) */
static void
make_forward_graph (AxCudnnGraph *self, const AxCudaConvSpec *spec,
                    cudnnDataType_t type, Descriptor in, Descriptor out)
{
  Descriptor operations[3];
  Descriptor sum = make_value (self, UID_SUM, &spec->out, CUDNN_DATA_FLOAT);
  Descriptor bias
      = make_tensor (self, AX_CUDNN_UID_BIAS, 1,
                     ax_cuda_shape_get_stored (&spec->out), 1, 1, type);
  Descriptor biased
      = spec->relu ? make_value (self, UID_BIASED, &spec->out, CUDNN_DATA_FLOAT)
                   : out;
  operations[0] = make_conv (self, spec, type, in, sum);
  operations[1] = make_pointwise (self, CUDNN_POINTWISE_ADD, sum, bias, biased);
  if (spec->relu)
    operations[2]
        = make_pointwise (self, CUDNN_POINTWISE_RELU_FWD, biased, NULL, out);
  make_graph (self, operations, spec->relu ? 3 : 2);
}

/* The gradient by the input of the convolution from @out to @in, or by the
 * filter of that from @in to @out. */
static void
make_gradient_graph (AxCudnnGraph *self, const AxCudaConvSpec *spec,
                     cudnnDataType_t type, Descriptor in, Descriptor out)
{
  Descriptor conv = make_conv (self, spec, type, in, out);
  make_graph (self, &conv, 1);
}

void
ax_cudnn_graph_init (AxCudnnGraph *self, const AxCudaConvSpec *spec)
{
  const cudnnDataType_t type
      = spec->is_half ? CUDNN_DATA_HALF : CUDNN_DATA_FLOAT;
  Descriptor in = make_value (self, AX_CUDNN_UID_IN, &spec->in, type);
  Descriptor out = make_value (self, AX_CUDNN_UID_OUT, &spec->out, type);
  if (spec->kind == AX_CUDA_CONV_FORWARD)
    make_forward_graph (self, spec, type, in, out);
  else
    make_gradient_graph (self, spec, type, in, out);
}

void
ax_cudnn_graph_clear (AxCudnnGraph *self)
{
  while (self->n_owned > 0)
    cudnnBackendDestroyDescriptor (self->owned[--self->n_owned]);
}
