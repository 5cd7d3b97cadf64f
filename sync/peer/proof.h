/* What is signed in a frame: one function a statement to sign and one to check, so that both ends hash the same bytes.
 * Every statement is the fixed-length fields below, one after the other, under its label; numbers are 8 bytes, least
 * significant first. Pure; the checks read untrusted frames and answer TRUE or FALSE.
 *   AUTH   "hub-auth":     hub's salt, hub's key, time             by the device
 *   READY  "hub-auth":     other's salt, hub's salt, store epoch   by the hub
 *   OPEN   "mbox-read":    hub's salt, mailbox                     by the read key
 *   RECORD "hub-envelope": mailbox, envelope                       by the write key
 *   LIVE   "live":         mailbox, blob                           by the write key
 */
#pragma once

#include "sync/peer/frame.h"

/* Sets key, time_ms and signature. */
void mabei_proof_sign_auth (
    MabeiFrame *frame, MabeiDeviceKey *device, const guint8 hub_salt[32], const guint8 hub_key[32], guint64 time_ms);
gboolean mabei_proof_check_auth (const MabeiFrame *frame, const guint8 hub_salt[32], const guint8 hub_key[32]);

/* Signs store_epoch, which is set already. */
void
mabei_proof_sign_ready (MabeiFrame *frame, MabeiDeviceKey *hub, const guint8 other_salt[32], const guint8 hub_salt[32]);
gboolean mabei_proof_check_ready (const MabeiFrame *frame,
                                  const guint8 hub_key[32],
                                  const guint8 other_salt[32],
                                  const guint8 hub_salt[32]);

/* Sets read_key, write_key and signature. */
void mabei_proof_sign_open (MabeiFrame *frame, MabeiMailboxKeys *keys, const guint8 hub_salt[32]);
/* @mailbox (may be NULL): the mailbox that the frame's keys name. */
gboolean mabei_proof_check_open (const MabeiFrame *frame, const guint8 hub_salt[32], MabeiShortId *mailbox);

/* Sets mailbox and signature; the type is RECORD or LIVE and data is there. */
void mabei_proof_sign_data (MabeiFrame *frame, MabeiMailboxKeys *keys);
/* RECORD or LIVE, in the mailbox that it names, by that mailbox's write key. */
gboolean mabei_proof_check_data (const MabeiFrame *frame, const guint8 write_key[32]);
