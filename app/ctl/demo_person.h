/* One person of the demo: a child process that takes commands as lines and answers with JSON lines. Blocking with
 * time-outs; one thread. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

typedef struct _MabeiDemoPerson MabeiDemoPerson;

/* @argv: the program with its arguments. (transfer full) */
MabeiDemoPerson *
mabei_demo_person_new (const char *name, const char *const *argv, const char *const *environment, GError **error);
/* Ends the child: end of input first, SIGTERM after 5 s, SIGKILL after 5 more. NULL is accepted. */
void mabei_demo_person_free (MabeiDemoPerson *person);
const char *mabei_demo_person_name (MabeiDemoPerson *person);
/* Resident memory in KiB and CPU seconds so far of the child, from /proc. */
void mabei_demo_person_usage (MabeiDemoPerson *person, guint64 *rss_kib, double *cpu_s);
gboolean mabei_demo_person_is_alive (MabeiDemoPerson *person);

/* Says a command (words, NULL-terminated) and returns its answer object; NULL with @error when it was refused or
 * nothing came in time. (transfer full) */
JsonObject *
mabei_demo_person_say (MabeiDemoPerson *person, GError **error, const char *first, ...) G_GNUC_NULL_TERMINATED;
/* The next line that comes without being asked (a ready line). (transfer full) */
JsonObject *mabei_demo_person_hear (MabeiDemoPerson *person, GError **error);
/* Asks the child to end by SIGTERM. */
void mabei_demo_person_stop (MabeiDemoPerson *person);
