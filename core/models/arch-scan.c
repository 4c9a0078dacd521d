#include "core/models/arch-scan.h"

int
ax_arch_scan_list (AxJsonScan *scan, const char *key, gint64 min, gint64 max,
                   int list[AX_ARCH_MAX_LIST])
{
  g_return_val_if_fail (scan != NULL && key != NULL && list != NULL, 0);
  int n = 0;
  ax_json_scan_begin (scan, '[');
  while (ax_json_scan_next_item (scan))
    {
      gint64 value;
      if (n == AX_ARCH_MAX_LIST)
        ax_json_scan_fail (scan, "'%s' has more than %d numbers", key,
                           AX_ARCH_MAX_LIST);
      else if (ax_json_scan_count (scan, max, &value))
        {
          if (value < min)
            ax_json_scan_fail (scan, "'%s' holds %" G_GINT64_FORMAT, key,
                               value);
          list[n++] = (int)value;
        }
    }
  if (n == 0)
    ax_json_scan_fail (scan, "'%s' is empty", key);
  return n;
}

void
ax_arch_append_list (GString *json, const char *key, const int *list, int n)
{
  g_return_if_fail (json != NULL && key != NULL && list != NULL);
  g_string_append_printf (json, "\"%s\":[", key);
  for (int i = 0; i < n; i++)
    g_string_append_printf (json, "%s%d", i > 0 ? "," : "", list[i]);
  g_string_append (json, "],");
}
