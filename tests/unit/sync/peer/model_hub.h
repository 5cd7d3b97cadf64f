/* A hub in memory: what a device can see of the real one (sync/hub), without disk, network or time. Mailboxes made by a
 * credential, opened by a read proof, written by a write signature; records in order, read from a cursor within the
 * reader's credit; the same envelope is kept once. One object a connection: frames in, frames out. What is wrong in a
 * device's frames is asserted: the model is for tests of honest devices.
 */
#pragma once

#include "sync/peer/frame.h"

typedef struct _ModelHub ModelHub;
typedef struct _ModelLine ModelLine;

ModelHub *model_hub_new (void);
void model_hub_free (ModelHub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModelHub, model_hub_free)
const guint8 *model_hub_key (ModelHub *hub); /* 32 bytes */
/* Loses everything but its key. */
void model_hub_forget (ModelHub *hub);
/* Comes back from a bad backup: every record twice, in another order (@roll: 0 to sides - 1), a new store epoch. */
void model_hub_scramble (ModelHub *hub, guint (*roll) (guint sides));
/* The next @n records are refused with @code. */
void model_hub_refuse (ModelHub *hub, guint n, MabeiRefuse code);
guint model_hub_n_records (ModelHub *hub);
guint model_hub_n_mailboxes (ModelHub *hub);
/* Puts a frame's data into a mailbox as if a writer had. */
void model_hub_plant (ModelHub *hub, const MabeiFrame *record);

ModelLine *model_hub_connect (ModelHub *hub);
void model_line_free (ModelLine *line); /* the cable is cut */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModelLine, model_line_free)
/* From the device. FALSE: the hub would close the connection. */
gboolean model_line_receive (ModelLine *line, GBytes *bytes);
/* To the device, or NULL: nothing now, or its credit is used up. (transfer full) */
GBytes *model_line_next (ModelLine *line);
/* The largest number of records, and bytes, that the device had in flight. */
void model_line_peak (ModelLine *line, guint *records, gsize *bytes);
/* Acknowledgements wait until this is FALSE again. */
void model_line_hold_answers (ModelLine *line, gboolean hold);
/* Everything that the device sent in a mailbox's frames: is there one of this mailbox? */
gboolean model_line_was_sent (ModelLine *line, const MabeiShortId *mailbox);
