/* Records: changes on their way. Which epoch's mailbox a change travels in, and the RECORD frame around it (the rule is
 * told in PROTOCOL.md, "Where a change lies"). The envelope is sealed and signed under that epoch, so that only readers
 * of the space can open or make it. Pure but for the envelope's nonce.
 */
#pragma once

#include "core/store/replica.h"
#include "sync/peer/frame.h"

/* The epoch whose mailbox @change goes to. FALSE when this device holds no epoch of @space. (secret: transfer none) */
gboolean mabei_record_frame_route (MabeiSpace *space, MabeiChange *change, MabeiId *epoch_id, MabeiSecret **secret);

/* A RECORD of @data in the mailbox of @keys, sealed under @secret. NULL when @data fits no envelope. (transfer full) */
GBytes *
mabei_record_frame_seal (MabeiSecret *secret, MabeiMailboxKeys *keys, guint64 tag, gconstpointer data, gsize length);

/* What is in a RECORD or LIVE, when its size, its write signature and its seal are right; else NULL. (transfer full) */
GBytes *mabei_record_frame_open (MabeiSecret *secret, MabeiMailboxKeys *keys, const MabeiFrame *frame);

/* 8 bytes of H ("head"; salts, head): tells which head is meant to who has it, and nothing to others. @salts: 64 bytes,
 * the smaller salt first. */
void mabei_record_frame_salted_head (const guint8 salts[64], const MabeiId *head, guint8 out[8]);

/* The changes of @space among whose salted heads are the @n given; unknown ones are left out. (transfer full) MabeiId
 */
GArray *mabei_record_frame_recognise (MabeiSpace *space, const guint8 salts[64], const guint8 (*heads)[8], guint n);
