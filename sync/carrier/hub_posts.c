/* Watches and posts of a hub client: they outlive its connections. */
#include "sync/carrier/hub_client_private.h"

#define RETRY_US (5 * G_USEC_PER_SEC) /* the mailbox may be made meanwhile */

typedef struct {
  MabeiSecret *secret;
  gboolean create;
} Watch;

typedef struct {
  MabeiSecret *secret;
  GBytes *data;
  guint64 tag; /* in the present exchange; 0: not under way */
  gint64 retry_us;
} Post;

static void
watch_free (gpointer data)
{
  Watch *watch = data;
  mabei_secret_unref (watch->secret);
  g_free (watch);
}

static void
post_free (gpointer data)
{
  Post *post = data;
  mabei_secret_unref (post->secret);
  g_bytes_unref (post->data);
  g_free (post);
}

void
mabei_hub_posts_init (MabeiHubClient *client)
{
  client->watches = g_ptr_array_new_with_free_func (watch_free);
  client->posts = g_ptr_array_new_with_free_func (post_free);
}

void
mabei_hub_posts_clear (MabeiHubClient *client)
{
  g_clear_pointer (&client->watches, g_ptr_array_unref);
  g_clear_pointer (&client->posts, g_ptr_array_unref);
}

static void
post_send (MabeiHubClient *client, Post *post)
{
  gsize length = 0;
  gconstpointer data = g_bytes_get_data (post->data, &length);
  post->tag = mabei_exchange_post (client->exchange, post->secret, data, length);
}

void
mabei_hub_posts_begin (MabeiHubClient *client)
{
  for (guint i = 0; i < client->watches->len; i++) {
    Watch *watch = client->watches->pdata[i];
    mabei_exchange_watch (client->exchange, watch->secret, watch->create);
  }
  for (guint i = 0; i < client->posts->len; i++)
    post_send (client, client->posts->pdata[i]);
}

void
mabei_hub_posts_retry (MabeiHubClient *client, gint64 now_us)
{
  for (guint i = 0; i < client->posts->len; i++) {
    Post *post = client->posts->pdata[i];
    if (post->tag == 0 && now_us >= post->retry_us)
      post_send (client, post);
  }
}

void
mabei_hub_posts_answered (MabeiHubClient *client, guint64 tag, gboolean stored)
{
  for (guint i = 0; i < client->posts->len; i++) {
    Post *post = client->posts->pdata[i];
    if (post->tag != tag)
      continue;
    if (stored) {
      g_ptr_array_remove_index (client->posts, i);
    } else {
      post->tag = 0;
      post->retry_us = g_get_monotonic_time () + RETRY_US;
    }
    return;
  }
}

static Watch *
watch_find (MabeiHubClient *client, MabeiSecret *secret)
{
  for (guint i = 0; i < client->watches->len; i++)
    if (mabei_secret_equal (((Watch *) client->watches->pdata[i])->secret, secret))
      return client->watches->pdata[i];
  return NULL;
}

void
mabei_hub_client_watch (MabeiHubClient *client, MabeiSecret *secret, gboolean create)
{
  Watch *watch = watch_find (client, secret);
  if (watch == NULL) {
    watch = g_new0 (Watch, 1);
    watch->secret = mabei_secret_ref (secret);
    g_ptr_array_add (client->watches, watch);
  }
  watch->create |= create;
  if (client->exchange != NULL)
    mabei_exchange_watch (client->exchange, secret, watch->create);
  mabei_hub_line_wake (client);
}

void
mabei_hub_client_unwatch (MabeiHubClient *client, MabeiSecret *secret)
{
  Watch *watch = watch_find (client, secret);
  if (watch == NULL)
    return;
  if (client->exchange != NULL)
    mabei_exchange_unwatch (client->exchange, secret);
  g_ptr_array_remove (client->watches, watch);
}

void
mabei_hub_client_post (MabeiHubClient *client, MabeiSecret *secret, GBytes *data)
{
  g_return_if_fail (g_bytes_get_size (data) <= MABEI_LIMIT_CHANGE_BYTES);
  Post *post = g_new0 (Post, 1);
  post->secret = mabei_secret_ref (secret);
  post->data = g_bytes_ref (data);
  g_ptr_array_add (client->posts, post);
  if (client->exchange != NULL)
    post_send (client, post);
  mabei_hub_line_wake (client);
}
