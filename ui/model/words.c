#include "ui/model/words.h"
#include <glib/gi18n-lib.h>
#include "ui/model/time_words.h"

typedef struct {
  const char *key;
  const char *word;
} Word;

static const char *
word_find (const Word *words, gsize n, const char *key)
{
  for (gsize i = 0; i < n; i++) {
    if (g_strcmp0 (words[i].key, key) == 0)
      return _ (words[i].word);
  }
  return NULL;
}

const char *
mabei_words_role (const char *role)
{
  static const Word words[] = {
      {"mediator", N_ ("Mediator")},
      {"party", N_ ("Party")},
      {"applicant", N_ ("Applicant")},
      {"respondent", N_ ("Respondent")},
      {"agent", N_ ("Authorised agent")},
      {"counsel", N_ ("Authorised agent")},
      {"interpreter", N_ ("Interpreter")},
      {"witness", N_ ("Witness")},
      {"guest", N_ ("Invited participant")},
      {"clerk", N_ ("Court clerk")},
      {"judge", N_ ("Judge")},
  };
  const char *word = word_find (words, G_N_ELEMENTS (words), role);

  return word != NULL ? word : _ ("Invited participant");
}

const char *
mabei_words_place (MabeiPlace place)
{
  switch (place) {
  case MABEI_PLACE_SENT:
    return _ ("Sent, on its way");
  case MABEI_PLACE_ALL:
    return _ ("Everyone has it");
  case MABEI_PLACE_HERE:
  default:
    return _ ("Saved on this device");
  }
}

const char *
mabei_words_place_icon (MabeiPlace place)
{
  switch (place) {
  case MABEI_PLACE_SENT:
    return "mabei-sent-symbolic";
  case MABEI_PLACE_ALL:
    return "mabei-everyone-symbolic";
  case MABEI_PLACE_HERE:
  default:
    return "mabei-device-symbolic";
  }
}

const char *
mabei_words_level (const char *level)
{
  static const Word words[] = {
      {"keep", N_ ("Confidential")},
      {"convey", N_ ("May be conveyed")},
      {"show", N_ ("May be disclosed")},
  };

  return word_find (words, G_N_ELEMENTS (words), level);
}

const char *
mabei_words_document (const char *kind)
{
  static const Word words[] = {
      {"minutes", N_ ("Mediation minutes")},
      {"agreement", N_ ("Mediation agreement")},
      {"statement", N_ ("Statement")},
  };
  const char *word = word_find (words, G_N_ELEMENTS (words), kind);

  return word != NULL ? word : _ ("Document");
}

const char *
mabei_words_field (const char *field)
{
  static const Word words[] = {
      {"amount", N_ ("Amount")},     {"cause", N_ ("Cause of action")}, {"number", N_ ("Case number")},
      {"title", N_ ("Title")},       {"claim", N_ ("Claim")},           {"date", N_ ("Date")},
      {"due", N_ ("To be paid by")}, {"place", N_ ("Place")},           {"session", N_ ("Next session")}};
  const char *word = word_find (words, G_N_ELEMENTS (words), field);

  return word != NULL ? word : field;
}

MabeiWordsStep
mabei_words_step (const char *next_step)
{
  if (g_strcmp0 (next_step, "invite") == 0)
    return (MabeiWordsStep){_ ("Invite the parties"),
                            _ ("Nobody else is in this case yet. Send each person a link of their own."),
                            _ ("Invite someone…"), "win.invite"};
  if (g_strcmp0 (next_step, "admit") == 0)
    return (MabeiWordsStep){_ ("Wait for the people you invited"),
                            _ ("When one of them opens the link, you compare a code and let them in."),
                            _ ("Invite someone…"), "win.invite"};
  if (g_strcmp0 (next_step, "guest") == 0)
    return (MabeiWordsStep){_ ("Someone asks to come in"),
                            _ ("Compare the code with them first, by voice or face to face."), _ ("Compare the code…"),
                            "win.admit"};
  if (g_strcmp0 (next_step, "resolve") == 0)
    return (MabeiWordsStep){_ ("Two entries differ: please choose"),
                            _ ("Both are kept below. Nothing is signed until a person has chosen."), NULL, NULL};
  if (g_strcmp0 (next_step, "meet") == 0)
    return (MabeiWordsStep){_ ("Meet in an online mediation"), _ ("Audio is enough. The mediator lets each person in."),
                            _ ("Go to the mediation"), "win.go-session"};
  return (MabeiWordsStep){_ ("Nothing to do for now"),
                          _ ("You can write in the record at any time, also without a network."), NULL, NULL};
}

char *
mabei_words_event (const MabeiViewEvent *event)
{
  const char *detail = event->detail != NULL ? event->detail : "";
  const char *by = event->by != NULL ? event->by : "";

  if (g_strcmp0 (event->kind, "opened") == 0)
    return g_strdup_printf (_ ("%s opened the case"), by);
  if (g_strcmp0 (event->kind, "invited") == 0)
    return g_strdup_printf (_ ("%s invited %s"), by, detail);
  if (g_strcmp0 (event->kind, "admitted") == 0)
    return g_strdup_printf (_ ("%s joined the case"), detail);
  if (g_strcmp0 (event->kind, "document") == 0)
    return g_strdup_printf (_ ("%s started “%s”"), by, detail);
  if (g_strcmp0 (event->kind, "message") == 0)
    return g_strdup_printf (_ ("%s wrote a message"), by);
  if (g_strcmp0 (event->kind, "field") == 0)
    return g_strdup_printf (_ ("%s entered: %s"), by, mabei_words_field (detail));
  if (g_strcmp0 (event->kind, "resolved") == 0)
    return g_strdup_printf (_ ("%s chose: %s"), by, mabei_words_field (detail));
  if (g_strcmp0 (event->kind, "session") == 0)
    return g_strdup_printf (_ ("%s opened an online mediation"), by);
  return g_strdup_printf (_ ("%s added to the case: %s"), by, detail);
}

char *
mabei_words_space (const MabeiViewSpace *space)
{
  if (g_strcmp0 (space->kind, "caucus") == 0 && space->title_person != NULL)
    return g_strdup_printf (_ ("Caucus with %s"), space->title_person);
  if (g_strcmp0 (space->kind, "caucus") == 0)
    return g_strdup (_ ("Caucus"));
  return g_strdup (_ ("Joint session"));
}

char *
mabei_words_missing (const MabeiViewPerson *person)
{
  g_autofree char *when = NULL;

  if (person->is_self)
    return g_strdup (_ ("This device: everything is saved here"));
  if (person->since_ms == 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Lacks %u change. Not heard of yet.",
                                         "Lacks %u changes. Not heard of yet.", person->missing),
                            person->missing);
  when = mabei_time_words (person->since_ms);
  if (person->missing == 0)
    return g_strdup_printf (_ ("Has everything. Last heard: %s"), when);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Lacks %u change. Last heard: %s",
                                       "Lacks %u changes. Last heard: %s", person->missing),
                          person->missing, when);
}

char *
mabei_words_names (const char *const *names)
{
  guint n = names != NULL ? g_strv_length ((char **) names) : 0;
  g_autoptr (GString) joined = g_string_new (n > 0 ? names[0] : "");

  for (guint i = 1; i < n; i++) {
    /* Translators: between names; the second one stands before the last name */
    g_string_append (joined, i + 1 < n ? C_ ("list", ", ") : C_ ("list", " and "));
    g_string_append (joined, names[i]);
  }
  return g_string_free (g_steal_pointer (&joined), FALSE);
}

static char *
caucus_names (const MabeiSessionView *session, const char *own_name)
{
  g_auto (GStrv) others = g_strsplit (session->caucus_with != NULL ? session->caucus_with : "", ", ", -1);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  g_ptr_array_add (names, (char *) own_name);
  for (guint i = 0; others[i] != NULL; i++) {
    if (*others[i] != '\0' && g_strcmp0 (others[i], own_name) != 0)
      g_ptr_array_add (names, others[i]);
  }
  g_ptr_array_add (names, NULL);
  return mabei_words_names ((const char *const *) names->pdata);
}

char *
mabei_words_room (const MabeiSessionView *session, const char *own_name)
{
  g_autofree char *names = NULL;
  guint listeners = 0;

  if (g_strcmp0 (session->own_room, "waiting") == 0)
    return g_strdup (_ ("Waiting room: nobody hears you yet"));
  if (g_strcmp0 (session->own_room, "caucus") == 0) {
    names = caucus_names (session, own_name);
    return g_strdup_printf (_ ("Private talk: only %s can hear"), names);
  }
  for (guint i = 0; i < session->tiles->len; i++)
    listeners += g_strcmp0 (((MabeiTile *) session->tiles->pdata[i])->room, "joint") == 0;
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "Joint talk: %u person can hear", "Joint talk: %u people can hear", listeners),
      listeners);
}

char *
mabei_words_code (const char *code)
{
  if (code == NULL || strlen (code) != 6)
    return g_strdup (code != NULL ? code : "");
  return g_strdup_printf ("%.3s %s", code, code + 3);
}

char *
mabei_words_tile (const MabeiTile *tile)
{
  if (!tile->connected && !tile->is_self)
    return g_strdup (_ ("Connecting"));
  if (tile->muted)
    return g_strdup (_ ("Muted"));
  if (tile->speaking)
    return g_strdup (_ ("Speaking"));
  return g_strdup ("");
}
