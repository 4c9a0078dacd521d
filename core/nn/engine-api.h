#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The engine interface: plain C, nothing to link, one operations table per
 * engine.  A module sees this header only, and this header sees nothing of
 * ours, so that an engine builds with its own tools alone.
 *
 * Numbers: the table carries AX_ENGINE_ABI and its own size, and the symbol
 * that a module exports holds the number too.  Slots are only ever appended,
 * optional ones last; a reader must check @size before it looks at one.
 *
 * A module never logs, exits or throws: errors are a status and a message.
 *
 * Layouts: images are N x H x W x 3 bytes; tensors in and out are
 * N x C x H x W, row-major, of the stated type.  Inside, an engine is free.
 */
#define AX_ENGINE_ABI 1
#define AX_ENGINE_SYMBOL "ax_engine_ops_v1"

typedef enum
{
  AX_STATUS_OK,
  AX_STATUS_UNSUPPORTED, /* this engine cannot run that graph or mode */
  AX_STATUS_NO_DEVICE,   /* nothing to run on */
  AX_STATUS_MEMORY,      /* host or device memory: try a smaller size */
  AX_STATUS_DEVICE,      /* the device failed or is gone */
  AX_STATUS_ARGUMENT,    /* the caller broke the contract */
} AxStatus;

typedef struct
{
  char message[256];
} AxEngineError;

typedef enum
{
  AX_DTYPE_U8,
  AX_DTYPE_I32,
  AX_DTYPE_I64,
  AX_DTYPE_F16,
  AX_DTYPE_BF16,
  AX_DTYPE_F32,
  AX_DTYPE_F64,
} AxDType;

#define AX_MAX_RANK 4

/** AxTensorView: C-ordered, contiguous, not owned. */
typedef struct
{
  void *data;
  int32_t dtype; /* AxDType */
  int32_t rank;
  int64_t shape[AX_MAX_RANK];
} AxTensorView;

typedef enum
{
  AX_NODE_INPUT,      /* RGB bytes or values; normalised (v/255 - mean)/std */
  AX_NODE_CONV,       /* u.window, params: weight (O,I,kh,kw), bias (O) */
  AX_NODE_CONV_TRANSPOSE, /* as CONV, weight (I,O,kh,kw) */
  AX_NODE_MAX_POOL,   /* u.window */
  AX_NODE_AVG_POOL,   /* u.window; padding counts as absent */
  AX_NODE_BATCH_NORM, /* params: weight, bias, running_mean, running_var */
  AX_NODE_RELU,
  AX_NODE_SIGMOID,
  AX_NODE_SOFTMAX, /* over channels, of value / u.softmax.temperature */
  AX_NODE_DROPOUT, /* identity when not training */
  AX_NODE_CONCAT,  /* of two, along channels */
  AX_NODE_ADD,     /* of two; a side of 1 in C, H or W is repeated */
  AX_NODE_MUL,     /* of two, likewise */
  AX_NODE_UPSAMPLE, /* nearest, u.upsample.factor */
  AX_NODE_CROP,     /* u.crop: margins taken away */
  AX_NODE_CHANNEL_MEAN, /* mean and maximum over channels: C = 1 */
  AX_NODE_CHANNEL_MAX,
  AX_NODE_FRAGMENT, /* 2x2/2 max pool at the four offsets, batch x 4: entry
                       4*b + 2*oy + ox is the pool of entry b that starts at
                       (oy, ox); needs odd H and W */
  AX_NODE_DEFRAGMENT, /* undoes u.defragment.depth FRAGMENTs: batch / 4^depth,
                         H and W x 2^depth (algorithms.md 1.4, form B) */
} AxNodeKind;

/** Spatial windows: dilation is the tap spacing, 1 when dense. */
typedef struct
{
  int32_t kernel_h, kernel_w;
  int32_t stride;
  int32_t dilation;
  int32_t pad; /* zeros on all four sides */
} AxWindow;

typedef struct
{
  int32_t kind;      /* AxNodeKind */
  int32_t inputs[2]; /* indices of earlier nodes, -1 where unused */
  int32_t params[4]; /* indices into the parameter table, -1 where unused */
  int32_t n_channels; /* of the output */
  union
  {
    struct
    {
      float mean[3], std[3]; /* on RGB/255 */
    } input;
    AxWindow window;
    struct
    {
      double epsilon, momentum;
    } batch_norm;
    struct
    {
      double temperature;
    } softmax;
    struct
    {
      double rate;
    } dropout;
    struct
    {
      int32_t factor;
    } upsample;
    struct
    {
      int32_t top, bottom, left, right;
    } crop;
    struct
    {
      int32_t depth;
    } defragment;
  } u;
} AxNode;

/**
 * AxGraphView: a sealed graph.  Nodes are in topological order, node 0 is the
 * only INPUT; @outputs are the nodes whose values are wanted (one for
 * detection: the softmax; more for networks with several heads).
 */
#define AX_MAX_OUTPUTS 4

typedef struct
{
  int32_t n_nodes;
  const AxNode *nodes;
  int32_t n_params;
  int32_t n_outputs;
  int32_t outputs[AX_MAX_OUTPUTS];
} AxGraphView;

typedef enum
{
  AX_PRECISION_DEFAULT, /* the engine's fastest within its tolerance */
  AX_PRECISION_F32,
} AxPrecision;

/** AxEngineReport: what probe() found; shown to people. */
typedef struct
{
  int32_t usable;
  char why[256];    /* when not usable: one plain line */
  char device[128];
  char version[64];   /* of the library behind the engine */
  char precision[32]; /* "fp32", "fp16" */
  int64_t memory_bytes; /* free for the engine, 0 when not known */
  int32_t prefers_fragments; /* form B rather than dilation (form A) */
} AxEngineReport;

typedef struct AxEngineContext AxEngineContext;
typedef struct AxEnginePlan AxEnginePlan;

typedef struct
{
  int32_t n_threads; /* 0: all */
  int32_t precision; /* AxPrecision */
  int64_t memory_bytes; /* budget, 0: the engine's own */
} AxEngineOptions;

/**
 * Training.  A loss is taken on one of the graph's outputs.
 *
 * CROSS_ENTROPY: the output is a SOFTMAX; the target holds class numbers
 *   (n, h, w) as I32, negative ones are left out; -log p of that class.
 * SMOOTH_L1: the target is (n, c, h, w) F32 or F64; 0.5 d^2 where |d| < 1,
 *   |d| - 0.5 beyond (Girshick 2015).
 *
 * The value is @weight times the mean over all that is not left out, of each
 * of them times the weight of its entry of the batch; 0 when all are left
 * out.  What is minimised is the sum of all losses.
 */
typedef enum
{
  AX_LOSS_CROSS_ENTROPY,
  AX_LOSS_SMOOTH_L1,
} AxLossKind;

typedef struct
{
  int32_t kind;   /* AxLossKind */
  int32_t output; /* index into the graph's outputs */
  double weight;
} AxLoss;

/**
 * The update of a parameter p with gradient g; r and d are rate and decay,
 * times the parameter's own scales, m and v start at 0, t is @step.
 *
 * SGD, as PyTorch defines it: g += d p, m = momentum m + g,
 *   p -= r (nesterov ? g + momentum m : m).
 * ADAM (Kingma & Ba 2015, the decay decoupled as by Loshchilov & Hutter 2019):
 *   p -= r d p, m = momentum m + (1 - momentum) g, v = beta2 v
 *   + (1 - beta2) g^2, p -= r m / (1 - momentum^t)
 *   / (sqrt (v / (1 - beta2^t)) + epsilon).
 */
typedef enum
{
  AX_OPTIM_SGD,
  AX_OPTIM_ADAM,
} AxOptimKind;

/** AxOptimStep: one update of all parameters but running statistics. */
typedef struct
{
  int32_t kind; /* AxOptimKind */
  int32_t nesterov;
  int64_t step; /* from 1 */
  double rate, momentum, beta2, epsilon, weight_decay;
  const float *rate_scale;  /* per parameter; NULL: 1 */
  const float *decay_scale; /* per parameter; NULL: 1 */
} AxOptimStep;

/** What a training plan holds for each parameter of the table. */
typedef enum
{
  AX_STATE_VALUE,
  AX_STATE_GRADIENT,
  AX_STATE_MOMENT1, /* m */
  AX_STATE_MOMENT2, /* v */
} AxTrainState;

#define AX_N_TRAIN_STATES 4

/** Passes of one plan that may be under way. */
#define AX_MAX_IN_FLIGHT 2

/**
 * AxEngineOps:
 *
 * Every call of a context and of its plans comes from one thread.  Required:
 * everything up to and including forward().
 *
 * compile(): @params has n_params views in table order, F32 or F64; the engine
 *   copies or reorders what it needs, they may vanish afterwards.  @batch,
 *   @height, @width fix the input's size.
 * forward(): @input is (batch, height, width, 3) U8 or (batch, 3, height,
 *   width) F32/F64, which is then taken as RGB/255 *after* normalisation;
 *   @outputs: n_outputs views of the shapes the graph gives, F32 or F64.
 * host_alloc(): memory from which copies are fast; NULL when there is none.
 */
typedef struct
{
  uint32_t abi;
  uint32_t size;
  const char *name;
  AxStatus (*probe) (AxEngineReport *report, AxEngineError *error);
  AxStatus (*create) (const AxEngineOptions *options, AxEngineContext **context,
                      AxEngineError *error);
  void (*destroy) (AxEngineContext *context);
  AxStatus (*compile) (AxEngineContext *context, const AxGraphView *graph,
                       const AxTensorView *params, int32_t batch,
                       int32_t height, int32_t width, AxEnginePlan **plan,
                       AxEngineError *error);
  void (*plan_free) (AxEnginePlan *plan);
  AxStatus (*forward) (AxEnginePlan *plan, const AxTensorView *input,
                       const AxTensorView *outputs, AxEngineError *error);
  /* optional */
  void *(*host_alloc) (AxEngineContext *context, size_t bytes);
  void (*host_free) (AxEngineContext *context, void *memory);

  /* Optional, all of them or none: training.
   *
   * compile_training(): as compile(); the plan owns the parameters from then
   *   on.  Its forward() runs as for inference, with the current values.
   *   UNSUPPORTED when the graph holds a node that cannot be trained.
   * learn(): forward as for training, the losses, backward; leaves the
   *   gradients and updates the running statistics.  @targets and @values, the
   *   losses found: one per loss; @entry_weights: per entry of the batch, NULL:
   *   1.
   *   BATCH_NORM takes mean and variance of the batch itself, and moves the
   *   running ones by its momentum towards them, towards the unbiased variance
   *   as PyTorch does.
   *   DROPOUT node i sets value e (in row-major order) to 0 where u < rate, and
   *   divides the others by 1 - rate, u being the upper 53 bits, as a fraction
   *   of 1, of the first word of Philox2x64-10 with key @seed and counter
   *   (e, i) (Salmon et al. 2011).
   * step(): updates the parameters from the gradients.
   * pull(), push(): copy one parameter's state out of, or into, the plan; F32
   *   or F64 of the parameter's shape. */
  AxStatus (*compile_training) (AxEngineContext *context,
                                const AxGraphView *graph,
                                const AxTensorView *params,
                                const AxLoss *losses, int32_t n_losses,
                                int32_t batch, int32_t height, int32_t width,
                                AxEnginePlan **plan, AxEngineError *error);
  AxStatus (*learn) (AxEnginePlan *plan, const AxTensorView *input,
                     const AxTensorView *targets, const float *entry_weights,
                     uint64_t seed, double *values, AxEngineError *error);
  AxStatus (*step) (AxEnginePlan *plan, const AxOptimStep *step,
                    AxEngineError *error);
  AxStatus (*pull) (AxEnginePlan *plan, int32_t param, int32_t state,
                    const AxTensorView *out, AxEngineError *error);
  AxStatus (*push) (AxEnginePlan *plan, int32_t param, int32_t state,
                    const AxTensorView *in, AxEngineError *error);

  /* Optional, both or neither: several passes under way, so that copies and
   * computation overlap.  Of plans made by compile().
   *
   * submit(): begins what forward() does.  The views may vanish afterwards;
   *   what they show must stay, and @outputs not be looked at, until wait() has
   *   come back for this pass.  At most AX_MAX_IN_FLIGHT of a plan are under
   *   way, and forward() is only called when none is.
   * wait(): ends the pass that was submitted first; a failure is that pass's
   *   alone.
   * plan_free() ends what is under way. */
  AxStatus (*submit) (AxEnginePlan *plan, const AxTensorView *input,
                      const AxTensorView *outputs, AxEngineError *error);
  AxStatus (*wait) (AxEnginePlan *plan, AxEngineError *error);
} AxEngineOps;

/** What a module exports under AX_ENGINE_SYMBOL. */
typedef const AxEngineOps *(*AxEngineOpsFunc) (void);

#ifdef __cplusplus
}
#endif
