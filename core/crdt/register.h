/*
 * A multi-value register: a field that several people may set at once. A set names the sets that its author saw and
 * thereby replaces; the values are those of the sets that no other set saw. More than one value is an open conflict
 * for a person to decide; nothing is dropped by a clock. The values depend on the sets alone, not on their arrival.
 * A quarantined set has no value and replaces nothing by itself, but lends what it saw to the effective sets that saw
 * it, so that values overwritten through it do not come back (soundness rule 23).
 * Threads: none of its own, one caller at a time. Limits: MABEI_REGISTER_*_MAX. Failures: MABEI_CRDT_ERROR; on any
 * error nothing has changed.
 */
#pragma once
#include <glib.h>
#include "core/crdt/codec.h"

G_BEGIN_DECLS

/* Sets that one set may have seen as current. */
#define MABEI_REGISTER_SAW_MAX 1024
#define MABEI_REGISTER_SETS_MAX (1u << 20)

/* The operation that set a value: a change and the index of the operation in it. */
typedef struct {
  guint8 name[32];
  guint32 index;
} MabeiRegisterId;

/* By name, then by index. */
gint mabei_register_id_compare (const MabeiRegisterId *a, const MabeiRegisterId *b);

typedef struct _MabeiRegister MabeiRegister;

MabeiRegister *mabei_register_new (void);
void mabei_register_free (MabeiRegister *reg);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MabeiRegister, mabei_register_free)

/* Adds a set. `saw` may name sets that arrive later; that they lie in its causal past is the caller's check.
 * `effective` is FALSE for a quarantined one. EXISTS if the id was set before, FORMAT if it saw itself, LIMIT. */
gboolean mabei_register_set (MabeiRegister *reg,
                             const MabeiRegisterId *id,
                             const MabeiRegisterId *saw,
                             gsize n_saw,
                             GBytes *value,
                             gboolean effective,
                             GError **error);
/* Quarantines a set or takes it back. MISSING if there is no such set. */
gboolean
mabei_register_set_effective (MabeiRegister *reg, const MabeiRegisterId *id, gboolean effective, GError **error);

/* One current value and the set that gave it; both borrowed until the next change of the register. */
typedef struct {
  const MabeiRegisterId *id;
  GBytes *value;
} MabeiRegisterValue;

/* The current values, ascending by id. Free with g_free; `n_values` 0 gives NULL. */
MabeiRegisterValue *mabei_register_values (MabeiRegister *reg, gsize *n_values);

G_END_DECLS
