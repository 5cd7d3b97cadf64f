/* What an exchange holds; for its own files, which include it through exchange_private.h. One thread; every pointer to
 * a space lives as long as the replica, every pointer to a mailbox or route as long as the exchange.
 */
#pragma once

#include "sync/peer/exchange.h"
#include "sync/peer/record_frame.h"

typedef enum {
  MABEI_MAILBOX_NEW,      /* nothing was asked yet, or it is to be asked again at retry_ms */
  MABEI_MAILBOX_CREATING, /* hub: waiting for ACK or REFUSE */
  MABEI_MAILBOX_OPENING,  /* hub: until the first RECORD, ACK or DONE */
  MABEI_MAILBOX_OPEN,     /* may be sent to and read from */
  MABEI_MAILBOX_MISSING,  /* hub: not there; asked again at retry_ms */
  MABEI_MAILBOX_FAILED,   /* hub: refused for good on this connection */
} MabeiMailboxState;

typedef struct {
  MabeiMailboxKeys *keys;
  MabeiSecret *secret;
  MabeiSpace *space;  /* NULL: watched */
  MabeiId epoch_id;   /* zero: watched */
  gboolean create;    /* CREATE is still to be sent before OPEN */
  gboolean is_closed; /* unwatched: what still comes is acknowledged and dropped */
  MabeiMailboxState state;
  guint64 retry_ms;
  guint64 cursor;
  guint64 kept_cursor;
  gboolean is_read;    /* DONE came */
  gboolean is_offered; /* member: HEADS were sent */
} MabeiMailbox;

/* What is on its way in one space. */
typedef struct {
  MabeiSpace *space;
  GPtrArray *queue; /* MabeiChange to send, parents first; from @at on */
  guint at;
  guint n_in_flight;
  gboolean is_refused; /* member: something did not arrive: nothing may be said of what the other has */
  gboolean is_shared;  /* member: the other is in it and told its heads */
  GArray *known;       /* member: MabeiId that the other has, with all before them */
  GArray *offered;     /* member: our heads when the queue was made: known once all of it is acknowledged */
} MabeiRoute;

typedef enum { MABEI_FLIGHT_CREATE, MABEI_FLIGHT_OPEN, MABEI_FLIGHT_CHANGE, MABEI_FLIGHT_POST } MabeiFlightType;

/* Something with a tag that waits for ACK or REFUSE. */
typedef struct {
  guint64 tag;
  MabeiFlightType type;
  MabeiMailbox *mailbox; /* CREATE, OPEN, CHANGE */
  MabeiRoute *route;     /* CHANGE */
  MabeiId change;        /* CHANGE */
  GBytes *frame;         /* POST: to be sent again */
  gsize bytes;           /* of credit */
} MabeiFlight;

typedef struct {
  MabeiMailbox *mailbox;
  guint64 tag;
  guint64 position;
  gsize bytes;  /* of the envelope */
  GBytes *data; /* opened; NULL for junk */
} MabeiArrival;

/* A frame that waits for the carrier; sent whatever the credit. */
typedef struct {
  GBytes *frame;
  gboolean is_live;
  gboolean is_answer; /* to a RECORD of so many bytes: taken by the carrier, it gives the other its credit back */
  gsize bytes;
} MabeiOutgoing;

struct _MabeiExchange {
  MabeiReplica *replica;
  MabeiExchangeListener listener;
  gboolean is_hub;
  MabeiShortId device; /* member: the other */
  gboolean has_pin;
  guint8 pin[32];
  guint8 salt[32];
  guint8 other_salt[32];
  guint8 salts[64]; /* both, the smaller one first */
  guint8 hub_key[32];
  MabeiShortId store_epoch;
  gboolean has_hello;
  gboolean is_ready;
  GError *failure; /* told by the next receive; nothing goes out any more */

  GQueue *out; /* MabeiOutgoing */
  guint n_live_waiting;
  guint64 next_tag;
  GHashTable *flights; /* tag -> MabeiFlight */
  gsize flight_bytes;
  guint n_record_flights;
  guint64 hold_ms; /* the hub asked for patience: no records before */
  guint64 patience_ms;

  GPtrArray *mailboxes;
  GHashTable *mailbox_of_epoch; /* MabeiId -> MabeiMailbox */
  GHashTable *mailbox_of;       /* MabeiShortId -> MabeiMailbox */
  GPtrArray *routes;
  GHashTable *sent;  /* MabeiId: in flight, refused, or (member) known to be there */
  GQueue *posts;     /* MabeiFlight not sent yet */
  gboolean scan_due; /* spaces, epochs and outboxes are to be looked through again */

  GPtrArray *arrivals; /* MabeiArrival, not stored yet */
  guint n_unsettled;   /* records whose ACK the carrier has not taken */
  gsize unsettled_bytes;
  guint64 cursors_ms; /* when cursors are to be kept; 0: nothing to keep */
  guint n_since_cursors;

  gboolean sent_done; /* member */
  gboolean got_done;
  gboolean sent_heads, got_heads;
  GHashTable *heads_of; /* member: MabeiShortId of a mailbox -> MabeiFrame HEADS that came for it */

  guint64 now_ms; /* as told last */
  guint64 bytes_in, bytes_out;
  guint n_junk, n_refused;
};

#define MABEI_EXCHANGE_OUT_FRAMES 4096u
#define MABEI_EXCHANGE_LIVE_WAITING 64u
#define MABEI_EXCHANGE_PATIENCE_MS 1000u
#define MABEI_EXCHANGE_PATIENCE_MAX_MS 60000u
#define MABEI_EXCHANGE_MISSING_MS 5000u /* a mailbox that is not there is asked for again */
#define MABEI_EXCHANGE_CURSOR_MS 1000u
#define MABEI_EXCHANGE_CURSOR_RECORDS 256u
#define MABEI_EXCHANGE_ARRIVALS 64u /* stored together at most */
