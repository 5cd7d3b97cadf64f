#include "sync/hub/metrics.h"

static const char *const refusal_names[MABEI_HUB_REFUSALS] = {
    [MABEI_REFUSE_FORMAT] = "format",       [MABEI_REFUSE_NOT_ALLOWED] = "not-allowed",
    [MABEI_REFUSE_NOT_FOUND] = "not-found", [MABEI_REFUSE_FULL] = "full",
    [MABEI_REFUSE_BUSY] = "busy",           [MABEI_REFUSE_TOO_LARGE] = "too-large",
};

static void
line (GString *text, const char *name, const char *type, const char *help, guint64 value)
{
  g_string_append_printf (text, "# HELP mabei_hub_%s %s\n# TYPE mabei_hub_%s %s\nmabei_hub_%s %" G_GUINT64_FORMAT "\n",
                          name, help, name, type, name, value);
}

char *
mabei_hub_metrics_text (const MabeiHubMetrics *metrics, const MabeiHubStoreCounts *counts)
{
  GString *text = g_string_new (NULL);
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  line (text, "connections", "gauge", "Open connections.", metrics->connections);
  line (text, "connections_ready", "gauge", "Authenticated connections.", metrics->ready);
  line (text, "connections_accepted_total", "counter", "Connections taken.", metrics->accepted);
  line (text, "connections_turned_away_total", "counter", "Connections over the limit.", metrics->turned_away);
  line (text, "connections_faulty_total", "counter", "Connections that broke a protocol.", metrics->faults);
  line (text, "connections_timed_out_total", "counter", "Silent or unfinished connections.", metrics->timed_out);
  line (text, "records_total", "counter", "Records stored.", metrics->records);
  line (text, "record_bytes_total", "counter", "Bytes of their envelopes.", metrics->bytes);
  line (text, "record_duplicates_total", "counter", "Records that were there already.", metrics->duplicates);
  line (text, "records_sent_total", "counter", "Records sent to readers.", metrics->sent);
  line (text, "live_forwarded_total", "counter", "Live messages forwarded.", metrics->live);
  line (text, "live_dropped_total", "counter", "Live messages dropped: rate, or a slow reader.", metrics->live_dropped);
  line (text, "commits_failed_total", "counter", "Transactions that could not be made durable.",
        metrics->commits_failed);
  if (counts != NULL) {
    line (text, "store_mailboxes", "gauge", "Mailboxes in the store.", counts->mailboxes);
    line (text, "store_records", "gauge", "Records in the store.", counts->records);
    line (text, "store_envelope_bytes", "gauge", "Bytes of envelopes in the store.", counts->envelope_bytes);
    line (text, "store_file_bytes", "gauge", "Bytes of the store's file.", counts->file_bytes);
  }
  g_string_append (text, "# HELP mabei_hub_refused_total Frames refused.\n# TYPE mabei_hub_refused_total counter\n");
  for (guint i = MABEI_REFUSE_FORMAT; i < MABEI_HUB_REFUSALS; i++)
    g_string_append_printf (text, "mabei_hub_refused_total{code=\"%s\"} %" G_GUINT64_FORMAT "\n", refusal_names[i],
                            metrics->refused[i]);
  g_ascii_formatd (seconds, sizeof seconds, "%.6f", (double) metrics->commit_us / 1e6);
  g_string_append_printf (text,
                          "# HELP mabei_hub_commit_seconds Time to make a transaction durable.\n"
                          "# TYPE mabei_hub_commit_seconds summary\n"
                          "mabei_hub_commit_seconds_sum %s\nmabei_hub_commit_seconds_count %" G_GUINT64_FORMAT "\n",
                          seconds, metrics->commits);
  return g_string_free (text, FALSE);
}
