/* What people, machines and bad luck do in a simulated world: one thing a step. */
#pragma once

#include "tests/sim/world.h"

void actions_step (World *world);
