/*
 * The bytes of text operations (a blob). All numbers are varints of core/crdt/codec.h. A blob is a row of
 *   insert: count << 4 | right << 3 | left << 1 | 0, [id of the left origin], [id of the right origin], count
 * characters delete: count << 1 | 1, id of the first element; the others follow it in the numbering of its agent An id
 * is a reference and a number. Reference 0 is the blob's own agent and the number a distance (>= 1) back from the next
 * element to be inserted; reference r >= 1 is the r-th agent of the blob's table and the number a sequence. There is
 * one encoding of each: own earlier elements only by distance, the own element just before only by `left`.
 */
#pragma once

#define MABEI_TEXT_INSERT 0u
#define MABEI_TEXT_DELETE 1u
#define MABEI_TEXT_DELETE_SHIFT 1
#define MABEI_TEXT_LEFT_SHIFT 1
#define MABEI_TEXT_LEFT_NONE 0u     /* the beginning of the text */
#define MABEI_TEXT_LEFT_PREVIOUS 1u /* the own element inserted just before */
#define MABEI_TEXT_LEFT_ID 2u
#define MABEI_TEXT_HAS_RIGHT 8u
#define MABEI_TEXT_INSERT_SHIFT 4
#define MABEI_TEXT_REF_SELF 0u

/* Elements in one run. */
#define MABEI_TEXT_RUN_MAX (1u << 27)
/* The longest head of an operation: five varints. */
#define MABEI_TEXT_OP_HEAD_MAX 25
