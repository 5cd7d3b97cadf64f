/* What the files of the demo share: the stage (programs, folders, people) and what was measured. */
#pragma once

#include "app/ctl/demo_network.h"
#include "app/ctl/demo_person.h"

enum { MEDIATOR, FIRST_PARTY, SECOND_PARTY, N_PEOPLE };

typedef struct {
  /* as asked */
  gboolean headless;
  gboolean camera;
  gboolean offline_switch; /* no namespaces, even where they are possible */
  gboolean stay;           /* with a display: the windows stay open */
  char *screenshots;       /* folder */
  guint64 seed;
  /* the stage */
  char *folder;   /* temporary; removed at the end */
  char *programs; /* folder of this program */
  char *passphrase_file;
  char *hub_url;
  MabeiDemoPerson *hub;
  MabeiDemoNetwork *network; /* NULL: the clients' own offline switch cuts */
  MabeiDemoPerson *people[N_PEOPLE];
  /* the story's things */
  char *case_id;
  char *minutes; /* document id */
  char *person_ids[N_PEOPLE];
  GPtrArray *planted;  /* char *: sentences that must be in the minutes at the end */
  GPtrArray *pictures; /* char *: screenshots made */
  /* measured */
  guint64 frames[N_PEOPLE][N_PEOPLE]; /* decoded by the first from the second */
  gint64 merge_hub_ms, merge_bundle_ms;
  guint64 bytes_in[N_PEOPLE], bytes_out[N_PEOPLE];
  guint64 rss_kib[N_PEOPLE], hub_rss_kib;
  double core_share[N_PEOPLE]; /* of one core, during the call */
  gint64 changes;
  guint64 bundle_bytes;
  guint lost;
  guint checks;
} MabeiDemo;

extern const char *const mabei_demo_names[N_PEOPLE];

/* Says what happens now, for who watches. */
void mabei_demo_tell (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* A claim of the story: counted when it holds; FALSE with @error when not. */
gboolean mabei_demo_check (MabeiDemo *demo, gboolean holds, GError **error, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
/* A picture of every window, when there are windows. */
gboolean mabei_demo_picture (MabeiDemo *demo, const char *stage, const char *page, GError **error);

/* Sets the stage: hub, court, three profiles, three programs. */
gboolean mabei_demo_stage (MabeiDemo *demo, GError **error);
/* hub.pem in the folder: a certificate for the hub's address in the namespaces, and its key. */
gboolean mabei_demo_make_certificate (MabeiDemo *demo, GError **error);
gboolean mabei_demo_story (MabeiDemo *demo, GError **error);
gboolean mabei_demo_story_meeting (MabeiDemo *demo, GError **error);
gboolean mabei_demo_story_apart (MabeiDemo *demo, GError **error);
void mabei_demo_table (MabeiDemo *demo);

/* --- small words of the story --- */
/* Waits until @test is true, looking every 0.2 s; FALSE with "in time" in @error. */
typedef gboolean (*MabeiDemoTest) (MabeiDemo *demo, guint who, gconstpointer with);
gboolean
mabei_demo_until (MabeiDemo *demo, const char *what, guint who, MabeiDemoTest test, gconstpointer with, GError **error);
char *mabei_demo_text (MabeiDemo *demo, guint who); /* of the minutes; NULL when they are not there. (transfer full) */
gboolean mabei_demo_write (MabeiDemo *demo,
                           guint who,
                           const char *sentence,
                           GError **error); /* a line at the end of the minutes */
gboolean mabei_demo_all_agree (MabeiDemo *demo, guint who, gconstpointer with);
