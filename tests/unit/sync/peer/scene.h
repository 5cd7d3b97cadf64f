/* The people of the tests of sync: mediator Wang has a case, Zhang and Li are parties in it; the hub is a model. Wang
 * has admitted both; nothing else has travelled yet.
 */
#pragma once

#include "tests/unit/core/store/people.h"
#include "tests/unit/sync/peer/model_hub.h"

typedef struct {
  ModelHub *hub;
  Person *wang, *zhang, *li;
  MabeiId id;
} Scene;

void scene_set_up (Scene *scene, gconstpointer data);
void scene_tear_down (Scene *scene, gconstpointer data);
/* g_test_add with a fresh scene. */
void scene_add (const char *path, gconstpointer data, void (*test) (Scene *, gconstpointer));

MabeiSpace *joint (Scene *scene, Person *person);
const MabeiShortId *device (Person *person);
/* Changes without a receipt, in all spaces. */
guint n_unsent (Person *person, const MabeiId *id);
/* A new epoch of the joint space for all its members, made and stored by @person. */
void rotate_joint (Scene *scene, Person *person);
void assert_all_same (Scene *scene);
