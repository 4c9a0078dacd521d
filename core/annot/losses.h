#pragma once

#include "core/annot/annotation.h"

G_BEGIN_DECLS

/**
 * AxLosses:
 *
 * What a writer's format could not carry, tallied by reason, so that a file of
 * thousands of shapes is reported in a few lines.
 *
 * Thread: owner.
 */
typedef struct _AxLosses AxLosses;

AxLosses *ax_losses_new (void);
void ax_losses_free (AxLosses *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AxLosses, ax_losses_free)

/**
 * Counts a loss.
 *
 * @why: (static): e.g. "rectangle written as a polygon"
 * @name: of the annotation or group it befell
 */
void ax_losses_add (AxLosses *self, const char *why, const char *name);

/** Counts the measurements and metadata of @annotation as not written. */
void ax_losses_add_data (AxLosses *self, const AxAnnotation *annotation);

/** Appends one AxSkipped a reason to @list, in order of first occurrence. */
void ax_losses_report (const AxLosses *self, GPtrArray *list);

G_END_DECLS
