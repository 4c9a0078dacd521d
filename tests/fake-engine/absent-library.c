/* What the needy engine is linked with. */
const void *ax_absent (void);

const void *
ax_absent (void)
{
  return 0;
}
