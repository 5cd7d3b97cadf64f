/* A fuzz target is one file with these two functions. It must accept any bytes: no crash, no leak, no unbounded memory,
 * and what a parser accepts must come back byte for byte from the encoder (assert it: a wrong acceptance is a defect
 * as well). No state from one input to the next.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

/* One input; returns 0. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t length);

/* Adds good inputs (element GBytes) from which mutation starts; the same in every run. Called once, first. */
void fuzz_seeds (GPtrArray *seeds);
