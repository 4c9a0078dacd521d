#pragma once

#include "core/annot/annotation.h"
#include "ui/layer.h"

G_BEGIN_DECLS

/**
 * AxAnnotationLayer:
 *
 * Reference annotations, read only: outlines in yellow, dashed for cut-outs
 * and normal tissue; points as crosses, measurements as lines.  An area
 * smaller than a mark still shows as a small cross.
 *
 * Thread: main.
 */
#define AX_TYPE_ANNOTATION_LAYER (ax_annotation_layer_get_type ())
G_DECLARE_FINAL_TYPE (AxAnnotationLayer, ax_annotation_layer, AX,
                      ANNOTATION_LAYER, AxLayer)

AxAnnotationLayer *ax_annotation_layer_new (void);

/** @annotations: (nullable). */
void ax_annotation_layer_set_annotations (AxAnnotationLayer *self,
                                          AxAnnotationSet *annotations);

G_END_DECLS
