/* `mabeictl demo`: the main job as one story on real parts: a hub, a court, three people in processes of their own.
 * With windows (`mabei --story`) or as text
 * (`--headless`, `mabeictl --batch`); the same script drives both. Every claim in it is checked: the exit status is 0
 * only if all of it held.
 */
#pragma once

/* @words: the arguments behind "demo". Returns the exit status. */
int mabei_demo_run (const char *const *words);
