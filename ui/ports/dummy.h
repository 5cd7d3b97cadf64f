/* The port from fixtures: three people, a case with a timeline, two entries that differ, minutes, a session with moving
 * pictures. Commands change the fixtures the way the device would. For tests and pictures of the screens; never in an
 * installed program. Main thread.
 */
#pragma once

#include "ui/ports/port.h"

#define MABEI_DUMMY_CASE "c1"

/* The fixtures' names and texts are Chinese or English. */
MabeiPort *mabei_dummy_new (gboolean chinese);
void mabei_dummy_free (MabeiPort *port);

/* Puts the fixtures into a state: "empty", "start", "calm", "knock", "alarm", "offline", "lobby", "waiting", "joint",
 * "caucus", "elsewhere", "asked", "party", "own-knock", "many". FALSE: no such scene. */
gboolean mabei_dummy_scene (MabeiPort *port, const char *scene);

/* Another person edits the minutes. */
void mabei_dummy_remote_edit (MabeiPort *port, guint position, guint removed, const char *inserted);
char *mabei_dummy_text (MabeiPort *port); /* (transfer full) */

/* The last command submitted, its words joined by spaces; "" before the first. */
const char *mabei_dummy_last_command (MabeiPort *port);

/* Accepts "horseback" as passphrase. Borrowed from the port. */
MabeiUnlockPort *mabei_dummy_unlock_port (MabeiPort *port, gboolean exists);
