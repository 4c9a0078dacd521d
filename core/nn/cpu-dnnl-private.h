#pragma once

#include "core/nn/cpu-dnnl.h"

#include <dnnl.h>

G_BEGIN_DECLS

/*
 * What cpu-dnnl-train.c shares with cpu-dnnl.c.  Thread: the engine's.
 */
struct _AxDnnl
{
  dnnl_engine_t engine;
  dnnl_stream_t stream;
};

typedef dnnl_memory_desc_t AxDnnlDesc;

/** An error with a message unless @status is a success. */
AxStatus ax_dnnl_check (dnnl_status_t status, const char *what,
                        AxEngineError *error);

/** A tensor of floats. */
dnnl_status_t ax_dnnl_describe (AxDnnlDesc *desc, int rank,
                                const dnnl_dims_t sides,
                                dnnl_format_tag_t order);

/** @spec with channels that fill their blocks of @lanes. */
AxDnnlConvSpec ax_dnnl_pad_spec (const AxDnnlConvSpec *spec, int lanes);

/** Of such a one: source, weights (in any order), bias, destination. */
dnnl_status_t ax_dnnl_describe_conv (const AxDnnlConvSpec *spec, int lanes,
                                     AxDnnlDesc descs[4]);

dnnl_status_t ax_dnnl_create_reorder_desc (dnnl_engine_t engine,
                                           const AxDnnlDesc *from,
                                           const AxDnnlDesc *to,
                                           dnnl_primitive_desc_t *desc);

G_END_DECLS
