/* Every limit of the record, once, with its unit and its source. Limits that decide validity are functions of a change
 * and its causal past only; rates and quotas only delay (soundness rule 2). Each has a test on both sides.
 */
#pragma once

/* The change (core.md 2). */
#define MABEI_LIMIT_CHANGE_BYTES (64u * 1024u) /* whole encoded change */
#define MABEI_LIMIT_HEADER_BYTES 4096u         /* encoded header */
#define MABEI_LIMIT_DEPS 16u                   /* causal parents in other chains of the space */
#define MABEI_LIMIT_CONTROL_HEADS 16u          /* heads of the control space that the author saw */
#define MABEI_LIMIT_OPERATIONS 64u             /* operations in one change */
#define MABEI_LIMIT_REFERENCES 512u            /* changes that one operation may cite */
#define MABEI_LIMIT_SEQUENCE 0xffffffffu       /* changes of one device in one space */
#define MABEI_LIMIT_LAMPORT (1ull << 48)       /* far beyond any real case; keeps arithmetic safe */

/* The case. */
#define MABEI_LIMIT_DEVICES 64u                  /* devices admitted to a case */
#define MABEI_LIMIT_SPACES 64u                   /* spaces of a case that one device can read */
#define MABEI_LIMIT_DOCUMENTS 1024u              /* documents of a case */
#define MABEI_LIMIT_EPOCHS 1024u                 /* epochs of a space */
#define MABEI_LIMIT_NAME_BYTES 256u              /* a person's name, a field's name, UTF-8 */
#define MABEI_LIMIT_VALUE_BYTES 4096u            /* the value of a field, a title, UTF-8 */
#define MABEI_LIMIT_MESSAGE_BYTES 16384u         /* one message, UTF-8 */
#define MABEI_LIMIT_PARAGRAPH_CHARACTERS 4000u   /* a longer paragraph is split by the editor */
#define MABEI_LIMIT_DOCUMENT_CHARACTERS 1000000u /* visible characters of a document */
#define MABEI_LIMIT_INSERT_BYTES 32768u          /* text of one operation; a longer paste becomes several changes */

/* Gathering a burst (core.md 2), milliseconds. */
#define MABEI_LIMIT_BURST_IDLE_MS 250u
#define MABEI_LIMIT_BURST_MS 1000u
#define MABEI_LIMIT_JOURNAL_MS 100u /* unsealed operations reach the journal within this (soundness rule 6) */

/* The exchange (sync). */
#define MABEI_LIMIT_CREDIT_BYTES (1024u * 1024u) /* unacknowledged bytes a peer */
#define MABEI_LIMIT_IN_FLIGHT 512u               /* unacknowledged changes a peer */
#define MABEI_LIMIT_FRAME_BYTES (132u * 1024u)   /* one frame: the largest envelope (128 KiB class) and its fields */
#define MABEI_LIMIT_LIVE_BYTES (32u * 1024u)     /* one live message (presence, call set-up), sealed */
#define MABEI_LIMIT_MAILBOXES 256u               /* mailboxes that one connection opens */
#define MABEI_LIMIT_BUNDLE_BYTES (64ull * 1024ull * 1024ull)
#define MABEI_LIMIT_LINK_BYTES 1024u /* an invitation link */

/* The codec. */
#define MABEI_LIMIT_CBOR_DEPTH 8u /* containers inside each other */
