#include "sync/hub/http_request.h"

#include <string.h>

#define HEADERS_MAX 64u
#define WEBSOCKET_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 section 1.3 */

typedef struct {
  guint hosts;
  guint keys;
  guint versions;
  gboolean connection_upgrade;
  gboolean upgrade_websocket;
  gboolean version_13;
  gboolean body;
} Headers;

gsize
mabei_hub_request_length (const guint8 *data, gsize length)
{
  const guint8 *end = memmem (data, length, "\r\n\r\n", 4);
  return end != NULL ? (gsize) (end - data) + 4 : 0;
}

static gboolean
token_listed (const char *value, const char *token)
{
  g_auto (GStrv) parts = g_strsplit (value, ",", 16);
  for (guint i = 0; parts[i] != NULL; i++)
    if (g_ascii_strcasecmp (g_strstrip (parts[i]), token) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
key_is_valid (const char *value)
{
  if (strlen (value) != 24)
    return FALSE;
  for (guint i = 0; i < 22; i++)
    if (!g_ascii_isalnum (value[i]) && value[i] != '+' && value[i] != '/')
      return FALSE;
  return value[22] == '=' && value[23] == '=';
}

/* FALSE when the line is not a header. */
static gboolean
header_read (char *line, Headers *headers, MabeiHubRequest *request)
{
  char *colon = strchr (line, ':');
  if (colon == NULL || colon == line)
    return FALSE;
  *colon = '\0';
  for (const char *at = line; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr ("!#$%&'*+-.^_`|~", *at) == NULL)
      return FALSE;
  const char *value = g_strstrip (colon + 1);

  if (g_ascii_strcasecmp (line, "host") == 0) {
    headers->hosts++;
  } else if (g_ascii_strcasecmp (line, "connection") == 0) {
    headers->connection_upgrade |= token_listed (value, "upgrade");
  } else if (g_ascii_strcasecmp (line, "upgrade") == 0) {
    headers->upgrade_websocket |= token_listed (value, "websocket");
  } else if (g_ascii_strcasecmp (line, "sec-websocket-version") == 0) {
    headers->versions++;
    headers->version_13 = strcmp (value, "13") == 0;
  } else if (g_ascii_strcasecmp (line, "sec-websocket-key") == 0) {
    headers->keys++;
    if (!key_is_valid (value))
      return FALSE;
    g_strlcpy (request->websocket_key, value, sizeof request->websocket_key);
  } else if (g_ascii_strcasecmp (line, "transfer-encoding") == 0) {
    headers->body = TRUE;
  } else if (g_ascii_strcasecmp (line, "content-length") == 0) {
    headers->body |= strcmp (value, "0") != 0;
  }
  return TRUE;
}

static guint
first_line_read (char *line, MabeiHubRequest *request)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  if (g_strv_length (words) != 3 || words[1][0] != '/')
    return 400;
  if (strncmp (words[2], "HTTP/", 5) != 0)
    return 400;
  if (strcmp (words[2], "HTTP/1.1") != 0)
    return 505;
  if (strcmp (words[0], "GET") != 0)
    return 405;
  char *query = strchr (words[1], '?');
  if (query != NULL)
    *query = '\0';
  if (strlen (words[1]) >= sizeof request->path)
    return 414;
  g_strlcpy (request->path, words[1], sizeof request->path);
  return 0;
}

guint
mabei_hub_request_parse (const guint8 *data, gsize length, MabeiHubRequest *request)
{
  MabeiHubRequest result = {0};
  Headers headers = {0};

  for (gsize i = 0; i < length; i++) {
    gboolean ends = data[i] == '\r' || data[i] == '\n';
    if (ends && (data[i] == '\r' ? i + 1 >= length || data[i + 1] != '\n' : i == 0 || data[i - 1] != '\r'))
      return 400;
    if (!ends && data[i] != '\t' && (data[i] < 0x20 || data[i] > 0x7e))
      return 400;
  }
  if (length < 4)
    return 400;
  g_autofree char *text = g_strndup ((const char *) data, length - 4);
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", HEADERS_MAX + 2);
  guint n_lines = g_strv_length (lines);
  if (n_lines == 0 || n_lines > HEADERS_MAX + 1)
    return 400;
  guint status = first_line_read (lines[0], &result);
  if (status != 0)
    return status;
  for (guint i = 1; i < n_lines; i++)
    if (!header_read (lines[i], &headers, &result))
      return 400;
  if (headers.hosts != 1 || headers.body)
    return 400;
  if (headers.upgrade_websocket || headers.connection_upgrade || headers.keys > 0) {
    if (!headers.upgrade_websocket || !headers.connection_upgrade || headers.keys != 1 || headers.versions != 1)
      return 400;
    if (!headers.version_13)
      return 426;
    result.upgrade = TRUE;
  }
  *request = result;
  return 0;
}

static const char *
status_text (guint status)
{
  switch (status) {
  case 200:
    return "OK";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 414:
    return "URI Too Long";
  case 426:
    return "Upgrade Required";
  case 431:
    return "Request Header Fields Too Large";
  case 503:
    return "Service Unavailable";
  case 505:
    return "HTTP Version Not Supported";
  default:
    return "Bad Request";
  }
}

GBytes *
mabei_hub_request_answer (guint status, const char *content_type, const char *body)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_append_printf (text, "HTTP/1.1 %u %s\r\n", status, status_text (status));
  if (status == 405)
    g_string_append (text, "Allow: GET\r\n");
  if (status == 426)
    g_string_append (text, "Sec-WebSocket-Version: 13\r\n");
  g_string_append_printf (
      text,
      "Content-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n%s",
      content_type, strlen (body), body);
  return g_string_free_to_bytes (g_steal_pointer (&text));
}

GBytes *
mabei_hub_request_accept (const MabeiHubRequest *request)
{
  /* SHA-1 is what RFC 6455 asks for; it protects nothing here. */
  g_autofree char *joined = g_strconcat (request->websocket_key, WEBSOCKET_GUID, NULL);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize length = sizeof digest;
  g_checksum_update (checksum, (const guchar *) joined, -1);
  g_checksum_get_digest (checksum, digest, &length);
  g_autofree char *accept = g_base64_encode (digest, length);
  char *answer = g_strdup_printf ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  "Sec-WebSocket-Accept: %s\r\n\r\n",
                                  accept);
  return g_bytes_new_take (answer, strlen (answer));
}
