#include "app/desk/admission.h"

#include <string.h>

#include "app/desk/desk_line.h"
#include "core/base/cbor.h"
#include "core/crypto/hash.h"
#include "sync/invite/knock.h"

#define LIMIT_OPEN 256u           /* knocks and doors of one desk */
#define LIMIT_SAVED_BYTES 262144u /* one saved knock or door */

typedef struct {
  MabeiSecret *rendezvous;
  MabeiShortId mailbox;
  GHashTable *posted; /* digests of messages posted now or read there: a hub sheds nothing that is sealed anew */
  MabeiKnock *knock;  /* ours, or */
  MabeiDoor *door;    /* made by us */
  MabeiId case_id;    /* of a door */
  gboolean watched;
} Entry;

struct _MabeiAdmission {
  MabeiDesk *desk;
  GPtrArray *entries; /* Entry */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_clear_pointer (&entry->rendezvous, mabei_secret_unref);
  g_hash_table_unref (entry->posted);
  g_clear_pointer (&entry->knock, mabei_knock_free);
  g_clear_pointer (&entry->door, mabei_door_free);
  g_free (entry);
}

void
mabei_knock_info_free (MabeiKnockInfo *info)
{
  g_free (info->id);
  g_free (info->case_id);
  g_free (info->name);
  g_free (info->code);
  g_free (info);
}

gboolean
mabei_knock_id_fits (const char *id, const char *text)
{
  return strcmp (id, text) == 0 || (strlen (text) >= 4 && g_str_has_prefix (id, text));
}

static Entry *
entry_new (MabeiSecret *seed, MabeiKnock *knock, MabeiDoor *door)
{
  Entry *entry = g_new0 (Entry, 1);
  entry->rendezvous = mabei_link_rendezvous (seed);
  g_autoptr (MabeiMailboxKeys) keys = mabei_mailbox_keys_new (entry->rendezvous, 0);
  entry->mailbox = *mabei_mailbox_keys_id (keys);
  entry->posted = g_hash_table_new_full (mabei_id_hash, mabei_id_equal, g_free, NULL);
  entry->knock = knock;
  entry->door = door;
  return entry;
}

static MabeiReplica *
replica_of (MabeiAdmission *admission)
{
  return mabei_desk_replica (admission->desk);
}

static MabeiDeviceKey *
device_of (MabeiAdmission *admission)
{
  return mabei_replica_keys (replica_of (admission))->device;
}

/* First 8 bytes of H ("knock"; mailbox, joiner's device): the same on both sides, and tells nothing. */
static char *
knock_id (const Entry *entry, const MabeiShortId *device)
{
  MabeiId hash;
  mabei_hash (MABEI_LABEL_KNOCK, &hash, entry->mailbox.bytes, sizeof entry->mailbox.bytes, device->bytes,
              sizeof device->bytes, NULL);
  return mabei_hex_encode (hash.bytes, 8);
}

/* --- kept across restarts: one item, an array of [case id or empty, saved state] --- */

static gboolean
save (MabeiAdmission *admission, GError **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  mabei_cbor_write_array (out, admission->entries->len);
  for (guint i = 0; i < admission->entries->len; i++) {
    Entry *entry = g_ptr_array_index (admission->entries, i);
    g_autoptr (GBytes) saved = entry->knock != NULL ? mabei_knock_save (entry->knock) : mabei_door_save (entry->door);
    mabei_cbor_write_array (out, 2);
    mabei_cbor_write_bytes (out, entry->case_id.bytes, entry->door != NULL ? sizeof entry->case_id.bytes : 0);
    mabei_cbor_write_bytes (out, g_bytes_get_data (saved, NULL), g_bytes_get_size (saved));
  }
  g_autoptr (GBytes) value = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  return mabei_replica_set_item (replica_of (admission), "admission", value, error);
}

static gboolean
load_entry (MabeiAdmission *admission, MabeiCborReader *reader)
{
  const guint8 *case_id, *data;
  gsize case_length, length;
  guint64 count;
  if (!mabei_cbor_read_array (reader, 2, &count) || !mabei_cbor_read_bytes (reader, 32, &case_id, &case_length) ||
      !mabei_cbor_read_bytes (reader, LIMIT_SAVED_BYTES, &data, &length))
    return FALSE;
  g_autoptr (GBytes) saved = g_bytes_new (data, length);
  if (case_length == 32) {
    MabeiDoor *door = mabei_door_load (saved, device_of (admission), NULL);
    if (door == NULL)
      return FALSE;
    Entry *entry = entry_new (mabei_door_seed (door), NULL, door);
    memcpy (entry->case_id.bytes, case_id, 32);
    g_ptr_array_add (admission->entries, entry);
  } else {
    MabeiKnock *knock = mabei_knock_load (saved, device_of (admission), NULL);
    if (knock == NULL)
      return FALSE;
    g_ptr_array_add (admission->entries, entry_new (mabei_knock_link (knock)->seed, knock, NULL));
  }
  return TRUE;
}

static void
load (MabeiAdmission *admission)
{
  g_autoptr (GBytes) value = mabei_replica_item (replica_of (admission), "admission");
  if (value == NULL)
    return;
  MabeiCborReader reader;
  guint64 count = 0;
  mabei_cbor_reader_init (&reader, g_bytes_get_data (value, NULL), g_bytes_get_size (value));
  if (!mabei_cbor_read_array (&reader, LIMIT_OPEN, &count))
    return;
  for (guint64 i = 0; i < count; i++)
    if (!load_entry (admission, &reader)) {
      g_warning ("an invitation under way could not be read again");
      return;
    }
}

/* --- messages --- */

/* FALSE when it was noted before. */
static gboolean
note_posted (Entry *entry, GBytes *message)
{
  MabeiId digest;
  mabei_hash (MABEI_LABEL_KNOCK, &digest, g_bytes_get_data (message, NULL), g_bytes_get_size (message), NULL);
  return g_hash_table_add (entry->posted, g_memdup2 (&digest, sizeof digest));
}

static void
post (MabeiAdmission *admission, Entry *entry)
{
  MabeiDeskLine *line = mabei_desk_line (admission->desk);
  if (line == NULL || mabei_desk_line_hub (line, NULL) == NULL)
    return;
  g_autoptr (GPtrArray) messages =
      entry->knock != NULL ? mabei_knock_messages (entry->knock) : mabei_door_messages (entry->door);
  for (guint i = 0; i < messages->len; i++) {
    GBytes *message = g_ptr_array_index (messages, i);
    if (note_posted (entry, message))
      mabei_desk_line_post (line, entry->rendezvous, message);
  }
}

/* A knock of ours that was decided has nothing more to say or to hear. */
static gboolean
is_over (const Entry *entry)
{
  if (entry->knock == NULL)
    return FALSE;
  MabeiKnockState state = mabei_knock_state (entry->knock);
  return state == MABEI_KNOCK_REFUSED || (state == MABEI_KNOCK_ADMITTED && !mabei_id_is_zero (&entry->case_id));
}

static void
watch (MabeiAdmission *admission, Entry *entry)
{
  if (!entry->watched && !is_over (entry))
    mabei_desk_line_watch (mabei_desk_line (admission->desk), entry->rendezvous, entry->door != NULL);
  entry->watched = TRUE;
}

static void
open_entry (MabeiAdmission *admission, Entry *entry)
{
  watch (admission, entry);
  post (admission, entry);
}

/* Ours was decided: with a WELCOME the case is here. */
static void
take_welcome (MabeiAdmission *admission, Entry *entry)
{
  MabeiDevicePublic admitter;
  GBytes *welcome = mabei_knock_welcome (entry->knock, &admitter); /* borrowed */
  if (welcome == NULL || !mabei_id_is_zero (&entry->case_id))
    return;
  const MabeiLink *link = mabei_knock_link (entry->knock);
  g_autoptr (GError) error = NULL;
  MabeiCase *c = mabei_replica_accept_welcome (replica_of (admission), &admitter, link->case_prefix, welcome,
                                               mabei_desk_now_ms (), &error);
  if (c == NULL) {
    g_warning ("a welcome is not accepted: %s", error->message);
    return;
  }
  entry->case_id = *mabei_case_id (c);
  mabei_desk_wrote (admission->desk);
  mabei_desk_changed (admission->desk, MABEI_DESK_CASES);
}

void
mabei_admission_line_opened (MabeiAdmission *admission)
{
  for (guint i = 0; i < admission->entries->len; i++) {
    Entry *entry = g_ptr_array_index (admission->entries, i);
    if (entry->knock != NULL)
      take_welcome (admission, entry);
    entry->watched = FALSE;
    watch (admission, entry);
  }
}

void
mabei_admission_line_read (MabeiAdmission *admission)
{
  for (guint i = 0; i < admission->entries->len; i++) {
    Entry *entry = g_ptr_array_index (admission->entries, i);
    if (!is_over (entry))
      post (admission, entry);
  }
}

static void
tell (MabeiAdmission *admission)
{
  g_autoptr (GPtrArray) list = mabei_admission_list (admission);
  for (guint i = 0; i < list->len; i++) {
    MabeiKnockInfo *info = g_ptr_array_index (list, i);
    GVariantBuilder dict;
    g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add (&dict, "{sv}", "event", g_variant_new ("s", "knock"));
    g_variant_builder_add (&dict, "{sv}", "knock", g_variant_new ("s", info->id));
    g_variant_builder_add (&dict, "{sv}", "name", g_variant_new ("s", info->name));
    g_variant_builder_add (&dict, "{sv}", "state", g_variant_new ("s", info->state));
    if (info->code != NULL)
      g_variant_builder_add (&dict, "{sv}", "code", g_variant_new ("s", info->code));
    g_variant_builder_add (&dict, "{sv}", "own", g_variant_new ("b", info->own));
    g_variant_builder_add (&dict, "{sv}", "alarm", g_variant_new ("b", info->alarm));
    mabei_desk_event (admission->desk, g_variant_builder_end (&dict));
  }
  mabei_desk_changed (admission->desk, MABEI_DESK_KNOCKS);
}

void
mabei_admission_receive (MabeiAdmission *admission, const MabeiShortId *mailbox, GBytes *data)
{
  for (guint i = 0; i < admission->entries->len; i++) {
    Entry *entry = g_ptr_array_index (admission->entries, i);
    if (!mabei_short_id_equal (&entry->mailbox, mailbox))
      continue;
    note_posted (entry, data);
    g_autoptr (GBytes) before = entry->knock != NULL ? mabei_knock_save (entry->knock) : mabei_door_save (entry->door);
    if (entry->knock != NULL)
      mabei_knock_receive (entry->knock, data);
    else
      mabei_door_receive (entry->door, data);
    g_autoptr (GBytes) after = entry->knock != NULL ? mabei_knock_save (entry->knock) : mabei_door_save (entry->door);
    if (g_bytes_equal (before, after))
      return;
    g_autoptr (GError) error = NULL;
    if (!save (admission, &error)) {
      g_warning ("an admission under way could not be kept: %s", error->message);
      return;
    }
    if (entry->knock != NULL)
      take_welcome (admission, entry);
    post (admission, entry);
    tell (admission);
    return;
  }
}

/* --- life --- */

MabeiAdmission *
mabei_admission_new (MabeiDesk *desk)
{
  MabeiAdmission *admission = g_new0 (MabeiAdmission, 1);
  admission->desk = desk;
  admission->entries = g_ptr_array_new_with_free_func (entry_free);
  load (admission);
  return admission;
}

void
mabei_admission_free (MabeiAdmission *admission)
{
  if (admission == NULL)
    return;
  g_ptr_array_unref (admission->entries);
  g_free (admission);
}

/* --- intents --- */

static gboolean
add_entry (MabeiAdmission *admission, Entry *entry, GError **error)
{
  if (admission->entries->len >= LIMIT_OPEN) {
    entry_free (entry);
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_FULL, "too many invitations are open");
    return FALSE;
  }
  g_ptr_array_add (admission->entries, entry);
  if (!save (admission, error)) {
    g_ptr_array_remove_index (admission->entries, admission->entries->len - 1);
    return FALSE;
  }
  return TRUE;
}

char *
mabei_admission_invite (
    MabeiAdmission *admission, MabeiCase *c, MabeiRole role, const char *name, guint64 expires_ms, GError **error)
{
  const guint8 *hub_key;
  const char *url = mabei_desk_line_hub (mabei_desk_line (admission->desk), &hub_key);
  if (url == NULL || hub_key == NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_NO_PEER,
                         "no hub is known yet: the link would lead nowhere");
    return NULL;
  }
  g_autoptr (MabeiSecret) seed =
      mabei_replica_invite (replica_of (admission), c, role, name, expires_ms, mabei_desk_now_ms (), error);
  if (seed == NULL)
    return NULL;
  Entry *entry = entry_new (seed, NULL, mabei_door_new (seed, device_of (admission)));
  entry->case_id = *mabei_case_id (c);
  if (!add_entry (admission, entry, error))
    return NULL;
  open_entry (admission, entry);
  mabei_desk_wrote (admission->desk);

  MabeiLink link = {.hub_url = (char *) url, .seed = seed, .expires_ms = expires_ms};
  memcpy (link.hub_key, hub_key, sizeof link.hub_key);
  memcpy (link.case_prefix, mabei_case_id (c)->bytes, sizeof link.case_prefix);
  link.inviter = *mabei_device_key_id (device_of (admission));
  return mabei_link_format (&link);
}

char *
mabei_admission_knock (MabeiAdmission *admission, const char *text, GError **error)
{
  g_autoptr (MabeiLink) link = mabei_link_parse (text, error);
  if (link == NULL)
    return NULL;
  const MabeiShortId *device = mabei_device_key_id (device_of (admission));
  for (guint i = 0; i < admission->entries->len; i++) {
    Entry *entry = g_ptr_array_index (admission->entries, i);
    if (entry->knock != NULL && mabei_secret_equal (mabei_knock_link (entry->knock)->seed, link->seed))
      return knock_id (entry, device);
  }
  MabeiKeys *keys = mabei_replica_keys (replica_of (admission));
  guint8 read_key[32];
  MabeiId write_seed;
  mabei_keys_inbox (keys, read_key, &write_seed);
  MabeiKnock *knock = mabei_knock_new (link, keys->device, &keys->person, mabei_replica_name (replica_of (admission)),
                                       read_key, &write_seed, mabei_desk_now_ms (), error);
  if (knock == NULL)
    return NULL;
  Entry *entry = entry_new (link->seed, knock, NULL);
  if (!mabei_desk_line_set_hub (mabei_desk_line (admission->desk), link->hub_url, link->hub_key, error)) {
    entry_free (entry);
    return NULL;
  }
  if (!add_entry (admission, entry, error))
    return NULL;
  open_entry (admission, entry);
  mabei_desk_changed (admission->desk, MABEI_DESK_KNOCKS);
  return knock_id (entry, device);
}

static const char *
state_name (MabeiKnockState state)
{
  static const char *const names[] = {"sent", "code", "admitted", "refused"};
  return names[state];
}

static void
list_door (Entry *entry, MabeiAdmission *admission, GPtrArray *list)
{
  MabeiCase *c = mabei_replica_case (replica_of (admission), &entry->case_id);
  guint8 key[32];
  mabei_link_invite_key (mabei_door_seed (entry->door), key, NULL);
  MabeiRole role = MABEI_ROLE_OBSERVER;
  GPtrArray *invitations = c != NULL ? mabei_authority_invitations (mabei_case_authority (c)) : NULL;
  for (guint i = 0; invitations != NULL && i < invitations->len; i++) {
    MabeiInvitation *invitation = g_ptr_array_index (invitations, i);
    if (memcmp (invitation->invite_key, key, sizeof key) == 0)
      role = invitation->role;
  }
  for (guint n = 0; n < mabei_door_n_knocks (entry->door); n++) {
    const MabeiMember *member;
    const char *code;
    MabeiKnockState state;
    mabei_door_knock (entry->door, n, &member, &code, &state);
    MabeiKnockInfo *info = g_new0 (MabeiKnockInfo, 1);
    info->id = knock_id (entry, &member->device);
    info->case_id = mabei_id_to_hex (&entry->case_id);
    info->name = g_strdup (member->name);
    info->role = role;
    info->code = g_strdup (code);
    info->state = state_name (state);
    info->alarm = mabei_door_n_knocks (entry->door) > 1;
    g_ptr_array_add (list, info);
  }
}

GPtrArray *
mabei_admission_list (MabeiAdmission *admission)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) mabei_knock_info_free);
  for (guint i = 0; i < admission->entries->len; i++) {
    Entry *entry = g_ptr_array_index (admission->entries, i);
    if (entry->door != NULL) {
      list_door (entry, admission, list);
      continue;
    }
    MabeiKnockInfo *info = g_new0 (MabeiKnockInfo, 1);
    info->id = knock_id (entry, mabei_device_key_id (device_of (admission)));
    info->case_id = mabei_id_is_zero (&entry->case_id) ? NULL : mabei_id_to_hex (&entry->case_id);
    info->name = g_strdup (mabei_replica_name (replica_of (admission)));
    info->role = MABEI_ROLE_PARTY;
    info->code = g_strdup (mabei_knock_code (entry->knock));
    info->state = state_name (mabei_knock_state (entry->knock));
    info->own = TRUE;
    g_ptr_array_add (list, info);
  }
  return list;
}

static gboolean
find_at_door (MabeiAdmission *admission, const char *id, Entry **entry, guint *n, GError **error)
{
  for (guint i = 0; i < admission->entries->len; i++) {
    Entry *candidate = g_ptr_array_index (admission->entries, i);
    for (guint k = 0; candidate->door != NULL && k < mabei_door_n_knocks (candidate->door); k++) {
      const MabeiMember *member;
      mabei_door_knock (candidate->door, k, &member, NULL, NULL);
      g_autofree char *name = knock_id (candidate, &member->device);
      if (!mabei_knock_id_fits (name, id))
        continue;
      *entry = candidate;
      *n = k;
      return TRUE;
    }
  }
  g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "nobody knocked by that name");
  return FALSE;
}

static gboolean
decided (MabeiAdmission *admission, Entry *entry, GError **error)
{
  gboolean saved = save (admission, error);
  post (admission, entry);
  mabei_desk_wrote (admission->desk);
  tell (admission);
  return saved;
}

gboolean
mabei_admission_admit (MabeiAdmission *admission, const char *id, GError **error)
{
  Entry *entry;
  guint n;
  if (!find_at_door (admission, id, &entry, &n, error))
    return FALSE;
  const MabeiMember *member;
  const char *code;
  MabeiKnockState state;
  mabei_door_knock (entry->door, n, &member, &code, &state);
  if (state == MABEI_KNOCK_ADMITTED || state == MABEI_KNOCK_REFUSED) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_USED, "that knock was decided already");
    return FALSE;
  }
  if (code == NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_UNVERIFIED, "there is no code to compare yet");
    return FALSE;
  }
  MabeiCase *c = mabei_replica_case (replica_of (admission), &entry->case_id);
  if (c == NULL) {
    g_set_error_literal (error, MABEI_DESK_ERROR, MABEI_CODE_NOT_FOUND, "the case of that invitation is gone");
    return FALSE;
  }
  guint8 key[32];
  mabei_link_invite_key (mabei_door_seed (entry->door), key, NULL);
  g_autoptr (GBytes) welcome =
      mabei_replica_admit (replica_of (admission), c, key, member, mabei_desk_now_ms (), error);
  if (welcome == NULL)
    return FALSE;
  mabei_door_decide (entry->door, n, welcome);
  return decided (admission, entry, error);
}

gboolean
mabei_admission_refuse (MabeiAdmission *admission, const char *id, GError **error)
{
  Entry *entry;
  guint n;
  if (!find_at_door (admission, id, &entry, &n, error))
    return FALSE;
  mabei_door_decide (entry->door, n, NULL);
  return decided (admission, entry, error);
}
