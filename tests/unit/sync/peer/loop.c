#include "tests/unit/sync/peer/loop.h"

#define TURNS_MAX 100000u

gboolean
loop_step (MabeiExchange *exchange, ModelLine *line)
{
  g_autoptr (GError) error = NULL;
  gboolean moved = FALSE;
  GBytes *frame;

  while ((frame = mabei_exchange_next (exchange, now ())) != NULL) {
    g_assert_true (model_line_receive (line, frame));
    g_bytes_unref (frame);
    moved = TRUE;
  }
  while ((frame = model_line_next (line)) != NULL) {
    mabei_exchange_receive (exchange, frame, now (), &error);
    g_assert_no_error (error);
    g_bytes_unref (frame);
    moved = TRUE;
  }
  return moved;
}

void
loop_run (MabeiExchange *exchange, ModelLine *line)
{
  guint turns = 0;

  while (loop_step (exchange, line))
    g_assert_cmpuint (turns++, <, TURNS_MAX);
}

static gboolean
pair_step (MabeiExchange *from, MabeiExchange *to)
{
  g_autoptr (GError) error = NULL;
  gboolean moved = FALSE;
  GBytes *frame;

  while ((frame = mabei_exchange_next (from, now ())) != NULL) {
    mabei_exchange_receive (to, frame, now (), &error);
    g_assert_no_error (error);
    g_bytes_unref (frame);
    moved = TRUE;
  }
  return moved;
}

void
loop_run_pair (MabeiExchange *a, MabeiExchange *b)
{
  guint turns = 0;

  while (pair_step (a, b) + pair_step (b, a) > 0)
    g_assert_cmpuint (turns++, <, TURNS_MAX);
}

void
loop_visit (Person *person, ModelHub *hub)
{
  g_autoptr (ModelLine) line = model_hub_connect (hub);
  g_autoptr (MabeiExchange) exchange = mabei_exchange_new_hub (person->replica, model_hub_key (hub), NULL);

  loop_run (exchange, line);
  g_assert_true (mabei_exchange_is_idle (exchange));
}

void
loop_visit_all (Person **people, guint n, ModelHub *hub)
{
  guint before;

  do {
    before = model_hub_n_records (hub);
    for (guint i = 0; i < n; i++)
      loop_visit (people[i], hub);
  } while (model_hub_n_records (hub) > before);
  for (guint i = 0; i < n; i++)
    loop_visit (people[i], hub);
}
