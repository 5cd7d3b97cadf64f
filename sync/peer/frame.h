/* The frames of an exchange: one strict canonical CBOR array each, [type, ...]; the same on a WebSocket, in a bundle
 * and in memory (bytes in sync/peer/PROTOCOL.md). Pure encoding and decoding; MABEI_LIMIT_FRAME_BYTES; hostile bytes
 * give an error, nothing else.
 */
#pragma once

#include "core/base/limits.h"
#include "core/crypto/epoch.h"

#define MABEI_FRAME_ERROR (mabei_frame_error_quark ())
GQuark mabei_frame_error_quark (void);
typedef enum { MABEI_FRAME_ERROR_FORMAT, MABEI_FRAME_ERROR_TOO_LARGE, MABEI_FRAME_ERROR_UNSUPPORTED } MabeiFrameError;

#define MABEI_PROTOCOL_VERSION 1u

typedef enum {
  MABEI_FRAME_HELLO = 0, /* version, salt, key (the hub's; zero from others) */
  MABEI_FRAME_AUTH =
      1, /* to a hub: device key, time, signature over H ("hub-auth"; hub salt, hub key, time), credential or empty */
  MABEI_FRAME_READY =
      2, /* from a hub: store epoch, signature by the hub key over H ("hub-auth"; salt of the other, own salt) */
  MABEI_FRAME_CREATE = 3, /* to a hub: tag, read key, write key: makes a mailbox (needs a court's credential) */
  MABEI_FRAME_OPEN = 4,   /* to a hub: tag, read key, write key, cursor, proof: by the read key over H ("mbox-read"; hub
                             salt, mailbox) */
  MABEI_FRAME_RECORD = 5, /* tag, mailbox, position (0 unless from a hub), envelope, signature by the write key over H
                             ("hub-envelope"; mailbox, envelope) */
  MABEI_FRAME_ACK = 6,    /* tag, position: stored durably */
  MABEI_FRAME_REFUSE = 7, /* tag, code: not stored; never to be sent again unchanged unless the code is full or busy */
  MABEI_FRAME_HEADS = 8,  /* mailbox, salted heads (8 bytes each): between members */
  MABEI_FRAME_LIVE =
      9, /* mailbox, sealed blob, signature by the write key over H ("live"; mailbox, blob): forwarded, never stored */
  MABEI_FRAME_PING = 10, /* number */
  MABEI_FRAME_PONG = 11, /* number */
  MABEI_FRAME_DONE = 12, /* everything that I had for you has been sent; from a hub: mailbox is read to its end */
} MabeiFrameType;

typedef enum {
  MABEI_REFUSE_FORMAT = 1,
  MABEI_REFUSE_NOT_ALLOWED = 2, /* signature, proof, or right to create */
  MABEI_REFUSE_NOT_FOUND = 3,   /* no such mailbox */
  MABEI_REFUSE_FULL = 4,        /* quota or disk: try later */
  MABEI_REFUSE_BUSY = 5,        /* rate: try later */
  MABEI_REFUSE_TOO_LARGE = 6,
} MabeiRefuse;

typedef struct {
  MabeiFrameType type;
  guint64 version;
  guint8 salt[32];
  guint8 key[32]; /* HELLO: hub key; AUTH: device sign key */
  guint64 time_ms;
  guint8 signature[MABEI_SIGNATURE_BYTES]; /* AUTH, READY, OPEN (proof), RECORD, LIVE */
  GBytes *credential;                      /* AUTH: owned, may be NULL */
  MabeiShortId store_epoch; /* READY: drawn when a hub's store is made; a change means that the hub forgot */
  guint64 tag;
  guint8 read_key[32];
  guint8 write_key[32];
  guint64 cursor; /* OPEN: last position read, 0 from the start */
  MabeiShortId mailbox;
  guint64 position;
  GBytes *data; /* RECORD: envelope; LIVE: blob. Owned */
  MabeiRefuse code;
  guint n_heads;
  guint8 heads[256][8];
  guint64 number;
} MabeiFrame;

/* (transfer full) */
GBytes *mabei_frame_encode (const MabeiFrame *frame);
MabeiFrame *mabei_frame_decode (GBytes *bytes, GError **error);
void mabei_frame_free (MabeiFrame *frame);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiFrame, mabei_frame_free)
