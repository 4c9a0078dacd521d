/* An engine of a later interface, under that interface's symbol. */
const void *ax_engine_ops_v2 (void);

const void *
ax_engine_ops_v2 (void)
{
  return 0;
}
