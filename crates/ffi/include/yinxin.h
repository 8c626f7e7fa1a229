/* yinxin (印信): one call in, one JSON report out.
 *
 * Every function may be called from many threads at once. Nothing is kept of what is verified.
 *
 * Request of an operation: a 4-byte big-endian length, that many bytes of JSON options (UTF-8), then the raw content
 * (empty for operations without content). Reply: JSON (UTF-8), to be given back with yx_free.
 *
 *   "version"      options {}                              reply {"schema":"yinxin.version/1","version":"0.1.0"}
 *   "trust.open"   options {"dir":"/etc/yinxin/trust"}     reply {"schema":"yinxin.trust/1","trust":1,"anchors":2,...}
 *   "trust.close"  options {"trust":1}                     reply {"schema":"yinxin.trust/1"}
 *   "verify"       options {"trust":1,"at":"2026-11-22","policy":{...}}, all optional; content: the file
 *                                                          reply: a report, schema yinxin.report/1
 *
 * Returns 0 when the reply is what was asked for (a report whose verdict is INVALID is one), otherwise
 * 2 the request is wrong, 4 a file of the trust folder cannot be read as what it is, 6 a folder cannot be opened,
 * 70 a bug of ours; the reply then is {"schema":"yinxin.error/1","error":"..."}.
 */
#ifndef YINXIN_H
#define YINXIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define YX_OK 0
#define YX_USAGE 2
#define YX_MALFORMED 4
#define YX_DENIED 6
#define YX_INTERNAL 70

/* op: NUL-terminated name; request: request_len bytes; *reply and *reply_len are set on every return
 * (to NULL and 0 only when reply or reply_len itself is NULL or memory ran out). */
int yx_call(const char *op, const uint8_t *request, size_t request_len, uint8_t **reply, size_t *reply_len);

/* Gives a reply back; NULL is allowed. */
void yx_free(uint8_t *reply, size_t reply_len);

#ifdef __cplusplus
}
#endif

#endif
