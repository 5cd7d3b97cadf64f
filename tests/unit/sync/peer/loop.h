/* Carriers in memory for tests: move frames until both ends are quiet. */
#pragma once

#include "sync/peer/exchange.h"
#include "tests/unit/core/store/people.h"
#include "tests/unit/sync/peer/model_hub.h"

/* TRUE when something moved. */
gboolean loop_step (MabeiExchange *exchange, ModelLine *line);
void loop_run (MabeiExchange *exchange, ModelLine *line);
void loop_run_pair (MabeiExchange *a, MabeiExchange *b);

/* One whole visit of @person to @hub: connect, exchange until idle, cut. */
void loop_visit (Person *person, ModelHub *hub);
/* All of them, until nobody has anything for anybody. */
void loop_visit_all (Person **people, guint n, ModelHub *hub);
