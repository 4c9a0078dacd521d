/* An engine that is linked with a library that is not there. */
const void *ax_absent (void);
const void *ax_engine_ops_v1 (void);

const void *
ax_engine_ops_v1 (void)
{
  return ax_absent ();
}
